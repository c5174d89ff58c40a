"""One exchange of a log on its way through a procedure; the theory stands in recorded.py."""

from collections.abc import Hashable, Mapping
from typing import Any, Protocol

from gateway.core.dialects import NOT_SUPPORTED, Side, Version, read_error
from gateway.core.errors import Untranslatable
from gateway.core.frames import Call, CallError, CallResult, JsonObject
from gateway.core.mapping.model import Direction, MessageMap
from gateway.core.schema.repair import cut_strings
from gateway.core.schema.violations import describe
from gateway.core.session import procedures
from gateway.core.session.desk import Desk, Revision
from gateway.core.session.entries import Entry
from gateway.core.session.exchange import Exchange
from gateway.core.session.ledger import Outgoing
from gateway.core.session.opening import Opening
from gateway.core.session.procedures import transaction_entries, transaction_events
from gateway.core.session.recorded_exchange import (
    INVALID_OUTPUT,
    LEFT_OUT,
    Fate,
    Fault,
    LoggedAnswer,
    Made,
    Recorded,
    Report,
    Way,
)
from gateway.core.session.recorded_mirror import MOST_STEPS, Mirror
from gateway.core.session.requests import (
    RESULT,
    Ask,
    Await,
    Outcome,
    Procedure,
    Refuse,
    Reply,
    Unanswered,
)

REQUEST, RESPONSE = "request", "response"
GATEWAY = "gateway"

FOLDING = frozenset({"absorb", "report_part"})
"""Procedures that take a call in for the answer to another one."""

COMPUTED = frozenset(
    {
        "base_report",
        "change_configuration",
        "composite_schedule",
        "get_configuration",
        "get_report",
        "get_variables",
        "set_variables",
    }
)
"""Procedures whose answers are made of more than the answer that they get: with these, the
procedure of the opposite direction is asked before its response rows."""

REPORTS_KEPT = 16
_ACCEPTED: JsonObject = {"status": "Accepted"}
_NO_REPLY = Reply(Outcome.NONE, {})
_NOTHING: Mapping[str, Any] = {}
_new = tuple.__new__
_ENTRY = "entry"
"""First member of the topic of a durable entry."""


class Memory(Protocol):
    """What a run asks of its recording."""

    source: Version
    target: Version
    reports: dict[int, Report]
    ways: dict[tuple[str, str], Way]
    """By the logged call's action and the made one's."""

    def opening(self, side: Side, source: Version, target: Version, call: Call) -> Opening | Refuse:
        """What a call opens with on its way from one version to the other."""

    def keep_number(self, entry: Entry, answer: LoggedAnswer) -> None:
        """Give a 1.6 station's new transaction the number that the log has for it."""


