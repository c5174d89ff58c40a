"""The store that forgets: the whole contract, in the process's own memory.

What it keeps survives a station's reconnect and nothing more. For tests and `demo`; `serve` warns.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import islice

from gateway.config.model import Store as StoreSettings
from gateway.core.session.effects import Ack, Append, Drop, Op, Put, Update
from gateway.core.session.state import Loaded
from gateway.storage.book import Book
from gateway.storage.port import Binding, Line, Owner, Saved, Store, StoreError, Summary, Totals


@dataclass(slots=True)
class Shelf:
    """One station. finished: when rows were delivered, by seq; dead: their seqs."""

    bindings: dict[tuple[str, str], bytes] = field(default_factory=dict)
    rows: dict[int, bytes] = field(default_factory=dict)
    finished: dict[int, float] = field(default_factory=dict)
    dead: set[int] = field(default_factory=set)
    lines: list[Line] = field(default_factory=list)


_EMPTY = Shelf()


class MemoryStore(Store):
    """`memory:`. Every verb finishes without waiting."""

    healthy = True

    def __init__(self, settings: StoreSettings, clock: Callable[[], float]) -> None:
        self._book = Book(settings)
        self._clock = clock
        self._keep_done_s = settings.keep_done_s
        self._shelves: dict[str, Shelf] = {}
        self._urls: dict[str, str | None] = {}
        self._accepted = 0
        self._delivered = 0

    async def heartbeat(self, replica: str, url: str | None = None) -> None:
        self._book.beats[replica] = self._clock()
        self._urls[replica] = url

    async def acquire(self, station: str, replica: str, force: bool = False) -> int | None:
        return self._book.acquire(station, replica, force, self._clock())

    async def release(self, station: str, epoch: int) -> None:
        self._book.release(station, epoch)

    async def owner(self, station: str) -> Owner | None:
        tenure = self._book.tenures.get(station)
        if tenure is None or tenure.owner is None:
            return None
        return Owner(tenure.owner, self._urls.get(tenure.owner), tenure.epoch)

    async def load(self, station: str, epoch: int) -> Loaded:
        tenure = self._book.holder(station, epoch)
        rows = self._shelf(station).rows
        outbox = tuple((seq, rows[seq]) for seq in sorted(tenure.open))
        return Loaded(await self.bindings(station), outbox)

    async def commit(self, station: str, epoch: int, ops: tuple[Op, ...]) -> None:
        self._commit(station, epoch, ops)

    def save(self, station: str, epoch: int, ops: tuple[Op, ...], saved: Saved) -> bool:
        self._commit(station, epoch, ops)
        return True

    def _commit(self, station: str, epoch: int, ops: tuple[Op, ...]) -> None:
        effective = self._book.admit(station, epoch, ops)
        shelf = self._shelf(station)
        for op in effective:
            self._carry_out(shelf, op)

    async def append(
        self, station: str, epoch: int, dedupe_key: str, action: str, value: bytes
    ) -> int:
        seq = self._book.holder(station, epoch).last_seq + 1
        await self.commit(station, epoch, (Append(seq, dedupe_key, action, value),))
        return seq

    async def head(self, station: str) -> tuple[int, bytes] | None:
        tenure = self._book.tenures.get(station)
        if tenure is None or not tenure.open:
            return None
        seq = min(tenure.open)
        return seq, self._shelf(station).rows[seq]

    async def bindings(self, station: str) -> tuple[tuple[str, str, bytes], ...]:
        kept = self._shelves.get(station, _EMPTY).bindings
        return tuple((kind, key, value) for (kind, key), value in kept.items())

    async def journal(self, station: str, line: Line) -> None:
        self._shelf(station).lines.append(line)

    async def journalled(self, station: str, limit: int = 100) -> tuple[Line, ...]:
        newest = islice(reversed(self._shelves.get(station, _EMPTY).lines), limit)
        return tuple(reversed(tuple(newest)))

    async def stations(self) -> tuple[Summary, ...]:
        return tuple(self._summary(station) for station in sorted(self._book.tenures))

    async def each(self, kind: str) -> AsyncIterator[Binding]:
        for station in sorted(self._shelves):
            for (of, key), value in sorted(self._shelves[station].bindings.items()):
                if of == kind:
                    yield Binding(station, kind, key, value)

    async def totals(self) -> Totals:
        pending = sum(len(tenure.open) for tenure in self._book.tenures.values())
        dead = sum(len(shelf.dead) for shelf in self._shelves.values())
        return Totals(self._accepted, self._delivered, pending, dead, self._book.bytes)

    async def purge(self, now: float) -> int:
        limit = now - self._keep_done_s
        purged = 0
        for shelf in self._shelves.values():
            old = [seq for seq, finished in shelf.finished.items() if finished <= limit]
            for seq in old:
                del shelf.rows[seq], shelf.finished[seq]
            purged += len(old)
            shelf.lines = [line for line in shelf.lines if line.ts > limit]
        return purged

    async def backup(self, path: str) -> None:
        raise StoreError("state: memory: has nothing to copy")

    async def close(self) -> None:
        """Nothing to let go of."""

    def _shelf(self, station: str) -> Shelf:
        shelf = self._shelves.get(station)
        if shelf is None:
            shelf = self._shelves[station] = Shelf()
        return shelf

    def _summary(self, station: str) -> Summary:
        tenure, shelf = self._book.tenures[station], self._shelf(station)
        counts = (len(shelf.bindings), len(tenure.open), len(shelf.dead))
        return Summary(station, tenure.owner, tenure.epoch, *counts)

    def _carry_out(self, shelf: Shelf, op: Op) -> None:
        match op:
            case Put(kind, key, value):
                shelf.bindings[kind, key] = value
            case Drop(kind, key):
                shelf.bindings.pop((kind, key), None)
            case Append(seq, _, _, value):
                shelf.rows[seq] = value
                self._accepted += 1
            case Update(seq, value):
                shelf.rows[seq] = value
            case Ack(seq, True):
                shelf.dead.add(seq)
            case Ack(seq, _):
                shelf.finished[seq] = self._clock()
                self._delivered += 1
