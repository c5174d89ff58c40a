"""unlock: UnlockConnector. 1.6 demands that unlocking ends a running transaction.

Spec: translation-csms 3.5. The map's parameter `stop` names the call that ends a transaction.
"""

from collections.abc import Generator

from gateway.core.dialects import Side, Version
from gateway.core.errors import Untranslatable
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.availability import address201
from gateway.core.session.procedures.relay import relay_with, untranslated
from gateway.core.session.requests import Answer, Ask, Await, Outcome, Procedure, Reply, Request

ONGOING = "OngoingAuthorizedTransaction"
RESERVE_S = 3.0
"""Kept back from `exchange_timeout_s` for the second UnlockConnector."""


def unlock(x: Exchange) -> Procedure:
    try:
        if x.target is Version.V201:
            yield from _to_v201(x)
        else:
            yield from _to_v16(x)
    except Untranslatable as error:
        yield untranslated(x, error)


def _to_v201(x: Exchange) -> Procedure:
    connector16: int = x.payload["connectorId"]
    if connector16 == 0:
        raise Untranslatable("connector 0 cannot be unlocked")
    payload = x.request(address201(x, connector16, both=True))
    reply = yield x.ask(payload)
    if _is_ongoing(reply) and x.desk.settings.unlock.stop_transaction:
        stopped = yield from _stop(x, connector16)
        if stopped:
            reply = yield x.ask(payload)
    yield x.conclude(reply)


def _is_ongoing(reply: Reply) -> bool:
    return reply.outcome is Outcome.RESULT and reply.payload["status"] == ONGOING


def _stop(x: Exchange, connector16: int) -> Generator[Request, object, bool]:
    """End the connector's transaction and wait for its last event. True if it ended in time."""
    bindings = x.desk.bindings
    record = bindings.running_on(connector16)
    if record is None:
        return False
    record.gateway_stop = "UnlockCommand"
    bindings.keep(record)
    reply = yield Ask(Side.STATION, x.direction.params["stop"], {"transactionId": record.tx201})
    if not isinstance(reply, Reply) or reply.payload.get("status") != "Accepted":
        record.gateway_stop = None
        bindings.keep(record)
        return False
    if not record.is_open:
        return True
    ended = yield Await(("ended", record.tx201), x.limit - RESERVE_S)
    return ended is not None


def _to_v16(x: Exchange) -> Procedure:
    """A 1.6 station would end a transaction that the 2.0.1 CSMS did not ask to end."""
    number = x.desk.bindings.connector16(x.payload["evseId"], x.payload["connectorId"])
    if number == 0:
        raise Untranslatable("EVSE 0 has no connector")
    if x.desk.bindings.running_on(number) is not None:
        yield Answer({"status": ONGOING}, rule="ongoing_transaction")
    else:
        yield from relay_with(x, {"connector_id": number})
