"""How an event moves its transaction on: the record changes, and calls are queued in their order.

Start, then the status, then MeterValues; Stop, and the status when that is settled (6.3).
Spec: translation-station 5.4, 5.5, 5.9.
"""

from collections.abc import Sequence
from decimal import Decimal

from gateway.core.frames import JsonObject
from gateway.core.numbers import plain
from gateway.core.session.desk import Desk
from gateway.core.session.entries import Entry
from gateway.core.session.procedures.event_time import is_earlier, later
from gateway.core.session.procedures.meter_to_v16 import take_register
from gateway.core.session.procedures.register_reading import (
    BEGIN,
    Reading,
    earliest,
    interval_sum,
    latest,
    meter_start,
    meter_start_at_end,
    meter_stop,
    readings,
    stop_reading,
    with_context,
    without,
)
from gateway.core.session.procedures.station_event import (
    CHARGING,
    Case,
    StationEvent,
    has_start_token,
)
from gateway.core.session.procedures.status_to_v16 import after_event
from gateway.core.session.procedures.transaction_entries import (
    STOP,
    again_now,
    queue_meter,
    queue_restart,
    queue_start,
    queue_stop,
)
from gateway.core.session.procedures.transaction_table import (
    Do,
    Role,
    is_gone,
    stop_reason,
)
from gateway.core.session.state import (
    CLOSED,
    DISCARDED,
    STOPPING,
    WAIT,
    Reset,
    Transaction,
)
from gateway.core.timestamps import normalise, parse, utc_text

_JOIN, _START, _RESTART, _STORE = Do.JOIN, Do.START, Do.RESTART, Do.STORE
_ENERGISED = frozenset({CHARGING, "SuspendedEV", "SuspendedEVSE"})


def take_in(
    desk: Desk, event: StationEvent, case: Case, answer: JsonObject, *, again: bool
) -> Entry | None:
    """Do what the event's row says; the call that its answer waits for, None if for none.

    answer: as far as it is known. again: the event was taken in before, and refused by the CSMS.
    """
    record, row = case.record, case.row
    if _JOIN in row.do:
        return _stop_under_way(desk, event.tx201)
    if record is not None and row.next == row.state and not row.do:
        desk.note("ignored", f"event {event.key} of {event.tx201}, which is {row.state}")
        return None
    if record is None:
        record = desk.bindings.new_transaction(event.tx201)
    _note(desk, record, event, case, again=again)
    if event.ended:
        gate = _end(desk, record, event, case, answer)
    else:
        gate = _go_on(desk, record, event, case, answer, again=again)
    desk.bindings.keep(record)
    return gate


def _stop_under_way(desk: Desk, tx201: str) -> Entry | None:
    for entry in desk.entries_of(tx201):
        if entry.kind == STOP:
            return again_now(desk, entry)
    return None


# -- what the event says ----------------------------------------------------------------------


def _note(desk: Desk, record: Transaction, event: StationEvent, case: Case, *, again: bool) -> None:
    """Everything but the readings goes into the record; a repeat says nothing of the present."""
    last = record.last_seq
    if not again:
        if last is not None and event.seq != last + 1:
            desk.note("seq_no", f"event {event.key} of {event.tx201} follows {last}")
        record.last_event_time = later(event.time, record.last_event_time)
        if event.charging_state is not None:
            if not case.late:
                record.charging_state = event.charging_state
            record.energised = record.energised or event.charging_state in _ENERGISED
            record.charged = record.charged or event.charging_state == CHARGING
    if last is None or event.seq > last:
        record.last_seq = event.seq
    if case.address is not None:
        _place(desk, record, event, case)
    if event.token is not None or case.pending is not None or record.id_tag is None:
        _note_token(desk, record, event, case)
    reservation_id = event.payload.get("reservationId")
    if reservation_id is not None and record.reservation_id is None:
        record.reservation_id = reservation_id
        if record.started is not None:
            desk.note("reservation_lost", f"reservation {reservation_id} came after the start")


def _note_token(desk: Desk, record: Transaction, event: StationEvent, case: Case) -> None:
    """The start token, from wherever it came; a placeholder only where one is configured."""
    pending = case.pending
    if pending is not None:
        record.remote_start_id = pending.remote_start_id
        desk.bindings.take_remote_start(pending)
    known = has_start_token(record, desk.settings.a.placeholder_id_tag)
    starts = case.role is Role.START or (event.ended and not known)
    if starts and case.tag is not None:
        record.id_tag, record.id_token = case.tag, event.token
    elif not known and case.start_tag is not None:
        record.id_tag = case.start_tag
        record.id_token = pending.id_token if pending is not None else None


def _place(desk: Desk, record: Transaction, event: StationEvent, case: Case) -> None:
    """The event tells where the transaction is; another one there cannot run any more, unless it
    has gone on after this one's end."""
    assert case.address is not None
    record.evse_id, record.connector_id = case.address
    record.connector16 = case.number
    if case.row.next != DISCARDED:
        for other in desk.bindings.running(record.evse_id):
            ran_on = event.ended and is_earlier(event.time, other.last_event_time)
            if other is not record and not ran_on:
                _supersede(desk, other)


