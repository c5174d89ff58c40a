"""What exchanges of certain templates become, found once: by a rehearsal.

What such an exchange becomes depends on little of what the station's memory holds: its scene. A
rehearsal is the run that it would get (recorded.py), with marks in its gaps, on a memory that holds
the scene and nothing else. Where the marks come out again is where the times, numbers and ids of
all others go. As in `recorded_form.py` it is run twice, with other marks; the score of it counts
only if both come out alike and the run asked for nothing that the scene lacks.
"""

from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any, NamedTuple

from orjson import dumps

from gateway.core.codec.templates import TAG, Gapped, Template, gapped
from gateway.core.dialects import STATION
from gateway.core.frames import Call, CallResult
from gateway.core.session.bindings import Bindings
from gateway.core.session.numbering import Numbering
from gateway.core.session.procedures.status_to_v201 import REPORT_EPOCH
from gateway.core.session.recorded_exchange import Fate, Made, Recorded
from gateway.core.session.recorded_form import LONGEST_ID, is_plain_id
from gateway.core.session.requests import Answer, Refuse
from gateway.core.session.state import Connector, Loaded, Place, Transaction
from gateway.core.session.table import Table
from gateway.core.session.tokens import Tokens

_CONNECTOR, _TRANSACTION, _TOPOLOGY, _TRIGGER = "connector", "transaction", "topology", "trigger"
_OTHERS = "others"
"""What else runs or stands at the station, of which a scene has nothing."""
_ASKED = {_CONNECTOR, _TRANSACTION, _TOPOLOGY, _TRIGGER, REPORT_EPOCH}
_CHANGED = {_CONNECTOR, _TRANSACTION}
_CONNECTOR_FIELDS = tuple(field.name for field in fields(Connector))
_RECORD = ("state", "evse_id", "connector_id", "connector16", "charging_state")
_of_connector, _of_record = attrgetter(*_CONNECTOR_FIELDS), attrgetter(*_RECORD)
TIMES = frozenset({"currentTime", "timestamp"})
LONGEST_TAG = 20
"""Letters of an idTag."""


class Marks(NamedTuple):
    """What stands for what differs. times: of a call and its answer; register: at one end of a
    transaction; now: time of the rehearsal; ids: those to give."""

    times: tuple[str, str]
    sequence: int
    tx201: str
    tx16: int
    register: int
    tag: str
    now: float
    ids: tuple[str, ...]

    def of(self, names: tuple[str, ...], time: str) -> list[str] | None:
        """What fills gaps of these names; None where it has no mark for one."""
        register = str(self.register)
        marks = {"transactionId": str(self.tx16), TAG: self.tag, "meterStart": register}
        marks |= dict.fromkeys(TIMES, time) | {"meterStop": register}
        return [marks[name] for name in names] if marks.keys() >= {*names} else None


_LOGGED = "logged"
_ONE = Marks(
    ("9998-11-30T21:34:51.427Z", "9998-12-04T20:17:36.582Z"),
    700000001,
    "<" * LONGEST_ID,
    700000002,
    700000003,
    "(" * LONGEST_TAG,
    1e9,
    ("one", "two", "three", "four"),
)
_OTHER = Marks(
    ("9997-10-28T20:37:42Z", "9997-09-14T22:48:27Z"),
    900000005,
    ">" * LONGEST_ID,
    900000004,
    900000006,
    ")" * LONGEST_TAG,
    1.5e9,
    ("five", "six", "seven", "eight"),
)
MARKS = _ONE, _OTHER


class Scene(NamedTuple):
    """What a message of a connector may ask for. record: the transaction that runs there, if one
    does; epoch: when its 2.0.1 side last lost track (status_to_v201.py)."""

    connector: Connector
    record: Transaction | None
    epoch: int | None
    place: Place


class Part(NamedTuple):
    """As in Text. own: its call has an id of its own."""

    own: bool
    action: str
    payload: Gapped
    answer: Gapped
    answered_by: str
    losses: tuple[str, ...]


