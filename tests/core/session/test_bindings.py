"""One station's memory: lookups, indexes, ages (translation-station 5.1, 9)."""

from typing import Any

import pytest

from gateway.core.session.bindings import Bindings
from gateway.core.session.effects import Drop, Put
from gateway.core.session.state import (
    ACTIVE,
    CLOSED,
    EVENTS_KEPT,
    Event,
    Loaded,
    Registration,
    RemoteStart,
    Trigger,
)
from gateway.core.settings import Translation


@pytest.fixture
def bindings() -> Bindings:
    return Bindings(Loaded(), Translation())


def reloaded(bindings: Bindings) -> Bindings:
    rows = [op for op in bindings.table.take_changes() if isinstance(op, Put)]
    return Bindings(Loaded(tuple((op.kind, op.key, op.value) for op in rows)), Translation())


def transaction(bindings: Bindings, tx201: str, **members: Any) -> None:
    record = bindings.new_transaction(tx201)
    for name, value in {"state": ACTIVE, **members}.items():
        setattr(record, name, value)
    bindings.keep(record)


def test_everything_comes_back_from_the_store(bindings: Bindings) -> None:
    transaction(bindings, "t", tx16=7, evse_id=1, connector16=1)
    bindings.keep_event(Event("t", "0", "Started", answer={"idTokenInfo": {"status": "Accepted"}}))
    bindings.keep_registration(Registration("Accepted", {"reason": "PowerUp"}, 300))
    again = reloaded(bindings)
    assert again.transaction("t") == bindings.transaction("t")
    assert again.event("t", "0") == bindings.event("t", "0")
    assert again.registration == bindings.registration


def test_a_change_is_written_once_with_its_last_value(bindings: Bindings) -> None:
    bindings.table.put("x", "k", 1)
    bindings.table.put("x", "k", 2)
    assert list(bindings.table.take_changes()) == [Put("x", "k", b"2")]
    assert not bindings.table.dirty
    bindings.table.drop("x", "k")
    assert list(bindings.table.take_changes()) == [Drop("x", "k")]


def test_a_counter_is_never_given_twice(bindings: Bindings) -> None:
    first = [bindings.table.count("tx16", 5) for _ in range(3)]
    assert first == [5, 6, 7]
    assert reloaded(bindings).table.count("tx16", 5) == 8


def test_a_reserving_counter_writes_rarely_and_never_repeats(bindings: Bindings) -> None:
    given = [bindings.table.reserve("outbox") for _ in range(3)]
    writes = list(bindings.table.take_changes())
    given += [bindings.table.reserve("outbox") for _ in range(3)]
    assert given == [1, 2, 3, 4, 5, 6]
    assert len(writes) == 1
    assert not bindings.table.dirty
    rows = tuple((op.kind, op.key, op.value) for op in writes if isinstance(op, Put))
    again = Bindings(Loaded(rows), Translation())
    assert again.table.reserve("outbox") > 6


def test_the_newest_open_record_of_an_id_counts(bindings: Bindings) -> None:
    transaction(bindings, "old", tx16=0)
    transaction(bindings, "new", tx16=0)
    found = bindings.open_by_tx16(0)
    assert found is not None
    assert found.tx201 == "new"
    found.state = CLOSED
    bindings.keep(found)
    found = bindings.open_by_tx16(0)
    assert found is not None
    assert found.tx201 == "old"


def test_open_records_are_found_by_evse_and_connector(bindings: Bindings) -> None:
    transaction(bindings, "a", evse_id=1, connector16=1)
    transaction(bindings, "b", evse_id=2, connector16=2)
    transaction(bindings, "c", evse_id=2, connector16=2, state=CLOSED)
    assert [r.tx201 for r in bindings.running()] == ["a", "b"]
    assert [r.tx201 for r in bindings.running(2)] == ["b"]
    found = bindings.running_on(2)
    assert found is not None
    assert found.tx201 == "b"
    assert bindings.running_on(3) is None


def test_of_one_transaction_the_last_events_stay(bindings: Bindings) -> None:
    for number in range(5):
        bindings.keep_event(Event("t", str(number), "Updated"), kept=3)
    bindings.keep_event(Event("other", "0", "Started"), kept=3)
    kept = [number for number in range(5) if bindings.event("t", str(number))]
    assert kept == [2, 3, 4]
    again = reloaded(bindings)
    assert [number for number in range(5) if again.event("t", str(number))] == kept


