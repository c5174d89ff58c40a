"""What a 1.6 station can do is learned from its answers (translation-csms 1.8)."""

from typing import Any

import pytest

from gateway.core.frames import CallError
from gateway.core.session.desk import Desk, Revision
from gateway.core.session.features import learn_from, learn_security_ext, security_ext
from gateway.core.session.requests import Outcome, Reply
from gateway.core.session.state import Loaded
from gateway.core.settings import SessionSettings, Translation


def desk(revision: Revision, **station: Any) -> Desk:
    translation = Translation.model_validate({"station": station})
    settings = SessionSettings(translation=translation)
    return Desk("CP1", Loaded(), revision, settings, iter(()))


def refused(code: str) -> Reply:
    return Reply(Outcome.ERROR, {}, CallError("m", code, "", {}))


def test_nothing_is_known_at_first(revision: Revision) -> None:
    assert security_ext(desk(revision)) is None


@pytest.mark.parametrize(
    ("reply", "known"),
    [
        (Reply(Outcome.RESULT, {"status": "Accepted"}), True),
        (Reply(Outcome.RESULT, {"status": "Rejected"}), None),
        (Reply(Outcome.RESULT, {}), None),
        (refused("NotImplemented"), False),
        (refused("NotSupported"), False),
        (refused("InternalError"), None),
        (Reply(Outcome.NONE, {}), None),
    ],
)
def test_an_answer_tells_of_the_security_extension(
    revision: Revision, reply: Reply, known: bool | None
) -> None:
    station = desk(revision)
    learn_from(station, reply)
    assert security_ext(station) is known


def test_what_is_learned_is_written_once(revision: Revision) -> None:
    station = desk(revision)
    learn_security_ext(station, True)
    assert len(station.take_ops()) == 1
    learn_security_ext(station, True)
    assert station.take_ops() == ()


def test_the_configuration_is_believed(revision: Revision) -> None:
    station = desk(revision, security_ext=False)
    learn_security_ext(station, True)
    assert security_ext(station) is False
