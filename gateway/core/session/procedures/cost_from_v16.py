"""cost_from_v16: the envelopes of the cost note, opened.

    messageId      from      effect
    -------------  --------  ------------------------------------------------------------------
    SetUserPrice   CSMS      the text waits for the next answer about that token
    RunningCost    CSMS      goes into the answer to an open event of the transaction; if there is
                             none, the station is told by the call that the parameter `update` names
    FinalCost      CSMS      the same, with the last event of the transaction
    ConnectorUnplugged  station  accepted: a 2.0.1 CSMS sees it by itself

Spec: translation-station 2.2, 3.14, translation-csms 9.2.
"""

from collections.abc import Callable, Mapping

from gateway.core.dialects import UNSUPPORTED, Side
from gateway.core.frames import JsonObject
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.cost_to_v16 import COST, PRICE
from gateway.core.session.procedures.envelope import (
    ACCEPTED,
    REJECTED,
    UNKNOWN_MESSAGE,
    opened,
)
from gateway.core.session.procedures.relay import relay
from gateway.core.session.requests import Answer, Ask, Outcome, Procedure, Reply, Request
from gateway.core.session.state import Transaction

RULE = "cost"
ENDED = "Ended"


def cost_from_v16(x: Exchange) -> Procedure:
    message_id = x.payload.get("messageId", "")
    if x.side is Side.STATION:
        yield from _from_station(x, message_id)
        return
    handled = _HANDLED.get(message_id)
    if handled is None:
        yield _status(UNKNOWN_MESSAGE)
        return
    payload = opened(x.payload.get("data"))
    yield from _rejected() if payload is None else handled(x, payload)


def _from_station(x: Exchange, message_id: str) -> Procedure:
    if message_id == "ConnectorUnplugged":
        yield _status(ACCEPTED)
    else:
        yield from relay(x)


def _status(status: str) -> Answer:
    return Answer({"status": status}, rule=RULE)


def _rejected() -> Procedure:
    yield _status(REJECTED)


def _price(x: Exchange, payload: JsonObject) -> Procedure:
    id_tag, text = payload.get("idToken"), payload.get("priceText")
    if not isinstance(id_tag, str) or not isinstance(text, str) or not id_tag:
        yield _status(REJECTED)
        return
    x.desk.bindings.table.put(PRICE, id_tag.lower(), text)
    yield _status(ACCEPTED)


def _running(x: Exchange, payload: JsonObject) -> Procedure:
    yield from _cost(x, payload, final=False)


def _final(x: Exchange, payload: JsonObject) -> Procedure:
    yield from _cost(x, payload, final=True)


def _cost(x: Exchange, payload: JsonObject, *, final: bool) -> Procedure:
    tx16, cost = payload.get("transactionId"), payload.get("cost")
    known = isinstance(tx16, int) and not isinstance(tx16, bool)
    record = x.desk.bindings.by_tx16(tx16) if known and tx16 is not None else None
    is_number = isinstance(cost, int | float) and not isinstance(cost, bool)
    if record is None or not is_number:
        yield _status(REJECTED)
        return
    if _is_open(x, record, final=final):
        text = payload.get("priceText") if final else None
        told = {"totalCost": cost, "text": text if isinstance(text, str) else None}
        x.desk.bindings.table.put(COST, record.tx201, told)
        yield _status(ACCEPTED)
        return
    rules: Mapping[str, str] = x.direction.params["cost"]
    rest = {n: v for n, v in payload.items() if n not in ("transactionId", "cost")}
    custom = {**rest, "vendorId": rules["vendor"]}
    update = {"totalCost": cost, "transactionId": record.tx201, "customData": custom}
    reply = yield Ask(Side.STATION, rules["update"], update)
    yield _updated(x, reply)


def _is_open(x: Exchange, record: Transaction, *, final: bool) -> bool:
    """Whether the station waits for the answer to an event of the transaction; final: its last."""
    serving = x.desk.ledgers[Side.STATION].serving
    if serving is None:
        return False
    payload = serving.payload
    named = payload.get("transactionInfo", {}).get("transactionId")
    return named == record.tx201 and (not final or payload.get("eventType") == ENDED)


def _updated(x: Exchange, reply: Reply) -> Request:
    if reply.outcome is Outcome.RESULT:
        return Answer({"status": ACCEPTED})
    if reply.error is not None and reply.error.code in UNSUPPORTED:
        return _status(UNKNOWN_MESSAGE)
    return x.conclude(reply)


_HANDLED: Mapping[str, Callable[[Exchange, JsonObject], Procedure]] = {
    "SetUserPrice": _price,
    "RunningCost": _running,
    "FinalCost": _final,
}
