"""A transaction whose token the CSMS refuses while it runs: the station is asked to end it.

That it is to be asked stands in the record, so that neither a broken link nor a restart makes the
gateway forget it. Spec: translation-station 5.7 (A), 7.5 (B, `b.stop_on_late_deauth`).
"""

from functools import partial

from gateway.core.dialects import STATION, V201
from gateway.core.frames import JsonObject
from gateway.core.session.desk import Desk
from gateway.core.session.requests import Outcome, Reply
from gateway.core.session.state import ACTIVE, STARTING, Transaction

DEAUTHORIZED = "DeAuthorized"
_ACCEPTED = "Accepted"


def request_stop(desk: Desk, tx201: str) -> None:
    """Ask the station to end a transaction that the CSMS does not want, if it still runs.

    One that does not know the transaction's number yet is asked once it has been told.
    """
    record = stop_due(desk, tx201)
    if record is not None and not record.untold:
        desk.post(STATION, *_call(desk, record), partial(_requested, desk, record))


def stop_due(desk: Desk, tx201: str) -> Transaction | None:
    """Note that the station is to be asked; None if the transaction does not run any more."""
    record = desk.bindings.transaction(tx201)
    if record is None or record.state not in (STARTING, ACTIVE):
        return None
    record.gateway_stop = record.gateway_stop or DEAUTHORIZED
    record.stop_due, record.refused_until = True, None
    desk.bindings.keep(record)
    return record


def request_stop_later(desk: Desk, tx201: str) -> None:
    """The same, unless a repeat of the station fetches the refusal in time (A)."""
    record = desk.bindings.transaction(tx201)
    assert record is not None
    record.refused_until = desk.now + desk.settings.retry_grace_s
    desk.bindings.keep(record)
    _wait(desk, record)


def refusal_told(desk: Desk, tx201: str) -> None:
    """The station has fetched a late refusal with its repeat, and acts on it by itself."""
    record = desk.bindings.transaction(tx201)
    if record is not None and record.refused_until is not None:
        record.refused_until = None
        desk.bindings.keep(record)
        desk.cancel(_timer(tx201))


def resume_stops(desk: Desk) -> None:
    """Ask again for the stops that the station has not answered, unless one is on its way.

    Those that a repeat of the station can still make needless wait on.
    """
    ledger = desk.ledgers[STATION]
    asked = [(call.action, call.payload) for call in (*ledger.queue, ledger.open) if call]
    for record in desk.bindings.running():
        if record.stop_due and _call(desk, record) not in asked:
            request_stop(desk, record.tx201)
        elif record.refused_until is not None:
            _wait(desk, record)


def _call(desk: Desk, record: Transaction) -> tuple[str, JsonObject]:
    if desk.bindings.version is V201:
        return "RequestStopTransaction", {"transactionId": record.tx201}
    return "RemoteStopTransaction", {"transactionId": record.tx16}


def _wait(desk: Desk, record: Transaction) -> None:
    assert record.refused_until is not None
    stop = partial(request_stop, desk, record.tx201)
    desk.later(_timer(record.tx201), max(0, record.refused_until - desk.now), stop)


def _timer(tx201: str) -> tuple[str, str]:
    return ("late refusal", tx201)


def _requested(desk: Desk, record: Transaction, reply: Reply) -> None:
    if reply.outcome is Outcome.LOST:
        request_stop(desk, record.tx201)
        return
    if reply.outcome is Outcome.NONE:
        return
    record.stop_due = False
    desk.bindings.keep(record)
    if reply.payload.get("status") != _ACCEPTED:
        desk.note("stop_refused", f"the station does not end transaction {record.tx201} as asked")
