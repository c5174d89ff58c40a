"""Who may write which station, and which outbox rows are unfinished: rules of one-process engines.

The engine asks the book before it writes, so that a refused Save has written nothing yet and a
write that fails afterwards is the disk's fault. The book is exact because a one-process engine has
one writer (R19 makes sure); an engine with several must put the same questions to its database.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.config.model import Store as StoreSettings
from gateway.core.errors import Fenced
from gateway.core.session.effects import Ack, Append, Drop, Op, Put, Update
from gateway.storage.port import BadSave, StoreFull

_BINDINGS = (Put, Drop)

_new = tuple.__new__
"""Makes a NamedTuple in a third of the time of calling its class; for the one of each row."""


class OpenRow(NamedTuple):
    """An unfinished outbox row. size: bytes of its value."""

    dedupe_key: str
    size: int


@dataclass(slots=True)
class Tenure:
    """One station: who holds it under which epoch, and its unfinished rows.

    owner: None when nobody does. last_seq: the highest ever given, purged rows included.
    keys: the dedupe keys of the rows in `open`.
    """

    owner: str | None = None
    epoch: int = 0
    last_seq: int = 0
    open: dict[int, OpenRow] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)

    def enter(self, seq: int, row: OpenRow) -> None:
        self.open[seq] = row
        self.keys.add(row.dedupe_key)

    def strike(self, seq: int) -> None:
        row = self.open.pop(seq, None)
        if row is not None:
            self.keys.discard(row.dedupe_key)


class Book:
    """All stations of one store. beats: when each replica was last heard of; bytes: unfinished."""

    def __init__(self, settings: StoreSettings) -> None:
        self.tenures: dict[str, Tenure] = {}
        self.beats: dict[str, float] = {}
        self.bytes = 0
        self._rows_cap = settings.outbox_rows_per_station
        self._bytes_cap = settings.outbox_bytes
        self._dead_after_s = settings.dead_after_s

    def recall(self, station: str, seq: int, row: OpenRow) -> None:
        """Enter a row that the engine already holds."""
        self.tenures[station].enter(seq, row)
        self.bytes += row.size

    # -- epochs -----------------------------------------------------------------------------

    def acquire(self, station: str, replica: str, force: bool, now: float) -> int | None:
        """As `Store.acquire`."""
        tenure = self.tenures.setdefault(station, Tenure())
        if not force and tenure.owner not in (None, replica) and self._lives(tenure.owner, now):
            return None
        tenure.owner = replica
        tenure.epoch += 1
        return tenure.epoch

    def release(self, station: str, epoch: int) -> None:
        """As `Store.release`."""
        self.holder(station, epoch).owner = None

    def holder(self, station: str, epoch: int) -> Tenure:
        """The station's tenure, if epoch is the present one. Raises Fenced."""
        tenure = self.tenures.get(station)
        if tenure is None or tenure.epoch != epoch or tenure.owner is None:
            raise Fenced(f"{station}: epoch {epoch} is over")
        return tenure

    def _lives(self, replica: str | None, now: float) -> bool:
        beat = self.beats.get(replica or "")
        return beat is not None and now - beat < self._dead_after_s

    # -- saves ------------------------------------------------------------------------------

    def admit(self, station: str, epoch: int, ops: Iterable[Op]) -> list[Op]:
        """Enter one Save and return its ops that have an effect, in order.

        Raises Fenced, StoreFull or BadSave, and is as before then.
        """
        tenure = self.holder(station, epoch)
        before: list[tuple[int, OpenRow | None]] = []
        rows, size, last = len(tenure.open), self.bytes, tenure.last_seq
        effective: list[Op] = []
        try:
            for op in ops:
                if isinstance(op, _BINDINGS) or self._enter(tenure, op, before):
                    effective.append(op)
            if tenure.last_seq != last:
                self._check_caps(station, tenure, rows, size)
        except (BadSave, StoreFull):
            self.bytes, tenure.last_seq = size, last
            _restore(tenure, before)
            raise
        return effective

    def _enter(
        self, tenure: Tenure, op: Append | Update | Ack, before: list[tuple[int, OpenRow | None]]
    ) -> bool:
        """Enter one op on a row; whether it has an effect. before: gets the row as it was.

        Raises BadSave.
        """
        seq = op.seq
        row = tenure.open.get(seq)
        if type(op) is Append:
            key, size = op.dedupe_key, len(op.value)
            if seq <= tenure.last_seq or key in tenure.keys:
                raise BadSave(f"seq {seq} after {tenure.last_seq}, key {key!r}")
            tenure.last_seq = seq
            tenure.enter(seq, _new(OpenRow, (key, size)))
            self.bytes += size
        elif row is None:
            return False
        elif type(op) is Update:
            tenure.open[seq] = OpenRow(row.dedupe_key, len(op.value))
            self.bytes += len(op.value) - row.size
        else:
            tenure.strike(seq)
            self.bytes -= row.size
        before.append((seq, row))
        return True

    def _check_caps(self, station: str, tenure: Tenure, rows: int, size: int) -> None:
        if len(tenure.open) > max(rows, self._rows_cap):
            raise StoreFull(f"{station}: {rows} unfinished rows, store.outbox_rows_per_station")
        if self.bytes > max(size, self._bytes_cap):
            raise StoreFull(f"{size} bytes in unfinished rows, store.outbox_bytes")


def _restore(tenure: Tenure, before: list[tuple[int, OpenRow | None]]) -> None:
    for seq, row in reversed(before):
        tenure.strike(seq)
        if row is not None:
            tenure.enter(seq, row)
