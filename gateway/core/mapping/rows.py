"""Maps as written: rows, blocks of rows, enum tables, each remembering its file and line.

`loader.py` makes these from YAML text, `checker.py` compares them with the message schemas,
`compiler.py` makes functions of them. The language: mappings/README.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from gateway.core.dialects import Side, Version
from gateway.core.errors import Place, Problems
from gateway.core.frames import JsonObject

V16, V201 = Version.V16, Version.V201
SIDES = (V16, V201)
OTHER: dict[Version | None, Version] = {V16: V201, V201: V16}
REQUEST, RESPONSE = "request", "response"
CUSTOM_DATA = "customData"

Path = tuple[str, ...]
"""Member names from the enclosing scope down; scopes step into lists, paths do not."""


class Field(Protocol):
    """What a map needs to know of one field of a message schema (core/schema/fields.py)."""

    @property
    def type(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def enum(self) -> tuple[str, ...]: ...
    @property
    def max_length(self) -> int | None: ...
    @property
    def format(self) -> str: ...


Fields = Mapping[str, Field]
FieldsOf = Callable[[Version, str, str], Fields]
"""(version, action, part) -> field table; raises KeyError for an action unknown to the version."""


class MapProblems(Problems):
    """Everything that is wrong with the maps."""


@dataclass(frozen=True, slots=True)
class Fill:
    """Where a value comes from that the source message does not have.

    kind: const, config, state or now; value: the constant, the key, the name.
    """

    kind: str
    value: Any = None

    def __str__(self) -> str:
        return "now" if self.kind == "now" else f"{self.kind} {self.value}"


Fills = tuple[Fill, ...]
"""Alternatives: the first one that is there is taken."""


@dataclass(frozen=True, slots=True)
class When:
    """A condition on a row or block.

    request: by version of the caller, a path that the caller's request must have.
    check, of: a named yes/no function and, by version, the source path that it judges.
    """

    request: Mapping[Version, Path] = field(default_factory=dict)
    check: str = ""
    of: Mapping[Version, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extra:
    """A further input of a conversion, which another row names.

    request: taken from the caller's request; else from the source message, paths by version.
    """

    paths: Mapping[Version, Path]
    request: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a map.

    sides: paths by version; a version that is missing has no such field.
    fill: one-sided rows, what fills the field; fills: two-sided rows, by version travelled to,
    what fills the target instead of its source.
    """

    place: Place
    sides: Mapping[Version, tuple[Path, ...]]
    via: str = ""
    enum: str = ""
    fill: Fills = ()
    fills: Mapping[Version, Fills] = field(default_factory=dict)
    lose: str = ""
    used: str = ""
    refuse: str = ""
    default: Fills = ()
    fallback: Mapping[Version, Path] = field(default_factory=dict)
    extra: tuple[Extra, ...] = ()
    only: Version | None = None
    when: When | None = None
    split: str = ""
    shared: str = ""

    @property
    def side(self) -> Version:
        """The version of a one-sided row."""
        return next(iter(self.sides))

    @property
    def one_sided(self) -> bool:
        return len(self.sides) == 1


@dataclass(frozen=True, slots=True)
class Block:
    """Rows whose paths start below an object (`at`), a list (`each`) or a one-item list (`one`).

    sides: by version, the path of that object or list; a version that is missing stays where the
    enclosing rows are. keep: by version travelled to, a named filter of the source list; rest: path
    of a customData member that holds what 2.0.1 cannot express; default: by version travelled to,
    what is put in place of an absent source object.
    """

    place: Place
    kind: str
    sides: Mapping[Version, Path]
    rows: tuple["Row | Block", ...]
    keep: Mapping[Version, str] = field(default_factory=dict)
    rest: Path = ()
    default: Mapping[Version, JsonObject] = field(default_factory=dict)
    only: Version | None = None
    when: When | None = None


Rows = tuple[Row | Block, ...]


