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
the station's reaction to them; and what it would read of a station before it asks (`Ask.granted`).
Entries are settled once and never sent again: the log holds the
repeats that there were.

Ids in logged answers are taken into the bindings. Only where the log has none is one made: the 1.6
number of a transaction from `b.first_transaction_id` on, and `minted` says so (decision 19).
A call without a logged answer is shown without one; the state goes on as if it had been granted.

Most of a log is like what came before. So there are quicker ways to the same end, each for the
plain case only, and a run (recorded_run.py) for all else:

    recorded_relay.py       one call and its answer in both versions: their maps, no procedure
    recorded_meter.py       meter values of a transaction: the procedure's functions, no run; those
                            of a form that is known (recorded_form.py) are only written
    recorded_rehearsed.py   what comes out as another exchange did in a run with marks in place
                            of times and ids (recorded_rehearsal.py) is only written
    recorded_turn.py        the same of the beginnings and ends of transactions
"""

from collections.abc import Callable, Hashable, Iterator
from typing import NamedTuple

from gateway.core.codec.templates import Filled
from gateway.core.dialects import INTERNAL_ERROR, STATION, Leg, Side, Version
from gateway.core.frames import Call, CallResult, JsonObject
from gateway.core.schema.repair import UNPROMPTED, acceptable, cut_strings, repair
from gateway.core.schema.violations import describe, worst
from gateway.core.session.bindings import Bindings
from gateway.core.session.desk import Desk, Revision
from gateway.core.session.entries import Entry
from gateway.core.session.exchange import Exchange
from gateway.core.session.ledger import Outgoing
from gateway.core.session.opening import Opening, opening
from gateway.core.session.procedures.transaction_events import EVENT
from gateway.core.session.recorded_exchange import (
    LEFT_OUT,
    Fate,
    Fault,
    LoggedAnswer,
    Made,
    Recorded,
    Report,
    Way,
    Written,
    failure,
)
from gateway.core.session.recorded_form import Forms
from gateway.core.session.recorded_meter import METER, Metered, MeterWay
from gateway.core.session.recorded_rehearsed import RehearsedWay, Scores
from gateway.core.session.recorded_relay import RELAY, RelayWay
from gateway.core.session.recorded_run import REQUEST, RESPONSE, Run, way_of
from gateway.core.session.recorded_turn import START, STOP, Turns, TurnWay, keep_number
from gateway.core.session.requests import Refuse
from gateway.core.session.state import Loaded
from gateway.core.settings import SessionSettings

__all__ = ["Fate", "Made", "Quick", "Recorded", "Recording", "Written"]

CLOSED_KEPT = 8
"""Closed transactions that a station's later messages may still speak of; up to twice as many are
kept, each with its meter values' keys."""
TAGS_KEPT = 32
"""Tags whose last authorization a station's later messages may rely on."""


UNMETERED = frozenset({"status_to_v201"})
"""Procedures that do not ask what meter values told."""
REHEARSED = frozenset({RELAY, "status_to_v201"})
"""Procedures whose exchanges come out alike."""


Quick = Callable[[Filled, Filled], Written | None]