def _supersede(desk: Desk, old: Transaction) -> None:
    """A transaction whose end never came: stopped with the last that is known of it."""
    if old.state == STOPPING:
        return
    desk.note("superseded", f"transaction {old.tx201} gives way to a new one on its EVSE")
    if old.state != WAIT:
        if old.start_failed:
            queue_restart(desk, old, "")
        last = None if old.last_wh is None else Decimal(old.last_wh)
        computed = {
            "meter_stop": _stop_wh(desk, old, last),
            "stop_time": old.last_event_time or utc_text(desk.now),
            "stop_reason16": "Other",
        }
        queue_stop(desk, old, {}, "", computed, None)
    old.end_silent = True
    _finish(desk, old, DISCARDED if old.state == WAIT else CLOSED)
    desk.bindings.keep(old)


# -- Started and Updated ----------------------------------------------------------------------


def _go_on(
    desk: Desk,
    record: Transaction,
    event: StationEvent,
    case: Case,
    answer: JsonObject,
    *,
    again: bool,
) -> Entry | None:
    do, gate, left = case.row.do, None, event.meter_values
    if _START in do:
        left = _choose_start(desk, record, event)
        record.start_key = event.key
        gate = queue_start(desk, record, event.payload, event.key, event.time, answer)
    elif _RESTART in do and record.start_failed:
        if case.repeats_start:
            left = []
            gate = queue_restart(desk, record, event.key, answer)
        elif not record.start_refused:
            queue_restart(desk, record, event.key)
    elif _STORE in do:
        left = _store(record, event, again=again)
    record.state = case.row.next
    if not event.offline:
        after_event(desk, record, event.time)
    if not again:
        _note_readings(record, event, late=case.late)
    hangs = None if gate is not None else answer
    meter = queue_meter(desk, record, event.payload, event.key, left, hangs)
    return gate or meter


def _choose_start(desk: Desk, record: Transaction, event: StationEvent) -> list[JsonObject]:
    """Set meterStart; the readings of this and earlier events that are left for MeterValues."""
    earlier = None if record.last_wh is None else Decimal(record.last_wh)
    start = meter_start(event.found, earlier, _register(desk, record), event.zone)
    record.meter_start, record.meter_start_estimated = start.wh, start.estimated
    stored, record.readings = record.readings, []
    if start.earlier:
        kept = latest(readings(stored), event.zone)
        if kept is not None and normalise(kept.timestamp, event.zone) == record.last_wh_time:
            stored = _less(desk, record, stored, kept)
    own = event.meter_values
    if start.chosen is not None:
        own = _less(desk, record, own, start.chosen)
    return [*stored, *own]


def _less(
    desk: Desk, record: Transaction, meter_values: Sequence[JsonObject], chosen: Reading
) -> list[JsonObject]:
    """Less the sample that is meterStart (5.5); its signature goes with it, but not unsaid."""
    if chosen.place is not None:
        i, j = chosen.place
        if "signedMeterValue" in meter_values[i]["sampledValue"][j]:
            text = f"meterStart of transaction {record.tx201} stands without its signature"
            desk.note("signature_lost", text)
    return without(meter_values, chosen)


def _store(record: Transaction, event: StationEvent, *, again: bool) -> list[JsonObject]:
    """Keep readings for the start; those that can go out without an id now (5.4, WAIT)."""
    if record.connector16 is None:
        if not again:
            record.readings = [*record.readings, *event.meter_values]
        return []
    if not again:
        begin = with_context(event.meter_values, BEGIN, keep=True)
        record.readings = [*record.readings, *begin]
        if event.meter_values:
            record.start_time = _earliest_time(record, event.meter_values, event.zone)
    return with_context(event.meter_values, BEGIN, keep=False)


def _note_readings(record: Transaction, event: StationEvent, *, late: bool) -> None:
    newest, first = latest(event.found, event.zone), earliest(event.found, event.zone)
    if newest is not None and first is not None:
        if record.last_wh is None or not late:
            record.last_wh = plain(newest.wh)
            record.last_wh_time = normalise(newest.timestamp, event.zone)
        if record.first_wh is None or (late and first.wh < Decimal(record.first_wh)):
            record.first_wh = plain(first.wh)
    elif record.last_wh is None and event.meter_values:
        energy = interval_sum(event.meter_values)
        if energy is not None:
            record.interval_wh = plain(energy + Decimal(record.interval_wh or 0))


# -- Ended ------------------------------------------------------------------------------------


