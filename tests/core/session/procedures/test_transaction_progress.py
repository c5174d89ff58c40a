"""What an event leaves in the records (translation-station 5.1, 5.4, 5.9, 6.1)."""

from typing import Any

import pytest

from gateway.core.dialects import Version
from gateway.core.session.desk import Desk, Revision
from gateway.core.session.entries import Entry
from gateway.core.session.procedures.station_event import Case
from gateway.core.session.procedures.transaction_progress import take_in
from gateway.core.session.state import Loaded, Transaction
from gateway.core.settings import SessionSettings

from .test_station_event import TOKEN, TX, event, value

EVSE = {"id": 1, "connectorId": 1}


@pytest.fixture
def desk(revision: Revision) -> Desk:
    made = Desk("CP1", Loaded(), revision, SessionSettings(), iter(()))
    made.bindings.version = Version.V201
    return made


def tell(desk: Desk, told: Any, *, again: bool = False) -> Entry | None:
    return take_in(desk, told, Case(desk, told), {}, again=again)


def record(desk: Desk) -> Transaction:
    found = desk.bindings.transaction(TX)
    assert found is not None
    return found


def queued(desk: Desk) -> list[str]:
    return [entry.kind for entry in desk.entries.values()]


def test_the_address_stays_what_the_first_event_said(desk: Desk) -> None:
    tell(desk, event(evse=EVSE))
    tell(desk, event("Updated", evse={"id": 2, "connectorId": 1}))
    assert (record(desk).evse_id, record(desk).connector16) == (1, 1)


@pytest.mark.parametrize("told_at_once", [True, False])
def test_a_signature_that_goes_with_the_reading_at_the_start_is_told_of(
    desk: Desk, told_at_once: bool
) -> None:
    sample = {"value": 1, "signedMeterValue": {"signedMeterData": "eA=="}}
    signed = [{"timestamp": "2025-06-01T09:10:00Z", "sampledValue": [sample]}]
    if told_at_once:
        tell(desk, event(evse=EVSE, idToken=TOKEN, meterValue=signed))
    else:
        tell(desk, event(idToken=TOKEN, meterValue=signed))
        tell(desk, event("Updated", seq=1, evse=EVSE))
    (note,) = [one for one in desk.records if one.outcome == "signature_lost"]
    assert TX in note.text


def test_the_gate_is_the_start_and_readings_beside_it_answer_nobody(desk: Desk) -> None:
    both = {"timestamp": "2025-06-01T09:10:00Z", "sampledValue": [{"value": 1}, {"value": 2}]}
    gate = tell(desk, event(evse=EVSE, idToken=TOKEN, meterValue=[both]))
    assert gate is not None
    assert gate.kind == "start"
    assert [entry.answer for entry in desk.entries.values()] == [{}, None]


def test_a_refused_event_is_not_counted_twice(desk: Desk) -> None:
    tell(desk, event(evse=EVSE, idToken=TOKEN))
    interval = {"value": 5, "measurand": "Energy.Active.Import.Interval"}
    told = event(
        "Updated", meterValue=[{"timestamp": "2025-06-01T09:10:00Z", "sampledValue": [interval]}]
    )
    tell(desk, told)
    desk.finish(list(desk.entries.values())[-1], dead=False)
    tell(desk, told, again=True)
    assert record(desk).interval_wh == "5"
    assert queued(desk) == ["start", "meter"]


def test_the_end_leaves_the_register_with_the_connector(desk: Desk) -> None:
    tell(desk, event(evse=EVSE, idToken=TOKEN, meterValue=[value(100)]))
    tell(desk, event("Ended", meterValue=[value(900, "Transaction.End")]))
    connector = desk.bindings.connector(1, 1)
    assert (connector.register_wh, connector.after_tx) == ("900", True)
    assert queued(desk) == ["start", "stop"]


def test_who_waits_for_the_end_is_told(desk: Desk) -> None:
    tell(desk, event(evse=EVSE, idToken=TOKEN))
    tell(desk, event("Ended"))
    assert desk.take_published() == [(("ended", TX), True)]


def test_a_transaction_that_never_was_is_ended_and_closed_at_once(desk: Desk) -> None:
    tell(desk, event(evse=EVSE))
    tell(desk, event("Ended"))
    assert record(desk).state == "DISCARDED"
    assert record(desk).closed_at == desk.now
    assert desk.take_published() == [(("ended", TX), True), (("closed", TX), True)]


def test_events_of_a_closed_transaction_change_nothing(desk: Desk) -> None:
    tell(desk, event(evse=EVSE))
    tell(desk, event("Ended"))
    seen = record(desk).last_event_time
    assert tell(desk, event("Updated", timestamp="2025-06-01T23:00:00Z", evse=EVSE)) is None
    assert record(desk).last_event_time == seen
    assert queued(desk) == []


def test_a_stop_under_way_is_superseded_by_nobody(desk: Desk) -> None:
    tell(desk, event(evse=EVSE, idToken=TOKEN))
    tell(desk, event("Ended"))
    tell(desk, event(evse=EVSE, idToken=TOKEN, info={"transactionId": "tx-2"}))
    assert queued(desk) == ["start", "stop", "start"]
    assert record(desk).state == "STOPPING"
