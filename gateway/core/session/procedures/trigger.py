"""trigger: TriggerMessage, one message or several. Spec: translation-csms 3.9.

What is asked for is a message name, so the names are the map's. Its parameters, per direction:

    plain: {asked: asked of the station}      one call, one answer
    sends: {asked of the station: message}     what is then sent, where that is named otherwise
    boot: name                                 plain, but a refusal may be made good by a replay
    status: name                               per connector; connector 0 is answered from memory
    meter: {asked, running, idle}              A: which message carries the samples
    extended: true                             A: the CSMS used the security extension's trigger
    running: {asked, instead}                  B: asked of the connectors that have a transaction
    extended: {map, asked: {...}}              B: asked with the security extension's trigger
        asked: name for it                     always, unless the station lacks the extension
        unless_known: name for the plain one   only if the station is known to have the extension
        after, else: name for the plain one    only if the last update was that message
    tunnelled: {message,                       B: asked in an envelope of Plug & Charge with that
                asked: {dialect: name}}           messageId, by the name that pnc.dialect has for it
"""

from collections.abc import Generator
from typing import Any

from gateway.core.dialects import Version
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.session import features
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures import pnc
from gateway.core.session.procedures.addresses import one16
from gateway.core.session.procedures.availability import address201
from gateway.core.session.procedures.envelope import (
    UNKNOWN_MESSAGE,
    UNKNOWN_VENDOR,
    Carried,
    carried,
    envelope,
)
from gateway.core.session.procedures.register import replay, stored_boot
from gateway.core.session.procedures.relay import untranslated
from gateway.core.session.procedures.status_to_v16 import connector0_asked
from gateway.core.session.procedures.triggered import (
    ACCEPTED,
    NOT_IMPLEMENTED,
    REJECTED,
    UNANSWERED,
    trigger_status,
    triggered,
)
from gateway.core.session.requests import Answer, Outcome, Procedure, Reply, Request
from gateway.core.session.state import TRIGGER_S, Trigger

STATUSES = frozenset({ACCEPTED, REJECTED, NOT_IMPLEMENTED})
Asked = Generator[Request, Any, str]
"""Asks for one message; gives a status, or UNANSWERED where the station may have acted."""


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
        status = yield from _ask201(x, {"requested_message201": params["plain"][asked], **address})
        boot = stored_boot(x.desk, x.target) if asked == params["boot"] else None
        if status == REJECTED and boot is not None and x.desk.settings.trigger.replay_boot:
            yield Answer({"status": ACCEPTED}, rule="replay_boot")
            replay(x.desk, x.desk.revision.maps.registering.to(Version.V16), boot)
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
        statuses.append((yield from _ask201(x, {"requested_message201": name, **address})))
        if statuses[-1] == UNANSWERED:
            yield _outcome(x, statuses)
            return
    if number == 0 or (not numbers and not number):
        yield Answer({"status": ACCEPTED}, rule="connector0")
    else:
        yield _outcome(x, statuses)
    if number == 0 or (number is None and x.desk.settings.a.status_connector0):
        connector0_asked(x.desk)


def _meter201(x: Exchange) -> Procedure:
    """A TransactionEvent carries the sampled measurands and the transaction, as 1.6 expects."""
    number = x.payload.get("connectorId") or 0
    address = address201(x, number)
    statuses: list[str] = []
    for name in _meter_messages(x, number):
        status = yield from _ask201(x, {"requested_message201": name, **address})
        statuses.append(status)
        if status == UNANSWERED or (number and status == ACCEPTED):
            break
    yield _outcome(x, statuses)


def _meter_messages(x: Exchange, number: int) -> list[str]:
    names, mode = x.direction.params["meter"], x.desk.settings.trigger.meter_values
    bindings = x.desk.bindings
    running = bindings.running_on(number) if number else bindings.running()
    if mode != "auto":
        return [names["idle"]] if mode == names["idle"] else [names["running"]]
    return [names["running"], names["idle"]] if running else [names["idle"]]


def _ask201(x: Exchange, state: dict[str, Any]) -> Asked:
    pending = Trigger(
        _sent_for(x, state["requested_message201"]),
        x.desk.now + TRIGGER_S,
        state.get("evse_id"),
        state.get("evse_connector_id"),
        x.direction.params.get("extended", False),
    )
    reply = yield from triggered(x, pending, x.direction.action, x.request(state))
    return trigger_status(reply)


# -- a 2.0.1 CSMS asks a 1.6 station ----------------------------------------------------------


def _to_v16(x: Exchange) -> Procedure:
    params, asked = x.direction.params, x.payload["requestedMessage"]
    evse = x.payload.get("evse")
    number = _connector16(x, evse)
    if asked == params["status"] and (evse is None or "connectorId" not in evse):
        yield x.local("missing_param")
    elif asked == params["running"]["asked"]:
        yield from _running16(x, evse, number)
    elif asked == params["status"] or asked in params["plain"]:
        message = params["plain"].get(asked, asked)
        yield _outcome(x, [(yield from _ask16(x, message, number))])
    elif asked in params["extended"]:
        yield _outcome(x, [(yield from _ask_extended(x, params["extended"][asked]))])
    elif asked in params["tunnelled"] and pnc.is_on(x.desk):
        names = params["tunnelled"][asked]
        yield _outcome(x, [(yield from _ask_tunnelled(x, names[x.desk.settings.pnc.dialect]))])
    else:
        yield x.local("unsupported")


