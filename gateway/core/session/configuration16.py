"""What is known of a 1.6 station's configuration keys: last value and whether it is read-only.

Spec: translation-csms 1.7. Kept from every key read or written; names are the same in any case. The
value of a key that only can be written is not kept.
"""

from collections.abc import Iterable, Sequence

from gateway.core.frames import JsonObject
from gateway.core.mapping.keys import WRITE_ONLY, KeyTable
from gateway.core.session.bindings import Bindings

_KIND, _ASKED = "configuration16", "configuration16_asked"


class Configuration16:
    """A face over one station's rows; made whenever it is needed."""

    def __init__(self, bindings: Bindings, table: KeyTable) -> None:
        self._bindings = bindings.table
        self._station = bindings
        self._keys = table
        self._rows = bindings.table.kind(_KIND)

    def row(self, name: str) -> JsonObject | None:
        """{key, readonly, value} of a key; None: nothing is known of it."""
        found: JsonObject | None = self._rows.get(name)
        if found is None:
            folded = name.casefold()
            found = next((r for key, r in self._rows.items() if key.casefold() == folded), None)
        return found

    def was_asked(self, name: str) -> bool:
        """Whether the gateway has asked for a key of its own accord and was answered."""
        return self._bindings.get(_ASKED, name) is not None

    def note_asked(self, name: str) -> None:
        self._bindings.put(_ASKED, name, True)

    @property
    def is_empty(self) -> bool:
        return not self._rows

    def value(self, name: str) -> str | None:
        row = self.row(name)
        return None if row is None else row.get("value")

    def is_readonly(self, name: str) -> bool:
        row = self.row(name)
        return row is not None and bool(row["readonly"])

    @property
    def max_keys(self) -> int | None:
        """How many keys the station takes in one request, if it said so."""
        key = self._keys.key_named("max_keys")
        value = None if key is None else self.value(key.name)
        return int(value) if value and value.isascii() and value.isdigit() and int(value) else None

    def keep(self, row: JsonObject) -> None:
        known = self.row(row["key"])
        if known is not None and known["key"] != row["key"]:
            self._bindings.drop(_KIND, known["key"])
        found = self._keys.find(row["key"])
        if found is not None and found.key.data16.access == WRITE_ONLY:
            row = {name: value for name, value in row.items() if name != "value"}
        if known != row:
            self._bindings.put(_KIND, row["key"], row)
        if found is not None and found.key.named == "connectors":
            self._station.numbering.learn_told()
        if found is not None and found.key.tells:
            self._station.keep_interval(row.get("value") or "")

    def written(self, name: str, value: str) -> None:
        """The station accepted a value."""
        known = self.row(name)
        if known is not None:
            self.keep({**known, "value": value})
        else:
            self.keep({"key": name, "readonly": False, "value": value})

    def forget(self, names: Iterable[str]) -> None:
        """The station does not know these keys."""
        for name in names:
            known = self.row(name)
            if known is not None:
                self._bindings.drop(_KIND, known["key"])

    def replace(self, rows: Sequence[JsonObject]) -> None:
        """The station has told of all its keys."""
        told = {row["key"].casefold() for row in rows}
        self.forget([name for name in self._rows if name.casefold() not in told])
        for row in rows:
            self.keep(row)

    def clear(self) -> None:
        """Another firmware may have other keys."""
        self.forget(list(self._rows))
        for name in list(self._bindings.kind(_ASKED)):
            self._bindings.drop(_ASKED, name)