class Played(NamedTuple):
    """As Written."""

    fate: Fate
    made: tuple[Part, ...]
    answer: Answer | None
    losses: tuple[str, ...]


class Score(NamedTuple):
    """As Written; connector: what of it becomes what.

    event: the transaction has one more event; charging_state: what it has then.
    """

    fate: Fate
    made: tuple[Part, ...]
    answer: Answer | None
    losses: tuple[str, ...]
    connector: tuple[tuple[str, Any], ...]
    event: bool
    charging_state: str | None


Run = Callable[[Bindings, Iterator[str], Call, CallResult, float], Recorded]
"""What becomes of an exchange on a memory: (memory, ids to give, call, answer, now)."""


def rehearsed(
    bindings: Bindings, run: Run, action: str, call: Template, answer: Template, scene: Scene | None
) -> Score | None:
    """What an exchange of such payloads becomes in a scene, None: without one; None where they have
    no score. bindings: of a station where this happens."""
    one, other = (_scored(bindings, run, action, (call, answer), scene, m) for m in MARKS)
    return one if one == other else None


def _scored(
    bindings: Bindings,
    run: Run,
    action: str,
    templates: tuple[Template, Template],
    scene: Scene | None,
    marks: Marks,
) -> Score | None:
    """The score by one run; None where it asks for more than the scene holds, or leaves something
    behind for which a score has no word."""
    if not all(len(t.names) <= 1 and TIMES.issuperset(t.names) for t in templates):
        return None
    stage = Stage(bindings, scene, marks)
    played = performed(stage, run, action, templates, marks, marks.ids)
    learned = stage.learned()
    if played is None or learned is None:
        return None
    return Score(*played, *learned)


def performed(
    stage: Bindings,
    run: Run,
    action: str,
    templates: tuple[Template, Template],
    marks: Marks,
    ids: tuple[str, ...],
) -> Played | None:
    """What an exchange with marks becomes. Its texts are to be filled with what fills the gaps of
    call and answer, and with number and transaction of the next event. None where it is more than
    such texts can say. ids: to give; those of calls of their own are marks.ids."""
    gaps = [marks.of(t.names, time) for t, time in zip(templates, marks.times, strict=True)]
    asked, told = gaps
    if asked is None or told is None:
        return None
    call, answer = templates
    given = iter(ids)
    logged = Call(_LOGGED, action, call.payload(asked))
    done = run(stage, given, logged, CallResult(_LOGGED, answer.payload(told)), marks.now)
    known = [*asked, *told, str(marks.sequence), marks.tx201]
    made = tuple(part for one in done.made if (part := _part(one, known)) is not None)
    own = tuple(one.call.message_id for one in done.made if not one.logged)
    if (
        len(made) != len(done.made)
        or own + tuple(given) != marks.ids
        or done.repairs
        or done.faults
        or done.minted is not None
        or isinstance(done.answer, Refuse)
    ):
        return None
    return Played(done.fate, made, done.answer, done.losses)


def _part(made: Made, known: list[str]) -> Part | None:
    """The gaps of what was put out; None for what is no call of the station with its result."""
    if made.side is not STATION or made.late or type(made.answer) is not CallResult:
        return None
    texts = (dumps(frame[-1]).decode() for frame in (made.call, made.answer))
    payload, answer = (gapped(text, known) for text in texts)
    return Part(not made.logged, made.call[1], payload, answer, made.answered_by, made.losses)


def scene_of(bindings: Bindings, number: int) -> Scene | None:
    """The scene of a 1.6 connector; None where more than a scene holds has a part in it."""
    table, (evse_id, connector_id) = bindings.table, bindings.evse201(number)
    connector = table.get(_CONNECTOR, f"{evse_id},{connector_id}")
    record = bindings.running_on(number)
    plain = record is None or (not record.start_failed and is_plain_id(record.tx201))
    if connector is None or table.kind(_TRIGGER) or not plain:
        return None
    place = Place(number, evse_id, connector_id)
    return Scene(connector, record, table.get(REPORT_EPOCH, ""), place)


