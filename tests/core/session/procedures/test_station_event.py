"""What an event says and meets (translation-station 5.2, 5.3, 5.4)."""

from typing import Any

import pytest

from gateway.core.dialects import Version
from gateway.core.session.desk import Desk, Revision
from gateway.core.session.procedures.station_event import (
    Case,
    StationEvent,
    has_energy,
    has_start_token,
    same_tag,
)
from gateway.core.session.state import Loaded, RemoteStart, Transaction
from gateway.core.settings import SessionSettings, Translation

TX = "tx-1"
TIME = "2025-06-01T09:10:00+02:00"
TOKEN = {"idToken": "04A2B3C4", "type": "ISO14443"}


def event(kind: str = "Started", *, info: dict[str, Any] | None = None, **members: Any) -> Any:
    payload = {
        "eventType": kind,
        "timestamp": TIME,
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": TX, **(info or {})},
        **members,
    }
    return StationEvent(payload, "UTC")


def value(wh: int, context: str = "Sample.Periodic") -> dict[str, Any]:
    return {"timestamp": TIME, "sampledValue": [{"value": wh, "context": context}]}


@pytest.fixture
def desk(revision: Revision) -> Any:
    def make(**translation: Any) -> Desk:
        settings = SessionSettings(translation=Translation.model_validate(translation))
        made = Desk("CP1", Loaded(), revision, settings, iter(()))
        made.bindings.version = Version.V201
        return made

    return make


def test_an_event_is_told_from_another_by_number_and_type() -> None:
    assert event().key != event("Updated").key
    assert event().time == "2025-06-01T07:10:00Z"


@pytest.mark.parametrize(
    ("translation", "members", "number", "ready"),
    [
        ({}, {"idToken": TOKEN, "evse": {"id": 2, "connectorId": 1}}, 2, True),
        ({}, {"idToken": TOKEN, "evse": {"id": 2}}, 2, True),
        ({}, {"evse": {"id": 2, "connectorId": 1}}, 2, False),
        ({}, {"idToken": TOKEN}, None, False),
        ({}, {"idToken": TOKEN, "evse": {"id": 0}}, None, False),
        ({"topology": [[3, 1]]}, {"idToken": TOKEN}, 1, True),
        ({"topology": [[1, 1], [2, 1]]}, {"idToken": TOKEN}, None, False),
        ({"a": {"placeholder_id_tag": "X"}}, {"evse": {"id": 1, "connectorId": 1}}, 1, True),
    ],
)
def test_ready_is_a_start_token_and_a_connector(
    desk: Any, translation: Any, members: Any, number: int | None, ready: bool
) -> None:
    case = Case(desk(**translation), event(**members))
    assert case.number == number
    assert (case.row.next == "STARTING") is ready


@pytest.mark.parametrize(
    ("start", "info", "tag"),
    [
        (RemoteStart(31, 1e12, "APP"), {"remoteStartId": 31}, "APP"),
        (RemoteStart(31, 1e12, "APP", tx201=TX), {}, "APP"),
        (RemoteStart(31, 1e12, "APP"), {"remoteStartId": 30}, None),
        (RemoteStart(31, 1e12, "APP"), {}, None),
        (RemoteStart(31, 0, "APP"), {"remoteStartId": 31}, None),
    ],
)
def test_a_remote_start_lends_its_tag(
    desk: Any, start: RemoteStart, info: dict[str, Any], tag: str | None
) -> None:
    made = desk()
    made.now = 1000.0
    made.bindings.keep_remote_start(start)
    assert Case(made, event(info=info)).start_tag == tag


def test_the_token_of_the_event_counts_before_that_of_the_remote_start(desk: Any) -> None:
    made = desk()
    made.bindings.keep_remote_start(RemoteStart(31, 1e12, "APP"))
    case = Case(made, event(info={"remoteStartId": 31}, idToken=TOKEN))
    assert case.start_tag == "04A2B3C4"
    assert case.pending is not None


def test_a_token_that_16_cannot_carry_starts_nothing(desk: Any) -> None:
    long = {"idToken": "9f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0", "type": "Local"}
    case = Case(
        desk(id_token={"overflow": "reject"}), event(idToken=long, evse={"id": 1, "connectorId": 1})
    )
    assert case.untold
    assert case.row.next == "WAIT"


def test_a_placeholder_is_no_start_token() -> None:
    record = Transaction(TX, id_tag="X")
    assert not has_start_token(record, "X")
    assert has_start_token(record, None)
    record.id_token = TOKEN
    assert has_start_token(record, "X")


def test_tokens_compare_without_case() -> None:
    assert same_tag("ABC", "abc")
    assert not same_tag("ABC", None)
    assert not same_tag(None, None)


@pytest.mark.parametrize(
    ("record", "members", "energy"),
    [
        (None, {"meterValue": [value(100), value(200)]}, True),
        (None, {"meterValue": [value(100), value(100)]}, False),
        (None, {"meterValue": [value(100)]}, False),
        (None, {"info": {"chargingState": "Charging"}}, True),
        (Transaction(TX, charged=True), {}, True),
        (Transaction(TX, energised=True), {}, False),
        (Transaction(TX, first_wh="50", last_wh="50"), {"meterValue": [value(200)]}, True),
        (Transaction(TX, first_wh="50", last_wh="60"), {}, True),
        (Transaction(TX, first_wh="50", last_wh="50"), {}, False),
        (Transaction(TX, interval_wh="5"), {}, True),
    ],
)
def test_whether_energy_has_flowed(
    record: Transaction | None, members: dict[str, Any], energy: bool
) -> None:
    assert has_energy(record, event("Ended", **members)) is energy
