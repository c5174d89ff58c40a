"""The durable calls of a 2.0.1 station's transaction: made, completed, settled.

    kind     call                 an id not known yet when it is queued
    start    StartTransaction
    meter    MeterValues          None in its place, resolved when it is sent; absent in WAIT
    stop     StopTransaction      the same; -1 from the beginning for an orphan

What becomes of a call that is refused (5.8); the station has been told if an exchange awaits it:

    kind     retryable, awaited          retryable, nobody waits      permanent
    start    told; the record remembers that its start failed, and which occasions repeat it
    meter    told, the station repeats   again, before the stop       absorbed, dead letter
    stop     told; again, behind a start that failed, when the        absorbed, dead letter, CLOSED
             station repeats, or after a while

An answer that breaks its schema is like a retryable CallError. A call that got no answer is not
settled at all: it stays, and goes out again on the next link.
Spec: translation-station 5.5, 5.7, 5.8.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.core.dialects import CSMS, V16
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.mapping.model import Direction
from gateway.core.mapping.rows import CUSTOM_DATA
from gateway.core.session.desk import Desk
from gateway.core.session.entries import DEAD, DONE, KEEP, Entry, EntryKind, EntryKinds, Verdict
from gateway.core.session.procedures.station_event import has_real_token
from gateway.core.session.procedures.status_to_v16 import after_event
from gateway.core.session.procedures.transaction_refused import request_stop, request_stop_later
from gateway.core.session.requests import RESULT, Reply
from gateway.core.session.state import ACTIVE, CLOSED, STARTING, WAIT, Event, Transaction

START, METER, STOP = "start", "meter", "stop"
UNKNOWN_ID = -1
"""transactionId of what belongs to a transaction that the CSMS never numbered."""
UNTOLD: JsonObject = {}
"""idTokenInfo of an answer that the StartTransaction's answer completes."""
_ACCEPTED = "Accepted"
_TOKEN: JsonObject = {"idToken": {}}
"""Enough of the event for the answer's map to see that a token was asked about."""


# -- made ------------------------------------------------------------------------------------


def queue_start(
    desk: Desk,
    record: Transaction,
    event: JsonObject,
    key: str,
    time: str,
    answer: JsonObject | None,
) -> Entry:
    """Queue StartTransaction; its content is kept for repeats. time: of the start."""
    state = {
        "connector_id": record.connector16,
        "id_tag": record.id_tag,
        "meter_start": record.meter_start,
        "start_time": time,
        "reservation_id": record.reservation_id,
    }
    direction, payload, lost = _made(desk, "StartTransaction", event, state)
    record.started, record.start_time = payload, time
    return desk.append(START, record.tx201, direction.action, payload, key, lost, answer)


def queue_restart(
    desk: Desk, record: Transaction, key: str, answer: JsonObject | None = None
) -> Entry:
    """Queue StartTransaction again, same content. Only for a record whose start failed."""
    assert record.started is not None
    record.start_failed = record.start_refused = False
    action = desk.map("StartTransaction").to(V16).action
    return desk.append(START, record.tx201, action, record.started, key, answer=answer)


def queue_meter(
    desk: Desk,
    record: Transaction,
    event: JsonObject,
    key: str,
    meter_values: Sequence[JsonObject],
    answer: JsonObject | None,
) -> Entry | None:
    """Queue MeterValues; None if 1.6 can express none of them."""
    if not meter_values:
        return None
    if meter_values is not event.get("meterValue"):
        event = {**event, "meterValue": meter_values}
    state = {"connector_id": record.connector16, "transaction_id16": record.tx16}
    try:
        direction, payload, lost = _made(desk, "TransactionMeter", event, state)
    except Untranslatable:
        return None
    if record.tx16 is None and record.state != WAIT:
        payload["transactionId"] = None
    return desk.append(METER, record.tx201, direction.action, payload, key, lost, answer)


