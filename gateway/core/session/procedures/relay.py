"""relay: one call to the other peer, its answer translated back. The default procedure."""

from collections.abc import Callable, Generator, Iterable, Mapping
from functools import partial
from typing import Any

from gateway.core.dialects import NOT_SUPPORTED, Side
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.session.exchange import Exchange
from gateway.core.session.requests import (
    Answer,
    Ask,
    Outcome,
    Procedure,
    Refuse,
    Reply,
    Request,
)

NOTHING_LEFT = "empty"


def relay(x: Exchange) -> Procedure:
    """Spec: translation-station 1.1, 3; translation-csms 1.1."""
    return relay_with(x, None)


def relay_with(x: Exchange, state: Mapping[str, Any] | None) -> Procedure:
    """relay, with values that the map fills from what the caller computed."""
    try:
        payload = x.request(state)
    except Untranslatable as error:
        yield untranslated(x, error)
        return
    reply = yield x.ask(payload)
    yield x.conclude(reply, state)


def untranslated(x: Exchange, error: Untranslatable) -> Request:
    """The answer to a call that has no place in the other version.

    A CSMS gets the negative status of the map's `replies` (translation-csms 1.2). A station's
    messages have no such status: one of which nothing is left to send is answered as if it had
    been sent (translation-station 4.1), any other gets NotSupported with the reason.
    """
    if x.side is Side.CSMS or error.reply in x.direction.replies:
        return x.local(error.reply, reason_code=error.reason_code)
    if error.reply == NOTHING_LEFT:
        return Answer({}, rule=NOTHING_LEFT)
    return Refuse(NOT_SUPPORTED, str(error), rule="untranslatable")


def translated(x: Exchange, payload: JsonObject, state: Mapping[str, Any] | None) -> JsonObject:
    """A payload made of the call's, in the other version. Raises Untranslatable."""
    translate = x.direction.request
    if translate is None:
        raise Untranslatable(f"{x.call.action} has no counterpart", "unsupported")
    return translate(payload, x.desk.bindings, state or {}, x.lost)


def ask_each(
    x: Exchange, payloads: Iterable[JsonObject], late: Callable[[list[Reply]], None] | None = None
) -> Generator[Ask, Reply, list[Reply]]:
    """fan_out: the same action once per payload, in order. Spec: translation-csms 1.1, 1.2.

    A missing answer ends it. late: takes the answers up to one that comes when nobody waits any
    more.
    """
    replies: list[Reply] = []
    for payload in payloads:
        reply = yield x.ask(payload, late and partial(_with_last, late, tuple(replies)))
        replies.append(reply)
        if is_missing(reply):
            break
    return replies


def _with_last(
    late: Callable[[list[Reply]], None], earlier: tuple[Reply, ...], last: Reply
) -> None:
    late([*earlier, last])


def is_missing(reply: Reply) -> bool:
    """Whether the station may have acted without our knowing."""
    return reply.outcome in (Outcome.NONE, Outcome.LOST)
