"""customData towards a 1.6 peer: one vendor message each, behind the message that it came in.

Opt-in for a group of stations (`extensions.custom_data_transfer`), for calls and answers of the
2.0.1 side alike. What the gateway itself had put there, and cost data that has a message of its
own, is not sent again. Spec: extensions.md section 4.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from gateway.core.dialects import Version
from gateway.core.frames import JsonObject
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.envelope import CUSTOM_DATA, envelope
from gateway.core.session.requests import Answer, Ask, Await, Outcome, Procedure, Reply, Request

Makes = Callable[[Exchange], Procedure]

ITS_OWN = (CUSTOM_DATA, "data")
"""Members whose content is the vendor's: a customData in there is none of OCPP's, and has travelled
with its member."""


class Found(NamedTuple):
    """path: of the object that holds it, `meterValue[0].sampledValue[1]`, "" for the whole."""

    path: str
    custom_data: JsonObject


class Carried(NamedTuple):
    """action: of the 2.0.1 message or answer that held it."""

    action: str
    found: Found


def found_in(value: Any, path: str = "") -> Iterator[Found]:
    """Every customData of a payload, outermost first."""
    if isinstance(value, dict):
        if isinstance(value.get(CUSTOM_DATA), dict):
            yield Found(path, value[CUSTOM_DATA])
        for name, member in value.items():
            if name not in ITS_OWN:
                yield from found_in(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from found_in(item, f"{path}[{number}]")


def carrying(procedure: Makes) -> Makes:
    """The procedure, with what it finds sent on once its exchange is answered."""

    def carried(x: Exchange) -> Procedure:
        calls = x.source is Version.V201
        found = [Carried(x.call.action, one) for one in found_in(x.payload)] if calls else []
        inner = procedure(x)
        value: Any = None
        try:
            while True:
                try:
                    request = inner.send(value)
                except StopIteration:
                    return
                asked = "" if calls else _asked(x, request)
                value = yield request
                if not calls and isinstance(value, Reply) and value.outcome is Outcome.RESULT:
                    found += [Carried(asked, one) for one in found_in(value.payload)]
                if isinstance(request, Answer):
                    _send(x, found, request.payload)
                    found = []
        finally:
            inner.close()

    return carried


def _asked(x: Exchange, request: Request) -> str:
    """The 2.0.1 message whose answer a request waits for, where it waits for one."""
    if isinstance(request, Ask):
        return request.action
    if isinstance(request, Await):
        for entry in x.desk.entries.values():
            if entry.topic == request.topic:
                return entry.action
    return x.direction.action


def _send(x: Exchange, found: list[Carried], answer: JsonObject) -> None:
    """answer: the one that the exchange has had."""
    desk = x.desk
    side = x.side.other if x.source is Version.V201 else x.side
    direction = envelope(desk, Version.V16)
    for action, (path, custom_data) in found:
        if direction.request is None or custom_data.get("vendorId") in _told_already(x):
            continue
        about = _transaction(x, answer)
        data = {"action": action, "path": path, **about, CUSTOM_DATA: custom_data}
        message = {"vendorId": custom_data.get("vendorId", ""), "messageId": CUSTOM_DATA}
        payload = direction.request({**message, "data": data}, desk.bindings, {}, [])
        desk.post(side, direction.action, payload)


def _told_already(x: Exchange) -> tuple[str, ...]:
    settings = x.desk.settings
    if not settings.costmsg.enabled:
        return (settings.vendor_id,)
    return settings.vendor_id, envelope(x.desk, Version.V201).params["cost"]["vendor"]


def _transaction(x: Exchange, answer: JsonObject) -> JsonObject:
    """The 1.6 number of the transaction that the call is about, as far as it is known; that of one
    that the call started stands in its answer."""
    payload = x.payload
    named = payload.get("transactionInfo", payload).get(
        "transactionId", answer.get("transactionId")
    )
    if isinstance(named, str):
        record = x.desk.bindings.transaction(named)
        known = None if record is None else record.tx16
        return {"transaction": named if known is None else known}
    return {} if named is None else {"transaction": named}