def _connector16(x: Exchange, evse: JsonObject | None) -> int | None:
    """The 1.6 connector; None for the whole station."""
    if evse is None or evse["id"] == 0:
        return None
    bindings = x.desk.bindings
    if "connectorId" in evse:
        return bindings.connector16(evse["id"], evse["connectorId"])
    return one16(bindings, evse["id"])


def _running16(x: Exchange, evse: JsonObject | None, named: int | None) -> Procedure:
    message = x.direction.params["running"]["instead"]
    records = x.desk.bindings.running(None if evse is None or named is None else evse["id"])
    if evse is not None and "connectorId" in evse:
        # A connector without one stands for its EVSE (translation-csms 3.9, table B).
        records = [r for r in records if r.connector16 == named] or records
    if not records:
        yield x.local("no_transaction")
        return
    statuses = []
    for record in records:
        statuses.append((yield from _ask16(x, message, record.connector16)))
        if statuses[-1] == UNANSWERED:
            break
    yield _outcome(x, statuses)


def _ask16(x: Exchange, message: str, number: int | None) -> Asked:
    payload = x.request({"requested_message16": message, "connector_id": number})
    pending = _pending16(x, message, number)
    return trigger_status((yield from triggered(x, pending, x.direction.action, payload)))


def _pending16(x: Exchange, message: str, number: int | None, *, extended: bool = False) -> Trigger:
    evse_id, connector_id = x.desk.bindings.evse201(number) if number else (None, None)
    message = _sent_for(x, message)
    return Trigger(message, x.desk.now + TRIGGER_S, evse_id, connector_id, extended)


def _ask_extended(x: Exchange, how: JsonObject) -> Asked:
    """The security extension's trigger, or the plain one where the station is without it."""
    plain = how.get("unless_known", how.get("else"))
    if not _is_extended(x, how):
        return (yield from _ask16(x, plain, None)) if plain else NOT_IMPLEMENTED
    bindings = x.desk.bindings
    direction = x.desk.map(x.direction.params["extended"]["map"]).to(Version.V16)
    state = {"requested_message16": how["asked"]}
    payload = direction.request(x.payload, bindings, state, x.lost) if direction.request else {}
    pending = _pending16(x, how["asked"], None, extended=True)
    reply = yield from triggered(x, pending, direction.action, payload)
    features.learn_from(x.desk, reply)
    status = trigger_status(reply)
    if plain and reply.error is not None and status == NOT_IMPLEMENTED:
        return (yield from _ask16(x, plain, None))
    return status


def _is_extended(x: Exchange, how: JsonObject) -> bool:
    bindings = x.desk.bindings
    known = features.security_ext(x.desk)
    if "after" in how:
        table = bindings.table
        current = table.get("current_request", "firmware")
        return table.get("firmware_request", str(current)) == how["after"] and known is not False
    return known is True if "unless_known" in how else known is not False


def _ask_tunnelled(x: Exchange, message: str) -> Asked:
    """Plug & Charge: the question travels as text (translation-csms 9.1)."""
    name = x.direction.params["tunnelled"]["message"]
    question = {"requestedMessage": message}
    envelope_action = envelope(x.desk, Version.V16).action
    bindings, pending = x.desk.bindings, Trigger(envelope_action, x.desk.now + TRIGGER_S)
    before = bindings.keep_trigger(pending)
    found = yield from carried(x.desk, x.side.other, pnc.vendor(x.desk), name, question)
    status = _status_in(found)
    if status in (REJECTED, NOT_IMPLEMENTED):
        bindings.withdraw_trigger(pending, before)
    return status


def _status_in(found: Carried) -> str:
    if found.reply.outcome is not Outcome.RESULT:
        return trigger_status(found.reply)
    if found.status in (UNKNOWN_VENDOR, UNKNOWN_MESSAGE):
        return NOT_IMPLEMENTED
    status = (found.payload or {}).get("status")
    return status if isinstance(status, str) and status in STATUSES else REJECTED


# -- both -------------------------------------------------------------------------------------


def _sent_for(x: Exchange, asked: str) -> str:
    """The message that a station sends when it is asked for that."""
    message: str = x.direction.params.get("sends", {}).get(asked, asked)
    return message


def _outcome(x: Exchange, statuses: list[str]) -> Request:
    """Fold: any Accepted is Accepted, all NotImplemented is that, else Rejected."""
    if UNANSWERED in statuses:
        return x.conclude(Reply(Outcome.NONE, {}))
    if ACCEPTED in statuses:
        return Answer({"status": ACCEPTED})
    if statuses and set(statuses) == {NOT_IMPLEMENTED}:
        return Answer({"status": NOT_IMPLEMENTED})
    return Answer({"status": REJECTED})