def state_of(scene: Scene) -> tuple[Any, ...]:
    """What of a scene tells it from others in which exchanges become something else."""
    connector, record, epoch, _ = scene
    return _of_connector(connector), None if record is None else _of_record(record), epoch


class _Rows(Table):
    """A table that knows which kinds of rows were asked for, and which changed."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()
        self.changed: set[str] = set()

    def kind(self, kind: str) -> dict[str, Any]:
        self.asked.add(kind)
        return super().kind(kind)

    def get(self, kind: str, key: str) -> Any:
        self.asked.add(kind)
        return super().get(kind, key)

    def put(self, kind: str, key: str, value: Any) -> None:
        self.changed.add(kind)
        super().put(kind, key, value)

    def drop(self, kind: str, key: str) -> None:
        self.changed.add(kind)
        super().drop(kind, key)

    def filled(self) -> dict[str, dict[str, Any]]:
        """All that it holds."""
        return {kind: rows for kind, rows in self._rows.items() if rows}


class Stage(Bindings):
    """A memory that holds a scene, with marks in the place of what tells it from others like it."""

    def __init__(self, real: Bindings, scene: Scene | None, marks: Marks) -> None:
        super().__init__(Loaded(), real.settings)
        self.version, self.namespace = real.version, real.namespace
        self.rows = self.table = _Rows()
        self._scene = scene
        self._time = marks.times[0]
        if scene is not None:
            self._set(scene, marks)
        self.numbering = Numbering(self.table, self.settings.topology)
        self.tokens = Tokens(self.table, self.settings.id_token)
        self.rows.asked.clear()
        self.rows.changed.clear()

    def _set(self, scene: Scene, marks: Marks) -> None:
        connector, real, epoch, place = scene
        self.keep_connector(replace(connector))
        self.table.put(_TOPOLOGY, str(place.number), place)
        if epoch is not None:
            self.table.put(REPORT_EPOCH, "", epoch)
        self._before = None
        if real is not None:
            record = Transaction(marks.tx201, tx16=marks.tx16, next_seq=marks.sequence)
            for name in _RECORD:
                setattr(record, name, getattr(real, name))
            self.keep(record)
            self._before = replace(record)

    def transactions(self) -> Iterable[Transaction]:
        self.rows.asked.add(_OTHERS)
        return super().transactions()

    def running(self, evse_id: int | None = None) -> list[Transaction]:
        self.rows.asked.add(_OTHERS)
        return super().running(evse_id)

    def connectors(self) -> Iterable[Connector]:
        self.rows.asked.add(_OTHERS)
        return super().connectors()

    def held(self, asked: Set[str], changed: Set[str]) -> bool:
        """Whether rows of these kinds were asked for and changed, and no others."""
        return self.rows.asked <= asked and self.rows.changed <= changed

    def like(self, other: "Stage") -> bool:
        """Whether both remember the same."""
        return self.rows.filled() == other.rows.filled() and self.measured == other.measured

    def learned(self) -> tuple[tuple[tuple[str, Any], ...], bool, str | None] | None:
        """As in Score; None where more was asked for or changed than it tells."""
        scene = self._scene
        if scene is None:
            return ((), False, None) if self.held(set(), set()) else None
        if not self.held(_ASKED, _CHANGED):
            return None
        connector, before = scene.connector, self._before
        now = self.connector(connector.evse_id, connector.connector_id)
        others = zip(_CONNECTOR_FIELDS, _of_connector(connector), _of_connector(now), strict=True)
        changes = tuple((name, new) for name, old, new in others if old != new)
        if before is None:
            return changes, False, None
        record = self.transaction(before.tx201)
        if record == before:
            return changes, False, None
        told = None if record is None else record.charging_state
        number, time = before.next_seq + 1, self._time
        with_event = replace(before, next_seq=number, last_event_time=time, charging_state=told)
        return (changes, True, told) if record == with_event else None
