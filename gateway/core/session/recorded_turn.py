"""Where transactions on record begin and end: mostly as others did, so without a run.

What the start or the stop becomes is text with gaps, found by a rehearsal (recorded_rehearsal.py).
What the station's memory learns of it is told by the procedure's own functions, and the rehearsal
counts only if its run has taught the memory that and nothing else.
"""

from collections.abc import Callable
from typing import NamedTuple

from gateway.core.codec.templates import TAG, Filled, Template, payload_of
from gateway.core.frames import JsonObject
from gateway.core.session.bindings import Bindings
from gateway.core.session.desk import Desk
from gateway.core.session.procedures import transaction_events as events
from gateway.core.session.procedures.meter_facts import fingerprint
from gateway.core.session.procedures.transaction_to_v201 import begun, ending, start_key
from gateway.core.session.recorded_exchange import Written
from gateway.core.session.recorded_form import Online
from gateway.core.session.recorded_rehearsal import (
    LONGEST_TAG,
    MARKS,
    TIMES,
    Marks,
    Part,
    Played,
    Run,
    Scene,
    Stage,
    performed,
    scene_of,
    state_of,
)
from gateway.core.session.state import ACTIVE, Transaction
from gateway.core.timestamps import is_normal

START, STOP = "transaction_start", "transaction_stop"
"""The procedures whose calls are taken."""

_NUMBER, _TIME, _ACCEPTED = "transactionId", "timestamp", "Accepted"
_REMOTE_START = "remote_start"
TURNS_KEPT = 256
_ASKED = {"connector", "counter", "others", "token", "topology", "transaction", _REMOTE_START}
_CHANGED = {"counter", "transaction"}
"""Kinds of rows that a run may ask for and change."""


class Turn(NamedTuple):
    """What a start or a stop becomes. info: of a start, what the station hears of its token;
    token_type: what the maps take a tag for that they know nothing of."""

    played: Played
    part: Part
    info: JsonObject
    token_type: str


Turns = dict[tuple[object, ...], Turn | None]
"""By the templates of a call and its answer and by the scene; None: they have to be run."""


def begin(
    bindings: Bindings, tx201: str, payload: JsonObject, number: int, info: JsonObject
) -> None:
    """What the memory learns of an accepted start. number: that the log has for the transaction."""
    time: str = payload[_TIME]
    record = begun(bindings, tx201, payload, start_key(payload, time), time)
    keep_number(bindings, record, number)
    events.acknowledged(record, info)
    record.untold = False
    record.next_seq += 1
    bindings.keep(record)


def end(bindings: Bindings, record: Transaction, payload: JsonObject) -> None:
    """What it learns of a stop."""
    ending(bindings, record, payload, fingerprint(payload), payload[_TIME])
    record.next_seq += 1
    events.close(bindings, record)


def keep_number(bindings: Bindings, record: Transaction, logged: int) -> None:
    """Give a transaction the number that the log has for it; the one that it had is free again."""
    if record.tx16 != logged:
        table = bindings.table
        if record.tx16 is not None and table.get("counter", "tx16") == record.tx16 + 1:
            table.put("counter", "tx16", record.tx16)
        record.tx16 = logged
        bindings.keep(record)


