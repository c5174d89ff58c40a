"""What a transaction of the SQLite store writes: folded first, then few statements of many rows.

The GIL is let go and taken back at every step of a statement, and each time it is handed over to
the event loop and fetched again. So a statement takes as many rows as there are, in chunks whose
sizes are powers of two, since each size is a statement of its own to SQLite.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from gateway.core.session.effects import Ack, Append, Drop, Op, Put, Update

MOST_ROWS = 64
"""Of one statement: of the widest row that is half the 999 parameters that every SQLite takes."""


class Statement(NamedTuple):
    """sql: `{rows}` stands for the list of rows; width: how many values one row has."""

    sql: str
    width: int


BEATS = Statement("INSERT OR REPLACE INTO replica(id, url, last_seen) VALUES {rows}", 3)
LEASES = Statement(
    """INSERT INTO lease(station, owner, epoch) VALUES {rows}
    ON CONFLICT(station) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch""",
    3,
)
# CROSS fixes the order of a join: a few keys, each looked up in the index.
DROPS = Statement(
    """WITH gone(s, k, y) AS (VALUES {rows}) DELETE FROM binding WHERE rowid IN
    (SELECT b.rowid FROM gone CROSS JOIN binding b ON b.station = s AND b.kind = k AND b.key = y)
    """,
    3,
)
PUTS = Statement(
    """INSERT INTO binding(station, kind, key, value) VALUES {rows}
    ON CONFLICT(station, kind, key) DO UPDATE SET value = excluded.value""",
    4,
)
ACKS = Statement(
    """WITH over(s, q) AS (VALUES {rows}) UPDATE outbox SET state = ?, finished = ? WHERE id IN
    (SELECT o.id FROM over CROSS JOIN outbox o ON o.station = s AND o.seq = q
    WHERE o.state = 'pending')""",
    2,
)
APPENDS = Statement(
    """INSERT INTO outbox(station, seq, dedupe_key, action, value, state, created, finished)
    VALUES {rows}""",
    8,
)
LINES = Statement(
    "INSERT INTO journal(station, ts, dir, action, raw_redacted, outcome) VALUES {rows}", 6
)
UPDATE = "UPDATE outbox SET value = ? WHERE station = ? AND seq = ? AND state = 'pending'"
COUNT = """UPDATE meta SET value = value + CASE key WHEN 'accepted' THEN ? ELSE ? END
    WHERE key IN ('accepted', 'delivered')"""


class Batch:
    """The writes of one group, in the order of the statements in `write`.

    Keys are (station, kind, key) for bindings and (station, seq) for outbox rows. A binding that is
    dropped and put again moves to the end, as it does in a dict.
    """

    def __init__(self, now: float) -> None:
        self.now = now
        self.beats: dict[str, str | None] = {}
        self.leases: dict[str, tuple[str | None, int]] = {}
        self.lines: list[tuple[Any, ...]] = []
        self._puts: dict[tuple[str, str, str], bytes] = {}
        self._drops: set[tuple[str, str, str]] = set()
        self._appends: dict[tuple[str, int], list[Any]] = {}
        self._updates: dict[tuple[str, int], bytes] = {}
        self._done: list[tuple[str, int]] = []
        self._dead: list[tuple[str, int]] = []
        self._delivered = 0

    def take(self, station: str, ops: Iterable[Op]) -> None:
        """Fold in the ops of one Save."""
        for op in ops:
            if type(op) is Put:
                self._puts[station, op.kind, op.key] = op.value
            elif type(op) is Drop:
                self._drop((station, *op))
            else:
                self._take_row(station, op)

    def write(self, db: sqlite3.Connection) -> None:
        """Carry everything out, inside the transaction that is open."""
        now, put_rows = self.now, ((*key, value) for key, value in self._puts.items())
        _write(db, BEATS, [(replica, url, now) for replica, url in self.beats.items()])
        _write(db, LEASES, [(station, *lease) for station, lease in self.leases.items()])
        _write(db, DROPS, list(self._drops))
        _write(db, PUTS, list(put_rows))
        if self._updates:
            db.executemany(UPDATE, [(value, *key) for key, value in self._updates.items()])
        _write(db, ACKS, self._done, "done", now)
        _write(db, ACKS, self._dead, "dead", now)
        _write(db, APPENDS, list(self._appends.values()))
        if self._appends or self._delivered:
            db.execute(COUNT, (len(self._appends), self._delivered))
        _write(db, LINES, self.lines)

    def _drop(self, key: tuple[str, str, str]) -> None:
        self._puts.pop(key, None)
        self._drops.add(key)

    def _take_row(self, station: str, op: Op) -> None:
        if isinstance(op, Append):
            self._appends[station, op.seq] = [station, *op, "pending", self.now, None]
        elif isinstance(op, Update):
            fresh = self._appends.get((station, op.seq))
            if fresh is None:
                self._updates[station, op.seq] = op.value
            else:
                fresh[4] = op.value
        elif isinstance(op, Ack):
            self._ack(station, op)

    def _ack(self, station: str, op: Ack) -> None:
        self._delivered += not op.dead
        fresh = self._appends.get((station, op.seq))
        if fresh is not None:
            fresh[5], fresh[7] = "dead" if op.dead else "done", self.now
        elif op.dead:
            self._dead.append((station, op.seq))
        else:
            self._done.append((station, op.seq))


def _write(
    db: sqlite3.Connection, statement: Statement, rows: Sequence[Iterable[Any]], *more: Any
) -> None:
    """more: parameters that stand behind the rows."""
    start, left = 0, len(rows)
    while left:
        size = min(MOST_ROWS, 1 << left.bit_length() - 1)
        chunk = rows[start : start + size]
        db.execute(_sql(statement, size), (*chain.from_iterable(chunk), *more))
        start, left = start + size, left - size


@cache
def _sql(statement: Statement, rows: int) -> str:
    row = "(" + ", ".join("?" * statement.width) + ")"
    return statement.sql.format(rows=", ".join([row] * rows))
