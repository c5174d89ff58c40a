"""Recorded conversations: both peers in the source version, both shown in the target version.

A log holds calls and their answers; there is no back end to ask. Each call is handed to the same
procedure as a live one, on the same bindings; what the procedure asks of the other peer is the
call in the target version, and its answer is made of the logged one by the response rows of the
opposite direction, always source to target (design/README.md 1.1, 8). So the procedures learn what
they would have learned live, and nothing here knows any message.

What becomes of an exchange of the log:

    the procedure                      in the target version                          fate
    ---------------------------------  ---------------------------------------------  ------------
    asks one call                      that call, the logged answer                   PASSES
    asks several, or posts more        each; those that do not gate the answer are    FANS_OUT
    beside it                          answered by the gateway
    asks and then awaits parts         the call and its parts, made of the logged     COLLECTS
                                       answer by the opposite procedure
    takes the call into such a report  nothing: it is in the answer that it belongs   FOLDS
    or absorbs it                      to
    answers by itself                  nothing; shown with the gateway's answer       ANSWERED
    refuses, or cannot translate       nothing; shown with the reason                 REFUSED

What disappears besides: calls that the gateway would make on its own account to the side that
called (a stop of a refused transaction, a boot asked for): had they happened, the log would have
the station's reaction to them. Entries are settled once and never sent again: the log holds the
repeats that there were.

Ids in logged answers are taken into the bindings. Only where the log has none is one made: the 1.6
number of a transaction from `b.first_transaction_id` on, and `minted` says so (decision 19).
A call without a logged answer is shown without one; the state goes on as if it had been granted.
"""

import traceback
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gateway.core.dialects import (
    INTERNAL_ERROR,
    NOT_SUPPORTED,
    Leg,
    Side,
    Version,
    read_error,
)
from gateway.core.errors import Untranslatable
from gateway.core.frames import Call, CallError, CallResult, JsonObject
from gateway.core.schema.repair import acceptable, cut_strings, repair
from gateway.core.schema.violations import describe, worst
from gateway.core.session import procedures
from gateway.core.session.desk import Desk, Revision
from gateway.core.session.entries import Entry
from gateway.core.session.exchange import Exchange
from gateway.core.session.ledger import Outgoing
from gateway.core.session.opening import Opening, opening
from gateway.core.session.procedures import transaction_entries, transaction_events
from gateway.core.session.requests import (
    Answer,
    Ask,
    Await,
    Outcome,
    Procedure,
    Refuse,
    Reply,
    Unanswered,
)
from gateway.core.session.state import Loaded
from gateway.core.settings import SessionSettings

CLOSED_KEPT = 32
"""Closed transactions that a station's later messages may still speak of."""

REQUEST, RESPONSE = "request", "response"
FOLDING = frozenset({"absorb", "report_part"})
"""Procedures that take a call in for the answer to another one."""
_NO_REPLY = Reply(Outcome.NONE, {})
_MOST_CALLS = 1000
"""One exchange may become so many; a procedure that never ends must not run on."""


class Fate(StrEnum):
    """The table in the head of this module."""

    PASSES = "passes"
    FANS_OUT = "fans_out"
    COLLECTS = "collects"
    FOLDS = "folds"
    ANSWERED = "answered"
    REFUSED = "refused"


@dataclass(slots=True)
class Made:
    """One exchange in the target version.

    side: who calls; answer: None where the log has none. answered_by: "gateway" where the answer
    is no peer's. logged: whether it is the counterpart of the logged exchange, whose id it bears.
    """

    side: Side
    call: Call
    answer: CallResult | CallError | None = None
    answered_by: str = ""
    logged: bool = True
    losses: tuple[str, ...] = ()


@dataclass(slots=True)
class Recorded:
    """What became of one exchange. answer: the gateway's own, in the source version, if ANSWERED
    or REFUSED; losses: what was dropped; minted: transaction id that had to be made up.

    faults: sentences about what could not be put out as it should.
    """

    fate: Fate = Fate.PASSES
    made: list[Made] = field(default_factory=list)
    answer: Answer | Refuse | None = None
    repairs: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    minted: int | None = None
    faults: list[str] = field(default_factory=list)


