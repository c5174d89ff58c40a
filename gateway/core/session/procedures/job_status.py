"""job_status: how a log or a firmware update comes along. Which request is it about?

A 2.0.1 station names it; 1.6 has two messages, one with a requestId and one for the requests
without. Parameters of the map towards 1.6:

    job: log | firmware
    origins: {1.6 action that asked: map}   told by that map; by this one if no other is named
    extended: map                           without requestId, if the extended trigger asked for it
    superseded: status                      of an older request: nobody wants to know
    once: true                              a status equal to the last one taken is not repeated

Towards 2.0.1 a message without a requestId is about the newest request. `learns: true`: that the
station sends the message shows that it has the security extension.

Spec: translation-station 3.6, 3.7.
"""

from gateway.core.dialects import UNSUPPORTED, Version
from gateway.core.session.exchange import Exchange
from gateway.core.session.features import learn_security_ext
from gateway.core.session.procedures.job import CURRENT, STATUS
from gateway.core.session.procedures.relay import relay_with
from gateway.core.session.requests import Answer, Outcome, Procedure

IDLE = "Idle"


def job_status(x: Exchange) -> Procedure:
    if x.target is Version.V16:
        yield from _to_v16(x)
    else:
        yield from _to_v201(x)


def _to_v16(x: Exchange) -> Procedure:
    params, payload, table = x.direction.params, x.payload, x.desk.bindings.table
    kind, status = params["job"], payload["status"]
    if status == params.get("superseded") and not _is_newest(x):
        yield Answer({}, rule="superseded")
        return
    other = _other_map(x)
    if other is not None:
        x.direction = x.desk.map(other).to(Version.V16)
        yield from relay_with(x, None)
        return
    request = x.request()
    said = request["status"]
    if params.get("once") and said != IDLE and said == table.get(STATUS, kind):
        yield Answer({}, rule="repeated")
        return
    reply = yield x.ask(request)
    if reply.outcome is Outcome.RESULT or (reply.error and reply.error.code in UNSUPPORTED):
        table.put(STATUS, kind, said)
    yield x.conclude(reply)


def _is_newest(x: Exchange) -> bool:
    """Whether it is, for all that is known, about the newest request."""
    newest = x.desk.bindings.table.get(CURRENT, x.direction.params["job"])
    return None in (newest, x.payload.get("requestId")) or newest == x.payload["requestId"]


def _other_map(x: Exchange) -> str | None:
    """The map of the other 1.6 message, where that is the one to send."""
    params, bindings = x.direction.params, x.desk.bindings
    request_id = x.payload.get("requestId")
    if request_id is not None:
        origin = bindings.table.get(f"{params['job']}_request", str(request_id))
        found: str | None = params["origins"].get(origin)
        return found
    for trigger in bindings.triggers(x.call.action, x.desk.now):
        bindings.consume_trigger(trigger)
        if trigger.extended:
            extended: str = params["extended"]
            return extended
    return None


def _to_v201(x: Exchange) -> Procedure:
    params, table = x.direction.params, x.desk.bindings.table
    if params.get("learns"):
        learn_security_ext(x.desk, True)
    table.put(STATUS, params["job"], x.payload["status"])
    newest = table.get(CURRENT, params["job"])
    yield from relay_with(x, {"request_id": newest})
