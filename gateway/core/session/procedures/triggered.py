"""triggered: one TriggerMessage sent, its message expected, and what its answer means."""

from collections.abc import Generator
from typing import Any

from gateway.core.dialects import UNSUPPORTED
from gateway.core.frames import JsonObject
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.relay import is_missing
from gateway.core.session.requests import Ask, Outcome, Reply, Request
from gateway.core.session.state import Trigger

ACCEPTED, REJECTED, NOT_IMPLEMENTED = "Accepted", "Rejected", "NotImplemented"
UNANSWERED = ""


def triggered(
    x: Exchange, pending: Trigger, action: str, payload: JsonObject
) -> Generator[Request, Any, Reply]:
    """Ask; the trigger is pending while the message may come."""
    bindings = x.desk.bindings
    before = bindings.keep_trigger(pending)

    def answered(reply: Reply) -> None:
        if trigger_status(reply) in (REJECTED, NOT_IMPLEMENTED):
            bindings.withdraw_trigger(pending, before)

    reply: Reply = yield Ask(x.side.other, action, payload, late=answered)
    answered(reply)
    return reply


def trigger_status(reply: Reply) -> str:
    """A status, or UNANSWERED where the station may have acted."""
    if reply.outcome is Outcome.RESULT:
        return str(reply.payload["status"])
    if is_missing(reply):
        return UNANSWERED
    unsupported = reply.error is not None and reply.error.code in UNSUPPORTED
    return NOT_IMPLEMENTED if unsupported else REJECTED
