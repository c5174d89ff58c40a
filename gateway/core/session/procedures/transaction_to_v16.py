"""transaction_to_v16: a 2.0.1 TransactionEvent becomes StartTransaction, MeterValues, StopTransaction.

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
    STARTING  S, U             Start again if it failed, MeterValues    STARTING, ACTIVE when answered
              E                Start again if it failed, Stop           STOPPING
    ACTIVE    S, U             status, MeterValues                      ACTIVE
              E                Stop, then status                        STOPPING, CLOSED when answered
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

from decimal import Decimal

from gateway.core.dialects import INTERNAL_ERROR
from gateway.core.frames import JsonObject
from gateway.core.numbers import plain
from gateway.core.session.desk import Desk
from gateway.core.session.entries import Entry
from gateway.core.session.exchange import Exchange, passed_on
from gateway.core.session.procedures.authorize import ask_about
from gateway.core.session.procedures.register_reading import (
    BEGIN,
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
    newest_wh,
)
from gateway.core.session.procedures.status_to_v16 import after_event
from gateway.core.session.procedures.transaction_entries import (
    ENTRY_KINDS,
    STOP,
    late_refusal,
    queue_meter,
    queue_restart,
    queue_start,
    queue_stop,
    request_stop,
)
from gateway.core.session.procedures.transaction_table import (
    STOP_AUTHORIZED,
    Do,
    Role,
    Word,
    is_gone,
    stop_reason,
)
from gateway.core.session.requests import (
    Answer,
    Await,
    Outcome,
    Procedure,
    Refuse,
    Reply,
    Request,
    Unanswered,
)
from gateway.core.session.state import (
    ACTIVE,
    CLOSED,
    DISCARDED,
    STARTING,
    STOPPING,
    WAIT,
    Event,
    Transaction,
)
from gateway.core.timestamps import normalise, parse, utc_text

__all__ = ["ENTRY_KINDS", "transaction_to_v16"]

_ENERGISED = frozenset({CHARGING, "SuspendedEV", "SuspendedEVSE"})
_ASKED = (Word.AUTHORIZE, Word.LAST_AUTHORIZE)
_ACCEPTED: JsonObject = {"status": "Accepted"}
_INVALID: JsonObject = {"status": "Invalid"}


def transaction_to_v16(x: Exchange) -> Procedure:
    desk = x.desk
    event = StationEvent(x.payload, desk.settings.timezone_default)
    seen = desk.bindings.event(event.tx201, event.key)
    if seen is not None and seen.answer is not None:
        desk.cancel(late_refusal(event.tx201))
        desk.note("duplicate", f"event {event.key} of {event.tx201} repeated", x.call.action)
        yield Answer(seen.answer, rule="duplicate")
        return
    gate, answer, refused = _open_gate(desk, event), {}, False
    if gate is None:
        case, info = Case(desk, event), None
        if case.word in _ASKED and case.tag is not None and event.token is not None:
            recent = case.word is Word.LAST_AUTHORIZE
            told = yield from ask_about(desk, event.token, case.tag, recent=recent)
            if isinstance(told, Reply):
                if told.outcome in (Outcome.NONE, Outcome.LOST):
                    yield Unanswered("no answer to the token's check")
                    return
                if told.is_retryable:
                    yield _passed_on(told, "Authorize")
                    return
                told = _INVALID
            info = told
            case = Case(desk, event)
        answer = _answer(case, info)
        refused = info is not None and _ends_placeholder(case, info)
        gate = _take_in(desk, event, case, answer, again=seen is not None)
    if gate is None:
        desk.bindings.keep_event(Event(event.tx201, event.key, event.kind, answer=answer))
        yield Answer(answer, rule=case.row.next)
    else:
        yield from _await_gate(x, gate, answer)
    if refused:
        request_stop(desk, event.tx201)
