"""Overlays over maps: rows over rows, values over tables, and the checks of what comes out.

An overlay's row takes the place of the standard's rows that name one of its fields. A block takes
the place of nothing: its rows are laid over those of the standard's block with the same sides.
Only maps that an overlay speaks of, or whose tables or messages it changes, are checked again.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace

from gateway.core.dialects import Version
from gateway.core.errors import MappingError
from gateway.core.mapping.checker import check
from gateway.core.mapping.forms import Problems, nearest
from gateway.core.mapping.keys import KeyTable
from gateway.core.mapping.keys import ambiguities as ambiguous_keys
from gateway.core.mapping.overlay import ANY, Overlay, Overlays, OwnField, OwnRows
from gateway.core.mapping.overlay_words import word_problems
from gateway.core.mapping.rows import (
    OTHER,
    V16,
    V201,
    Block,
    Enum,
    FieldsOf,
    Library,
    MapSource,
    Row,
    Rows,
    flattened,
)

MEASURANDS = "Measurand"
_OWN = "a measurand of the vendor's own"
Extends = Callable[[tuple[Overlay, ...]], FieldsOf]
"""The field tables of messages with the fields of these overlays."""


def laid_over(library: Library, overlays: Iterable[Overlay]) -> Library:
    """The maps as a station with these overlays sees them; overlays: the lowest first."""
    for overlay in overlays:
        enums = dict(library.enums)
        for name, own in overlay.enums.items():
            enums[name] = _enum(enums[name], own) if name in enums else own
        if overlay.measurands and MEASURANDS in enums:
            enums[MEASURANDS] = _keeping(enums[MEASURANDS], overlay)
        maps = {name: _told(source, overlay) for name, source in library.maps.items()}
        for name, rows in overlay.maps.items():
            maps[name] = _map(maps[name], rows)
        library = Library(maps, enums)
    return library


def additions(overlays: Iterable[Overlay]) -> dict[tuple[Version, str, str], tuple[OwnField, ...]]:
    """What the overlays add to 1.6 messages, by version, action and part."""
    found: dict[tuple[Version, str, str], tuple[OwnField, ...]] = {}
    for overlay in overlays:
        for (action, part), fields in overlay.fields.items():
            key = V16, action, part
            found[key] = found.get(key, ()) + fields
    return found


def changed(library: Library, overlays: Iterable[Overlay]) -> frozenset[str]:
    """Names of the maps that come out different."""
    names: set[str] = set()
    for overlay in overlays:
        tables = {*overlay.enums, *([MEASURANDS] if overlay.measurands else [])}
        parts = overlay.fields.keys()
        names |= overlay.maps.keys()
        for source in library.maps.values():
            speaks = {(source.actions.get(V16), part) for part in source.rows}
            if speaks & set(parts) or tables & set(_tables(source)):
                names.add(source.name)
    return frozenset(names)


def check_overlays(
    overlays: Overlays, library: Library, keys: KeyTable, fields_of: FieldsOf, extends: Extends
) -> Problems:
    """Every problem of every overlay, each laid over what it lies on.

    fields_of: the standard's messages; extends: the same with vendors' fields.
    """
    problems: Problems = []
    for overlay in overlays.by_name.values():
        stack = overlays.stack(overlay)
        wrong = list(_fields(overlay, library, fields_of))
        problems += wrong
        problems += _unknown_tables(overlay, library)
        if not wrong:
            own = extends(stack)
            problems += word_problems(overlay, library, own)
            files = {layer.place.file for layer in stack}
            problems += [_own_fault(p, overlay, files) for p in _maps(stack, library, own)]
        table = keys
        for layer in stack:
            table = table.layered(layer.keys)
        problems += [p for p in ambiguous_keys(table) if _is_of(p, overlay)]
    return problems


def check_together(
    stack: tuple[Overlay, ...], library: Library, keys: KeyTable, fields_of: FieldsOf
) -> Problems:
    """What is wrong with overlays laid over each other, each of which is sound by itself.

    fields_of: messages with their fields.
    """
    for layer in stack:
        keys = keys.layered(layer.keys)
    return [*_maps(stack, library, fields_of), *ambiguous_keys(keys)]


def _maps(stack: tuple[Overlay, ...], library: Library, fields_of: FieldsOf) -> Problems:
    """Names are looked up among all maps, but only those that differ are checked."""
    made = laid_over(library, stack)
    names = changed(library, stack)
    return check(made, fields_of, names)


def _own_fault(problem: MappingError, overlay: Overlay, files: Container[str]) -> MappingError:
    """The standard maps are sound: what is wrong there now is so by the overlay's own lines."""
    if problem.place is None or problem.place.file in files:
        return problem
    fields = (field for own in overlay.fields.values() for field in own)
    named = (field.place for field in fields if problem.message.endswith(f" {field.path}"))
    text = f"{problem.message}, in {problem.place}"
    return MappingError(text, next(named, overlay.place), problem.cure)


