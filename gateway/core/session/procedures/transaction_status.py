"""transaction_status: does it run, and is anything of it still on its way?

Spec: translation-csms 3.15, first two rows. A 1.6 station can be asked through the tunnel only;
the gateway holds its transactions and their undelivered messages.
"""

from gateway.core.session.desk import Desk
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.tunnel import through_tunnel
from gateway.core.session.requests import Answer, Procedure
from gateway.core.session.state import Transaction


def transaction_status(x: Exchange) -> Procedure:
    desk, tx201 = x.desk, x.payload.get("transactionId")
    found = yield from through_tunnel(x)
    if found is not None:
        yield Answer(found)
        return
    if tx201 is None:
        waits = any(_is_queued(desk, record) for record in desk.bindings.transactions())
        answer = {"messagesInQueue": waits}
    else:
        record = desk.bindings.transaction(tx201)
        answer = {
            "ongoingIndicator": record is not None and record.is_open,
            "messagesInQueue": record is not None and _is_queued(desk, record),
        }
    yield Answer(answer, rule="transaction_status")


def _is_queued(desk: Desk, record: Transaction) -> bool:
    """Whether the CSMS has not acknowledged everything that it is to be told of it."""
    return bool(desk.entries_of(record.tx201)) or record.start_failed or record.ended is not None
