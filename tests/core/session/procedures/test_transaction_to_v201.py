"""A 1.6 station's transaction towards a 2.0.1 CSMS: what scripted conversations cannot show.

The choreography itself: tests/vectors/station/B*.json and tests/conversations/B-*.json.
"""

from typing import Any

import pytest

from gateway.core.dialects import Side, Version
from gateway.core.session.effects import Ack, Record, Save

TX = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
START = {
    "connectorId": 1,
    "idTag": "04A2B3C4",
    "meterStart": 0,
    "timestamp": "2025-06-01T14:00:00Z",
}
STOP = {"transactionId": 10, "meterStop": 900, "timestamp": "2025-06-01T15:00:00Z"}
METER = {
    "connectorId": 1,
    "transactionId": 10,
    "meterValue": [{"timestamp": "2025-06-01T14:30:00Z", "sampledValue": [{"value": "200"}]}],
}
ACTIVE = {
    "transactions": [
        {
            "tx201": TX,
            "tx16": 10,
            "state": "ACTIVE",
            "evseId": 1,
            "connectorId": 1,
            "idTag": "04A2B3C4",
            "meterStart": 100,
            "nextSeqNo": 3,
            "chargingState": "Charging",
        }
    ]
}
ACCEPTED = {"idTokenInfo": {"status": "Accepted"}}


@pytest.fixture
def b(script: Any) -> Any:
    return script(station=Version.V16, csms=Version.V201, preset=ACTIVE)


def event_of(s: Any) -> tuple[str, dict[str, Any]]:
    """Message id and payload of the one event that was sent."""
    ((_, message_id, action, payload),) = s.sent(Side.CSMS)
    assert action == "TransactionEvent"
    return message_id, payload


def acks(s: Any) -> list[Ack]:
    return [op for e in s.effects if isinstance(e, Save) for op in e.ops if isinstance(op, Ack)]


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("StartTransaction", START | {"connectorId": 2}),
        ("MeterValues", METER),
        ("StopTransaction", STOP),
    ],
)
def test_what_is_known_is_saved_before_the_event_and_before_the_answer(
    b: Any, action: str, payload: dict[str, Any]
) -> None:
    b.station(2, "s1", action, payload)
    assert b.shape() == ["Save", "Send csms"]
    message_id, _ = event_of(b)
    b.effects.clear()
    b.csms(3, message_id, ACCEPTED)
    assert b.shape() == ["Save", "Send station"]


@pytest.mark.parametrize(("action", "payload"), [("MeterValues", METER), ("StopTransaction", STOP)])
def test_what_is_refused_for_good_is_kept_as_a_dead_letter(
    b: Any, action: str, payload: dict[str, Any]
) -> None:
    b.station(2, "s1", action, payload)
    message_id, _ = event_of(b)
    b.csms(4, message_id, "NotSupported", "", {})
    assert b.sent(Side.STATION) == [[3, "s1", {}]]
    assert [ack.dead for ack in acks(b)] == [True]


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("StartTransaction", START | {"connectorId": 2}),
        ("MeterValues", METER),
        ("StopTransaction", STOP),
    ],
)
def test_an_answer_that_breaks_its_schema_makes_the_station_repeat(
    b: Any, action: str, payload: dict[str, Any]
) -> None:
    b.station(2, "s1", action, payload)
    message_id, event = event_of(b)
    b.csms(3, message_id, {"idTokenInfo": {"status": "Perhaps"}})
    ((kind, _, code, *_),) = b.sent(Side.STATION)
    assert (kind, code) == (4, "InternalError")
    b.station(2, "s2", action, payload)
    assert event_of(b)[1] == event


def test_silence_of_the_csms_is_silence_to_the_station_and_the_late_answer_counts(b: Any) -> None:
    b.station(2, "s1", "StopTransaction", STOP)
    message_id, _ = event_of(b)
    b.after(26)
    assert b.sent(Side.STATION) == []
    assert b.unanswered() == [Side.STATION]
    b.down(Side.STATION)
    b.csms(3, message_id, {})
    b.up(Side.STATION)
    b.station(2, "s1", "StopTransaction", STOP)
    assert b.sent(Side.STATION) == [[3, "s1", {}]]
    assert b.sent(Side.CSMS) == []


def test_the_csms_link_closes_if_the_answer_never_comes(b: Any) -> None:
    b.station(2, "s1", "StopTransaction", STOP)
    b.after(26)
    b.down(Side.STATION)
    b.after(58)
    assert b.closes() == []
    b.after(3)
    assert (Side.CSMS, 1000) in b.closes()


@pytest.mark.parametrize(("action", "payload"), [("MeterValues", METER), ("StopTransaction", STOP)])
def test_what_16_cannot_tell_the_station_is_recorded_as_lost(
    b: Any, action: str, payload: dict[str, Any]
) -> None:
    b.station(2, "s1", action, payload)
    message_id, _ = event_of(b)
    b.effects.clear()
    b.csms(3, message_id, {"totalCost": 4.2})
    (answer,) = [e for e in b.effects if isinstance(e, Record) and e.direction == ">"]
    assert any("totalCost" in loss for loss in answer.losses)


def test_a_repeat_while_the_event_is_open_is_answered_once_under_its_newest_id(b: Any) -> None:
    b.station(2, "s1", "StopTransaction", STOP)
    message_id, _ = event_of(b)
    b.station(2, "s2", "StopTransaction", STOP)
    b.csms(3, message_id, {})
    assert b.sent(Side.STATION) == [[3, "s2", {}]]
    assert b.sent(Side.CSMS) == []


def test_a_station_hears_nothing_of_another_stations_transaction(b: Any, script: Any) -> None:
    other = script(station=Version.V16, csms=Version.V201)
    other.station(2, "s1", "StopTransaction", STOP)
    _, event = event_of(other)
    assert event["transactionInfo"]["transactionId"] != TX
    b.station(2, "s1", "StopTransaction", STOP)
    assert event_of(b)[1]["transactionInfo"]["transactionId"] == TX
