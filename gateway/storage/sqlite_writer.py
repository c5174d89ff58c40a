"""The one writer of the SQLite file: a group of calls, one transaction, one fsync.

Each call of a group is decided on its own, by the book, before anything of the group is written: a
stale epoch or a full outbox refuses that call and leaves its neighbours alone. Whatever goes wrong
after that is the disk's fault and fails the whole group, since none of it was kept.

What a group writes: `sqlite_batch.py`.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from gateway.config.model import Store as StoreSettings
from gateway.core.errors import Fenced
from gateway.core.session.effects import Append, Op
from gateway.storage.book import Book, OpenRow, Tenure
from gateway.storage.port import Line, StoreError
from gateway.storage.sqlite_batch import Batch
from gateway.storage.worker import Job

PURGE_ROWS = 500


class Writer:
    """Carries out groups, in the writer's thread. closing: gives up waiting for a foreign lock."""

    def __init__(
        self,
        db: sqlite3.Connection,
        settings: StoreSettings,
        clock: Callable[[], float],
        hook: Callable[[str], None] | None,
    ) -> None:
        self.closing = threading.Event()
        self._db = db
        self._settings = settings
        self._clock = clock
        self._hook = hook or _no_hook
        self._failed = False
        self._stale = False  # the book has entered what was not kept
        self._locked_since: float | None = None
        self._forget_owners()
        self._book = _read_book(db, settings)
        self._batch = Batch(0.0)

    @property
    def healthy(self) -> bool:
        """As `Store.healthy`; read by the event loop."""
        since = self._locked_since
        locked = since is not None and time.monotonic() - since > self._settings.locked_ready_s
        return not self._failed and not locked

    def run(self, jobs: list[Job]) -> None:
        """Decide and commit one group."""
        before = self._db.total_changes
        try:
            self._begin()
            self._reread()
            self._decide(jobs)
            self._batch.write(self._db)
            self._hook("before_commit")
            self._db.execute("COMMIT")
        except Exception as error:
            self._undo(jobs, error)
            return
        if self._db.total_changes > before:
            self._failed = False
        self._hook("after_commit")

    # -- verbs, as of `port.Store`; each is decided while its group is gathered --------------

    def commit(self, station: str, epoch: int, ops: tuple[Op, ...]) -> None:
        self._batch.take(station, self._book.admit(station, epoch, ops))

    def append(self, station: str, epoch: int, dedupe_key: str, action: str, value: bytes) -> int:
        seq = self._book.holder(station, epoch).last_seq + 1
        self.commit(station, epoch, (Append(seq, dedupe_key, action, value),))
        return seq

    def acquire(self, station: str, replica: str, force: bool) -> int | None:
        epoch = self._book.acquire(station, replica, force, self._batch.now)
        if epoch is not None:
            self._batch.leases[station] = (replica, epoch)
        return epoch

    def release(self, station: str, epoch: int) -> None:
        self._book.release(station, epoch)
        self._batch.leases[station] = (None, epoch)

    def heartbeat(self, replica: str, url: str | None) -> None:
        self._book.beats[replica] = self._batch.now
        self._batch.beats[replica] = url

    def journal(self, station: str, line: Line) -> None:
        self._batch.lines.append((station, *line))

    def purge(self, limit: float) -> int:
        """Delete at most PURGE_ROWS outbox rows that were finished by then, and as many lines."""
        old = self._db.execute(
            f"""SELECT id, station, seq FROM outbox WHERE state = 'done' AND finished <= ?
            LIMIT {PURGE_ROWS}""",
            (limit,),
        ).fetchall()
        self._db.executemany("DELETE FROM outbox WHERE id = ?", [row[:1] for row in old])
        # What purged rows leave behind: their seq is never given again.
        highest = {station: seq for _, station, seq in sorted(old, key=lambda row: row[2])}
        self._db.executemany(
            "UPDATE lease SET purged_seq = max(purged_seq, ?) WHERE station = ?",
            [(seq, station) for station, seq in highest.items()],
        )
        self._db.execute(
            f"""DELETE FROM journal WHERE id IN
            (SELECT id FROM journal WHERE ts <= ? LIMIT {PURGE_ROWS})""",
            (limit,),
        )
        return len(old)

    # -- one group ----------------------------------------------------------------------------

    def _begin(self) -> None:
        """Take the write lock, however long somebody else has it. Spec: reliability R21."""
        since = time.monotonic()
        while True:
            try:
                self._db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy:
                    raise
                if self.closing.is_set():
                    # The groups behind this one need not wait as long.
                    self._db.execute("PRAGMA busy_timeout = 0")
                    raise
                self._locked_since = since
            else:
                self._locked_since = None
                return

    def _reread(self) -> None:
        if self._stale:
            self._book = _read_book(self._db, self._settings)
            self._stale = False

    def _decide(self, jobs: list[Job]) -> None:
        self._batch = Batch(self._clock())
        for job in jobs:
            try:
                job.value = job.verb(*job.args)
            except (Fenced, StoreError) as refusal:
                job.error = refusal

    def _undo(self, jobs: list[Job], error: Exception) -> None:
        """Nothing of the group was kept: tell everybody, those refused on its strength too."""
        self._failed = self._stale = True
        for job in jobs:
            job.error = StoreError(f"{type(error).__name__}: {error}")
        with suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def _forget_owners(self) -> None:
        """The lock shows that whoever held stations in this file is gone."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM replica")
            self._db.execute("UPDATE lease SET owner = NULL WHERE owner IS NOT NULL")


def _no_hook(point: str) -> None:
    pass


def _read_book(db: sqlite3.Connection, settings: StoreSettings) -> Book:
    book = Book(settings)
    leases = db.execute(
        """SELECT station, owner, epoch, max(purged_seq, coalesce(last, 0)) FROM lease
        LEFT JOIN (SELECT station, max(seq) AS last FROM outbox GROUP BY station) USING(station)"""
    )
    book.tenures = {station: Tenure(*rest) for station, *rest in leases}
    book.beats = dict(db.execute("SELECT id, last_seen FROM replica"))
    pending = "SELECT station, seq, dedupe_key, length(value) FROM outbox WHERE state = 'pending'"
    for station, seq, dedupe_key, size in db.execute(pending):
        book.recall(station, seq, OpenRow(dedupe_key, size))
    return book
