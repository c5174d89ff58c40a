"""Everything that is read from the SQLite file, on a connection that never writes.

The store uses one in a thread of its own, so that five thousand stations that connect at once do
not delay a single commit; `ocpp-gateway db` uses one beside a gateway that is running. A reader
sees what was committed when it looks.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType

from gateway.core.errors import ConfigError, Fenced
from gateway.core.session.state import Loaded
from gateway.storage import sqlite_file
from gateway.storage.port import Binding, Line, Owner, Summary, Totals

PAGE = 500

_OWNER = """SELECT owner, url, epoch FROM lease LEFT JOIN replica ON id = owner
    WHERE station = ? AND owner IS NOT NULL"""
_BINDINGS = "SELECT kind, key, value FROM binding WHERE station = ? ORDER BY rowid"
_OUTBOX = "SELECT seq, value FROM outbox WHERE station = ? AND state = 'pending' ORDER BY seq"
_EACH = f"""SELECT station, kind, key, value FROM binding
    WHERE kind = ? AND (station, key) > (?, ?) ORDER BY station, key LIMIT {PAGE}"""
_JOURNALLED = """SELECT ts, dir, action, raw_redacted, outcome FROM journal
    WHERE station = ? ORDER BY id DESC LIMIT ?"""
_STATIONS = """SELECT station, owner, epoch,
    (SELECT count(*) FROM binding b WHERE b.station = l.station),
    (SELECT count(*) FROM outbox o WHERE o.station = l.station AND state = 'pending'),
    coalesce(dead, 0)
    FROM lease l LEFT JOIN (SELECT station, count(*) AS dead FROM outbox
        WHERE state = 'dead' AND finished IS NOT NULL GROUP BY station) USING(station)
    ORDER BY station"""
_TOTALS = """SELECT
    (SELECT value FROM meta WHERE key = 'accepted'),
    (SELECT value FROM meta WHERE key = 'delivered'),
    (SELECT count(*) FROM outbox WHERE state = 'pending'),
    (SELECT count(*) FROM outbox WHERE state = 'dead' AND finished IS NOT NULL),
    (SELECT coalesce(sum(length(value)), 0) FROM outbox WHERE state = 'pending')"""


class Reader:
    """A look into the store's file. Verbs as of `port.Store`; they raise sqlite3.Error and OSError.

    Raises ConfigError: the file is not there, not ours, or of a later version of the gateway.
    """

    def __init__(self, path: str, busy_timeout_ms: int = sqlite_file.BUSY_TIMEOUT_MS) -> None:
        if not os.path.isfile(path):
            raise ConfigError(f"state: there is no {path}", cure="`ocpp-gateway serve` makes it")
        self._path = path
        with ExitStack() as undo:
            try:
                self._db = sqlite_file.connect(path, busy_timeout_ms)
                undo.callback(self._db.close)
                self._db.execute("PRAGMA query_only=ON")
                sqlite_file.check_version(self._db, path)
            except sqlite3.Error as error:
                raise ConfigError(f"state: {path}: {error}") from error
            undo.pop_all()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    def load(self, station: str, epoch: int) -> Loaded:
        """One moment of a station. Raises Fenced."""
        self._db.execute("BEGIN")
        try:
            owner = self.owner(station)
            if owner is None or owner.epoch != epoch:
                raise Fenced(f"{station}: epoch {epoch} is over")
            return Loaded(self.bindings(station), tuple(self._db.execute(_OUTBOX, (station,))))
        finally:
            self._db.execute("COMMIT")

    def owner(self, station: str) -> Owner | None:
        row = self._db.execute(_OWNER, (station,)).fetchone()
        return None if row is None else Owner(*row)

    def bindings(self, station: str) -> tuple[tuple[str, str, bytes], ...]:
        return tuple(self._db.execute(_BINDINGS, (station,)))

    def head(self, station: str) -> tuple[int, bytes] | None:
        row: tuple[int, bytes] | None
        row = self._db.execute(f"{_OUTBOX} LIMIT 1", (station,)).fetchone()
        return row

    def journalled(self, station: str, limit: int) -> tuple[Line, ...]:
        newest = self._db.execute(_JOURNALLED, (station, limit)).fetchall()
        return tuple(Line(*row) for row in reversed(newest))

    def stations(self) -> tuple[Summary, ...]:
        return tuple(Summary(*row) for row in self._db.execute(_STATIONS))

    def page(self, kind: str, after: tuple[str, str]) -> list[Binding]:
        """The next bindings of a kind behind (station, key), at most PAGE."""
        return [Binding(*row) for row in self._db.execute(_EACH, (kind, *after))]

    def each(self, kind: str) -> Iterator[Binding]:
        """Bindings of one kind, of all stations, by station and key."""
        page = self.page(kind, ("", ""))
        while page:
            yield from page
            page = self.page(kind, (page[-1].station, page[-1].key))

    def totals(self) -> Totals:
        return Totals(*self._db.execute(_TOTALS).fetchone())

    def backup(self, path: str) -> None:
        """As `Store.backup`."""
        sqlite_file.copy(self._path, path)
