"""job: a command that starts something and is reported on later, by requestId.

Logs and firmware. Bindings: `<kind>_request`, key requestId -> the 1.6 action that stands for it;
`current_request`, key kind -> the newest requestId. Both are written before the station is asked,
since its reports may overtake the answer, and taken back if it refuses (translation-csms 1.7).

Parameters of a map towards 2.0.1:

    job: log | firmware
    accepted: [statuses]          any other one is the answer `failed`; without it, the status
    refused: {map, payload}       what a CSMS is told afterwards whose answer cannot say no

Spec: translation-csms 1.5, 3.12, 3.13.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from gateway.core.dialects import Side, Version
from gateway.core.errors import Untranslatable
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.relay import untranslated
from gateway.core.session.procedures.request_id import next_request_id
from gateway.core.session.requests import Outcome, Procedure, Reply
from gateway.core.session.table import Table

FIRMWARE = "firmware"
CURRENT, STATUS = "current_request", "job_status"
INSTALLING = ("Installing", "InstallRebooting", "Installed")
"""Statuses of firmware after which a boot with another version is no surprise."""
TAKEN_ON = ("Accepted", "AcceptedCanceled")
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
    answered = noted(x, kind, request_id, x.call.action, partial(_is_refused, x))
    reply = yield x.ask(payload, answered)
    answered(reply)
    refused = _is_refused(x, reply)
    if refused and reply.outcome is Outcome.RESULT and "accepted" in x.direction.params:
        yield x.local("failed", rule="refused")
    else:
        yield x.conclude(reply)
    if refused:
        _tell(x)


def noted(
    x: Exchange, kind: str, request_id: int, origin: str, is_refused: Callable[[Reply], bool]
) -> Callable[[Reply], None]:
    """Note a request before it is made. The result takes the answer, or a late one: a refusal takes
    the note back, unless the CSMS has asked again under that id."""
    take_back = remember(x.desk.bindings.table, kind, request_id, origin)

    def answered(reply: Reply) -> None:
        if is_refused(reply) and not _is_asked_again(x, request_id):
            take_back()

    return answered


def remember(table: Table, kind: str, request_id: int, origin: str) -> Callable[[], None]:
    """Note a request; the result takes that back: an id may be used again."""
    rows, before = f"{kind}_request", table.get(CURRENT, kind)
    earlier, told = table.get(rows, str(request_id)), table.get(STATUS, kind)
    table.put(rows, str(request_id), origin)
    table.put(CURRENT, kind, request_id)
    table.drop(STATUS, kind)
    for old in list(table.kind(rows))[:-REMEMBERED]:
        table.drop(rows, old)

    def take_back() -> None:
        _restore(table, rows, str(request_id), earlier)
        if table.get(CURRENT, kind) == request_id:
            _restore(table, CURRENT, kind, before)
            if table.get(STATUS, kind) is None:
                _restore(table, STATUS, kind, told)

    return take_back


def _restore(table: Table, kind: str, key: str, before: Any) -> None:
    if before is None:
        table.drop(kind, key)
    else:
        table.put(kind, key, before)


def _is_asked_again(x: Exchange, request_id: int) -> bool:
    now = x.desk.ledgers[Side.CSMS].serving
    return now is not None and now is not x and now.payload.get("requestId") == request_id


def _is_refused(x: Exchange, reply: Reply) -> bool:
    """Silence is no refusal: the station may have acted."""
    if reply.outcome is Outcome.RESULT:
        return reply.payload["status"] not in x.direction.params.get("accepted", TAKEN_ON)
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
