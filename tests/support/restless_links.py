"""Two peers of one session over links that break, and a store that survives restarts.

A test derives from `Restless` and says what its peers do with frames; the clock moves when told to.
"""

from typing import Any, ClassVar

import orjson

from gateway.core.dialects import Leg, Side, Version
from gateway.core.session.desk import Revision
from gateway.core.session.effects import (
    Ack,
    Append,
    Close,
    Drop,
    Effect,
    Message,
    NoAnswer,
    Put,
    Record,
    Save,
    Send,
    Update,
)
from gateway.core.session.session import TranslationSession
from gateway.core.session.state import Loaded
from gateway.core.settings import SessionSettings, Translation


class Restless:
    """versions: of the two peers; dead: payloads of entries that were given up."""

    versions: ClassVar[dict[Side, Version]]

    def __init__(self, revision: Revision, translation: Translation) -> None:
        self._revision = revision
        self._settings = SessionSettings(translation=translation)
        self.now = 1748736000.0
        self.bindings: dict[tuple[str, str], bytes] = {}
        self.outbox: dict[int, Append] = {}
        self.dead: list[Any] = []
        self.up: set[Side] = set()
        self._serial = 0
        self._session: TranslationSession

    # -- what a test says of its peers --------------------------------------------------------

    def take(self, side: Side, frame: list[Any]) -> None:
        """A peer gets a frame."""
        raise NotImplementedError

    def forget(self, side: Side) -> None:
        """A peer's link broke: calls that were open on it are gone."""
        raise NotImplementedError

    # -- links and time -----------------------------------------------------------------------

    def connect(self) -> None:
        for side in Side:
            if side not in self.up:
                if not self.up:
                    self._session = self._new_session()
                self.up.add(side)
                leg = Leg(side, self.versions[side], self.now)
                self._carry_out(self._session.leg_up(leg, self.now))

    def drop(self, side: Side) -> None:
        if side in self.up:
            self.up.discard(side)
            self.forget(side)
            self._carry_out(self._session.leg_down(side, self.now))

    def restart(self) -> None:
        for side in Side:
            self.up.discard(side)
            self.forget(side)
        self.connect()

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        while (due := self._session.next_deadline) is not None and due <= self.now:
            self._carry_out(self._session.tick(self.now))

    def receive(self, side: Side, frame: list[Any]) -> None:
        """The gateway gets a frame."""
        self._carry_out(self._session.receive(side, Message(orjson.dumps(frame)), self.now))

    def records(self, kind: str) -> list[Any]:
        """Durable rows of one kind."""
        return [orjson.loads(v) for (row_kind, _), v in self.bindings.items() if row_kind == kind]

    def _new_session(self) -> TranslationSession:
        rows = tuple((kind, key, value) for (kind, key), value in self.bindings.items())
        entries = tuple((seq, row.value) for seq, row in sorted(self.outbox.items()))
        loaded = Loaded(rows, entries)
        return TranslationSession("CP1", 1, loaded, self._ids(), self._revision, self._settings)

    def _ids(self) -> Any:
        while True:
            self._serial += 1
            yield f"{self._serial:036}"

    def _carry_out(self, effects: list[Effect]) -> None:
        """In order; what a broken link leads to comes after everything that was before it."""
        gone = []
        for effect in effects:
            if isinstance(effect, Save):
                self._save(effect)
            elif isinstance(effect, Send) and effect.side in self.up:
                self.take(effect.side, orjson.loads(effect.data))
            elif isinstance(effect, Close | NoAnswer):
                gone.append(effect.side)
            elif isinstance(effect, Record):
                assert effect.outcome not in ("internal_failure", "unsolicited"), effect
        for side in gone:
            self.drop(side)

    def _save(self, save: Save) -> None:
        for op in save.ops:
            if isinstance(op, Put):
                self.bindings[op.kind, op.key] = op.value
            elif isinstance(op, Drop):
                self.bindings.pop((op.kind, op.key), None)
            elif isinstance(op, Append):
                keys = {row.dedupe_key for row in self.outbox.values()}
                assert op.dedupe_key not in keys, "two open rows of one key"
                self.outbox[op.seq] = op
            elif isinstance(op, Update):
                self.outbox[op.seq] = self.outbox[op.seq]._replace(value=op.value)
            elif isinstance(op, Ack):
                row = self.outbox.pop(op.seq)
                if op.dead:
                    self.dead.append(orjson.loads(row.value)["payload"])
