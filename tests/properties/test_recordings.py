"""Logs of anything: whatever is said, the recording goes on and puts out valid messages only."""

from itertools import count
from random import Random

import pytest

from gateway.config.model import Resources
from gateway.core.dialects import Version
from gateway.core.frames import Call, CallError, CallResult
from gateway.core.session.recorded import Recording
from gateway.core.session.recorded_exchange import LEFT_OUT
from gateway.core.settings import SessionSettings
from gateway.revision import load_revision
from tests.support.samples import sample

EXCHANGES = 150
NOW = 1_748_768_520.0
NUMBERS = ("transactionId", "connectorId", "requestId", "evseId", "id", "reservationId")
TEXTS = ("transactionId", "idTag", "idToken")
WORDS = ("A", "04A2B3C4", "7c9e6679-7425-40de-944b-e07fc1f90ae7")
CODES = ("InternalError", "NotSupported", "SecurityError")


@pytest.fixture(scope="module")
def revision():
    return load_revision(Resources())


def tied(random, value, name=""):
    """The payload with few numbers and names in it, so that messages speak of the same things."""
    if isinstance(value, dict):
        return {member: tied(random, inner, member) for member, inner in value.items()}
    if isinstance(value, list):
        return [tied(random, inner, name) for inner in value]
    if random.random() < 0.6 and isinstance(value, int) and name in NUMBERS:
        return random.choice((1, 1, 1, 2, 7))
    if random.random() < 0.6 and isinstance(value, str) and name in TEXTS:
        return random.choice(WORDS)
    return value


def exchanges(random, catalog, version):
    """(sender, call, logged answer): some messages more often than others, some sent again."""
    known = [(a, side) for a in catalog.actions(version) for side in catalog.sender(version, a)]
    often, sent = [random.choice(known) for _ in range(12)], []
    for number in range(EXCHANGES):
        action, side = random.choice(often if random.random() < 0.7 else known)
        asked = tied(random, sample(random, version, action, "request"))
        told = tied(random, sample(random, version, action, "response"))
        if random.random() < 0.1 and sent:
            side, action, asked, told = random.choice(sent[-10:])
        sent.append((side, action, asked, told))
        id_, answer = str(number), CallResult(str(number), told)
        if random.random() < 0.1:
            answer = random.choice((None, CallError(id_, random.choice(CODES), "", {})))
        yield side, Call(id_, action, asked), answer


@pytest.mark.parametrize("seed", range(40))
def test_no_log_makes_a_recording_fail(revision, seed):
    random, catalog = Random(seed), revision.catalog
    source, target = random.choice(((Version.V16, Version.V201), (Version.V201, Version.V16)))
    translation = {"custom_data": random.random() < 0.5, "costmsg": {"enabled": seed % 3 == 0}}
    settings = SessionSettings.model_validate({"translation": translation})
    ids = (f"made-up-{number}" for number in count())
    recording = Recording("CP", source, target, revision, settings, ids, NOW)
    for number, (side, call, answer) in enumerate(exchanges(random, catalog, source)):
        done = recording.recorded(side, call, answer, NOW + number)
        assert {fault.rule for fault in done.faults} <= {LEFT_OUT}
        for made in done.made:
            asked, reply = made.call, made.answer
            assert catalog.is_valid(target, asked.action, "request", asked.payload)
            if isinstance(reply, CallResult):
                assert catalog.is_valid(target, asked.action, "response", reply.payload)