def _is_of(problem: MappingError, overlay: Overlay) -> bool:
    return problem.place is not None and problem.place.file == overlay.place.file


def _fields(overlay: Overlay, library: Library, fields_of: FieldsOf) -> Iterator[MappingError]:
    """Fields of messages that are not there, or that the standard has already."""
    for (action, part), own in overlay.fields.items():
        try:
            known = fields_of(V16, action, part)
        except KeyError:
            actions = {m.actions[V16] for m in library.maps.values() if V16 in m.actions}
            text = f"OCPP 1.6 has no action {action!r}"
            yield MappingError(text, own[0].place, nearest(action, actions))
            continue
        for added in own:
            parent = added.path.rpartition(".")[0]
            if added.path in known and not added.values and added.type != ANY:
                cure = "values: says what it may be besides, `type: any` that it may be anything"
                yield MappingError(f"{action} has {added.path} already", added.place, cure)
            elif parent and parent not in known:
                cure = nearest(parent, known)
                yield MappingError(f"{action} has no {parent}", added.place, cure)


def _unknown_tables(overlay: Overlay, library: Library) -> Iterator[MappingError]:
    """A table that no row of the overlay names would change nothing."""
    used = {
        t for rows in overlay.maps.values() for part in rows.rows.values() for t in _named(part)
    }
    for name, table in overlay.enums.items():
        if name not in library.enums and name not in used:
            cure = nearest(name, library.enums)
            yield MappingError(f"there is no table {name}", table.place, cure)


def _told(base: MapSource, overlay: Overlay) -> MapSource:
    """The map, with the overlay's fields as the place of what is missing about them."""
    own = {part: overlay.fields.get((base.actions.get(V16, ""), part), ()) for part in base.rows}
    places = {part: fields[0].place for part, fields in own.items() if fields}
    return replace(base, places={**base.places, **places}) if places else base


def _map(base: MapSource, own: OwnRows) -> MapSource:
    rows = {part: _rows(base.rows[part], own.rows.get(part, ())) for part in base.rows}
    places = {**base.places, **own.places}
    return replace(base, rows=rows, places=places, examples=(*base.examples, *own.examples))


def _rows(base: Rows, own: Rows) -> Rows:
    found = list(flattened(base))
    for above in flattened(own):
        same = next((n for n, below in enumerate(found) if _same_block(below, above)), None)
        if same is not None:
            found[same] = _block(found[same], above)
        elif isinstance(above, Block):
            found.append(above)
        else:
            left = (_left(below, above) for below in found)
            found = [below for below in left if below is not None] + [above]
    return tuple(found)


def _same_block(below: Row | Block, above: Row | Block) -> bool:
    if not isinstance(below, Block) or not isinstance(above, Block):
        return False
    return (below.kind, below.sides) == (above.kind, above.sides)


def _block(below: Row | Block, above: Row | Block) -> Block:
    assert isinstance(below, Block)
    assert isinstance(above, Block)
    return replace(
        below,
        rows=_rows(below.rows, above.rows),
        keep={**below.keep, **above.keep},
        rest=above.rest or below.rest,
        default={**below.default, **above.default},
        when=above.when or below.when,
    )


def _left(below: Row | Block, above: Row) -> Row | Block | None:
    """What is left of a row where one above it says anew what becomes of a field."""
    if isinstance(below, Block) or not any(
        path in below.sides.get(version, ())
        for version, paths in above.sides.items()
        for path in paths
    ):
        return below
    if above.only is None or below.only is above.only:
        return None
    return replace(below, only=OTHER[above.only])


def _enum(base: Enum, own: Enum) -> Enum:
    to = {version: {**rows, **own.to.get(version, {})} for version, rows in base.to.items()}
    drops: dict[Version, Mapping[str, str]] = {}
    for version in (V16, V201):
        below = {v: why for v, why in base.drops.get(version, {}).items() if v not in to[version]}
        drops[version] = {**below, **own.drops.get(version, {})}
    kept = {v: {k: x for k, x in rows.items() if k not in drops[v]} for v, rows in to.items()}
    return replace(base, to=kept, drops=drops)


def _keeping(base: Enum, overlay: Overlay) -> Enum:
    """The table with values that 2.0.1 has no place for; customData keeps their samples. One that
    a lower overlay kept has its place where this one says what it means."""
    own = overlay.measurands
    below = {
        name: why
        for name, why in base.drops.get(V201, {}).items()
        if why != _OWN or name not in own
    }
    kept = {name: _OWN for name, members in own.items() if not members}
    return replace(base, drops={**base.drops, V201: {**below, **kept}})


def _tables(source: MapSource) -> Iterator[str]:
    for rows in source.rows.values():
        yield from _named(rows)


def _named(rows: Rows) -> Iterator[str]:
    for row in rows:
        if isinstance(row, Block):
            yield from _named(row.rows)
        elif row.enum:
            yield row.enum