class _Desk(Desk):
    """A desk without a store and without timers."""

    _last = 0

    def append(
        self,
        kind: str,
        tx201: str,
        action: str,
        payload: JsonObject,
        event_key: str = "",
        losses: tuple[str, ...] = (),
        answer: JsonObject | None = None,
    ) -> Entry:
        self._last += 1
        entry = Entry(self._last, kind, tx201, action, payload, event_key, answer=answer)
        self.entries[entry.seq] = entry
        self.ledgers[Side.CSMS].queue.append(Outgoing(action, payload, entry=entry, losses=losses))
        return entry

    def update(self, entry: Entry) -> None:
        """There is nowhere to write it."""

    def finish(self, entry: Entry, *, dead: bool) -> None:
        self.entries.pop(entry.seq, None)

    def later(self, key: Hashable, delay_s: float, action: Callable[[], None]) -> None:
        """What the gateway would do later, on its own account, did not happen."""


class Recording:
    """One station's conversation. opened: when its connection began, for what was sent later than
    it happened; ids: for calls and transactions that the log has no id for."""

    def __init__(
        self,
        station: str,
        source: Version,
        target: Version,
        revision: Revision,
        config: SessionSettings,
        ids: Iterator[str],
        opened: float,
    ) -> None:
        self._desk = _Desk(station, Loaded(), revision, config, ids)
        self._config = config
        self.source, self.target = source, target
        self._desk.bindings.version = source
        for side in Side:
            self._desk.legs[side] = Leg(side, source, opened)
        self._provisional: dict[int, str] = {}

    def recorded(
        self, side: Side, call: Call, answer: CallResult | CallError | None, now: float
    ) -> Recorded:
        """Translate one exchange of the log. side: who called; now: seconds since the epoch, when
        the call was logged. Never raises because of what the log holds."""
        desk = self._desk
        desk.now = desk.bindings.now = now
        found = self._opening(side, call)
        if isinstance(found, Refuse):
            return Recorded(Fate.REFUSED, answer=found)
        done = Recorded()
        payload, done.repairs, usable = self._mended(call.action, REQUEST, call.payload)
        if not usable:
            found_ = desk.revision.catalog.violations(self.source, call.action, REQUEST, payload)
            return Recorded(Fate.REFUSED, answer=Refuse(worst(found_), describe(found_)))
        if payload is not call.payload:
            call = call._replace(payload=payload)
        answer = self._usable(call.action, answer, done)
        self._adopt(call.payload)
        x = Exchange(desk, side, call, found.direction, None)
        _Run(self, desk, x, answer, done).run(found.procedure(x))
        self._clear()
        return done

    def opening(self, side: Side, source: Version, target: Version, call: Call) -> Opening | Refuse:
        """What a call opens with on its way from one version to the other."""
        desk = self._desk
        key = (side, source, target, call.action)
        found = desk.revision.openings.get(key) or opening(desk.revision, key)
        if isinstance(found, Opening):
            desk.versions[side], desk.versions[side.other] = source, target
        return found

    def keep_number(self, entry: Entry, answer: CallResult | CallError | None) -> int | None:
        """Give a 1.6 station's new transaction the number that the log has for it.

        Returns the number that was made up where it has none.
        """
        record = self._desk.bindings.transaction(entry.tx201)
        if record is None or record.tx16 is None or self.source is not Version.V16:
            return None
        logged = answer.payload.get("transactionId") if isinstance(answer, CallResult) else None
        if not isinstance(logged, int):
            if answer is None:
                self._provisional[record.tx16] = record.tx201
            return record.tx16
        if record.tx16 != logged:
            table = self._desk.bindings.table
            if table.get("counter", "tx16") == record.tx16 + 1:
                table.put("counter", "tx16", record.tx16)
            record.tx16 = logged
            self._desk.bindings.keep(record)
        return None

    def _opening(self, side: Side, call: Call) -> Opening | Refuse:
        found = self.opening(side, self.source, self.target, call)
        if isinstance(found, Opening) and found.direction.params.get("registers"):
            self._desk.fit(call.payload)
            found = self.opening(side, self.source, self.target, call)
        return found

    def _mended(
        self, action: str, part: str, payload: JsonObject
    ) -> tuple[JsonObject, tuple[str, ...], bool]:
        """(payload as repaired, names of the repairs, whether it may go on)."""
        catalog, version = self._desk.revision.catalog, self.source
        if not self._config.profiles and catalog.is_valid(version, action, part, payload):
            return payload, (), True
        profiles = (*self._config.profiles, *self._desk.revision.profiles)
        zone = self._desk.settings.timezone_default
        payload, repairs = repair(catalog, version, action, part, payload, profiles, zone)
        return payload, repairs, acceptable(catalog, version, action, part, payload)

    def _usable(
        self, action: str, answer: CallResult | CallError | None, done: Recorded
    ) -> CallResult | CallError | None:
        """The logged answer as it can be translated; none where it breaks its schema for good."""
        if not isinstance(answer, CallResult):
            return answer
        payload, repairs, usable = self._mended(action, RESPONSE, answer.payload)
        done.repairs += repairs
        if not usable:
            done.faults.append("the logged answer breaks its schema and is left out")
            return None
        return answer if payload is answer.payload else answer._replace(payload=payload)

    def _adopt(self, payload: JsonObject) -> None:
        """A number that no answer told: it belongs to the start that has none, if there is one."""
        number = payload.get("transactionId")
        if not self._provisional or not isinstance(number, int) or number <= 0:
            return
        bindings = self._desk.bindings
        if bindings.by_tx16(number) is not None:
            return
        made_up = next(iter(self._provisional))
        record = bindings.transaction(self._provisional.pop(made_up))
        if record is not None and record.tx16 == made_up and record.is_open:
            record.tx16 = number
            bindings.keep(record)

    def _clear(self) -> None:
        """Forget what a live session would save, send later, or has no more use for."""
        desk, bindings = self._desk, self._desk.bindings
        desk.ops.clear()
        desk.records.clear()
        desk.published.clear()
        desk.awaited.clear()
        desk.entries.clear()
        for ledger in desk.ledgers.values():
            ledger.queue.clear()
        dirty = bindings.table.dirty
        if any(kind == "transaction" for kind, _ in dirty):
            closed = [r.tx201 for r in bindings.transactions() if not r.is_open]
            for tx201 in closed[:-CLOSED_KEPT]:
                bindings.forget(tx201)
        dirty.clear()
        if len(desk.authorized) > CLOSED_KEPT:
            desk.authorized.clear()


