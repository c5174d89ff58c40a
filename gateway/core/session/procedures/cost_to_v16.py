"""cost_to_v16: prices and costs that a 1.6 CSMS has told, and what it learns in return.

What the CSMS tells stands in the bindings until an answer to the 2.0.1 station can carry it:

    price  key idTag in lower case   text for the holder of the token (personalMessage)
    cost   key 2.0.1 transactionId   {totalCost, text}

Spec: translation-station 3.14, translation-csms 9.2 (`costmsg.enabled`).
"""

from gateway.core.dialects import Side, Version
from gateway.core.frames import JsonObject
from gateway.core.mapping.functions import cut
from gateway.core.session.bindings import Bindings
from gateway.core.session.desk import Desk
from gateway.core.session.procedures.envelope import envelope, sealed
from gateway.core.session.state import Transaction

PRICE, COST = "price", "cost"
_AVAILABLE = "Available"
_UNPLUGGED = "ConnectorUnplugged"
_LONGEST = 512
"""Of a message's content in 2.0.1."""


def message(text: str) -> JsonObject:
    """A text for the driver."""
    return {"format": "UTF8", "content": cut(text, _LONGEST)}


def with_price(desk: Desk, answer: JsonObject, tag: str | None) -> JsonObject:
    """An answer about a token, with the price that its holder is to be shown, once."""
    info = answer.get("idTokenInfo")
    if not desk.settings.costmsg.enabled or tag is None or info is None:
        return answer
    text: str | None = desk.bindings.table.get(PRICE, tag.lower())
    if text is None:
        return answer
    desk.bindings.table.drop(PRICE, tag.lower())
    return {**answer, "idTokenInfo": {**info, "personalMessage": message(text)}}


def with_cost(desk: Desk, answer: JsonObject, tx201: str) -> JsonObject:
    """An answer about a transaction, with the cost that came while it was being made."""
    cost: JsonObject | None = desk.bindings.table.get(COST, tx201)
    if cost is None:
        return answer
    desk.bindings.table.drop(COST, tx201)
    answer = {**answer, "totalCost": cost["totalCost"]}
    if cost.get("text") is not None:
        answer["updatedPersonalMessage"] = message(cost["text"])
    return answer


def freed_of(
    bindings: Bindings, evse_id: int, connector_id: int, status: str
) -> Transaction | None:
    """The ended transaction whose cable is out now that the connector has this status."""
    if not bindings.settings.costmsg.enabled or status != _AVAILABLE:
        return None
    if not bindings.connector(evse_id, connector_id).after_tx:
        return None
    ended = [
        record
        for record in bindings.transactions()
        if (record.evse_id, record.connector_id) == (evse_id, connector_id)
        and record.tx16 is not None
        and not record.is_open
    ]
    return max(ended, key=lambda record: record.order, default=None)


def unplugged(desk: Desk, freed: Transaction | None, time: str) -> None:
    """Tell the CSMS that the cable of an ended transaction is out. time: of the status."""
    if freed is None:
        return
    direction = envelope(desk, Version.V16)
    vendor = direction.params["cost"]["vendor"]
    payload = {"transactionId": freed.tx16, "timestamp": time}
    desk.post(Side.CSMS, direction.action, sealed(vendor, _UNPLUGGED, payload))
