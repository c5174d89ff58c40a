"""cost_to_station: prices and costs of a 2.0.1 CSMS, as messages of the cost note to a 1.6 station.

    2.0.1                                   messageId
    --------------------------------------  ------------
    idTokenInfo.personalMessage             SetUserPrice
    totalCost in the answer to Updated      RunningCost
    totalCost in the answer to Ended        FinalCost
    a CSMS's call (procedure cost_updated)  RunningCost

All but the last follow the answer that carried them and nobody waits for what the station says.
Spec: translation-station 3.14, translation-csms 9.2 (`costmsg.enabled`).
"""

from typing import Any

from gateway.core.dialects import Side, Version
from gateway.core.frames import JsonObject
from gateway.core.numbers import decimal, whole
from gateway.core.session.desk import Desk
from gateway.core.session.entries import Entry
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.envelope import envelope, sealed
from gateway.core.session.procedures.relay import is_missing
from gateway.core.session.requests import Answer, Ask, Outcome, Procedure, Reply
from gateway.core.session.state import Transaction

SET_USER_PRICE, RUNNING_COST, FINAL_COST = "SetUserPrice", "RunningCost", "FinalCost"
IDLE = ("SuspendedEV", "SuspendedEVSE", "Finishing")
_OWN = ("timestamp", "meterValue", "state", "cost", "transactionId", "vendorId")


def tell_price(desk: Desk, tag: str, answer: JsonObject) -> None:
    """After an answer of the CSMS about a token: what its holder is to be shown."""
    shown = answer.get("idTokenInfo", {}).get("personalMessage")
    if desk.settings.costmsg.enabled and shown is not None:
        _tell(desk, SET_USER_PRICE, {"idToken": tag, "priceText": shown["content"]})


def tell_event(desk: Desk, entry: Entry, reply: Reply) -> None:
    """After the CSMS's answer to an event of a transaction."""
    if not desk.settings.costmsg.enabled or reply.outcome is not Outcome.RESULT:
        return
    record = desk.bindings.transaction(entry.tx201)
    if record is None:
        return
    event, answer = entry.payload, reply.payload
    token, tag = event.get("idToken"), record.id_tag
    if token is not None:
        tag = desk.bindings.tag(token["idToken"], token["type"])
    if tag is not None:
        tell_price(desk, tag, answer)
    cost = answer.get("totalCost")
    if cost is None:
        return
    if event["eventType"] == "Ended":
        shown = answer.get("updatedPersonalMessage", {}).get("content", "")
        final = {"transactionId": record.tx16, "cost": cost, "priceText": shown}
        _tell(desk, FINAL_COST, final)
    elif event["eventType"] == "Updated":
        told = {"timestamp": event["timestamp"]}
        _tell(desk, RUNNING_COST, running_cost(desk, record, cost, told))


def running_cost(desk: Desk, record: Transaction, cost: Any, told: JsonObject) -> JsonObject:
    """The data of RunningCost, in the order of its members.

    told: what is known of them; the gateway knows the rest itself.
    """
    wh = record.last_wh if record.last_wh is not None else str(record.meter_start or 0)
    return {
        "transactionId": record.tx16,
        "timestamp": told.get("timestamp", desk.bindings.now_text),
        "meterValue": told.get("meterValue", whole(decimal(wh))),
        "cost": cost,
        "state": told.get("state", _state(desk, record)),
        **{name: value for name, value in told.items() if name not in _OWN},
    }


def _state(desk: Desk, record: Transaction) -> str:
    if record.evse_id is None or record.connector_id is None:
        return "Charging"
    connector = desk.bindings.connector(record.evse_id, record.connector_id)
    return "Idle" if connector.status16 in IDLE else "Charging"


def _vendor(desk: Desk) -> str:
    vendor: str = envelope(desk, Version.V16).params["cost"]["vendor"]
    return vendor


def _tell(desk: Desk, message: str, payload: JsonObject) -> None:
    action = envelope(desk, Version.V16).action
    desk.post(Side.STATION, action, sealed(_vendor(desk), message, payload))


def cost_updated(x: Exchange) -> Procedure:
    """What the station says to it is only noted: the CSMS cannot be told."""
    desk, payload = x.desk, x.payload
    record = desk.bindings.transaction(payload["transactionId"])
    if not desk.settings.costmsg.enabled or record is None or record.tx16 is None:
        yield Answer({}, rule="not_told")
        return
    custom = payload.get("customData", {})
    told = custom if custom.get("vendorId", "").lower() == _vendor(desk).lower() else {}
    data = running_cost(desk, record, payload["totalCost"], told)
    action = envelope(desk, Version.V16).action
    reply = yield Ask(Side.STATION, action, sealed(_vendor(desk), RUNNING_COST, data))
    if is_missing(reply):
        yield x.conclude(reply)
        return
    desk.note(RUNNING_COST, str(reply.payload.get("status", reply.outcome.value)), x.call.action)
    yield Answer({}, rule="")
