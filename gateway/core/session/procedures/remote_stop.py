"""remote_stop: RemoteStopTransaction <-> RequestStopTransaction. Spec: translation-csms 3.2."""

from gateway.core.dialects import Version
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.relay import relay_with
from gateway.core.session.requests import Procedure
from gateway.core.session.state import STARTING, Transaction


def remote_stop(x: Exchange) -> Procedure:
    """Lookups see this station's transactions only (reliability S8)."""
    bindings = x.desk.bindings
    if x.target is Version.V201:
        record = bindings.open_by_tx16(x.payload["transactionId"])
    else:
        record = bindings.transaction(x.payload["transactionId"])
    if record is None or not record.is_open:
        yield x.local("unknown")
    elif x.target is Version.V16 and not _is_numbered(record):
        yield x.local("not_started")
    else:
        state = {"transaction_id201": record.tx201, "transaction_id16": record.tx16}
        yield from relay_with(x, state)


def _is_numbered(record: Transaction) -> bool:
    """Whether the 1.6 station has been told the number that it would have to be asked by."""
    return record.tx16 is not None and not record.untold and record.state != STARTING
