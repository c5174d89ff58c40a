"""transaction_to_v16: a 2.0.1 TransactionEvent becomes 1.6 Start-, StopTransaction, MeterValues.

Theory of operation. One generator runs per event; the transaction itself lives in the bindings.
`Case` looks at the event and its record and finds the row of `transaction_table.STATES`:

    state     event            queued                                   next
    --------  ---------------  ---------------------------------------  ----------------------
    (none)    S, U  ready      Start, status, MeterValues of the rest   STARTING
              S, U  not ready  readings stored or sent without an id    WAIT
              E     ready      Start (rebuilt), Stop                    STOPPING
              E     energy     Stop with -1 (or nothing)                CLOSED
              E     else                                                DISCARDED
    WAIT      S, U  ready      as above                                 STARTING
              E     ready and energy: Start, Stop                       STOPPING
              E     else                                                DISCARDED
    STARTING  S, U             Start again if it failed, MeterValues    STARTING (ACTIVE: answered)
              E                Start again if it failed, Stop           STOPPING
    ACTIVE    S, U             status, MeterValues                      ACTIVE
              E                Stop, then status                        STOPPING (CLOSED: answered)
    STOPPING  E                (waits for the Stop under way)           STOPPING
              S, U                                                      STOPPING
    CLOSED, DISCARDED          nothing                                  same

READY: start token and connector are known. S, U, E: Started, Updated, Ended.

What is queued is a durable entry (`transaction_entries.py`). At most one of them is the event's
gate: the call whose answer the station's answer waits for. It is the Stop of an Ended event, else
the Start that the event causes, else its MeterValues. The gate carries the answer as far as it is
known (`Entry.answer`); its settlement completes that and keeps it as an `Event`. So nothing of an
event hangs on this generator: after a restart, a lost link, an answer out of time, the station's
repeat finds

    an Event with an answer     and gets that answer, nothing is sent
    an open gate                and waits for it; one that waits for a later try goes out now
    an Event without an answer  the CSMS refused: what was refused is sent again
    nothing                     the event was never taken in

An Authorize that the answer needs is asked before anything is changed, since it may stay
unanswered; then the event counts as never received.

The answer does not wait for MeterValues that go out beside a Start: the CSMS's word on the token is
the more urgent one, and those readings are safe in the outbox.

Spec: translation-station 5, 6.3.
"""

from collections.abc import Generator
from typing import Any

from gateway.core.dialects import INTERNAL_ERROR
from gateway.core.frames import JsonObject
from gateway.core.mapping.rows import CUSTOM_DATA
from gateway.core.session.desk import Desk
from gateway.core.session.entries import Entry
from gateway.core.session.exchange import Exchange, passed_on
from gateway.core.session.procedures.authorize import ask_about, tag_of
from gateway.core.session.procedures.cost_to_v16 import with_cost, with_price
from gateway.core.session.procedures.station_event import Case, StationEvent
from gateway.core.session.procedures.transaction_entries import ENTRY_KINDS, UNTOLD, again_now
from gateway.core.session.procedures.transaction_progress import take_in
from gateway.core.session.procedures.transaction_refused import (
    refusal_told,
    request_stop,
    stop_due,
)
from gateway.core.session.procedures.transaction_table import Role, Word
from gateway.core.session.requests import (
    RESULT,
    Answer,
    Await,
    Outcome,
    Procedure,
    Refuse,
    Reply,
    Request,
    Unanswered,
)
from gateway.core.session.state import ACTIVE, STARTING, Event

__all__ = ["ENTRY_KINDS", "transaction_to_v16"]

_ASKED = (Word.AUTHORIZE, Word.LAST_AUTHORIZE)
_NOBODY = Word.NOBODY
_ACCEPTED: JsonObject = {"status": "Accepted"}
_INVALID: JsonObject = {"status": "Invalid"}


def transaction_to_v16(x: Exchange) -> Procedure:
    desk = x.desk
    event = StationEvent(x.payload, desk.settings.timezone_default)
    seen = desk.bindings.event(event.tx201, event.key)
    if seen is not None and seen.answer is not None:
        refusal_told(desk, event.tx201)
        desk.note("duplicate", f"event {event.key} of {event.tx201} repeated", x.call.action)
        yield _answered(x, event, seen.answer, rule="duplicate")
        return
    gate = _open_gate(desk, event)
    if gate is not None:
        yield from _await_gate(x, event, again_now(desk, gate), {})
    else:
        yield from _take_up(x, event, again=seen is not None)