def _end(
    desk: Desk, record: Transaction, event: StationEvent, case: Case, answer: JsonObject
) -> Entry | None:
    do, gate = case.row.do, None
    if Do.START in do:
        first = None if record.first_wh is None else Decimal(record.first_wh)
        register = _register(desk, record)
        start = meter_start_at_end(event.found, first, register, event.zone)
        record.meter_start, record.meter_start_estimated = start.wh, start.estimated
        record.start_key = event.key
        time = _rebuilt_time(record, event)
        queue_start(desk, record, event.payload, event.key, time, None)
        _forget_readings(desk, record)
    elif Do.RESTART in do and record.start_failed:
        queue_restart(desk, record, event.key)
    _note_readings(record, event, late=case.late)
    orphan = Do.ORPHAN in do and desk.settings.a.orphan_stop == "minus_one"
    if Do.STOP in do or orphan:
        gate = _queue_stop(desk, record, event, case, answer)
    gone = is_gone(event.stopped, event.trigger, record.charging_state)
    record.end_silent = event.offline or gone
    _finish(desk, record, case.row.next)
    if gate is None and not record.end_silent:
        after_event(desk, record, event.time)
    if gate is None:
        desk.note("not_told", f"transaction {event.tx201} ends {case.row.next} without a stop")
    return gate


def _forget_readings(desk: Desk, record: Transaction) -> None:
    """What was kept for MeterValues after the start has no place before the stop (5.4)."""
    if record.readings:
        desk.note("readings_lost", f"transaction {record.tx201} starts and ends in one event")
        record.readings = []


def _queue_stop(
    desk: Desk, record: Transaction, event: StationEvent, case: Case, answer: JsonObject
) -> Entry:
    reading = stop_reading(event.found, event.zone)
    last = None if record.last_wh is None else Decimal(record.last_wh)
    reset: Reset | None = desk.bindings.table.get("reset", "")
    last_reset = None if reset is None else reset.type
    if event.stopped is not None:
        desk.note("stopped", f"transaction {event.tx201}: {event.stopped}")
    finer = _finer_reason(desk, event)
    computed = {
        "meter_stop": _stop_wh(desk, record, last if reading is None else reading.wh),
        "stop_time": event.time,
        "stop_reason16": stop_reason(
            event.stopped, event.trigger, record.gateway_stop, last_reset, finer
        ),
    }
    payload = event.payload
    if case.untold:
        payload = {name: value for name, value in payload.items() if name != "idToken"}
    return queue_stop(desk, record, payload, event.key, computed, answer)


def _finer_reason(desk: Desk, event: StationEvent) -> str | None:
    """The 1.6 reason that a gateway before this one has put into customData (1.5, 7.5)."""
    own = event.payload["transactionInfo"].get("customData", {})
    reason = own.get("reason")
    mine = own.get("vendorId") == desk.settings.vendor_id
    return reason if mine and isinstance(reason, str) else None


def _stop_wh(desk: Desk, record: Transaction, stop: Decimal | None) -> int:
    result = meter_stop(
        stop,
        record.meter_start or 0,
        first=None if record.first_wh is None else Decimal(record.first_wh),
        estimated=record.meter_start_estimated,
        intervals=None if record.interval_wh is None else Decimal(record.interval_wh),
    )
    if result.lowered:
        text = f"transaction {record.tx201}: stop register {stop} is below {result.wh}"
        desk.note("meter_stop_lowered", text)
    return result.wh


def _rebuilt_time(record: Transaction, event: StationEvent) -> str:
    """When a transaction started that is known from its end only (5.5)."""
    values = [*record.readings, *event.meter_values]
    begin = with_context(values, BEGIN, keep=True)
    if begin:
        record.start_time = None
    return _earliest_time(record, begin or values, event.zone) or event.time


def _earliest_time(
    record: Transaction, meter_values: Sequence[JsonObject], zone: str
) -> str | None:
    """Of these readings and those that have gone out before the start; None if there are none."""
    times = [value["timestamp"] for value in meter_values]
    if record.start_time is not None:
        times.append(record.start_time)
    if not times:
        return None
    return normalise(min(times, key=lambda text: parse(text, zone)), zone)


def _finish(desk: Desk, record: Transaction, state: str) -> None:
    """The transaction does not run any more at the station."""
    record.state = state
    bindings = desk.bindings
    if record.evse_id is not None and record.connector_id is not None:
        connector = bindings.connector(record.evse_id, record.connector_id)
        connector.after_tx = True
        if record.last_wh is not None:
            take_register(connector, record.last_wh, record.last_wh_time)
        bindings.keep_connector(connector)
    desk.publish(("ended", record.tx201), True)
    if state != STOPPING:
        record.closed_at = desk.now
        if not desk.entries_of(record.tx201):
            desk.publish(("closed", record.tx201), True)


def _register(desk: Desk, record: Transaction) -> Decimal | None:
    """The last register known of the transaction's connector."""
    if record.evse_id is None or record.connector_id is None:
        return None
    wh = desk.bindings.connector(record.evse_id, record.connector_id).register_wh
    return None if wh is None else Decimal(wh)
