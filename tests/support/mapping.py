"""The shipped maps in the forms that tests take them apart in, and a context to run them with."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from gateway import resources
from gateway.core.dialects import Version
from gateway.core.mapping import checker, loader
from gateway.core.mapping.maps import read_library
from gateway.core.mapping.model import MapSet
from gateway.core.mapping.rows import (
    REQUEST,
    RESPONSE,
    Block,
    Fill,
    Library,
    Path,
    Rows,
    travels,
)
from gateway.core.mapping.states import STATES, State
from gateway.core.session.bindings import Bindings
from gateway.core.session.state import Loaded
from gateway.core.settings import Translation
from tests.support.payloads import catalog, full

V16, V201 = Version.V16, Version.V201
ROOT = "mappings/"


@cache
def texts() -> Mapping[str, str]:
    """The map files as shipped."""
    return resources.mapping_files()


@cache
def library() -> Library:
    found, problems = loader.load(texts(), ROOT)
    assert problems == []
    return found


@cache
def maps() -> MapSet:
    return read_library(texts(), catalog().fields)[1]


def problems(changed: Mapping[str, str], among: Mapping[str, str] | None = None) -> set[str]:
    """What is wrong with the shipped maps, or some of them, after these changes; "" takes a file
    away."""
    files = texts() if among is None else among
    kept = {path: text for path, text in {**files, **changed}.items() if text}
    found, problems = loader.load(kept, ROOT)
    return {p.message for p in problems + checker.check(found, catalog().fields)}


def context(settings: Mapping[str, Any] | None = None, version: Version = V16) -> Bindings:
    """The memory of a new station that speaks `version`, at the beginning of 2025."""
    bindings = Bindings(Loaded(), Translation.model_validate(settings or {}))
    bindings.version = version
    bindings.now = 1735689600.0
    return bindings


def translations() -> Iterator[tuple[str, str, Version]]:
    """Every (map, part, version that the Call travels to) that is compiled."""
    for found in maps().maps.values():
        for towards, direction in found.directions.items():
            for part in (REQUEST, RESPONSE):
                if getattr(direction, part) is not None:
                    yield found.name, part, towards


def source_of(name: str, part: str, towards: Version) -> tuple[Version, str | None]:
    """(version, action) of what the translation takes; no action: nothing."""
    version, _ = travels(part, towards)
    return version, maps().named(name).action(version)


def target_of(name: str, part: str, towards: Version) -> tuple[Version, str | None]:
    """(version, action) of what the translation gives."""
    _, version = travels(part, towards)
    return version, maps().named(name).action(version)


@cache
def state_values(name: str) -> Mapping[str, Any]:
    """Every state value, as a procedure might compute it for the map of that name."""
    return {**{key: _state_value(state) for key, state in STATES.items()}, **_filled(name)}


def _state_value(state: State) -> Any:
    if state.enum:
        return state.enum[0]
    if state.format:
        return "2025-06-01T08:00:00Z"
    if state.type == "object":
        return {"status": "Accepted"}
    values = {"string": "text"[: state.max_length], "integer": 1, "boolean": True, "array": []}
    return values[state.type]


def _filled(name: str) -> dict[str, Any]:
    """State values of which only the target can say what they look like."""
    source, found = library().maps[name], {}
    for part in (REQUEST, RESPONSE):
        for version, path, fill in _fills(source.rows[part], {}):
            state = STATES[fill.value] if fill.kind == "state" else None
            if state is not None and (state.chosen or state.type == "array"):
                found[fill.value] = _example(version, source.actions[version], part, path)
    return found


def _fills(rows: Rows, at: Mapping[Version, Path]) -> Iterator[tuple[Version, Path, Fill]]:
    """What one-sided rows are filled with, and the whole path of their field."""
    for row in rows:
        if isinstance(row, Block):
            below = {v: at.get(v, ()) + row.sides.get(v, ()) for v in Version}
            yield from _fills(row.rows, below)
        elif row.fill:
            path = at.get(row.side, ()) + row.sides[row.side][0]
            yield from ((row.side, path, fill) for fill in row.fill)


def _example(version: Version, action: str, part: str, path: Path) -> Any:
    """What that field may hold."""
    value: Any = full(version, action, part)
    for member in path:
        value = (value[0] if isinstance(value, list) else value)[member]
    return value