def _take_up(x: Exchange, event: StationEvent, *, again: bool) -> Procedure:
    """An event that nothing is known of, or (again) that the CSMS refused."""
    desk = x.desk
    case, info = Case(desk, event), None
    if case.word in _ASKED and case.tag is not None:
        told = yield from _ask(x, event, case)
        if not isinstance(told, dict):
            yield told
            return
        info = told
        case = Case(desk, event)
    answer = _answer(case, info)
    gate = take_in(desk, event, case, answer, again=again)
    refused = info is not None and _refuses_placeholder(case, info)
    if refused:
        stop_due(desk, event.tx201)
    if gate is None:
        desk.bindings.keep_event(Event(event.tx201, event.key, event.kind, answer=answer))
        yield _answered(x, event, answer, rule="no_call")
    else:
        yield from _await_gate(x, event, gate, answer)
    if refused:
        request_stop(desk, event.tx201)


def _ask(
    x: Exchange, event: StationEvent, case: Case
) -> Generator[Request, Any, JsonObject | Request]:
    """The CSMS's word on the event's token, or how the event ends where it gave none.

    A lasting refusal to answer must not cost the event: the token is Invalid then.
    """
    assert event.token is not None
    assert case.tag is not None
    recent = case.word is Word.LAST_AUTHORIZE
    told = yield from ask_about(x, event.token, case.tag, recent=recent)
    if isinstance(told, dict):
        return told
    if told.outcome in (Outcome.NONE, Outcome.LOST):
        return Unanswered("no answer to the check of a token")
    if told.is_retryable:
        return _passed_on(told, "Authorize")
    return _INVALID


def _answer(case: Case, info: JsonObject | None) -> JsonObject:
    """The answer as far as it is known before the gate is settled (5.6).

    info: idTokenInfo of the Authorize that was asked for the event.
    """
    if case.word is _NOBODY:
        return {}
    if case.word is Word.GATEWAY:
        return {"idTokenInfo": _ACCEPTED}
    if case.tag is None:
        return {"idTokenInfo": _INVALID}
    if case.word is Word.START:
        return {"idTokenInfo": UNTOLD}
    if info is None and case.word is Word.KNOWN and case.record is not None:
        info = case.record.start_info
    return {"idTokenInfo": info or _ACCEPTED}


def _refuses_placeholder(case: Case, info: JsonObject) -> bool:
    """The real token of a transaction that runs under the placeholder is not accepted (5.3)."""
    runs = case.row.state in (STARTING, ACTIVE)
    return runs and case.role is Role.START and info["status"] != _ACCEPTED["status"]


def _open_gate(desk: Desk, event: StationEvent) -> Entry | None:
    """The call that decides the event's answer, if an earlier copy of the event has queued it."""
    if not desk.entries:
        return None
    for entry in desk.entries_of(event.tx201):
        if entry.answer is not None and entry.event_key == event.key:
            return entry
    return None


def _await_gate(x: Exchange, event: StationEvent, gate: Entry, answer: JsonObject) -> Procedure:
    """Answer as the settlement of the gate says; of a token only if the event has one (5.6).

    answer: for an event that joined the gate of another one. No settlement in time: no answer (P3).
    """
    reply: Reply | None = yield Await(gate.topic, x.limit)
    if reply is None:
        yield Unanswered(f"no answer to {gate.action}")
        return
    bindings = x.desk.bindings
    settled = bindings.event(gate.tx201, gate.event_key)
    if settled is not None and settled.answer is not None:
        told = {**answer, **settled.answer}
        if event.token is None:
            told = {name: told[name] for name in told if name == CUSTOM_DATA}
        if event.key != gate.event_key:
            bindings.keep_event(Event(event.tx201, event.key, event.kind, answer=told))
        yield _answered(x, event, told)
    elif reply.outcome is RESULT:
        yield _answered(x, event, answer)
    else:
        yield _passed_on(reply, gate.action)


def _answered(x: Exchange, event: StationEvent, answer: JsonObject, rule: str = "") -> Answer:
    """The answer, with what the CSMS wants the driver told by now (3.14); repeats get the same."""
    desk = x.desk
    if desk.settings.costmsg.enabled:
        tag = None if event.token is None else tag_of(desk, event.token)
        told = with_cost(desk, with_price(desk, answer, tag), event.tx201)
        if told is not answer:
            kept = Event(event.tx201, event.key, event.kind, answer=told)
            desk.bindings.keep_event(kept)
            answer = told
    return Answer(answer, rule=rule)


def _passed_on(reply: Reply, action: str) -> Refuse:
    """The CallError for the station (1.2). action: what the gateway had sent."""
    if reply.error is not None:
        return passed_on(reply.error, action)
    return Refuse(INTERNAL_ERROR, "upstream: the answer breaks its schema")
