"""change_availability: one station, one EVSE or several connectors. Spec: translation-csms 3.4."""

from gateway.core.dialects import Version
from gateway.core.errors import Untranslatable
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.addresses import all16
from gateway.core.session.procedures.relay import ask_each, relay_with, untranslated
from gateway.core.session.requests import Outcome, Procedure, Reply

FOLD = ("Rejected", "Scheduled", "Accepted")
"""Of several statuses the first of these that occurs is the answer."""


def change_availability(x: Exchange) -> Procedure:
    try:
        if x.target is Version.V201:
            yield from relay_with(x, address201(x, x.payload["connectorId"]))
        else:
            yield from _to_v16(x)
    except Untranslatable as error:
        yield untranslated(x, error)


def address201(x: Exchange, connector16: int, *, both: bool = False) -> dict[str, int]:
    """State values that name a 1.6 connector's EVSE; none for 0, the whole station.

    both: the message needs the connector too; else it is named only where the EVSE has several
    (translation-csms 1.3). Raises Untranslatable for a number outside the topology.
    """
    if connector16 == 0:
        return {}
    bindings = x.desk.bindings
    evse_id, connector_id = bindings.evse201(connector16)
    if both or len(bindings.numbering.connectors(evse_id)) > 1:
        return {"evse_id": evse_id, "evse_connector_id": connector_id}
    return {"evse_id": evse_id}


def addresses16(x: Exchange) -> list[int]:
    """The 1.6 connectors that a 2.0.1 `evse` names: all of an EVSE that is named alone."""
    evse = x.payload.get("evse") or {}
    bindings, evse_id = x.desk.bindings, evse.get("id") or 0
    if evse_id and evse.get("connectorId") is not None:
        return [bindings.connector16(evse_id, evse["connectorId"])]
    return all16(bindings, evse_id)


def _to_v16(x: Exchange) -> Procedure:
    payloads = [x.request({"connector_id": number}) for number in addresses16(x)]
    replies = yield from ask_each(x, payloads)
    yield x.conclude(_folded(replies))


def _folded(replies: list[Reply]) -> Reply:
    """One call without an answer leaves the outcome unknown; a CallError counts as Rejected.

    Where there are CallErrors only, the first says why.
    """
    for reply in replies:
        if reply.outcome in (Outcome.NONE, Outcome.LOST):
            return reply
    if len(replies) == 1 or all(reply.outcome is not Outcome.RESULT for reply in replies):
        return replies[0]
    statuses = {r.payload.get("status", FOLD[0]) for r in replies}
    status = next(status for status in FOLD if status in statuses)
    return Reply(Outcome.RESULT, {"status": status})
