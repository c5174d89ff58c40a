"""A 2.0.1 station's transaction towards a 1.6 CSMS: what scripted conversations cannot show.

The choreography itself: tests/vectors/station/A*.json and tests/conversations/A-*.json.
"""

from typing import Any

import pytest

from gateway.core.dialects import Side
from gateway.core.session.effects import Append, Put, Record, Save

TX = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
TIME = "2025-06-01T09:10:00Z"
ACTIVE = {
    "connector_status": [
        {"evseId": 1, "connectorId": 1, "connectorStatus": "Occupied", "status16": "Charging"}
    ],
    "transactions": [
        {
            "tx201": TX,
            "tx16": 10,
            "state": "ACTIVE",
            "evseId": 1,
            "connectorId": 1,
            "idTag": "04A2B3C4",
            "meterStart": 100,
            "lastSeqNo": 3,
            "chargingState": "Charging",
        }
    ],
}


def event(kind: str = "Updated", seq: int = 4, **members: Any) -> dict[str, Any]:
    sample = {"value": 600, "context": "Sample.Periodic"}
    return {
        "eventType": kind,
        "timestamp": TIME,
        "triggerReason": "MeterValuePeriodic",
        "seqNo": seq,
        "transactionInfo": {"transactionId": TX},
        "meterValue": [{"timestamp": TIME, "sampledValue": [sample]}],
        **members,
    }


@pytest.fixture
def a(script: Any) -> Any:
    return script(preset=ACTIVE)


def call_of(s: Any) -> str:
    """Message id of the one call that was sent to the CSMS."""
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    return str(message_id)


def saved(s: Any) -> list[str]:
    """What the Saves since the last look hold: kinds of bindings, names of other operations."""
    ops = [op for e in s.effects if isinstance(e, Save) for op in e.ops]
    s.effects.clear()
    return sorted(op.kind if isinstance(op, Put) else type(op).__name__ for op in ops)


@pytest.mark.parametrize("kind", ["Updated", "Ended"])
def test_what_is_known_is_saved_before_the_call_and_before_the_answer(a: Any, kind: str) -> None:
    a.station(2, "s1", "TransactionEvent", event(kind))
    assert a.shape() == ["Save", "Send csms"]
    message_id = call_of(a)
    a.effects.clear()
    a.csms(3, message_id, {})
    assert a.shape()[:2] == ["Save", "Send station"]


def test_readings_of_a_running_transaction_cost_one_row_each(a: Any) -> None:
    """The counter numbers the outbox; the event's answer is kept with the acknowledgement."""
    a.station(2, "s1", "TransactionEvent", event())
    message_id = call_of(a)
    assert saved(a) == ["Append", "counter", "transaction"]
    a.csms(3, message_id, {})
    assert saved(a) == ["Ack", "event"]


def test_a_state_change_is_answered_at_once_and_kept(a: Any) -> None:
    changed = event(transactionInfo={"transactionId": TX, "chargingState": "Charging"})
    del changed["meterValue"]
    a.station(2, "s1", "TransactionEvent", changed)
    assert a.sent(Side.STATION) == [[3, "s1", {}]]
    assert "event" in saved(a)


def test_silence_of_the_csms_is_silence_to_the_station(a: Any) -> None:
    a.station(2, "s1", "TransactionEvent", event())
    a.after(26)
    assert a.sent(Side.STATION) == []
    assert a.unanswered() == [Side.STATION]


def test_a_csms_that_never_answers_loses_its_link_and_gets_the_call_again(a: Any) -> None:
    a.station(2, "s1", "TransactionEvent", event())
    (first,) = a.sent(Side.CSMS)
    a.after(26)
    a.down(Side.STATION)
    a.after(61)
    assert (Side.CSMS, 1000) in a.closes()
    a.down(Side.CSMS)
    a.up(Side.CSMS)
    (again,) = a.sent(Side.CSMS)
    assert again[2:] == first[2:]
    assert again[1] != first[1]


def test_an_outage_of_the_csms_is_no_error_for_an_event(a: Any) -> None:
    a.down(Side.CSMS)
    a.station(2, "s1", "TransactionEvent", event())
    a.after(30)
    assert a.sent(Side.STATION) == []
    assert (Side.STATION, 1012) in a.closes()


def test_an_answer_made_here_is_recorded_as_such(a: Any) -> None:
    a.station(2, "s1", "TransactionEvent", event())
    a.csms(3, call_of(a), {})
    a.station(2, "s2", "TransactionEvent", event())
    made = [e.answered_by for e in a.effects if isinstance(e, Record) and e.message_id == "s2"]
    assert made[-1] == "gateway"
    assert "duplicate" in a.outcomes()


def test_gaps_in_the_numbers_are_recorded(a: Any) -> None:
    a.station(2, "s1", "TransactionEvent", event(seq=7))
    assert "seq_no" in a.outcomes()


def test_what_16_has_no_field_for_is_recorded_as_lost(a: Any) -> None:
    a.station(2, "s1", "TransactionEvent", event(numberOfPhasesUsed=3, cableMaxCurrent=32))
    (losses,) = [
        e.losses
        for e in a.effects
        if isinstance(e, Record) and e.side is Side.CSMS and e.direction == ">"
    ]
    assert any("numberOfPhasesUsed" in loss for loss in losses)


def test_an_entry_names_the_event_that_it_came_from(a: Any) -> None:
    a.station(2, "s1", "TransactionEvent", event())
    (append,) = [
        op for e in a.effects if isinstance(e, Save) for op in e.ops if isinstance(op, Append)
    ]
    assert append.dedupe_key.startswith(f"{TX}/meter/4 Updated")