def queue_stop(
    desk: Desk,
    record: Transaction,
    event: JsonObject,
    key: str,
    computed: Mapping[str, Any],
    answer: JsonObject | None,
) -> Entry:
    """Queue StopTransaction. computed: meter_stop, stop_time, stop_reason16 of `states.py`.

    event: the Ended event, {} where the gateway ends the transaction. MeterValues that wait for
    their next try go before it: nothing may follow the stop (5.4).
    """
    for waiting in desk.entries_of(record.tx201):
        desk.hurry(waiting)
    tx16 = UNKNOWN_ID if record.tx16 is None else record.tx16
    state = {**computed, "transaction_id16": tx16}
    direction, payload, lost = _made(desk, "StopTransaction", event, state)
    if record.tx16 is None and record.started is not None:
        payload["transactionId"] = None
    if has_real_token(record):
        payload["idTag"] = record.id_tag
    return desk.append(STOP, record.tx201, direction.action, payload, key, lost, answer)


def again_now(desk: Desk, entry: Entry) -> Entry:
    """The call that a repeated event asks for: one that waits for its next try goes out now, and
    before a stop a start that failed (5.8)."""
    record = desk.bindings.transaction(entry.tx201)
    waits = entry.next_at is not None and entry.next_at > desk.now
    if not waits or entry.kind != STOP or record is None or not record.start_failed:
        desk.hurry(entry)
        return entry
    desk.cancel(entry.topic)
    desk.finish(entry, dead=False)
    queue_restart(desk, record, entry.event_key)
    desk.bindings.keep(record)
    payload = {**entry.payload, "transactionId": None}
    return desk.append(STOP, entry.tx201, entry.action, payload, entry.event_key, (), entry.answer)


def _made(
    desk: Desk, name: str, event: JsonObject, state: Mapping[str, Any]
) -> tuple[Direction, JsonObject, tuple[str, ...]]:
    direction = desk.map(name).to(V16)
    assert direction.request is not None
    lost: list[str] = []
    payload = direction.request(event, desk.bindings, state, lost)
    return direction, payload, tuple(lost)


# -- completed -------------------------------------------------------------------------------


def complete(desk: Desk, entry: Entry) -> JsonObject:
    """The payload with the transaction's id as known by now, else -1."""
    payload = entry.payload
    if payload.get("transactionId", UNKNOWN_ID) is not None:
        return payload
    record = desk.bindings.transaction(entry.tx201)
    tx16 = None if record is None else record.tx16
    return {**payload, "transactionId": UNKNOWN_ID if tx16 is None else tx16}


# -- settled ---------------------------------------------------------------------------------


def settle_start(desk: Desk, entry: Entry, reply: Reply) -> Verdict:
    record = desk.bindings.transaction(entry.tx201)
    if record is None:
        return DEAD
    if reply.outcome is not RESULT:
        record.start_failed = True
        record.start_refused = not reply.is_retryable
        desk.bindings.keep(record)
        _refused(desk, entry)
        return DONE
    made = _made_of(desk, "StartTransaction", reply.payload)
    info = _token_info(made)
    record.tx16 = reply.payload["transactionId"]
    record.start_status = reply.payload["idTagInfo"]["status"]
    record.start_info = info
    if record.state == STARTING:
        record.state = ACTIVE
    desk.bindings.keep(record)
    told = entry.answer is not None and entry.answer.get("idTokenInfo") == UNTOLD
    _answered(desk, entry, _with_extra({"idTokenInfo": info} if told else entry.answer, made))
    if record.start_status != _ACCEPTED:
        _enforce(desk, entry, told)
    return DONE


def settle_meter(desk: Desk, entry: Entry, reply: Reply) -> Verdict:
    if reply.outcome is RESULT:
        made = _made_of(desk, "TransactionMeter", reply.payload) if reply.payload else {}
        _answered(desk, entry, _with_extra(entry.answer, made))
        return DONE
    if reply.is_retryable:
        if desk.is_awaited(entry.topic):
            _refused(desk, entry)
            return DONE
        if _again(desk, entry):
            return KEEP
    _given_up(desk, entry, reply)
    _answered(desk, entry, entry.answer)
    return DEAD


