"""Durable calls of a 2.0.1 station's transaction (translation-station 5.5, 5.8)."""

from typing import Any

import pytest

from gateway.core.dialects import Side
from gateway.core.session.desk import Desk
from gateway.core.session.effects import Ack, Save
from gateway.core.session.entries import Entry
from gateway.core.session.procedures.transaction_entries import complete
from gateway.core.session.state import Loaded
from gateway.core.settings import SessionSettings

from .test_transaction_to_v16 import ACTIVE, TX, call_of, event


def entry(**payload: Any) -> Entry:
    return Entry(1, "stop", TX, "StopTransaction", {"meterStop": 5, **payload})


@pytest.fixture
def desk(revision: Any) -> Desk:
    return Desk("CP1", Loaded(), revision, SessionSettings(), iter(()))


@pytest.mark.parametrize(("tx16", "sent"), [(7, 7), (0, 0), (-1, -1), (None, -1)])
def test_an_id_that_was_not_known_is_filled_in_when_the_call_is_sent(
    desk: Desk, tx16: int | None, sent: int
) -> None:
    record = desk.bindings.new_transaction(TX)
    record.tx16 = tx16
    assert complete(desk, entry(transactionId=None)) == {"meterStop": 5, "transactionId": sent}


@pytest.mark.parametrize("payload", [{}, {"transactionId": 4}])
def test_an_id_that_is_known_or_that_must_be_absent_stays(
    desk: Desk, payload: dict[str, int]
) -> None:
    desk.bindings.new_transaction(TX).tx16 = 7
    assert complete(desk, entry(**payload)) == {"meterStop": 5, **payload}


def acks(s: Any) -> list[Ack]:
    return [op for e in s.effects if isinstance(e, Save) for op in e.ops if isinstance(op, Ack)]


@pytest.mark.parametrize("kind", ["Updated", "Ended"])
def test_what_is_refused_for_good_is_a_dead_letter_and_answered(script: Any, kind: str) -> None:
    s = script(preset=ACTIVE)
    s.station(2, "s1", "TransactionEvent", event(kind))
    s.csms(4, call_of(s), "NotSupported", "", {})
    assert s.sent(Side.STATION) == [[3, "s1", {}]]
    assert [ack.dead for ack in acks(s)] == [True]
    assert "dead_letter" in s.outcomes()


def test_readings_that_the_station_will_repeat_are_no_dead_letter(script: Any) -> None:
    s = script(preset=ACTIVE)
    s.station(2, "s1", "TransactionEvent", event())
    s.csms(4, call_of(s), "InternalError", "", {})
    assert s.sent(Side.STATION)[0][:3] == [4, "s1", "InternalError"]
    assert [ack.dead for ack in acks(s)] == [False]


def test_readings_that_nobody_repeats_are_tried_again_and_given_up(script: Any) -> None:
    s = script(preset=ACTIVE, translation={"a": {"stop_attempts": 2, "stop_interval_s": 5}})
    s.station(2, "s1", "TransactionEvent", event())
    s.after(26)
    s.down(Side.STATION)
    s.csms(4, call_of(s), "InternalError", "", {})
    assert acks(s) == []
    s.after(6)
    s.csms(4, call_of(s), "InternalError", "", {})
    assert [ack.dead for ack in acks(s)] == [True]
    s.up(Side.STATION)
    s.station(2, "s2", "TransactionEvent", event())
    assert s.sent(Side.STATION) == [[3, "s2", {}]]


def test_a_stop_waits_for_its_next_try_over_a_restart_of_the_link(script: Any) -> None:
    s = script(preset=ACTIVE)
    s.station(2, "s1", "TransactionEvent", event("Ended"))
    s.csms(4, call_of(s), "GenericError", "", {})
    s.down(Side.CSMS)
    s.up(Side.CSMS)
    s.after(50)
    assert s.sent(Side.CSMS) == []
    s.after(10)
    assert s.sent(Side.CSMS)[0][2] == "StopTransaction"


def test_a_refused_token_stops_the_transaction_once(script: Any) -> None:
    started = event("Started", 0, evse={"id": 1, "connectorId": 1})
    started["transactionInfo"] = {"transactionId": TX, "remoteStartId": 31}
    s = script(preset={"remote_starts": [{"remoteStartId": 31, "idTag": "APP", "evseId": 1}]})
    s.station(2, "s1", "TransactionEvent", started)
    s.csms(3, call_of(s), {"transactionId": 3, "idTagInfo": {"status": "Blocked"}})
    answer, stop = s.sent(Side.STATION)
    assert answer == [3, "s1", {}]
    assert stop[2:] == ["RequestStopTransaction", {"transactionId": TX}]
    s.station(3, stop[1], {"status": "Rejected"})
    assert "stop_refused" in s.outcomes()
    s.down(Side.CSMS)
    s.up(Side.CSMS)
    assert s.sent(Side.STATION) == []
