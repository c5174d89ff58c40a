"""Maps to functions: the MapSet that a session works with.

Each part of a direction becomes one Python function, compiled once. Its source is kept for
tracebacks (`linecache`), every line with the file and line of the row behind it.
"""

import linecache
from collections.abc import Callable, Mapping
from typing import Any

from gateway.core.dialects import Version
from gateway.core.frames import JsonObject
from gateway.core.mapping.blockcode import function
from gateway.core.mapping.codegen import Line, Part
from gateway.core.mapping.context import Context
from gateway.core.mapping.model import CALLERROR, Direction, MapSet, MessageMap, Translator
from gateway.core.mapping.rows import (
    OTHER,
    REQUEST,
    RESPONSE,
    SIDES,
    V16,
    V201,
    FieldsOf,
    Fills,
    Library,
    MapSource,
    travels,
)

_INDENT = "    "


def build(library: Library, fields_of: FieldsOf) -> MapSet:
    """Compile maps that the checker found nothing wrong with."""
    maps = {m.name: compile_map(m, library, fields_of) for m in library.maps.values()}
    entries = {
        (version, source.actions[version]): maps[name]
        for name, source in library.maps.items()
        for version in source.entry
    }
    tables = {(enum.name, v): enum.to[v] for enum in library.enums.values() for v in SIDES}
    return MapSet(maps, entries, tables)


def compile_map(
    source: MapSource, library: Library, fields_of: FieldsOf, *, extra: bool = False
) -> MessageMap:
    """extra: 1.6 members that no schema knows go along in customData."""
    directions = {
        v: _direction(source, v, library, fields_of, extra=extra) for v in source.directions()
    }
    if not source.paired:
        directions = {v: d for v, d in directions.items() if OTHER[v] in source.actions}
    return MessageMap(
        name=source.name,
        v16=source.actions.get(V16),
        v201=source.actions.get(V201),
        sender=source.sender,
        place=source.place,
        spec=source.spec,
        becomes=source.becomes,
        directions=directions,
    )


def _direction(
    source: MapSource, towards: Version, library: Library, fields_of: FieldsOf, *, extra: bool
) -> Direction:
    procedure, params = source.procedure[towards]
    replies = source.replies.get(towards, {})
    parts = {
        part: compile_part(source, part, towards, library, fields_of, extra=extra)
        if _has(source, part, towards)
        else None
        for part in (REQUEST, RESPONSE)
    }
    return Direction(
        version=towards,
        action=source.actions.get(towards, ""),
        procedure=procedure,
        params=params,
        request=parts[REQUEST],
        response=parts[RESPONSE],
        replies={n: CALLERROR if r.payload is None else r.payload for n, r in replies.items()},
        absorbed=_absorbed(source.absorbed) if source.absorb else None,
        retry=source.retry.get(towards, ()),
    )


def _has(source: MapSource, part: str, towards: Version) -> bool:
    """Whether there is anything to translate: both sides, or an answer made without the other."""
    if source.paired:
        return True
    return part == RESPONSE and towards not in source.actions and bool(source.rows[part])


def compile_part(
    source: MapSource,
    part: str,
    towards: Version,
    library: Library,
    fields_of: FieldsOf,
    *,
    traced: bool = False,
    extra: bool = False,
) -> Translator:
    """The function of one part on the way of its Call to `towards`; traced: it takes a list as its
    last argument and adds what each row did. extra: as in `compile_map`."""
    lines, unit = generated(source, part, towards, library, fields_of, traced=traced, extra=extra)
    name = _function_name(part, towards)
    file = f"<{source.name}.{part} to OCPP {unit.target}{', traced' if traced else ''}>"
    text = "".join(_INDENT * line.depth + line.text + _comment(line) + "\n" for line in lines)
    exec(compile(text, file, "exec"), unit.namespace)
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    made: Any = unit.namespace[name]
    made.filled = tuple(unit.filled)
    translator: Translator = made
    return translator


def generated(
    source: MapSource,
    part: str,
    towards: Version,
    library: Library,
    fields_of: FieldsOf,
    *,
    traced: bool = False,
    extra: bool = False,
) -> tuple[list[Line], Part]:
    """The source of a part, line by line, and what it was made with."""
    origin, target = travels(part, towards)
    unit = Part(
        prefix=f"{source.name}.{part}",
        source=origin,
        target=target,
        source_fields=fields_of(origin, source.actions[origin], part)
        if origin in source.actions
        else {},
        target_fields=fields_of(target, source.actions[target], part)
        if target in source.actions
        else {},
        enums=library.enums,
        traced=traced,
        extra=extra and target is V201,
    )
    return function(unit, source.rows[part], _function_name(part, towards)), unit


def _function_name(part: str, towards: Version) -> str:
    return f"{part}_to_{towards.key}"


def _comment(line: Line) -> str:
    return f"  # {line.place.file}:{line.place.line}" if line.place is not None else ""


def _absorbed(members: Mapping[str, Fills]) -> Callable[[Context], JsonObject]:
    def absorbed(context: Context) -> JsonObject:
        return {name: _value(fills, context) for name, fills in members.items()}

    return absorbed


def _value(fills: Fills, context: Context) -> Any:
    return context.now_text if fills[0].kind == "now" else fills[0].value
