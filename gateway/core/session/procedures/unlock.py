"""unlock: UnlockConnector. 1.6 demands that unlocking ends a running transaction.

Spec: translation-csms 3.5. The map's parameter `stop` names the call that ends a transaction.
"""

from collections.abc import Generator
from typing import Any

from gateway.core.dialects import Side, Version
from gateway.core.errors import Untranslatable
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.availability import address201
from gateway.core.session.procedures.relay import is_missing, relay_with, untranslated
from gateway.core.session.requests import Answer, Ask, Await, Outcome, Procedure, Reply, Request
from gateway.core.session.state import STOPPING, Transaction

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
    record = x.desk.bindings.running_on(connector16)
    if _is_ongoing(reply) and record is not None and x.desk.settings.unlock.stop_transaction:
        stop = yield from _stop(x, record)
        if is_missing(stop):
            reply = stop
        elif _is_accepted(stop) and (yield from _ended(x, record)):
            reply = yield x.ask(payload)
    yield x.conclude(reply)


def _is_ongoing(reply: Reply) -> bool:
    return reply.outcome is Outcome.RESULT and reply.payload["status"] == ONGOING


def _is_accepted(reply: Reply) -> bool:
    return reply.outcome is Outcome.RESULT and reply.payload["status"] == "Accepted"


def _stop(x: Exchange, record: Transaction) -> Generator[Request, Any, Reply]:
    """Ask the station to end the transaction, which is the unlocking's work unless it refuses."""
    bindings, before = x.desk.bindings, record.gateway_stop
    record.gateway_stop = "UnlockCommand"
    bindings.keep(record)

    def answered(reply: Reply) -> None:
        if not _is_accepted(reply) and not is_missing(reply):
            record.gateway_stop = before
            bindings.keep(record)

    action, payload = x.direction.params["stop"], {"transactionId": record.tx201}
    reply: Reply = yield Ask(Side.STATION, action, payload, late=answered)
    answered(reply)
    return reply


def _ended(x: Exchange, record: Transaction) -> Generator[Request, Any, bool]:
    """Wait for the transaction's last event. True if it came in time.

    It may come before the station answers, and the CSMS has not acknowledged it yet then.
    """
    if record.state == STOPPING or not record.is_open:
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
