"""job: a command that starts something and is reported on later, by requestId.

Logs and firmware. Bindings: `<kind>_request`, key requestId -> the 1.6 action that stands for it;
`current_request`, key kind -> the newest requestId. Both are written before the station is asked,
since its reports may overtake the answer, and taken back if it refuses (translation-csms 1.7).

Parameters of a map towards 2.0.1:

    job: log | firmware
    accepted: [statuses]          any other one is the answer `failed`
    refused: {map, payload}       what a CSMS is told afterwards whose answer cannot say no

Spec: translation-csms 1.5, 3.12, 3.13.
"""

from collections.abc import Callable

from gateway.core.dialects import Side, Version
from gateway.core.errors import Untranslatable
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.relay import untranslated
from gateway.core.session.procedures.request_id import next_request_id
from gateway.core.session.requests import Outcome, Procedure, Reply
from gateway.core.session.state import Table

FIRMWARE = "firmware"
CURRENT, STATUS = "current_request", "job_status"
INSTALLING = ("Installing", "InstallRebooting", "Installed")
"""Statuses of firmware after which a boot with another version is no surprise."""
REMEMBERED = 32
"""Requests of a kind whose reports are still told apart."""


def job(x: Exchange) -> Procedure:
    """A 1.6 CSMS's command; where it has no requestId one is made."""
    desk, kind = x.desk, x.direction.params["job"]
    request_id = x.payload.get("requestId")
    if request_id is None:
        request_id = next_request_id(desk.bindings)
    try:
        payload = x.request({"request_id": request_id})
    except Untranslatable as error:
        yield untranslated(x, error)
        _tell(x)
        return
    take_back = remember(desk.bindings.table, kind, request_id, x.call.action)
    reply = yield x.ask(payload)
    refused = _is_refused(x, reply)
    if refused:
        take_back()
    if refused and reply.outcome is Outcome.RESULT:
        yield x.local("failed", rule="refused")
    else:
        yield x.conclude(reply)
    if refused:
        _tell(x)


def remember(table: Table, kind: str, request_id: int, origin: str) -> Callable[[], None]:
    """Note a request before it is made; the result takes that back: an id may be used again."""
    rows, before = f"{kind}_request", table.get(CURRENT, kind)
    earlier = table.get(rows, str(request_id))
    table.put(rows, str(request_id), origin)
    table.put(CURRENT, kind, request_id)
    table.drop(STATUS, kind)
    for old in list(table.kind(rows))[:-REMEMBERED]:
        table.drop(rows, old)

    def take_back() -> None:
        if earlier is None:
            table.drop(rows, str(request_id))
        else:
            table.put(rows, str(request_id), earlier)
        if before is None:
            table.drop(CURRENT, kind)
        else:
            table.put(CURRENT, kind, before)

    return take_back


def _is_refused(x: Exchange, reply: Reply) -> bool:
    """Silence is no refusal: the station may have acted."""
    if reply.outcome is Outcome.RESULT:
        accepted = x.direction.params.get("accepted")
        return accepted is not None and reply.payload["status"] not in accepted
    return reply.outcome in (Outcome.ERROR, Outcome.INVALID)


def _tell(x: Exchange) -> None:
    refused = x.direction.params.get("refused")
    if refused is None:
        return
    direction = x.desk.map(refused["map"]).to(Version.V16)
    assert direction.request is not None
    payload = direction.request(refused["payload"], x.desk.bindings, {}, [])
    x.desk.bindings.table.put(STATUS, x.direction.params["job"], payload["status"])
    x.desk.post(Side.CSMS, direction.action, payload)