def test_an_event_takes_over_the_row_of_the_one_that_it_pushes_out(bindings: Bindings) -> None:
    count = 2 * EVENTS_KEPT + 10
    rows = {}
    for number in range(count):
        bindings.keep_event(Event("t", str(number), "Updated"))
        [change] = bindings.table.take_changes()
        assert isinstance(change, Put)
        rows[change.key] = change
    again = Bindings(Loaded(tuple(tuple(row) for row in rows.values())), Translation())
    kept = [number for number in range(count) if again.event("t", str(number))]
    assert kept == list(range(count - EVENTS_KEPT, count))


def test_an_event_that_is_kept_again_stays_in_its_row(bindings: Bindings) -> None:
    for number in range(3):
        bindings.keep_event(Event("t", str(number), "Updated"), kept=3)
    bindings.keep_event(Event("t", "1", "Updated", answer={}), kept=3)
    again = reloaded(bindings)
    assert [again.event("t", str(number)) for number in range(3)] == [
        Event("t", "0", "Updated", order=1),
        Event("t", "1", "Updated", answer={}, order=2),
        Event("t", "2", "Updated", order=3),
    ]
    again.keep_event(Event("t", "3", "Updated"), kept=3)
    assert [number for number in range(4) if again.event("t", str(number))] == [1, 2, 3]
    assert len(again.table.kind("event")) == 3


def test_an_unconsumed_start_gives_way_to_one_for_the_same_address(bindings: Bindings) -> None:
    bindings.keep_remote_start(RemoteStart(1, expires=300.0, id_tag="A", evse_id=1))
    bindings.keep_remote_start(RemoteStart(2, expires=300.0, id_tag="B", evse_id=2))
    third = RemoteStart(3, expires=300.0, id_tag="C", evse_id=1)
    bindings.keep_remote_start(third)
    assert [start.remote_start_id for start in bindings.remote_starts(0.0)] == [1, 2, 3]
    bindings.replace_remote_starts(third)
    assert [start.remote_start_id for start in bindings.remote_starts(0.0)] == [2, 3]
    bindings.keep_remote_start(RemoteStart(4, expires=301.0, id_tag="C", evse_id=1))
    bindings.take_remote_start(third)
    assert [start.remote_start_id for start in bindings.remote_starts(0.0)] == [2, 4]


def test_a_remote_start_expires(bindings: Bindings) -> None:
    bindings.keep_remote_start(RemoteStart(1, expires=300.0, id_tag="A"))
    assert bindings.remote_starts(300.0)
    assert not bindings.remote_starts(300.1)


def test_a_trigger_is_due_until_it_is_consumed_or_expires(bindings: Bindings) -> None:
    trigger = Trigger("Heartbeat", expires=30.0)
    bindings.keep_trigger(trigger)
    assert bindings.triggers("Heartbeat", 30.0) == [trigger]
    assert not bindings.triggers("StatusNotification", 30.0)
    bindings.consume_trigger(trigger)
    assert not bindings.triggers("Heartbeat", 30.0)
    bindings.keep_trigger(trigger)
    assert not bindings.triggers("Heartbeat", 31.0)


def test_a_trigger_that_is_withdrawn_gives_way_to_the_one_before_it(bindings: Bindings) -> None:
    first, second = Trigger("Heartbeat", expires=30.0), Trigger("Heartbeat", expires=40.0)
    assert bindings.keep_trigger(first) is None
    bindings.withdraw_trigger(second, bindings.keep_trigger(second))
    assert bindings.triggers("Heartbeat", 0.0) == [first]
    bindings.keep_trigger(second)
    bindings.withdraw_trigger(first, None)
    assert bindings.triggers("Heartbeat", 0.0) == [second]


def test_closed_records_age_and_open_ones_do_not(bindings: Bindings) -> None:
    day = 86400.0
    transaction(bindings, "open")
    transaction(bindings, "closed", state=CLOSED, closed_at=0.0)
    bindings.keep_event(Event("closed", "0", "Ended"))
    bindings.expire(1.5 * day, 30 * day)
    assert bindings.transaction("closed") is not None
    assert bindings.event("closed", "0") is None
    bindings.expire(31 * day, 30 * day)
    assert bindings.transaction("closed") is None
    assert bindings.transaction("open") is not None


def test_a_row_of_a_newer_gateway_is_still_read() -> None:
    value = b'{"status":"Accepted","interval":60,"further":true}'
    loaded = Loaded((("registration", "", value),))
    assert Bindings(loaded, Translation()).registration == Registration("Accepted", None, 60)
