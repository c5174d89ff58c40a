"""base_report, get_report: a 2.0.1 CSMS gets reports of a 1.6 station (translation-csms 6.6).

follow_up: the answer first, then the station's keys are read and the report is sent, part after
part, each after the answer to the one before. One report runs at a time. The map's parameter `part`
names the map of a part.
"""

from collections.abc import Iterator, Sequence

import orjson

from gateway.core.dialects import Side, Version
from gateway.core.frames import JsonObject
from gateway.core.session.exchange import NEVER, Exchange
from gateway.core.session.procedures.configuration_batches import NoResult, Steps
from gateway.core.session.procedures.configuration_criteria import Criteria
from gateway.core.session.procedures.configuration_keys import Told, read_all, read_keys
from gateway.core.session.procedures.configuration_reported import Reported, reported
from gateway.core.session.procedures.configuration_shown import Model
from gateway.core.session.requests import Ask, Await, Outcome, Procedure, Reply
from gateway.core.timestamps import utc_text

SUMMARY, CONFIGURATION = "SummaryInventory", "ConfigurationInventory"
_WRITABLE = frozenset({"ReadWrite", "WriteOnly"})
_SUMMARISED = frozenset({"status", "status_is_faulted"})
_FINISHED = "report_finished"
_REPORTS = frozenset({"base_report", "get_report"})
"""What maps call the procedures of this module."""
_TRIES = 2


def base_report(x: Exchange) -> Procedure:
    yield x.local("accepted", rule="follow_up")
    yield from _in_turn(x, _base(x))


def get_report(x: Exchange) -> Procedure:
    criteria = Criteria(Model(x.desk), x.payload)
    if not criteria.can_match:
        yield x.local("empty", rule="nothing_matches")
        return
    yield x.local("accepted", rule="follow_up")
    yield from _in_turn(x, _of(x, criteria))


# -- one at a time ----------------------------------------------------------------------------


def _in_turn(x: Exchange, made: Steps[list[Reported]]) -> Procedure:
    """Make and send a report once no earlier one runs; it may take longer than an exchange."""
    x.limit = NEVER
    while _another_runs(x):
        yield Await(_FINISHED, NEVER)
    try:
        generated = utc_text(x.desk.now)
        items = yield from made
        yield from _send(x, generated, [item.json for item in items])
    finally:
        x.desk.publish(_FINISHED, None)


def _another_runs(x: Exchange) -> bool:
    """Whether an earlier report has a call open or queued: what runs always has one."""
    desk = x.desk
    calls = [
        call
        for ledger in desk.ledgers.values()
        for call in (ledger.open, *ledger.queue)
        if call is not None
    ]
    return any(
        call.exchange is not None
        and call.exchange is not x
        and call.exchange.answered
        and call.exchange.direction.procedure in _REPORTS
        for call in calls
    )


# -- what is reported -------------------------------------------------------------------------


def _base(x: Exchange) -> Steps[list[Reported]]:
    base = x.payload["reportBase"]
    model = Model(x.desk)
    if base == SUMMARY:
        items = reported(model, Told())
        return [i for i in items if i.shown is not None and i.shown.of[0] in _SUMMARISED]
    told = yield from read_all(x, model.table, x.direction.action)
    items = reported(Model(x.desk), told)
    if base == CONFIGURATION:
        items = [item for item in items if item.mutability in _WRITABLE]
    return items


def _of(x: Exchange, criteria: Criteria) -> Steps[list[Reported]]:
    model = criteria.model
    names = criteria.keys
    try:
        if names is None:
            told = yield from read_all(x, model.table, x.direction.action)
        elif names:
            told = yield from read_keys(x, model.table, x.direction.action, names)
        else:
            told = Told()
    except NoResult:
        told = Told()
    return criteria.chosen(reported(Model(x.desk), told))


# -- sending ----------------------------------------------------------------------------------


def _send(x: Exchange, generated: str, items: Sequence[JsonObject]) -> Steps[None]:
    action = x.desk.map(x.direction.params["part"]).action(Version.V201)
    assert action is not None
    head = {"requestId": x.payload["requestId"], "generatedAt": generated}
    parts = list(_parts(x, head, items))
    for number, part in enumerate(parts):
        payload = {**head, "seqNo": number, "tbc": number + 1 < len(parts)}
        if part:
            payload["reportData"] = part
        delivered = yield from _deliver(action, payload)
        if not delivered:
            x.desk.note("report_given_up", f"part {number} was not taken", action, Side.CSMS)
            return


def _deliver(action: str, payload: JsonObject) -> Steps[bool]:
    for _ in range(_TRIES):
        reply: Reply = yield Ask(Side.CSMS, action, payload)
        if reply.outcome is Outcome.RESULT:
            return True
    return False


def _parts(
    x: Exchange, head: JsonObject, items: Sequence[JsonObject]
) -> Iterator[list[JsonObject]]:
    """The items of each part; nothing to report is one part without any."""
    settings = x.desk.settings.report
    empty = {**head, "seqNo": len(items), "tbc": False, "reportData": []}
    base = len(orjson.dumps(empty))
    part: list[JsonObject] = []
    size = base
    for item in items:
        more = len(orjson.dumps(item)) + bool(part)
        full = len(part) == settings.items_per_part or size + more > settings.bytes_per_part
        if part and full:
            yield part
            part, size = [], base
            more = len(orjson.dumps(item))
        part.append(item)
        size += more
    if part or not items:
        yield part
