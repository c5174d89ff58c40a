"""relay: one call to the other peer, its answer translated back. The default procedure."""

from collections.abc import Generator, Iterable, Mapping
from typing import Any

from gateway.core.dialects import NOT_SUPPORTED, Side
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.session.exchange import Exchange
from gateway.core.session.requests import Answer, Ask, Procedure, Refuse, Reply, Request

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


def ask_each(x: Exchange, payloads: Iterable[JsonObject]) -> Generator[Ask, Reply, list[Reply]]:
    """fan_out: the same action once per payload, in order. Spec: translation-csms 1.1."""
    replies = []
    for payload in payloads:
        replies.append((yield x.ask(payload)))
    return replies
