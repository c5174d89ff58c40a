"""TransactionEvents towards a 2.0.1 CSMS as durable entries: numbered, queued, settled.

Spec: translation-station 7.1, 7.6. Numbering and repeats: the head of transaction_to_v201.py.
"""

from collections.abc import Callable, Iterable

from gateway.core.dialects import RETRYABLE, Side, Version
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.mapping.model import Direction
from gateway.core.session.bindings import Bindings
from gateway.core.session.desk import Desk
from gateway.core.session.entries import Entry, EntryKind, EntryKinds, Verdict
from gateway.core.session.procedures.cost_to_station import tell_event
from gateway.core.session.procedures.transaction_refused import request_stop
from gateway.core.session.requests import Outcome, Reply
from gateway.core.session.state import ACTIVE, CLOSED, STARTING, Event, Transaction

EVENT = "TransactionEvent"
STARTED, UPDATED, STATUS_UPDATED, ENDED, SUPERSEDED = (
    "started",
    "updated",
    "status_updated",
    "ended",
    "superseded",
)
METER_EVENTS_KEPT = 50
"""Meter values of one transaction that are known again when repeated (7.4)."""

_ACCEPTED: JsonObject = {"status": "Accepted"}
_SUPERSEDED_DELAYS_S = (10.0, 20.0, 40.0)
"""Waits before a refused end that no station will repeat goes out again (reliability R14)."""


# -- queueing ---------------------------------------------------------------------------------


def queue_new(
    desk: Desk,
    record: Transaction,
    kind: str,
    payload: JsonObject,
    key: str = "",
    lost: Iterable[str] = (),
) -> Entry:
    """Queue a new event, whose payload bears the record's next seqNo; the number is now taken.

    key: what a repeat of the station's message is known by.
    """
    record.next_seq += 1
    return queue_again(desk, record, kind, payload, key, lost)


def queue_again(
    desk: Desk,
    record: Transaction,
    kind: str,
    payload: JsonObject,
    key: str = "",
    lost: Iterable[str] = (),
) -> Entry:
    """Queue an event that has its seqNo from before, or the record's new one.

    A Started that was refused goes out before any later event of its record (7.6).
    """
    refused = record.started if record.start_failed and kind != STARTED else None
    if refused is not None and open_entry(desk, record, STARTED) is None:
        desk.append(STARTED, record.tx201, EVENT, refused)
    desk.bindings.keep(record)
    return desk.append(kind, record.tx201, EVENT, payload, key, tuple(lost))


def open_entry(desk: Desk, record: Transaction, kind: str, key: str = "") -> Entry | None:
    """The unfinished entry of that kind, and of that key if one is given."""
    for entry in desk.entries.values():
        if entry.tx201 == record.tx201 and entry.kind == kind and key in ("", entry.event_key):
            return entry
    return None


def close(bindings: Bindings, record: Transaction) -> None:
    record.state = CLOSED
    record.closed_at = bindings.now
    record.ended = None
    bindings.keep(record)


# -- settling ---------------------------------------------------------------------------------


def is_permanent(reply: Reply) -> bool:
    """A refusal that a repeat would not change (translation-station 1.2)."""
    return reply.error is not None and reply.error.code not in RETRYABLE


def token_answer(
    desk: Desk, direction: Direction, payload: JsonObject, state: JsonObject, lost: list[str]
) -> JsonObject:
    """The 1.6 answer that a TransactionEvent's answer becomes.

    A group token that 1.6 cannot spell (`id_token.overflow: reject`) is left out: the answer has to
    reach the station, and says of the group no more than that it is not known.
    """
    translate = direction.response
    if translate is None:
        return {}
    try:
        return translate(payload, desk.bindings, state, lost)
    except Untranslatable:
        info = {k: v for k, v in payload["idTokenInfo"].items() if k != "groupIdToken"}
        lost.append(f"{direction.action}.groupIdToken")
        return translate({**payload, "idTokenInfo": info}, desk.bindings, state, lost)


def start_answer(desk: Desk, record: Transaction, reply: Reply, lost: list[str]) -> JsonObject:
    """The StartTransaction.conf that the answer to Started becomes (7.2)."""
    direction = desk.map("StartTransaction").to(Version.V201)
    state = {"transaction_id16": record.tx16}
    answer = token_answer(desk, direction, reply.payload, state, lost)
    return {"transactionId": record.tx16, "idTagInfo": answer.get("idTagInfo", _ACCEPTED)}


def _as_queued(_: Desk, entry: Entry) -> JsonObject:
    return entry.payload


def _settle_started(desk: Desk, entry: Entry, reply: Reply) -> Verdict:
    record = desk.bindings.transaction(entry.tx201)
    if record is None:
        return Verdict.DONE
    if reply.outcome is Outcome.RESULT:
        acknowledged(record, start_answer(desk, record, reply, [])["idTagInfo"])
    else:
        record.start_failed, record.started = True, entry.payload
    desk.bindings.keep(record)
    return Verdict.DONE


def acknowledged(record: Transaction, info: JsonObject) -> None:
    """The CSMS has taken a start. info: what the station hears of its token."""
    record.start_info, record.start_status = info, info["status"]
    record.start_failed, record.started = False, None
    if record.state == STARTING:
        record.state = ACTIVE


def told(desk: Desk, record: Transaction) -> None:
    """The station learns the transaction's number with its answer, and can be asked by it."""
    record.untold = False
    desk.bindings.keep(record)
    if record.stop_due:
        request_stop(desk, record.tx201)


