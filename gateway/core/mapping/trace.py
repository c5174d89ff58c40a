"""What becomes of a message: of every field by the map, and of one payload row by row.

`fates` reads the map; `trace` runs the traced variant of the compiled function, which comes out of
the same compiler and therefore says what the other one does.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from gateway.core.dialects import Version
from gateway.core.errors import Place, Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.mapping.compiler import compile_part
from gateway.core.mapping.context import Context
from gateway.core.mapping.metering import CHECKS, KEEPS, SPLITS
from gateway.core.mapping.model import State
from gateway.core.mapping.rows import (
    OTHER,
    REQUEST,
    RESPONSE,
    V201,
    Block,
    FieldsOf,
    Fill,
    Fills,
    Library,
    MapSource,
    Path,
    Row,
    Rows,
    When,
    dotted,
    flattened,
    travels,
)
from gateway.core.mapping.states import STATES
from gateway.core.mapping.waycode import CONVERSIONS

MAPPED, FILLED, LOST, USED, REFUSED, NEVER = (
    "mapped",
    "filled",
    "lost",
    "used",
    "refused",
    "never set",
)


class Fate(NamedTuple):
    """What one row does in one direction.

    towards: the version that the Call travels to; part: `request` or `response`.
    kind: mapped, filled, lost, used (read by the procedure), refused, never set.
    sources, targets: full paths, () where there are none. why: conversion, reason or origin.
    """

    map: str
    part: str
    towards: Version
    kind: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    why: str
    place: Place


class Step(NamedTuple):
    """One thing that a translation did.

    sources: paths with list positions; value: what was there, a tuple where there are several
    sources; target: path, None for a loss; result: what was put there, or why it is lost.
    """

    place: Place
    sources: tuple[str, ...]
    value: Any
    target: str | None
    result: Any


class Traced(NamedTuple):
    """payload: the translation, None if there is none; refusal: then why."""

    payload: JsonObject | None
    steps: tuple[Step, ...]
    lost: tuple[str, ...]
    refusal: str = ""


def concerned(library: Library, version: Version, action: str) -> tuple[MapSource, ...]:
    """Every map with that action, the one that an incoming Call opens with first."""
    found = [m for m in library.maps.values() if m.actions.get(version) == action]
    return tuple(sorted(found, key=lambda m: (version not in m.entry, m.name)))


def fates(source: MapSource, library: Library) -> tuple[Fate, ...]:
    """What becomes of every field, for each direction of the map, request before response."""
    return tuple(
        fate
        for towards in source.directions()
        if OTHER[towards] in source.actions
        for part in (REQUEST, RESPONSE)
        for fate in _Explainer(source, library, part, towards).rows(source.rows[part], {}, ())
    )


def trace(
    source: MapSource,
    library: Library,
    fields_of: FieldsOf,
    part: str,
    towards: Version,
    payload: JsonObject,
    context: Context,
    state: State,
) -> Traced:
    """Translate one payload and tell each step. Never raises because of the payload."""
    translate: Any = compile_part(source, part, towards, library, fields_of, traced=True)
    lost: list[str] = []
    steps: list[tuple[Place, tuple[str, ...], Any, str | None, Any]] = []
    made: JsonObject | None = None
    refusal = ""
    try:
        made = translate(payload, context, state, lost, steps)
    except Untranslatable as error:
        refusal = str(error)
    except KeyError as error:
        refusal = f"{source.name}.{part} needs {error}, which is in neither message nor state"
    return Traced(made, tuple(_step(*step) for step in steps), tuple(lost), refusal)


def _step(
    place: Place, sources: tuple[str, ...], value: Any, target: str | None, result: Any
) -> Step:
    shown = tuple(source.rstrip(".") for source in sources)
    return Step(place, shown, value, target.rstrip(".") if target else None, result)


class _Explainer:
    """The rows of one part in one direction, as fates."""

    def __init__(self, source: MapSource, library: Library, part: str, towards: Version) -> None:
        self.map = source
        self.library = library
        self.part = part
        self.towards = towards
        self.source, self.target = travels(part, towards)

    def rows(self, rows: Rows, at: dict[Version, str], given: tuple[str, ...]) -> Iterator[Fate]:
        """at: full path of each side's scope, with its point; given: conditions around the rows."""
        for row in flattened(rows):
            if row.only not in (None, self.target):
                continue
            conditions = given + ((_when(row.when, self.target),) if row.when else ())
            if isinstance(row, Block):
                yield from self._block(row, at, conditions)
            else:
                yield from self._row(row, at, conditions)

    def _block(
        self, block: Block, at: dict[Version, str], given: tuple[str, ...]
    ) -> Iterator[Fate]:
        below = dict(at)
        for version, path in block.sides.items():
            mark = "[]" if _is_list(block, version) else ""
            below[version] = f"{at.get(version, '')}{dotted(path)}{mark}."
        yield from self.rows(block.rows, below, given)
        keep = block.keep.get(self.target)
        if keep:
            yield self._fate(block, MAPPED, block.sides, at, KEEPS[keep].summary, given)
        if block.rest:
            rest = f"what 2.0.1 cannot express, in {dotted(block.rest)}"
            yield self._fate(block, MAPPED, block.sides, at, rest, given)
        if self.target in block.default:
            stand_in = f"if it is absent: {block.default[self.target]}"
            yield self._fate(block, FILLED, block.sides, at, stand_in, given)

    def _row(self, row: Row, at: dict[Version, str], given: tuple[str, ...]) -> Iterator[Fate]:
        if row.one_sided and row.side is self.target:
            kind = FILLED if row.fill else NEVER
            why = _origin(row.fill) if row.fill else row.lose or row.used or row.refuse
        elif row.one_sided:
            kind = LOST if row.lose else USED if row.used else REFUSED
            why = row.lose or row.used or row.refuse
        elif self.target in row.fills:
            kind, why = FILLED, _origin(row.fills[self.target])
        else:
            kind, why = MAPPED, self._conversion(row)
        yield self._fate(row, kind, row.sides, at, why, given)

    def _fate(
        self,
        row: Row | Block,
        kind: str,
        sides: Any,
        at: dict[Version, str],
        why: str,
        given: tuple[str, ...],
    ) -> Fate:
        def full(version: Version) -> tuple[str, ...]:
            paths: tuple[Path, ...] = sides.get(version, ())
            listed = (paths,) if paths and isinstance(paths[0], str) else paths
            return tuple(at.get(version, "") + dotted(path) for path in listed)

        text = "; ".join(filter(None, (*given, why)))
        sources, targets = full(self.source), full(self.target)
        name, part = self.map.name, self.part
        return Fate(name, part, self.towards, kind, sources, targets, text, row.place)

    def _conversion(self, row: Row) -> str:
        words = []
        if row.via:
            words.append(f"{row.via}: {CONVERSIONS[row.via].summary}")
        if row.enum:
            words.append(f"{row.enum}: {self.library.enums[row.enum].summary}")
            drops = self.library.enums[row.enum].drops.get(self.target, {})
            words += [f"{value} is left out: {why}" for value, why in drops.items()]
        if row.split:
            words.append(SPLITS[row.split].summary)
        fallback = row.fallback.get(self.source)
        if fallback:
            words.append(f"else {dotted(fallback)}")
        if row.default:
            words.append(f"if absent: {_origin(row.default)}")
        return "; ".join(words)


def _is_list(block: Block, version: Version) -> bool:
    """Whether the block enters a list on that side; `one` is a list in 2.0.1 only."""
    return block.kind == "each" or (block.kind == "one" and version is V201)


def _origin(fills: Fills) -> str:
    return ", else ".join(_fill(fill) for fill in fills)


def _fill(fill: Fill) -> str:
    if fill.kind == "const":
        return f"always {fill.value}"
    if fill.kind == "now":
        return "time of reception"
    if fill.kind == "config":
        return f"configuration {fill.value}"
    return f"{fill.value}: {STATES[fill.value].summary}"


def _when(when: When, caller: Version) -> str:
    words = []
    if caller in when.request:
        words.append(f"only if the request has {dotted(when.request[caller])}")
    if when.check:
        words.append(f"only if {CHECKS[when.check].summary}")
    return " and ".join(words)