@dataclass(frozen=True, slots=True)
class Enum:
    """A table of values, by version travelled to.

    to: source value -> target value, or a tuple of them for several targets; drops: source value ->
    why the list item that has it is left out.
    """

    name: str
    place: Place
    summary: str
    to: Mapping[Version, Mapping[str, Any]]
    drops: Mapping[Version, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Reply:
    """A fixed answer in the caller's version; payload None: the CallError passes, respelled."""

    place: Place
    payload: JsonObject | None


@dataclass(frozen=True, slots=True)
class WrittenExample:
    """An example as it stands in the file.

    only: the version that the Call travels to, None for both; payloads: by part and version.
    """

    name: str
    place: Place
    only: Version | None
    state: JsonObject
    payloads: Mapping[tuple[str, Version], JsonObject]


@dataclass(frozen=True, slots=True)
class MapSource:
    """One map file. Mappings keyed by version say what travels *to* that version.

    actions: by version; sender: None if both sides send it; entry: versions whose incoming Call
    opens with this map; becomes: maps that this message is turned into; only: the map travels to
    that version and not back.
    """

    name: str
    place: Place
    places: Mapping[str, Place]
    actions: Mapping[Version, str]
    sender: Side | None
    entry: frozenset[Version]
    procedure: Mapping[Version, tuple[str, Mapping[str, Any]]]
    spec: Mapping[Version, str]
    retry: Mapping[Version, tuple[Path, ...]]
    absorb: bool
    absorbed: Mapping[str, Fills]
    replies: Mapping[Version, Mapping[str, Reply]]
    becomes: tuple[str, ...]
    only: Version | None
    rows: Mapping[str, Rows]
    examples: tuple[WrittenExample, ...]

    def directions(self) -> tuple[Version, ...]:
        """The versions that this map travels to."""
        return tuple(v for v in SIDES if self.only in (None, v))

    @property
    def paired(self) -> bool:
        return len(self.actions) == 2


@dataclass(frozen=True, slots=True)
class Library:
    """Everything that was loaded: maps by name, enum tables by name."""

    maps: Mapping[str, MapSource]
    enums: Mapping[str, Enum]


def flattened(rows: Rows) -> Rows:
    """The rows with every plain `at` block dissolved into rows with longer paths."""
    found: list[Row | Block] = []
    for row in rows:
        if isinstance(row, Block) and _dissolves(row):
            found += (_below(inner, row.sides) for inner in flattened(row.rows))
        else:
            found.append(row)
    return tuple(found)


def _dissolves(block: Block) -> bool:
    """An object with lists in it stays a block: its lists must not come about without it."""
    if block.kind != "at" or block.when or block.default:
        return False
    both = len(block.sides) == len(SIDES)
    return not (both and any(isinstance(row, Block) for row in flattened(block.rows)))


def _below(row: Row | Block, prefix: Mapping[Version, Path]) -> Row | Block:
    def longer(paths: Mapping[Version, Path]) -> dict[Version, Path]:
        return {v: prefix.get(v, ()) + path for v, path in paths.items()}

    when = row.when and replace(row.when, of=longer(row.when.of))
    if isinstance(row, Block):
        rest = prefix.get(V201, ()) + row.rest if row.rest else ()
        # A side that the block does not name stays where the block stood, below the prefix.
        sides = {**prefix, **longer(row.sides)}
        return replace(row, sides=sides, rest=rest, when=when)
    return replace(
        row,
        sides={v: tuple(prefix.get(v, ()) + p for p in paths) for v, paths in row.sides.items()},
        fallback=longer(row.fallback),
        extra=tuple(e if e.request else replace(e, paths=longer(e.paths)) for e in row.extra),
        when=when,
    )


def dotted(path: Path) -> str:
    return ".".join(path)


def travels(part: str, towards: Version) -> tuple[Version, Version]:
    """(source, target) version of a part on the way to `towards`; answers travel back."""
    target = towards if part == REQUEST else OTHER[towards]
    return OTHER[target], target