class TurnWay:
    """The way of a station's starts, or of its stops. run: runs an exchange on another memory;
    before, after: to be called before and after the memory learns."""

    def __init__(
        self,
        desk: Desk,
        action: str,
        turns: Turns,
        run: Run,
        before: Callable[[], None],
        after: Callable[[], None],
        *,
        begins: bool,
    ) -> None:
        self._desk = desk
        self._action = action
        self._turns = turns
        self._run = run
        self._before = before
        self._after = after
        self._begins = begins
        self._online = Online(desk)

    def written(self, call: Filled, answer: Filled) -> Written | None:
        """What becomes of an exchange; None: it has to be run."""
        bindings, payload = self._desk.bindings, payload_of(call)
        scene = self._starts_in(payload) if self._begins else self._stops_in(payload)
        if scene is None:
            return None
        turn = self._turn(call[0], answer[0], scene)
        gaps, names = call[1] + answer[1], call[0].names + answer[0].names
        if turn is None or not self._plain(turn, names, gaps, payload[_TIME]):
            return None
        record = scene.record
        if record is None:
            key = start_key(payload, payload[_TIME])
            if any(known.start_key == key for known in bindings.transactions()):
                return None
        self._before()
        played, (_, action, event, reply, answered_by, losses), info, _ = turn
        if record is None:
            tx201, number = self._desk.new_id(), payload_of(answer)[_NUMBER]
            known = *gaps, "", tx201
            begin(bindings, tx201, payload, number, dict(info))
        else:
            known = *gaps, str(record.next_seq), record.tx201
            end(bindings, record, payload)
        self._after()
        made = "", action, event.filled(known), reply.filled(known), answered_by, losses
        return played.fate, (made,), played.answer, played.losses

    def _starts_in(self, payload: JsonObject) -> Scene | None:
        """The scene of a start that nothing stands in the way of."""
        bindings, number = self._desk.bindings, payload.get("connectorId")
        scene = scene_of(bindings, number) if type(number) is int and number > 0 else None
        if scene is None or bindings.running(scene.place.evse_id):
            return None
        return None if bindings.table.kind(_REMOTE_START) else scene

    def _stops_in(self, payload: JsonObject) -> Scene | None:
        """The scene of the stop of a transaction that runs there alone."""
        bindings, number = self._desk.bindings, payload.get(_NUMBER)
        record = bindings.open_by_tx16(number) if type(number) is int and number > 0 else None
        if record is None or record.state != ACTIVE or record.connector16 is None:
            return None
        if record.untold or record.stop_key is not None or record.ended is not None:
            return None
        scene = scene_of(bindings, record.connector16)
        return scene if scene is not None and scene.record is record else None

    def _turn(self, call: Template, answer: Template, scene: Scene) -> Turn | None:
        key = (call, answer, *state_of(scene))
        if key not in self._turns:
            if len(self._turns) >= TURNS_KEPT:
                self._turns.clear()
            one, other = (self._rehearsed(call, answer, scene, marks) for marks in MARKS)
            self._turns[key] = one if one == other else None
        return self._turns[key]

    def _plain(self, turn: Turn, names: tuple[str, ...], gaps: tuple[str, ...], time: str) -> bool:
        """Whether all that differs is of the kind that the marks stood for."""
        for name, text in zip(names, gaps, strict=True):
            if name in TIMES:
                plain = is_normal(text)
            elif name == TAG:
                plain = 0 < len(text) <= LONGEST_TAG
                plain = plain and self._desk.bindings.untag(text) == (text, turn.token_type)
            else:
                plain = text.isdigit()
            if not plain:
                return False
        return self._online.at(time)

    def _rehearsed(
        self, call: Template, answer: Template, scene: Scene, marks: Marks
    ) -> Turn | None:
        """The turn by one run."""
        real, begins = self._desk.bindings, scene.record is None
        stage, other = Stage(real, scene, marks), Stage(real, scene, marks)
        ids = (marks.tx201, *marks.ids) if begins else marks.ids
        played = performed(stage, self._run, self._action, (call, answer), marks, ids)
        record, asked = stage.transaction(marks.tx201), marks.of(call.names, marks.times[0])
        if played is None or record is None or asked is None or len(played.made) != 1:
            return None
        info = record.start_info or {}
        if played.made[0].own or not stage.held(_ASKED, _CHANGED):
            return None
        other.now = marks.now
        payload, before = call.payload(asked), other.transaction(marks.tx201)
        if before is not None:
            end(other, before, payload)
        elif record.start_status == _ACCEPTED and _NUMBER in answer.names:
            begin(other, marks.tx201, payload, marks.tx16, info)
        if not other.like(stage):
            return None
        return Turn(played, played.made[0], info, stage.untag(marks.tag)[1])