class _Run:
    """One exchange of the log on its way through a procedure."""

    def __init__(
        self,
        recording: Recording,
        desk: Desk,
        x: Exchange,
        answer: CallResult | CallError | None,
        done: Recorded,
    ) -> None:
        self._recording = recording
        self._desk = desk
        self._x = x
        self._answer = answer
        self._done = done
        self._published: dict[Hashable, object] = {}
        self._depth = 0

    def run(self, procedure: Procedure) -> None:
        done = self._done
        try:
            self._drive(procedure)
        except Untranslatable as error:
            done.answer = Refuse(NOT_SUPPORTED, str(error))
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            done.answer = Refuse(INTERNAL_ERROR, f"{type(error).__name__}: {error}")
            done.faults.append(f"{type(error).__name__} in {where.name}: {error}")
        finally:
            procedure.close()
        self._flush(None)
        done.losses = (*self._x.lost, *done.losses)
        done.fate = self._fate()

    def _drive(self, procedure: Procedure) -> None:
        value: object = None
        for _ in range(_MOST_CALLS):
            try:
                request = procedure.send(value)
            except StopIteration:
                return
            value = None
            if isinstance(request, Ask):
                self._flush(None)
                value = self._asked(request)
            elif isinstance(request, Await):
                self._flush(request.topic)
                value = self._published.pop(request.topic, None)
            elif self._done.answer is None and not isinstance(request, Unanswered):
                self._done.answer = request

    def _fate(self) -> Fate:
        done = self._done
        if not done.made:
            if self._x.direction.procedure in FOLDING:
                return Fate.FOLDS
            return Fate.REFUSED if isinstance(done.answer, Refuse) else Fate.ANSWERED
        done.answer = None
        if any(made.side is not self._x.side for made in done.made):
            return Fate.COLLECTS
        return Fate.PASSES if len(done.made) == 1 else Fate.FANS_OUT

    # -- calls --------------------------------------------------------------------------------

    def _asked(self, ask: Ask) -> Reply:
        if ask.side is self._x.side:
            return _NO_REPLY
        return self._exchange(ask.action, ask.payload, {}, (), gates=True)

    def _flush(self, awaited: Hashable) -> None:
        """Carry out what is queued; awaited: the topic that the procedure waits for."""
        desk, side = self._desk, self._x.side
        for ledger in desk.ledgers.values():
            while ledger.queue:
                outgoing = ledger.queue.pop(0)
                if ledger.side is not side:
                    self._carry_out(outgoing, awaited)
        for topic, value in desk.take_published():
            self._published.setdefault(topic, value)

    def _carry_out(self, outgoing: Outgoing, awaited: Hashable) -> None:
        desk, entry = self._desk, outgoing.entry
        if entry is None:
            gates = outgoing.settled is not None and awaited is not None
            reply = self._exchange(
                outgoing.action, outgoing.payload, {}, outgoing.losses, gates=gates
            )
            if outgoing.settled is not None:
                outgoing.settled(reply)
            return
        kind = procedures.ENTRY_KINDS[entry.kind]
        number = self._number(entry)
        payload = kind.complete(desk, entry)
        state = {} if number is None else {"transaction_id16": number}
        gates = entry.topic == awaited
        reply = self._exchange(outgoing.action, payload, state, outgoing.losses, gates=gates)
        kind.settle(desk, entry, reply)
        desk.finish(entry, dead=False)
        desk.publish(entry.topic, reply)

    def _number(self, entry: Entry) -> int | None:
        """The 1.6 number of a transaction that begins with this entry, where the log has none."""
        if entry.kind == transaction_events.STARTED:
            return self._recording.keep_number(entry, self._answer)
        if entry.kind == transaction_entries.START:
            settings = self._desk.settings.b
            number = self._desk.bindings.table.count("tx16", settings.first_transaction_id)
            self._done.minted = number
            return number
        return None

    def _exchange(
        self,
        action: str,
        payload: JsonObject,
        state: Mapping[str, Any],
        losses: tuple[str, ...],
        *,
        gates: bool,
    ) -> Reply:
        """Put out one call in the target version, with its answer; how it ended for the caller."""
        conforming = self._conforming(action, REQUEST, payload)
        if conforming is None:
            return Reply(Outcome.INVALID, {})
        logged = gates and not any(made.logged for made in self._done.made)
        message_id = self._x.call.message_id if logged else self._desk.new_id()
        made = Made(self._x.side, Call(message_id, action, conforming), logged=logged)
        made.losses = losses
        self._done.made.append(made)
        return self._replied(made, state, gates=gates)

    def _conforming(self, action: str, part: str, payload: JsonObject) -> JsonObject | None:
        catalog, target = self._desk.revision.catalog, self._recording.target
        if catalog.is_valid(target, action, part, payload):
            return payload
        cut = cut_strings(catalog, target, action, part, payload)
        if catalog.is_valid(target, action, part, cut):
            return cut
        found = describe(catalog.violations(target, action, part, payload))
        self._done.faults.append(f"{action} {part}: {found}")
        return None

    # -- answers ------------------------------------------------------------------------------

    def _replied(self, made: Made, state: Mapping[str, Any], *, gates: bool) -> Reply:
        message_id, logged = made.call.message_id, self._answer
        if gates and isinstance(logged, CallError):
            code = read_error(logged.code)
            made.answer = logged._replace(message_id=message_id, code=code, spelled=logged.code)
            return Reply(Outcome.ERROR, {}, made.answer)
        source = logged.payload if isinstance(logged, CallResult) else {}
        payload = self._translated(made.call, source, state)
        if payload is None:
            return _NO_REPLY
        if logged is not None or not gates:
            made.answer = CallResult(message_id, payload)
            made.answered_by = "" if gates and logged is not None else "gateway"
        return Reply(Outcome.RESULT, payload)

    def _translated(
        self, call: Call, source: JsonObject, state: Mapping[str, Any]
    ) -> JsonObject | None:
        """The logged answer as the answer to a call in the target version; None: there is none."""
        catalog, target = self._desk.revision.catalog, self._recording.target
        for attempt in (self._by_rows, self._by_procedure):
            payload = attempt(call, source, state)
            if payload is None:
                continue
            if catalog.is_valid(target, call.action, RESPONSE, payload):
                return payload
            cut = cut_strings(catalog, target, call.action, RESPONSE, payload)
            if catalog.is_valid(target, call.action, RESPONSE, cut):
                return cut
        if self._answer is not None:
            self._done.faults.append(f"the logged answer says nothing that answers {call.action}")
        return None

    def _by_rows(
        self, call: Call, source: JsonObject, state: Mapping[str, Any]
    ) -> JsonObject | None:
        """By the response rows of the opposite direction."""
        maps, recording = self._desk.revision.maps, self._recording
        own = maps.entry(recording.source, self._x.call.action)
        if own is None or own.action(recording.target) != call.action:
            own = maps.entry(recording.target, call.action)
        if own is None or recording.source not in own.directions:
            return None
        translate = own.to(recording.source).response
        if translate is None:
            return {} if not source else None
        known = {"request": call.payload, **state}
        lost: list[str] = []
        try:
            payload = translate(source, self._desk.bindings, known, lost)
        except (Untranslatable, KeyError):
            return None
        self._done.losses += tuple(lost)
        return payload

    def _by_procedure(
        self, call: Call, source: JsonObject, state: Mapping[str, Any]
    ) -> JsonObject | None:
        """By the procedure that would serve the call the other way: what it answers, and what it
        sends besides, which are the parts of a report."""
        desk, recording, side = self._desk, self._recording, self._x.side
        versions = dict(desk.versions)
        found = recording.opening(side, recording.target, recording.source, call)
        if isinstance(found, Refuse) or self._depth:
            return None
        mirror = _Mirror(desk, side, self._x.call.action, source)
        self._depth += 1
        try:
            mirror.run(found.procedure(Exchange(desk, side, call, found.direction, None)))
            for action, payload in mirror.parts:
                self._part(action, payload)
        except (Untranslatable, KeyError):
            return None
        finally:
            self._depth -= 1
            desk.versions.update(versions)
        return mirror.answer

    def _part(self, action: str, payload: JsonObject) -> None:
        """A call of the other side that belongs to the answer; the procedure is told of it."""
        desk, recording = self._desk, self._recording
        conforming = self._conforming(action, REQUEST, payload)
        if conforming is None:
            return
        side = self._x.side.other
        call = Call(desk.new_id(), action, conforming)
        made = Made(side, call, CallResult(call.message_id, {}), "gateway", logged=False)
        self._done.made.append(made)
        found = recording.opening(side, recording.target, recording.source, call)
        if isinstance(found, Opening):
            taker = found.procedure(Exchange(desk, side, call, found.direction, None))
            next(taker, None)
            next(taker, None)
            taker.close()


