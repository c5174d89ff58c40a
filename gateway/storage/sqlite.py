"""The embedded store: one SQLite file, one writer thread, one reader thread. Spec: reliability R19.

An answer waits for the commit of what it relies on, and a commit waits for the disk; so calls are
gathered into groups (`worker.py`), each group is one transaction (`sqlite_writer.py`), and reads go
another way (`sqlite_reader.py`). Nothing here runs SQL on the event loop.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from typing import Any

from gateway.config.model import Store as StoreSettings
from gateway.core.errors import ConfigError, Fenced
from gateway.core.session.effects import Op
from gateway.core.session.state import Loaded
from gateway.storage import sqlite_file
from gateway.storage.port import Binding, Line, Owner, Saved, Store, StoreError, Summary, Totals
from gateway.storage.sqlite_reader import Reader
from gateway.storage.sqlite_writer import PURGE_ROWS, Writer
from gateway.storage.worker import Job, Worker

_READS = 1000


class SqliteStore(Store):
    """`sqlite:///`. Opening blocks; see `gateway.storage.open_store`."""

    def __init__(
        self,
        path: str,
        settings: StoreSettings,
        clock: Callable[[], float],
        hook: Callable[[str], None] | None = None,
        busy_timeout_ms: int = sqlite_file.BUSY_TIMEOUT_MS,
    ) -> None:
        self._path = path
        self._keep_done_s = settings.keep_done_s
        with ExitStack() as undo:
            self._lock = sqlite_file.lock(path)
            undo.callback(os.close, self._lock)
            self._db = sqlite_file.open_for_writing(path, busy_timeout_ms)
            undo.callback(self._db.close)
            self._reader = Reader(path, busy_timeout_ms)
            undo.callback(self._reader.close)
            try:
                self._writer = Writer(self._db, settings, clock, hook)
            except sqlite3.Error as error:
                raise ConfigError(f"state: {path}: {error}") from error
            undo.pop_all()
        interval_s = settings.commit_interval_ms / 1000
        self._writes = Worker("store-writer", self._writer.run, settings.commit_rows, interval_s)
        self._reads = Worker("store-reader", _run_reads, _READS)

    @property
    def healthy(self) -> bool:
        return self._writer.healthy

    async def heartbeat(self, replica: str, url: str | None = None) -> None:
        await self._writes.submit(self._writer.heartbeat, replica, url)

    async def acquire(self, station: str, replica: str, force: bool = False) -> int | None:
        epoch: int | None = await self._writes.submit(self._writer.acquire, station, replica, force)
        return epoch

    async def release(self, station: str, epoch: int) -> None:
        await self._writes.submit(self._writer.release, station, epoch)

    async def owner(self, station: str) -> Owner | None:
        owner: Owner | None = await self._reads.submit(self._reader.owner, station)
        return owner

    async def load(self, station: str, epoch: int) -> Loaded:
        loaded: Loaded = await self._reads.submit(self._reader.load, station, epoch)
        return loaded

    async def commit(self, station: str, epoch: int, ops: tuple[Op, ...]) -> None:
        await self._writes.submit(self._writer.commit, station, epoch, ops)

    def save(self, station: str, epoch: int, ops: tuple[Op, ...], saved: Saved) -> bool:
        self._writes.post(lambda job: saved(job.error), self._writer.commit, station, epoch, ops)
        return False

    async def append(
        self, station: str, epoch: int, dedupe_key: str, action: str, value: bytes
    ) -> int:
        row = (dedupe_key, action, value)
        seq: int = await self._writes.submit(self._writer.append, station, epoch, *row)
        return seq

    async def head(self, station: str) -> tuple[int, bytes] | None:
        head: tuple[int, bytes] | None = await self._reads.submit(self._reader.head, station)
        return head

    async def bindings(self, station: str) -> tuple[tuple[str, str, bytes], ...]:
        rows: tuple[Any, ...] = await self._reads.submit(self._reader.bindings, station)
        return rows

    async def journal(self, station: str, line: Line) -> None:
        await self._writes.submit(self._writer.journal, station, line)

    async def journalled(self, station: str, limit: int = 100) -> tuple[Line, ...]:
        lines: tuple[Line, ...] = await self._reads.submit(self._reader.journalled, station, limit)
        return lines

    async def stations(self) -> tuple[Summary, ...]:
        summaries: tuple[Summary, ...] = await self._reads.submit(self._reader.stations)
        return summaries

    async def each(self, kind: str) -> AsyncIterator[Binding]:
        after = ("", "")
        while page := await self._reads.submit(self._reader.page, kind, after):
            for binding in page:
                yield binding
            after = (page[-1].station, page[-1].key)

    async def totals(self) -> Totals:
        totals: Totals = await self._reads.submit(self._reader.totals)
        return totals

    async def purge(self, now: float) -> int:
        purged, last = 0, PURGE_ROWS
        while last == PURGE_ROWS:  # in batches, so that commits go on between them
            last = await self._writes.submit(self._writer.purge, now - self._keep_done_s)
            purged += last
        return purged

    async def backup(self, path: str) -> None:
        try:
            await asyncio.to_thread(sqlite_file.copy, self._path, path)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"backup to {path}: {error}") from error

    async def close(self) -> None:
        if self._writer.closing.is_set():
            return
        self._writer.closing.set()
        await self._writes.close()
        await self._reads.close()
        self._reader.close()
        self._db.close()
        os.close(self._lock)


def _run_reads(jobs: list[Job]) -> None:
    for job in jobs:
        try:
            job.value = job.verb(*job.args)
        except Fenced as error:
            job.error = error
        except Exception as error:
            job.error = StoreError(f"{type(error).__name__}: {error}")