def delivered(bindings: Bindings, tx201: str, key: str) -> None:
    """Meter values have arrived, or are refused for good: a repeat gets the empty answer."""
    bindings.keep_event(Event(tx201, key, UPDATED, answer={}), METER_EVENTS_KEPT)


def _settle_updated(desk: Desk, entry: Entry, reply: Reply) -> Verdict:
    permanent = is_permanent(reply)
    if reply.outcome is Outcome.RESULT or permanent:
        delivered(desk.bindings, entry.tx201, entry.event_key)
    else:
        refused = Event(entry.tx201, entry.event_key, UPDATED, payload=entry.payload)
        desk.bindings.keep_event(refused, METER_EVENTS_KEPT)
    if permanent:
        _note_absorbed(desk, entry, reply)
        return Verdict.DEAD
    _stop_if_refused(desk, entry, reply)
    return Verdict.DONE


def _settle_status_updated(desk: Desk, entry: Entry, reply: Reply) -> Verdict:
    """A CallResult that breaks its schema is an answer all the same: the event was delivered."""
    if reply.outcome is not Outcome.ERROR:
        _stop_if_refused(desk, entry, reply)
        return Verdict.DONE
    if not is_permanent(reply) and entry.attempts == 0:
        entry.attempts = 1
        desk.update(entry)
        return Verdict.KEEP
    desk.note("dropped", f"{_named(entry)} was refused: {_refusal(reply)}", entry.action, Side.CSMS)
    _give_back(desk, entry)
    return Verdict.DONE


def _settle_ended(desk: Desk, entry: Entry, reply: Reply) -> Verdict:
    record = desk.bindings.transaction(entry.tx201)
    permanent = is_permanent(reply)
    if record is not None and (permanent or reply.outcome is Outcome.RESULT):
        close(desk.bindings, record)
        if not desk.is_awaited(entry.topic):
            desk.publish(("closed", record.tx201), None)
    elif record is not None and record.is_open:
        record.ended = entry.payload
        desk.bindings.keep(record)
    if permanent:
        _note_absorbed(desk, entry, reply)
        return Verdict.DEAD
    return Verdict.DONE


def _settle_superseded(desk: Desk, entry: Entry, reply: Reply) -> Verdict:
    if reply.outcome is not Outcome.ERROR:
        return Verdict.DONE
    if is_permanent(reply) or entry.attempts >= len(_SUPERSEDED_DELAYS_S):
        _note_absorbed(desk, entry, reply)
        return Verdict.DEAD
    entry.next_at = desk.now + _SUPERSEDED_DELAYS_S[entry.attempts]
    entry.attempts += 1
    desk.update(entry)
    return Verdict.KEEP


_Settling = Callable[[Desk, Entry, Reply], Verdict]


def _and_cost(settle: _Settling) -> _Settling:
    """The same, and the station is told what the CSMS wants its driver to know (3.14)."""

    def settled(desk: Desk, entry: Entry, reply: Reply) -> Verdict:
        verdict = settle(desk, entry, reply)
        tell_event(desk, entry, reply)
        return verdict

    return settled


ENTRY_KINDS: EntryKinds = {
    STARTED: EntryKind(_as_queued, _and_cost(_settle_started)),
    UPDATED: EntryKind(_as_queued, _and_cost(_settle_updated)),
    STATUS_UPDATED: EntryKind(_as_queued, _and_cost(_settle_status_updated)),
    ENDED: EntryKind(_as_queued, _and_cost(_settle_ended)),
    SUPERSEDED: EntryKind(_as_queued, _settle_superseded),
}


def _give_back(desk: Desk, entry: Entry) -> None:
    """Free the seqNo of an event that was not delivered; those queued behind it move up.

    Events of a record leave in order, so none behind it has been sent. Should one have been, its
    number stands and the gap stays.
    """
    record = desk.bindings.transaction(entry.tx201)
    if record is None:
        return
    number: int = entry.payload["seqNo"]
    later = [e for e in desk.entries_of(entry.tx201) if e.payload["seqNo"] > number]
    if any(e.sent for e in later) or record.next_seq != number + len(later) + 1:
        return
    for other in later:
        other.payload["seqNo"] -= 1
        desk.update(other)
    record.next_seq -= 1
    desk.bindings.keep(record)


def _stop_if_refused(desk: Desk, entry: Entry, reply: Reply) -> None:
    """A token refused while the transaction runs stops it (7.5, `b.stop_on_late_deauth`)."""
    status = reply.payload.get("idTokenInfo", _ACCEPTED)["status"]
    record = desk.bindings.transaction(entry.tx201)
    if status == "Accepted" or record is None or record.state != ACTIVE:
        return
    if desk.settings.b.stop_on_late_deauth:
        request_stop(desk, record.tx201)
        text = f"transaction {record.tx16}: the CSMS says {status}, the station is asked to stop"
        desk.note("late_deauth", text, entry.action)


def _note_absorbed(desk: Desk, entry: Entry, reply: Reply) -> None:
    text = f"{_named(entry)} was refused for good and is a dead letter: {_refusal(reply)}"
    desk.note("absorbed", text, entry.action, Side.CSMS)


def _named(entry: Entry) -> str:
    return f"{entry.kind} event {entry.payload['seqNo']} of {entry.tx201}"


def _refusal(reply: Reply) -> str:
    return "" if reply.error is None else reply.error.code
