"""A map as text: every field, in each direction, and what becomes of it."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from gateway.core.dialects import Version
from gateway.core.mapping.rows import OTHER, REQUEST, Library, MapSource, travels
from gateway.core.mapping.trace import Fate, fates

_WIDEST = 64
_KIND = 9


def explained(source: MapSource, library: Library) -> Iterator[str]:
    """The lines about one map."""
    yield from _heading(source)
    found = fates(source, library)
    for (towards, part), group in groupby(found, key=lambda fate: (fate.towards, fate.part)):
        yield from _part(source, towards, part, list(group))
    yield ""


def _heading(source: MapSource) -> Iterator[str]:
    yield f"{source.name}  ({source.place.file})"
    sender = f"sent by the {source.sender}" if source.sender else "sent by both sides"
    names = " and ".join(f"{action} of {v}" for v, action in source.actions.items())
    yield f"  {names}, {sender}"
    for version, clause in source.spec.items():
        yield f"  OCPP {version}: {clause}"
    for towards in source.directions():
        if OTHER[towards] in source.actions and OTHER[towards] in source.entry:
            name, _ = source.procedure[towards]
            yield f"  a call that comes in as {OTHER[towards]} is handled by: {name}"
    if source.becomes:
        yield f"  becomes, as the state demands: {', '.join(source.becomes)}"


def _part(source: MapSource, towards: Version, part: str, found: list[Fate]) -> Iterator[str]:
    origin, target = travels(part, towards)
    kinds = Counter(fate.kind for fate in found)
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    word = "call" if part == REQUEST else "answer"
    yield ""
    yield (
        f"  {word}: {source.actions.get(origin, 'nothing')} ({origin}) -> "
        f"{source.actions.get(target, 'nothing')} ({target}): {counts}"
    )
    width = min(max(len(shown_path(fate)) for fate in found), _WIDEST)
    for fate in found:
        elsewhere = "" if fate.place.file == source.place.file else f" of {fate.place.file}"
        yield (
            f"    {fate.kind:<{_KIND}}  {shown_path(fate):<{width}}  {fate.why}  "
            f"[line {fate.place.line}{elsewhere}]"
        )


def shown_path(fate: Fate) -> str:
    """The fields that a row reads and writes."""
    if not fate.targets:
        return " + ".join(fate.sources)
    if not fate.sources:
        return f"-> {' + '.join(fate.targets)}"
    return f"{' + '.join(fate.sources)} -> {' + '.join(fate.targets)}"