class Found(NamedTuple):
    """What becomes of payloads of certain templates."""

    forms: Forms
    scores: Scores
    turns: Turns


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
    it happened; ids: for calls and transactions that the log has no id for; found: what recordings
    of the same configuration found out, by their maps and the namespace of a station."""

    def __init__(
        self,
        station: str,
        source: Version,
        target: Version,
        revision: Revision,
        config: SessionSettings,
        ids: Iterator[str],
        opened: float,
        found: dict[tuple[str, str], Found] | None = None,
    ) -> None:
        self._desk = _Desk(station, Loaded(), revision, config, ids)
        self._config = config
        self.source, self.target = source, target
        self._desk.bindings.version = source
        for side in Side:
            self._desk.legs[side] = Leg(side, source, opened)
        self._provisional: dict[int, str] = {}
        self._found = {} if found is None else found
        self._metering: MeterWay | None = None
        self._rehearsed: dict[str, RehearsedWay] = {}
        self._written: dict[str, Quick] = {}
        self._relays: dict[tuple[Side, str], RelayWay | None] = {}
        self._metered: dict[str, Metered] = {}
        self._openings: dict[tuple[Side, str], Opening] = {}
        self._boot: JsonObject | None = None
        self._versions = {side: {side: source, side.other: target} for side in Side}
        self.reports: dict[int, Report] = {}
        self.ways: dict[tuple[str, str], Way] = {}
        self._fitted()

    @property
    def revision(self) -> Revision:
        """What the station's messages are judged and translated by, as far as it has told."""
        return self._desk.revision

    def way(self, side: Side, action: str) -> Quick | None:
        """What makes of most such exchanges what `recorded` would, only quicker: None in its place
        for those that it has to be asked about. None: for all."""
        if side is not STATION or self._provisional or self._unprompted:
            return None
        return self._written.get(action)

    def recorded(self, side: Side, call: Call, answer: LoggedAnswer, now: float) -> Recorded:
        """Translate one exchange of the log. side: who called; now: seconds since the epoch, when
        the call was logged. Never raises: a failure of our own refuses the exchange, and the log
        goes on."""
        try:
            return self._recorded(side, call, answer, now)
        except Exception as error:
            self._clear()
            refused = Refuse(INTERNAL_ERROR, "internal failure")
            return Recorded(Fate.REFUSED, answer=refused, faults=[failure(error)])

    def _recorded(self, side: Side, call: Call, answer: LoggedAnswer, now: float) -> Recorded:
        desk = self._desk
        desk.now = desk.bindings.now = now
        found = self._openings.get((side, call.action))
        if found is None:
            self._settle()
            opened = self._opening(side, call)
            if isinstance(opened, Refuse):
                return Recorded(Fate.REFUSED, answer=opened)
            found = opened
        desk.versions.update(self._versions[side])
        done = Recorded()
        if self._unprompted or not found.accepts(call.payload):
            mended = self._mended(call.action, REQUEST, call.payload)
            payload, done.repairs, usable = mended
            if not usable:
                refused = Recorded(Fate.REFUSED, answer=self._refusal(call.action, payload))
                if found.direction.params.get("registers"):
                    self._fit(self._boot)
                return refused
            call = call._replace(payload=payload)
        if found.direction.params.get("registers"):
            self._boot = call.payload
        if type(answer) is CallResult and (self._unprompted or not found.answers(answer.payload)):
            answer = self._usable(call.action, answer, done)
        if self.source is self.target:
            done.made.append(self._repeated(side, call, answer))
            return done
        if self._provisional:
            self._adopt(call.payload)
        procedure = found.direction.procedure
        if side is STATION and call.action not in self._written:
            if procedure in REHEARSED:
                self._rehearse(call.action, staged=procedure != RELAY)
            elif procedure in (START, STOP):
                self._take_turns(call.action, begins=procedure == START)
        if procedure == RELAY and self._is_relayed(side, found, call, answer, done):
            return done
        if procedure not in UNMETERED:
            self._settle()
        if procedure == METER and self._is_metered(found, call, answer, done):
            return done
        x = Exchange(desk, side, call, found.direction, None)
        Run(self, desk, x, answer, done).run(found.procedure(x))
        self._clear()
        return done

    def _is_relayed(
        self, side: Side, found: Opening, call: Call, answer: LoggedAnswer, done: Recorded
    ) -> bool:
        """Put out a call and its answer as they are in the other version, if that is all."""
        if type(answer) is not CallResult:
            return False
        key = side, call.action
        way = self._relays[key] if key in self._relays else self._relay_way(key, found)
        if way is None or not way.take(self._desk.bindings, side, call, answer.payload, done):
            return False
        self._desk.bindings.table.dirty.clear()
        return True

    def _relay_way(self, key: tuple[Side, str], found: Opening) -> RelayWay | None:
        revision, target, direction = self._desk.revision, self.target, found.direction
        way = way_of(revision, self.source, target, key[1], direction.action)
        made = None
        if direction.request is not None and (way.rows is not None or way.empty):
            made = RelayWay(direction, direction.request, way.rows, way.accepts, way.answers)
        if way.computed or revision.carries_custom_data:
            made = None
        self._relays[key] = made
        return made

    def _settle(self) -> None:
        if self._metering is not None:
            self._metering.settle()

    def _is_metered(self, found: Opening, call: Call, answer: LoggedAnswer, done: Recorded) -> bool:
        """Put out meter values of a transaction, if this is the plain case."""
        if self._metering is None:
            self._metering = self._meter_way(found, call.action)
            self._written[call.action] = self._metering.written
        self._metering.told(call.payload)
        if type(answer) is not CallResult or answer.payload:
            return False
        taken = self._metering.take(call, done)
        if taken:
            self._desk.bindings.table.dirty.clear()
        return taken

    def _meter_way(self, found: Opening, action: str) -> MeterWay:
        revision, target = self._desk.revision, self.target
        way = way_of(revision, self.source, target, action, EVENT)
        plain = way.empty and not (way.computed or revision.carries_custom_data)
        forms = self._found_here().forms
        plain = plain and way.answers({})
        return MeterWay(self._desk, found.accepts, way.accepts, self._metered, forms, plain=plain)

    def _rehearse(self, action: str, *, staged: bool) -> None:
        """Know calls of that action by what others like them became."""
        scores, run = self._found_here().scores, self._on_stage
        way = RehearsedWay(self._desk, action, scores, run, staged=staged)
        self._rehearsed[action] = way
        self._written[action] = way.written

    def _take_turns(self, action: str, *, begins: bool) -> None:
        """Know where transactions begin, or end, by what others became there."""
        turns, around = self._found_here().turns, (self._settle, self._clear)
        way = TurnWay(self._desk, action, turns, self._on_stage, *around, begins=begins)
        self._written[action] = way.written

    def _on_stage(
        self, memory: Bindings, ids: Iterator[str], call: Call, answer: CallResult, now: float
    ) -> Recorded:
        """What an exchange of such a station would become if it remembered that."""
        desk, config = self._desk, self._config
        other = Recording(desk.station, self.source, self.target, desk.revision, config, ids, 0.0)
        other._desk.bindings, other._desk.revision = memory, desk.revision
        other._fitted()
        return other.recorded(STATION, call, answer, now)

    def _found_here(self) -> Found:
        key = self._desk.revision.name, self._desk.bindings.namespace
        return self._found.setdefault(key, Found({}, {}, {}))

    def opening(self, side: Side, source: Version, target: Version, call: Call) -> Opening | Refuse:
        """What a call opens with on its way from one version to the other."""
        desk = self._desk
        key = (side, source, target, call.action)
        found = desk.revision.openings.get(key) or opening(desk.revision, key)
        if isinstance(found, Opening):
            desk.versions[side], desk.versions[side.other] = source, target
        return found

    def keep_number(self, entry: Entry, answer: LoggedAnswer) -> None:
        """Give a 1.6 station's new transaction the number that the log has for it."""
        record = self._desk.bindings.transaction(entry.tx201)
        if record is None or record.tx16 is None or self.source is not Version.V16:
            return
        logged = answer.payload.get("transactionId") if isinstance(answer, CallResult) else None
        if isinstance(logged, int):
            keep_number(self._desk.bindings, record, logged)
        elif answer is None:
            self._provisional[record.tx16] = record.tx201

    def _opening(self, side: Side, call: Call) -> Opening | Refuse:
        found = self.opening(side, self.source, self.target, call)
        if isinstance(found, Refuse):
            return found
        if found.direction.params.get("registers"):
            self._fit(call.payload)
            return self.opening(side, self.source, self.target, call)
        self._openings[side, call.action] = found
        return found

    def _fit(self, boot: JsonObject | None) -> None:
        self._desk.fit(boot)
        self._fitted()

    def _fitted(self) -> None:
        """The maps that fit the station are known, or others than before."""
        self.ways.clear()
        self._openings.clear()
        self._relays.clear()
        self._metering = None
        self._rehearsed.clear()
        self._written.clear()
        profiles = (*self._config.profiles, *self._desk.revision.profiles)
        self._unprompted = not UNPROMPTED.isdisjoint(profiles)

    def _mended(
        self, action: str, part: str, payload: JsonObject
    ) -> tuple[JsonObject, tuple[str, ...], bool]:
        """(payload as repaired, names of the repairs, whether it may go on)."""
        catalog, version = self._desk.revision.catalog, self.source
        profiles = (*self._config.profiles, *self._desk.revision.profiles)
        zone, now = self._desk.settings.timezone_default, self._desk.now
        payload, repairs = repair(catalog, version, action, part, payload, profiles, zone, now=now)
        return payload, repairs, acceptable(catalog, version, action, part, payload)

    def _refusal(self, action: str, payload: JsonObject) -> Refuse:
        violations = self._desk.revision.catalog.violations(self.source, action, REQUEST, payload)
        return Refuse(worst(violations), describe(violations))

    def _usable(self, action: str, answer: CallResult, done: Recorded) -> LoggedAnswer:
        """The logged answer as it can be translated; none where it breaks its schema for good."""
        payload, repairs, usable = self._mended(action, RESPONSE, answer.payload)
        done.repairs += repairs
        if not usable:
            done.faults.append(Fault(LEFT_OUT, "the logged answer breaks its schema"))
            return None
        return answer._replace(payload=payload)

    def _repeated(self, side: Side, call: Call, answer: LoggedAnswer) -> Made:
        """The exchange as it is; strings that came in too long are cut, as on every way out."""
        action = call.action
        call = call._replace(payload=self._cut(action, REQUEST, call.payload))
        if isinstance(answer, CallResult):
            answer = answer._replace(payload=self._cut(action, RESPONSE, answer.payload))
        return Made(side, call, answer)

    def _cut(self, action: str, part: str, payload: JsonObject) -> JsonObject:
        catalog, target = self._desk.revision.catalog, self.target
        if catalog.is_valid(target, action, part, payload):
            return payload
        return cut_strings(catalog, target, action, part, payload)

    def _adopt(self, payload: JsonObject) -> None:
        """A number that no answer told: it belongs to the start that has none, if there is one."""
        number = payload.get("transactionId")
        if not isinstance(number, int) or number <= 0:
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
        for way in self._rehearsed.values():
            way.settle()
        desk, bindings = self._desk, self._desk.bindings
        desk.ops.clear()
        desk.records.clear()
        desk.published.clear()
        desk.awaited.clear()
        desk.entries.clear()
        bindings.table.dirty.clear()
        if len(bindings.table.kind("transaction")) > 2 * CLOSED_KEPT:
            closed = [r.tx201 for r in bindings.transactions() if not r.is_open]
            for tx201 in closed[:-CLOSED_KEPT]:
                bindings.forget(tx201)
                self._metered.pop(tx201, None)
        if len(desk.authorized) > TAGS_KEPT:
            desk.authorized.clear()