class Run:
    """answer: the logged one, as it can be translated; done: gets what became of it."""

    def __init__(
        self, memory: Memory, desk: Desk, x: Exchange, answer: LoggedAnswer, done: Recorded
    ) -> None:
        self._memory = memory
        self._desk = desk
        self._catalog = desk.revision.catalog
        self._x = x
        self._answer = answer
        self._done = done
        self._published: dict[Hashable, object] = {}

    def run(self, procedure: Procedure) -> None:
        done, x = self._done, self._x
        try:
            self._drive(procedure)
            self._flush(None)
        except Untranslatable as error:
            done.answer = Refuse(NOT_SUPPORTED, str(error))
        finally:
            procedure.close()
        folds = x.direction.procedure in FOLDING
        if folds and self._memory.reports:
            self._take_part()
        if x.lost:
            done.losses = (*x.lost, *done.losses)
        done.fate = Fate.FOLDS if folds else self._fate()

    def _drive(self, procedure: Procedure) -> None:
        done, send = self._done, procedure.send
        value: object = None
        for _ in range(MOST_STEPS):
            try:
                request = send(value)
            except StopIteration:
                return
            value = None
            if type(request) is Ask:
                self._flush(None)
                value = self._asked(request)
            elif type(request) is Await:
                topic = request.topic
                self._flush(topic)
                value = self._published.pop(topic, None)
            elif done.answer is None and not isinstance(request, Unanswered | Ask | Await):
                done.answer = request

    def _fate(self) -> Fate:
        done = self._done
        if not done.made:
            return Fate.REFUSED if isinstance(done.answer, Refuse) else Fate.ANSWERED
        done.answer = None
        if len(done.made) == 1:
            return Fate.PASSES
        mine = self._x.side
        return Fate.FANS_OUT if all(m.side is mine for m in done.made) else Fate.COLLECTS

    # -- calls --------------------------------------------------------------------------------

    def _asked(self, ask: Ask) -> Reply:
        if ask.side is self._x.side:
            return _NO_REPLY
        if ask.granted is not None:
            return Reply(Outcome.RESULT, ask.granted)
        return self._exchange(ask.action, ask.payload, _NOTHING, (), gates=True)

    def _flush(self, awaited: Hashable) -> None:
        """Carry out what is queued; awaited: the topic that the procedure waits for."""
        desk, own = self._desk, self._x.side
        for side, ledger in desk.ledgers.items():
            queue = ledger.queue
            while queue:
                outgoing = queue.pop(0)
                if side is not own:
                    self._carry_out(outgoing, awaited)
        if desk.published:
            for topic, value in desk.take_published():
                self._published.setdefault(topic, value)

    def _carry_out(self, outgoing: Outgoing, awaited: Hashable) -> None:
        entry, losses = outgoing.entry, outgoing.losses
        if entry is None:
            settled = outgoing.settled
            of_entry = isinstance(awaited, tuple) and awaited[0] == _ENTRY
            gates = settled is not None and awaited is not None and not of_entry
            reply = self._exchange(outgoing.action, outgoing.payload, _NOTHING, losses, gates=gates)
            if settled is not None:
                settled(reply)
            return
        desk, kind = self._desk, procedures.ENTRY_KINDS[entry.kind]
        topic = entry.topic
        state = self._numbered(entry)
        payload = kind.complete(desk, entry)
        reply = self._exchange(outgoing.action, payload, state, losses, gates=topic == awaited)
        unanswered = self._answer is None and entry.kind == transaction_events.STARTED
        reply = _NO_REPLY if unanswered else reply
        kind.settle(desk, entry, reply)
        if unanswered:
            self._run_on(entry)
        desk.finish(entry, dead=False)
        desk.publish(topic, reply)

    def _run_on(self, entry: Entry) -> None:
        """A transaction whose start nobody answered runs on. The station may repeat the start; the
        gateway does not, the log holds the repeats that there were."""
        record = self._desk.bindings.transaction(entry.tx201)
        if record is not None:
            record.start_failed = False
            self._desk.bindings.keep(record)

    def _numbered(self, entry: Entry) -> Mapping[str, Any]:
        """See to the 1.6 number of a transaction that begins with this entry."""
        if entry.kind == transaction_events.STARTED:
            self._memory.keep_number(entry, self._answer)
        elif entry.kind == transaction_entries.START:
            first = self._desk.settings.b.first_transaction_id
            number = self._desk.bindings.table.count("tx16", first)
            self._done.minted = number
            return {"transaction_id16": number}
        return _NOTHING

    def _exchange(
        self,
        action: str,
        payload: JsonObject,
        state: Mapping[str, Any],
        losses: tuple[str, ...],
        *,
        gates: bool,
    ) -> Reply:
        """Put out one call in the target version, with its answer; how it ended for the caller.

        gates: the answer of the logged exchange waited for it, so that the logged answer is its.
        """
        way = self._way(action)
        if not way.accepts(payload):
            conforming = self._conforming(action, REQUEST, payload)
            if conforming is None:
                return Reply(Outcome.INVALID, {})
            payload = conforming
        x, before = self._x, self._done.made
        logged = gates and not (before and any(made.logged for made in before))
        message_id = x.call.message_id if logged else self._desk.new_id()
        call = _new(Call, (message_id, action, payload))
        made = Made(x.side, call, None, "", logged, False, losses)
        before.append(made)
        return self._replied(made, way, state, gates=gates)

    def _conforming(self, action: str, part: str, payload: JsonObject) -> JsonObject | None:
        """The payload as the target version takes it; None, and a fault, where it does not."""
        catalog, target = self._catalog, self._memory.target
        if catalog.is_valid(target, action, part, payload):
            return payload
        cut = cut_strings(catalog, target, action, part, payload)
        if catalog.is_valid(target, action, part, cut):
            return cut
        found = describe(catalog.violations(target, action, part, payload))
        self._done.faults.append(Fault(INVALID_OUTPUT, f"{action} {part}: {found}"))
        return None

    # -- answers ------------------------------------------------------------------------------

    def _replied(self, made: Made, way: Way, state: Mapping[str, Any], *, gates: bool) -> Reply:
        """What the procedure hears. Where the log has no answer to the call, it was granted: the
        empty answer will do, if it is one."""
        message_id, logged = made.call.message_id, self._answer
        source: JsonObject = {}
        if type(logged) is CallResult:
            source = logged.payload
        elif gates and isinstance(logged, CallError):
            code = read_error(logged.code)
            made.answer = logged._replace(message_id=message_id, code=code, spelled=logged.code)
            return Reply(Outcome.ERROR, {}, made.answer)
        payload: JsonObject | None = {}
        if (gates and logged is not None) or not way.answers(payload):
            payload = self._translated(made.call, way, source, state)
        if payload is None:
            return _NO_REPLY
        if logged is not None or not gates:
            made.answer = _new(CallResult, (message_id, payload))
            made.answered_by = "" if gates and logged is not None else GATEWAY
        return _new(Reply, (RESULT, payload, None))

    def _translated(
        self, call: Call, way: Way, source: JsonObject, state: Mapping[str, Any]
    ) -> JsonObject | None:
        """The logged answer as the answer to a call in the target version; None: there is none."""
        catalog, target = self._catalog, self._memory.target
        means = (self._by_rows, self._by_procedure)
        for mean in reversed(means) if way.computed else means:
            payload = mean(call, source, state, way)
            if payload is None:
                continue
            if way.answers(payload):
                return payload
            cut = cut_strings(catalog, target, call.action, RESPONSE, payload)
            if way.answers(cut):
                return cut
        if isinstance(self._answer, CallResult) and not self._awaits_report(call):
            text = f"the logged answer says nothing that answers {call.action}"
            self._done.faults.append(Fault(LEFT_OUT, text))
        return None

    def _way(self, action: str) -> Way:
        """How the answer to a call of that action is made of the logged one."""
        ways, key = self._memory.ways, (self._x.call.action, action)
        way = ways.get(key)
        if way is None:
            memory, revision = self._memory, self._desk.revision
            way = ways[key] = way_of(revision, memory.source, memory.target, *key)
        return way

    def _by_rows(
        self, call: Call, source: JsonObject, state: Mapping[str, Any], way: Way
    ) -> JsonObject | None:
        """By the response rows of the opposite direction."""
        translate = way.rows
        if translate is None:
            return {} if way.empty and not source else None
        if way.computed and self._is_report(call):
            return None
        lost: list[str] = []
        try:
            known = {"request": call.payload, **state}
            payload = translate(source, self._desk.bindings, known, lost)
        except (Untranslatable, KeyError):
            return None
        if lost:
            self._done.losses += tuple(lost)
        return payload

    def _by_procedure(
        self, call: Call, source: JsonObject, state: Mapping[str, Any], way: Way
    ) -> JsonObject | None:
        """By the procedure that would serve the call the other way: what it answers, and what it
        sends besides, which are the parts of a report."""
        mirror = self._mirrored(self._x.side, call, self._x.call.action, source)
        if mirror is None:
            return None
        for action, payload in mirror.parts:
            self._part(action, payload)
        return mirror.answer

    def _mirrored(
        self,
        side: Side,
        call: Call,
        action: str,
        logged: JsonObject,
        given: tuple[JsonObject, ...] = (),
    ) -> Mirror | None:
        desk, memory = self._desk, self._memory
        versions = dict(desk.versions)
        found = memory.opening(side, memory.target, memory.source, call)
        mirror = Mirror(desk, side, action, logged, given)
        try:
            if isinstance(found, Opening):
                mirror.run(found.procedure(Exchange(desk, side, call, found.direction, None)))
        except (Untranslatable, KeyError):
            return None
        finally:
            desk.versions.update(versions)
        return None if mirror.answer is None else mirror

    # -- reports ------------------------------------------------------------------------------

    def _part(self, action: str, payload: JsonObject) -> None:
        """A call of the other side that belongs to the answer; the procedure is told of it."""
        desk, memory = self._desk, self._memory
        conforming = self._conforming(action, REQUEST, payload)
        if conforming is None:
            return
        side = self._x.side.other
        call = Call(desk.new_id(), action, conforming)
        made = Made(side, call, CallResult(call.message_id, {}), GATEWAY, logged=False)
        self._done.made.append(made)
        versions = dict(desk.versions)
        found = memory.opening(side, memory.target, memory.source, call)
        if isinstance(found, Opening):
            taker = found.procedure(Exchange(desk, side, call, found.direction, None))
            for _ in taker:
                pass
        desk.versions.update(versions)

    def _is_report(self, call: Call) -> bool:
        """Whether the logged call asked for a report, so that its answer promises one only."""
        asked = "requestId" in self._x.payload
        return asked and self._x.direction.procedure in COMPUTED and self._way(call.action).computed

    def _awaits_report(self, call: Call) -> bool:
        """Whether the answer to the call will be in the parts of a report; then wait for them."""
        if not self._is_report(call) or not isinstance(self._answer, CallResult):
            return False
        if self._answer.payload.get("status") != _ACCEPTED["status"]:
            return False
        reports = self._memory.reports
        reports[self._x.payload["requestId"]] = Report(self._x.side, call, self._x.call.action, [])
        if len(reports) > REPORTS_KEPT:
            del reports[next(iter(reports))]
        return True

    def _take_part(self) -> None:
        """A part of a report: with the last one the call that asked for it is answered."""
        part = self._x.payload
        report = self._memory.reports.get(part.get("requestId", 0))
        if report is None:
            return
        report.parts.append(part)
        if part.get("tbc"):
            return
        del self._memory.reports[part["requestId"]]
        side, call, action, parts = report
        mirror = self._mirrored(side, call, action, _ACCEPTED, tuple(parts))
        answer = None if mirror is None else mirror.answer
        payload = None if answer is None else self._conforming(call.action, RESPONSE, answer)
        if payload is None:
            text = f"the report says nothing that answers {call.action}"
            self._done.faults.append(Fault(LEFT_OUT, text))
        else:
            result = CallResult(call.message_id, payload)
            self._done.made.append(Made(side, call, result, late=True))


def way_of(revision: Revision, source: Version, target: Version, logged: str, action: str) -> Way:
    """How the answer to a made call is made of that to the logged one, by their actions."""
    maps, catalog = revision.maps, revision.catalog
    serving = maps.entry(target, action)
    paired = maps.entry(source, logged)
    if paired is None or paired.action(target) != action:
        paired = serving
    procedure = _towards(serving, source)
    rows = _towards(paired, source)
    translate = None if rows is None else rows.response
    empty = rows is not None and translate is None
    computed = procedure is not None and procedure.procedure in COMPUTED
    checks = (catalog.checker(target, action, part) for part in (REQUEST, RESPONSE))
    return Way(translate, empty, computed, *checks)


def _towards(found: MessageMap | None, version: Version) -> Direction | None:
    return None if found is None else found.directions.get(version)
