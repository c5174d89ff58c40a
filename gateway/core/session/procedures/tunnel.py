"""tunnel: 2.0.1 messages that 1.6 has no counterpart for, in envelopes with the gateway's vendorId.

    from            to               what travels
    --------------  ---------------  ----------------------------------------------------------
    2.0.1 station   1.6 CSMS         its message, if no map does (station 1.10); answered here
                                     where the CSMS does not know it, and not tried again there
                                     until its link is re-opened
    2.0.1 CSMS      1.6 station      the same (csms 2.2), without a memory
    1.6 CSMS        2.0.1 station    an envelope, opened (csms 9.3)
    1.6 station     2.0.1 CSMS       an envelope, opened (station 1.10)

Bindings: `tunnel_off`, key "" or an action: the CSMS has said that it does not know the vendor, the
message. `tunnelled`, key requestId: reports of it go back the way the request came.
Parameters of the envelope's map, under `tunnel`: `csms`, actions that a 1.6 CSMS may send; `never`;
`writes: {action: list}`, what names variables to be written: protected ones are refused.
"""

from collections.abc import Generator
from typing import Any

import orjson

from gateway.core.dialects import FORMAT_VIOLATION, INTERNAL_ERROR, SECURITY_ERROR, Side
from gateway.core.frames import JsonObject
from gateway.core.mapping.variables import variable_of
from gateway.core.schema.violations import describe
from gateway.core.session.desk import Desk
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.envelope import (
    REJECTED,
    UNKNOWN_MESSAGE,
    UNKNOWN_VENDOR,
    Carried,
    answer,
    carried,
    opened,
)
from gateway.core.session.requests import Answer, Ask, Outcome, Procedure, Refuse, Reply, Request

RULE = "tunnel"
_OFF, _TUNNELLED = "tunnel_off", "tunnelled"


def csms_up(desk: Desk) -> None:
    """A new link to the CSMS: what the last one did not know may be known now."""
    for key in list(desk.bindings.table.kind(_OFF)):
        desk.bindings.table.drop(_OFF, key)


# -- into the tunnel --------------------------------------------------------------------------


def through_tunnel(
    x: Exchange, payload: JsonObject | None = None
) -> Generator[Ask, Reply, JsonObject | None]:
    """The other peer's own answer to a 2.0.1 message; None where the tunnel has none.

    payload: what is to be sent where that is not all of the message.
    """
    action = x.call.action
    payload = x.payload if payload is None else payload
    if not _is_open(x.desk, x.side, action, payload):
        return None
    vendor = x.desk.settings.vendor_id
    found = yield from carried(x.desk, x.side.other, vendor, action, payload)
    if x.side is Side.STATION:
        _remember(x.desk, action, found)
    valid = x.desk.revision.catalog.is_valid
    if found.payload and valid(x.source, action, "response", found.payload):
        return found.payload
    return None


def _is_open(desk: Desk, side: Side, action: str, payload: JsonObject) -> bool:
    settings, table = desk.settings.tunnel, desk.bindings.table
    if not settings.enabled:
        return False
    if side is Side.STATION and any(table.get(_OFF, key) for key in ("", action)):
        return False
    return _is_named(desk, action) or _is_wanted(desk, side, payload)


def _is_named(desk: Desk, action: str) -> bool:
    actions = desk.settings.tunnel.actions
    return actions == "all" or action in actions


def _is_wanted(desk: Desk, side: Side, payload: JsonObject) -> bool:
    """Whether it is a report that the CSMS has asked for through the tunnel."""
    key = str(payload.get("requestId"))
    return side is Side.STATION and desk.bindings.table.get(_TUNNELLED, key) is not None


def is_report_of_tunnel(x: Exchange) -> bool:
    """Whether a station's report answers a request that came through the tunnel."""
    return _is_wanted(x.desk, x.side, x.payload)


