"""All bindings of one station: the rows that `state.py` describes, and which of them changed.

Every row is durable (translation-station 9, translation-csms 1.7): a change is noted in `dirty` and
leaves as one `Save` before the next `Send` (session.py), so no caller has to think of write-ahead.
"""

from collections.abc import Iterable
from typing import Any

from gateway.core.session.effects import Drop, Op, Put
from gateway.core.session.state import decode, encode

RESERVED_AT_ONCE = 64
_new = tuple.__new__


class Table:
    """All bindings of one station, by kind and key, and which of them have changed.

    dirty: (kind, key) of changed rows; False: dropped.
    """

    __slots__ = ("_reserved", "_rows", "dirty")

    def __init__(self, rows: Iterable[tuple[str, str, bytes]] = ()) -> None:
        self._rows: dict[str, dict[str, Any]] = {}
        self._reserved: dict[str, tuple[int, int]] = {}
        self.dirty: dict[tuple[str, str], bool] = {}
        for kind, key, value in rows:
            self._rows.setdefault(kind, {})[key] = decode(kind, value)

    def kind(self, kind: str) -> dict[str, Any]:
        """Rows of one kind, by key, in the order they were first written. Read only."""
        return self._rows.setdefault(kind, {})

    def get(self, kind: str, key: str) -> Any:
        rows = self._rows.get(kind)
        return None if rows is None else rows.get(key)

    def put(self, kind: str, key: str, value: Any) -> None:
        """Write a row; call it again after changing a record in place."""
        self._rows.setdefault(kind, {})[key] = value
        self.dirty[(kind, key)] = True

    def drop(self, kind: str, key: str) -> None:
        if self._rows.get(kind, {}).pop(key, None) is not None:
            self.dirty[(kind, key)] = False

    def count(self, name: str, first: int = 1) -> int:
        """The next value of a durable counter, from `first`; never given twice."""
        value: int = self.get("counter", name) or first
        self.put("counter", name, value + 1)
        return value

    def reserve(self, name: str) -> int:
        """The next value of a counter that may leave gaps: rising, never given twice.

        Its row is written once for many values, and a restart goes on behind them.
        """
        value, limit = self._reserved.get(name) or (self.get("counter", name) or 1,) * 2
        if value >= limit:
            limit = value + RESERVED_AT_ONCE
            self.put("counter", name, limit)
        self._reserved[name] = (value + 1, limit)
        return value

    def take_changes(self) -> list[Op]:
        """The rows changed since the last call, each once, with their present value."""
        rows = self._rows
        changes: list[Op] = [
            _new(Put, (kind, key, encode(rows[kind][key]))) if kept else Drop(kind, key)
            for (kind, key), kept in self.dirty.items()
        ]
        self.dirty.clear()
        return changes
