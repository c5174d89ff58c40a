"""trigger: TriggerMessage, one message or several. Spec: translation-csms 3.9.

What is asked for is a message name, so the names are the map's. Its parameters, per direction:

    plain: {asked: asked of the station}      one call, one answer
    boot: name                                 plain, but a refusal may be made good by a replay
    status: name                               per connector; connector 0 is answered from memory
    meter: {asked, running, idle}              A: which message carries the samples
    running: {asked, instead}                  B: asked of the connectors that have a transaction
"""

from collections.abc import Generator
from typing import Any

from gateway.core.dialects import UNSUPPORTED, Version
from gateway.core.errors import Untranslatable
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.availability import address201
from gateway.core.session.procedures.register import TRIGGER_S, replay
from gateway.core.session.procedures.relay import untranslated
from gateway.core.session.procedures.status_to_v16 import connector0_up
from gateway.core.session.requests import Answer, Outcome, Procedure, Reply, Request
from gateway.core.session.state import Trigger

ACCEPTED, REJECTED, NOT_IMPLEMENTED = "Accepted", "Rejected", "NotImplemented"


def trigger(x: Exchange) -> Procedure:
    try:
        yield from _to_v201(x) if x.target is Version.V201 else _to_v16(x)
    except Untranslatable as error:
        yield untranslated(x, error)


# -- a 1.6 CSMS asks a 2.0.1 station ----------------------------------------------------------


def _to_v201(x: Exchange) -> Procedure:
    params, asked = x.direction.params, x.payload["requestedMessage"]
    if asked == params["status"]:
        yield from _status201(x)
    elif asked == params["meter"]["asked"]:
        yield from _meter201(x)
    elif asked in params["plain"]:
        address = address201(x, x.payload.get("connectorId") or 0)
        status = yield from _ask(x, {"requested_message201": params["plain"][asked], **address})
        replayed = asked == params["boot"] and x.desk.settings.trigger.replay_boot
        if status == REJECTED and replayed and x.desk.bindings.registration.boot is not None:
            yield Answer({"status": ACCEPTED}, rule="replay_boot")
            replay(x.desk, x.desk.revision.maps.registering.to(Version.V16))
        else:
            yield _outcome(x, [status])
    else:
        yield x.local("unsupported")


def _status201(x: Exchange) -> Procedure:
    number = x.payload.get("connectorId")
    name = x.direction.params["status"]
    numbers = x.desk.bindings.numbering.numbers if number is None else [number] if number else []
    statuses = []
    for connector16 in numbers:
        address = address201(x, connector16, both=True)
        statuses.append((yield from _ask(x, {"requested_message201": name, **address})))
    if number == 0 or (not numbers and not number):
        yield Answer({"status": ACCEPTED}, rule="connector0")
    else:
        yield _outcome(x, statuses)
    if not number and x.desk.settings.a.status_connector0:
        connector0_up(x.desk)


def _meter201(x: Exchange) -> Procedure:
    """A TransactionEvent carries the sampled measurands and the transaction, as 1.6 expects."""
    number = x.payload.get("connectorId") or 0
    address = address201(x, number)
    statuses: list[str] = []
    for name in _meter_messages(x, number):
        status = yield from _ask(x, {"requested_message201": name, **address})
        statuses.append(status)
        if number and status == ACCEPTED:
            break
    yield _outcome(x, statuses)


def _meter_messages(x: Exchange, number: int) -> list[str]:
    names, mode = x.direction.params["meter"], x.desk.settings.trigger.meter_values
    bindings = x.desk.bindings
    running = bindings.running_on(number) if number else bindings.running()
    if mode != "auto":
        return [names["idle"]] if mode == names["idle"] else [names["running"]]
    return [names["running"], names["idle"]] if running else [names["idle"]]


# -- a 2.0.1 CSMS asks a 1.6 station ----------------------------------------------------------


def _to_v16(x: Exchange) -> Procedure:
    params, asked = x.direction.params, x.payload["requestedMessage"]
    evse = x.payload.get("evse")
    if asked == params["status"] and (evse is None or "connectorId" not in evse):
        yield x.local("missing_param")
    elif asked == params["running"]["asked"]:
        yield from _running16(x, evse)
    elif asked == params["status"] or asked in params["plain"]:
        message = params["plain"].get(asked, asked)
        number = _connector16(x, evse)
        state = {"requested_message16": message, "connector_id": number}
        yield _outcome(x, [(yield from _ask(x, state))])
    else:
        yield x.local("unsupported")


def _connector16(x: Exchange, evse: dict[str, Any] | None) -> int | None:
    if evse is None:
        return None
    return x.desk.bindings.connector16(evse["id"], evse.get("connectorId"))


def _running16(x: Exchange, evse: dict[str, Any] | None) -> Procedure:
    message = x.direction.params["running"]["instead"]
    if evse is not None:
        _connector16(x, evse)
    records = x.desk.bindings.running(None if evse is None else evse["id"])
    if not records:
        yield x.local("no_transaction")
        return
    statuses = []
    for record in records:
        state = {"requested_message16": message, "connector_id": record.connector16}
        statuses.append((yield from _ask(x, state)))
    yield _outcome(x, statuses)


# -- both -------------------------------------------------------------------------------------


def _ask(x: Exchange, state: dict[str, Any]) -> Generator[Request, Any, str]:
    """Ask for one message and return the status; the trigger is pending while it may come."""
    bindings = x.desk.bindings
    message = state.get("requested_message201") or state["requested_message16"]
    evse_id, connector_id = state.get("evse_id"), state.get("evse_connector_id")
    if number := state.get("connector_id"):
        evse_id, connector_id = bindings.evse201(number)
    pending = Trigger(message, x.desk.now + TRIGGER_S, evse_id, connector_id)
    bindings.keep_trigger(pending)
    reply: Reply = yield x.ask(x.request(state))
    status = _status(reply)
    if status in (REJECTED, NOT_IMPLEMENTED):
        bindings.consume_trigger(pending)
    return status


def _status(reply: Reply) -> str:
    """A status, or "" where the station gave no answer and may have acted."""
    if reply.outcome is Outcome.RESULT:
        return str(reply.payload["status"])
    if reply.outcome in (Outcome.NONE, Outcome.LOST):
        return ""
    unsupported = reply.error is not None and reply.error.code in UNSUPPORTED
    return NOT_IMPLEMENTED if unsupported else REJECTED


def _outcome(x: Exchange, statuses: list[str]) -> Request:
    """Fold: any Accepted is Accepted, all NotImplemented is that, else Rejected."""
    if "" in statuses:
        return x.conclude(Reply(Outcome.NONE, {}))
    if ACCEPTED in statuses:
        return Answer({"status": ACCEPTED})
    if statuses and set(statuses) == {NOT_IMPLEMENTED}:
        return Answer({"status": NOT_IMPLEMENTED})
    return Answer({"status": REJECTED})