class _Mirror:
    """A call of the target version served by the logged answer. parts: calls that came of it."""

    def __init__(self, desk: Desk, side: Side, action: str, logged: JsonObject) -> None:
        self._desk = desk
        self._side = side
        self._action = action
        self._logged = logged
        self.answer: JsonObject | None = None
        self.parts: list[tuple[str, JsonObject]] = []

    def run(self, procedure: Procedure) -> None:
        value: object = None
        for _ in range(_MOST_CALLS):
            try:
                request = procedure.send(value)
            except StopIteration:
                break
            value = None
            if isinstance(request, Ask):
                value = self._asked(request.side, request.action, request.payload)
            elif isinstance(request, Answer) and self.answer is None:
                self.answer = request.payload
            elif not isinstance(request, Answer | Await):
                break
        procedure.close()
        for side, ledger in self._desk.ledgers.items():
            for outgoing in ledger.queue:
                self._asked(side, outgoing.action, outgoing.payload)
            ledger.queue.clear()

    def _asked(self, side: Side, action: str, payload: JsonObject) -> Reply:
        if side is self._side:
            self.parts.append((action, payload))
            return Reply(Outcome.RESULT, {})
        if action == self._action:
            return Reply(Outcome.RESULT, self._logged)
        return _NO_REPLY