def back_through_tunnel(x: Exchange) -> Generator[Ask, Reply, JsonObject | None]:
    """`through_tunnel` for a report that the other peer can have asked for in no other way."""
    if is_report_of_tunnel(x):
        return (yield from through_tunnel(x))
    return None


def end_of_report(x: Exchange) -> None:
    """Forget the request of a report whose last part is here."""
    if not x.payload.get("tbc"):
        x.desk.bindings.table.drop(_TUNNELLED, str(x.payload.get("requestId")))


def _remember(desk: Desk, action: str, found: Carried) -> None:
    if found.status == UNKNOWN_VENDOR:
        desk.bindings.table.put(_OFF, "", True)
    elif found.status == UNKNOWN_MESSAGE:
        desk.bindings.table.put(_OFF, action, True)


# -- out of the tunnel ------------------------------------------------------------------------


def out_of_tunnel(x: Exchange) -> Procedure:
    """An envelope of a 1.6 peer: the native call to the other peer, its answer sealed again."""
    action = x.payload.get("messageId", "")
    if not _is_allowed(x, action):
        yield Answer({"status": UNKNOWN_MESSAGE}, rule=RULE)
        return
    payload = opened(x.payload.get("data"))
    wrong = _wrong(x, action, payload)
    if wrong is not None or payload is None:
        yield wrong or _rejected(FORMAT_VIOLATION, "data is no JSON object")
        return
    request_id = payload.get("requestId")
    if x.side is Side.CSMS and request_id is not None:
        x.desk.bindings.table.put(_TUNNELLED, str(request_id), action)
    reply = yield Ask(x.side.other, action, payload)
    if _is_refused(reply):
        x.desk.bindings.table.drop(_TUNNELLED, str(request_id))
    yield _sealed(x, reply)


def _is_allowed(x: Exchange, action: str) -> bool:
    """Whether that peer may send that message here; a station only what no map carries."""
    desk, version = x.desk, x.target
    if x.side not in (desk.revision.catalog.sender(version, action) or ()):
        return False
    table: dict[str, Any] = x.direction.params[RULE]
    if action in table["never"]:
        return False
    if x.side is Side.CSMS:
        actions = desk.settings.tunnel.actions
        return action in table["csms"] or (actions != "all" and action in actions)
    found = desk.revision.maps.entry(version, action, x.side)
    return found is not None and found.v16 is None and _is_named(desk, action)


def _wrong(x: Exchange, action: str, payload: JsonObject | None) -> Request | None:
    """The answer to data that is no request, or one that nobody may make through the gateway."""
    catalog = x.desk.revision.catalog
    if payload is None:
        return None
    if not catalog.is_valid(x.target, action, "request", payload):
        found = catalog.violations(x.target, action, "request", payload)
        return _rejected(FORMAT_VIOLATION, describe(found))
    keys = x.desk.revision.maps.keys
    for item in payload.get(x.direction.params[RULE]["writes"].get(action, ""), ()):
        variable = variable_of(item["component"], item["variable"])
        if keys.protects(variable) or keys.is_credential(variable):
            return _rejected(SECURITY_ERROR, f"{variable} is not written through the gateway")
    return None


def _is_refused(reply: Reply) -> bool:
    """No report will follow."""
    if reply.outcome is Outcome.RESULT:
        return reply.payload.get("status") not in (None, "Accepted")
    return reply.outcome in (Outcome.ERROR, Outcome.INVALID)


def _sealed(x: Exchange, reply: Reply) -> Request:
    if reply.outcome is Outcome.RESULT:
        return Answer(answer(reply.payload))
    if reply.error is not None:
        return _rejected(reply.error.code, reply.error.description)
    if reply.outcome is Outcome.INVALID:
        return _rejected(INTERNAL_ERROR, "the answer breaks its schema")
    return Refuse(INTERNAL_ERROR, f"no answer from the {x.side.other}")


def _rejected(code: str, description: str) -> Answer:
    error = {"errorCode": code, "errorDescription": description}
    return Answer({"status": REJECTED, "data": orjson.dumps(error).decode()}, rule=RULE)