def settle_stop(desk: Desk, entry: Entry, reply: Reply) -> Verdict:
    answer, verdict = entry.answer, DONE
    if reply.outcome is RESULT:
        made = _made_of(desk, "StopTransaction", reply.payload)
        if answer is not None and "idTokenInfo" in answer and "idTag" in entry.payload:
            answer = {"idTokenInfo": _token_info(made)}
        answer = _with_extra(answer, made)
    elif reply.is_retryable and _again(desk, entry, told=desk.is_awaited(entry.topic)):
        return KEEP
    else:
        _given_up(desk, entry, reply)
        verdict = DEAD
    if verdict is DEAD and reply.is_retryable:
        _refused(desk, entry)
    else:
        _answered(desk, entry, answer)
    _close(desk, entry)
    return verdict


ENTRY_KINDS: EntryKinds = {
    START: EntryKind(complete, settle_start),
    METER: EntryKind(complete, settle_meter),
    STOP: EntryKind(complete, settle_stop),
}


def _made_of(desk: Desk, name: str, answer: JsonObject) -> JsonObject:
    """What the map makes of a 1.6 answer for the station."""
    response = desk.map(name).to(V16).response
    assert response is not None
    return response(answer, desk.bindings, {"request": _TOKEN}, [])


def _token_info(made: JsonObject) -> JsonObject:
    """idTokenInfo for the station; Accepted where the 1.6 answer has no idTagInfo."""
    info: JsonObject = made.get("idTokenInfo") or {"status": _ACCEPTED}
    return info


def _with_extra(answer: JsonObject | None, made: JsonObject) -> JsonObject | None:
    """The answer, with what the CSMS said beyond the standard (extensions.md section 4)."""
    if answer is None or CUSTOM_DATA not in made:
        return answer
    return {**answer, CUSTOM_DATA: made[CUSTOM_DATA]}


def _answered(desk: Desk, entry: Entry, answer: JsonObject | None) -> None:
    """The event whose answer hangs on this call has it: repeats get the same."""
    if answer is not None:
        kind = entry.event_key.partition(" ")[2]
        desk.bindings.keep_event(Event(entry.tx201, entry.event_key, kind, answer=answer))


def _refused(desk: Desk, entry: Entry) -> None:
    """The event is taken in, but has no answer: a repeat of it sends the call again."""
    if entry.answer is not None:
        kind = entry.event_key.partition(" ")[2]
        desk.bindings.keep_event(Event(entry.tx201, entry.event_key, kind))


def _again(desk: Desk, entry: Entry, *, told: bool = False) -> bool:
    """Let the gateway repeat the call later, or at once where the stop waits behind it; False if it
    has been tried often enough.

    told: the station hears of the refusal. Its repeat shall find the call, however often it comes.
    """
    settings = desk.settings.a
    entry.attempts += 1
    if entry.attempts >= settings.stop_attempts and not told:
        return False
    later = desk.now + settings.stop_interval_s * entry.attempts
    stops = any(other.kind == STOP for other in desk.entries_of(entry.tx201) if other is not entry)
    entry.next_at = None if stops else later
    desk.update(entry)
    return True


def _given_up(desk: Desk, entry: Entry, reply: Reply) -> None:
    code = reply.error.code if reply.error is not None else "an invalid answer"
    text = f"{entry.action} of transaction {entry.tx201} is kept as a dead letter: {code}"
    desk.note("dead_letter", text, entry.action, CSMS)


def _close(desk: Desk, entry: Entry) -> None:
    """StopTransaction is done with; only now the connector may be Finishing (6.2)."""
    record = desk.bindings.transaction(entry.tx201)
    if record is not None:
        if record.state != CLOSED:
            record.state = CLOSED
            record.closed_at = desk.now
            desk.bindings.keep(record)
        if not record.end_silent:
            after_event(desk, record, entry.payload["timestamp"])
    desk.publish(("closed", entry.tx201), True)


def _enforce(desk: Desk, entry: Entry, told: bool) -> None:
    """The start's token is refused (5.7).

    told: the event's answer carries the refusal, so that the station acts on it by itself. Where
    that answer is late, the station's repeat of the event is waited for first.
    """
    if not told:
        request_stop(desk, entry.tx201)
    elif not desk.is_awaited(entry.topic):
        request_stop_later(desk, entry.tx201)
