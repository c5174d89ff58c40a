"""same: a call between two peers of one version, checked on the way but not translated.

What the legs can carry may differ all the same (1.6 over JSON and over SOAP), and the rules that
are about outages hold here, too. Spec: design/README.md decisions 3 and 11; soap.md 5 and 8.
"""

from collections.abc import Generator, Hashable
from functools import partial
from typing import Any

import orjson

from gateway.core.dialects import Side
from gateway.core.frames import JsonObject
from gateway.core.session.desk import Desk
from gateway.core.session.exchange import Exchange
from gateway.core.session.numbers32 import towards
from gateway.core.session.requests import Ask, Await, Outcome, Procedure, Reply, Unanswered
from gateway.core.session.state import Registration

NO_ANSWER = (Outcome.NONE, Outcome.LOST)
_TAKEN = ("Accepted", "RebootRequired")
_LATE_ANSWERS = 8
"""Kept for repeats: a station repeats one message at a time."""


def same(x: Exchange) -> Procedure:
    """A transaction message that the CSMS leaves unanswered stays unanswered (P3)."""
    payload = towards(x.desk, x.side.other, x.payload)
    repeats = bool(x.direction.retry) and x.side is Side.STATION
    reply = yield from _once(x, payload) if repeats else _asked(x, payload)
    if reply.outcome is Outcome.RESULT:
        reply = reply._replace(payload=towards(x.desk, x.side, reply.payload))
    if repeats and reply.outcome in NO_ANSWER:
        yield Unanswered("no answer from the CSMS")
        return
    yield x.conclude(reply)


def _asked(x: Exchange, payload: JsonObject) -> Generator[Ask, Any, Reply]:
    reply: Reply = yield x.ask(payload)
    return reply


def _once(x: Exchange, payload: JsonObject) -> Generator[Ask | Await, Any, Reply]:
    """The reply to a transaction message. The repeat of one that had no answer in time gets its
    late answer, and waits for that up to `retry_grace_s` (translation-station 10)."""
    desk, action = x.desk, x.direction.action
    topic = (action, orjson.dumps(payload, option=orjson.OPT_SORT_KEYS))
    reply: Reply | None = desk.late_answers.pop(topic, None)
    earlier = desk.ledgers[x.side.other].given_up(action, payload)
    if reply is None and earlier is not None and earlier.sent_at is not None:
        settings = desk.settings
        owed = earlier.sent_at + settings.upstream_timeout_s + settings.retry_grace_s
        reply = (yield Await(topic, min(owed, x.limit))) if owed > desk.now else None
    if reply is None:
        reply = yield x.ask(payload, partial(_late, desk, topic))
    return reply


def _late(desk: Desk, topic: Hashable, reply: Reply) -> None:
    """The answer to a message whose sender has been left without one."""
    if desk.is_awaited(topic):
        desk.publish(topic, reply)
    elif reply.outcome is Outcome.RESULT:
        desk.late_answers[topic] = reply
        while len(desk.late_answers) > _LATE_ANSWERS:
            del desk.late_answers[next(iter(desk.late_answers))]


def same_boot(x: Exchange) -> Procedure:
    """The registration is kept, for what a station without a connection needs of it."""
    bindings = x.desk.bindings
    before = bindings.registration
    reply = yield x.ask(x.payload)
    if reply.outcome is Outcome.RESULT:
        # Pending and Rejected are the CSMS's to enforce: nothing else is known of it here.
        accepted = reply.payload["status"] == "Accepted"
        status = "Accepted" if accepted else before.status
        interval = reply.payload["interval"]
        bindings.keep_registration(Registration(status, x.payload, interval, True))
    yield x.conclude(reply)


def same_setting(x: Exchange) -> Procedure:
    """The interval of a station without a connection is known where the CSMS changes it."""
    reply = yield x.ask(x.payload, partial(_set, x.desk, x.payload))
    _set(x.desk, x.payload, reply)
    yield x.conclude(reply)


def _set(desk: Desk, payload: JsonObject, reply: Reply) -> None:
    name, value = str(payload.get("key")), str(payload.get("value"))
    found = desk.revision.maps.keys.find(name)
    if found is not None and found.key.tells and reply.payload.get("status") in _TAKEN:
        desk.bindings.keep_interval(value)
