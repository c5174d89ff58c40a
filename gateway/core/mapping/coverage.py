"""Which fields of one object the rows of a scope name, and which they leave out.

A `Fieldset` is one side of a scope: the members of one message, list item or object, with their
members down to the next list. Every one must be named; naming an object names what is inside.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.core.dialects import Version
from gateway.core.errors import Place
from gateway.core.mapping.forms import nearest
from gateway.core.mapping.rows import CUSTOM_DATA, Field, Fields, Path, dotted


@dataclass(slots=True)
class Fieldset:
    """version, fields: of the whole message; prefix: schema path of the scope, with its point;
    place: where to report what is left out; title: of the message part, for people.

    named: path -> the row that names it, written: that fills it.
    """

    version: Version
    fields: Fields
    prefix: str
    place: Place
    title: str
    named: dict[Path, Place] = field(default_factory=dict)
    written: dict[Path, Place] = field(default_factory=dict)

    def get(self, path: Path) -> Field | None:
        return self.fields.get(self.prefix + dotted(path))

    def full(self, path: Path) -> str:
        return self.prefix + dotted(path)

    def problem(self, path: Path) -> tuple[str, str] | None:
        """(message, cure) for a path that does not exist or leads through a list."""
        for n in range(1, len(path) + 1):
            known = self.get(path[:n])
            if known is None:
                if CUSTOM_DATA in path[: n - 1]:
                    return None
                names = [p[-1] for p in self.members(path[: n - 1])]
                cure = nearest(path[n - 1], names) if names else ""
                return f"{self.title} has no field {self.full(path[:n])}", cure
            if known.type == "array" and n < len(path):
                return f"{self.full(path[:n])} is a list", "enter it with each: or one:"
        return None

    def members(self, path: Path) -> Iterator[Path]:
        """The direct members of an object."""
        below = self.full(path) + "." if path else self.prefix
        for name in self.fields:
            rest = name.removeprefix(below)
            if name.startswith(below) and not set(".[") & set(rest):
                yield (*path, rest)

    def always(self, path: Path) -> bool:
        """Whether the field is there wherever the scope's object is."""
        return all(
            (known := self.get(path[:n])) is not None and known.required
            for n in range(1, len(path) + 1)
        )

    def covered(self, path: Path) -> bool:
        return any(path[:n] in self.named for n in range(1, len(path) + 1))

    def left_out(self, path: Path = ()) -> Iterator[Path]:
        """Fields that no row names, outermost first."""
        for member in self.members(path):
            if self.covered(member):
                continue
            known = self.get(member)
            inside = known is not None and known.type == "object" and member[-1] != CUSTOM_DATA
            if inside and any(self.covered(inner) for inner in self._below(member)):
                yield from self.left_out(member)
            elif not inside or any(True for _ in self.members(member)):
                yield member

    def _below(self, path: Path) -> Iterator[Path]:
        """Every member of an object, its members' members too."""
        for member in self.members(path):
            yield member
            yield from self._below(member)

    def lacking(self) -> Iterator[Path]:
        """Required fields of objects that are made, which no row fills."""
        for path in self._made():
            for member in self.members(path):
                known = self.get(member)
                if known is None or not known.required or CUSTOM_DATA in member:
                    continue
                if not self._is_written(member):
                    yield member

    def _made(self) -> Iterator[Path]:
        """Objects that come about: the scope's own, and those that something is written into."""
        made = {()} | {p[:n] for p in self.written for n in range(1, len(p))}
        required = {
            p
            for p in self._objects(())
            if self.always(p) and not any(p[:n] in self.written for n in range(1, len(p) + 1))
        }
        yield from sorted(made | required)

    def _objects(self, path: Path) -> Iterator[Path]:
        for member in self.members(path):
            known = self.get(member)
            if known is not None and known.type == "object" and member[-1] != CUSTOM_DATA:
                yield member
                yield from self._objects(member)

    def _is_written(self, path: Path) -> bool:
        above = any(path[:n] in self.written for n in range(1, len(path) + 1))
        return above or any(w[: len(path)] == path for w in self.written)
