"""Whether a vendor's own words stand for something: values, names, readings, and what is missing.

They are held against the messages of both versions. A word about nothing, one that the standard has
itself, and one that would put in what breaks the schema are problems with their place.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.core.errors import MappingError, Place
from gateway.core.mapping.forms import nearest
from gateway.core.mapping.overlay import MISSING, NAMES, VALUES, Overlay, OwnWord
from gateway.core.mapping.rows import SIDES, Field, FieldsOf, Library

NOW = "now"
MEASURAND = "measurand"
_DATE_TIME = "date-time"
_NO_NEED = "leave it out: what is valid is not mended"
_TYPES: dict[str, type] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "object": dict,
    "array": list,
}
_Table = Mapping[str, Field]
_Enums = Mapping[str, list[tuple[str, ...]]]


def word_problems(
    overlay: Overlay, library: Library, fields_of: FieldsOf
) -> Iterator[MappingError]:
    """Everything that is wrong with the overlay's words. fields_of: with the overlay's fields."""
    if not (overlay.words or overlay.samples or overlay.measurands):
        return
    enums = _enums(library, fields_of)
    for sample in overlay.samples:
        yield from _sample(sample.meant, sample.place, enums)
    for said, meant in overlay.measurands.items():
        yield from _measurand(said, meant, overlay.measurand_places[said], enums)
    for word in overlay.words:
        if word.kind == VALUES:
            yield from _value(word, enums)
            continue
        tables = list(_tables_of(word.message, fields_of))
        if not tables:
            text = f"neither OCPP version has an action {word.message[0]!r}"
            known = {a for source in library.maps.values() for a in source.actions.values()}
            yield MappingError(text, word.place, nearest(word.message[0], known))
        elif word.kind == NAMES:
            yield from _name(word, tables)
        elif word.kind == MISSING:
            yield from _missing(word, tables)


def _sample(meant: Mapping[str, str | None], place: Place, enums: _Enums) -> Iterator[MappingError]:
    """Members that samples never have."""
    for name, value in meant.items():
        known = {known for enum in enums.get(name, ()) for known in enum}
        if value is not None and value not in known:
            yield MappingError(f"{name} is never {value!r}", place, nearest(value, known))


def _measurand(
    said: str, meant: Mapping[str, str | None], place: Place, enums: _Enums
) -> Iterator[MappingError]:
    if meant and all(said in enum for enum in enums[MEASURAND]):
        text = f"the standard has the measurand {said!r} itself"
        yield MappingError(text, place, "samples: says of readings of the standard what they are")
    yield from _sample(meant, place, enums)


def _enums(library: Library, fields_of: FieldsOf) -> dict[str, list[tuple[str, ...]]]:
    """The lists of values that members of that name have, in all messages."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for source in library.maps.values():
        for version, action in source.actions.items():
            for part in source.rows:
                for path, field in fields_of(version, action, part).items():
                    if field.enum:
                        found.setdefault(path.rpartition(".")[2], []).append(field.enum)
    return found


def _value(word: OwnWord, enums: _Enums) -> Iterator[MappingError]:
    if word.path not in enums:
        text = f"no message has a member {word.path!r} with a list of values"
        yield MappingError(text, word.place, nearest(word.path, enums))
        return
    meaning = [enum for enum in enums[word.path] if word.meant in enum]
    if not meaning:
        known = {value for enum in enums[word.path] for value in enum}
        text = f"{word.path} is never {word.meant!r}"
        yield MappingError(text, word.place, nearest(word.meant, known))
    elif all(word.said in enum for enum in meaning):
        text = f"the standard has {word.said!r} for {word.path} itself"
        yield MappingError(text, word.place, _NO_NEED)


def _name(word: OwnWord, tables: list[_Table]) -> Iterator[MappingError]:
    parent, dot, _ = word.said.rpartition(".")
    standard = f"{parent}{dot}{word.meant}"
    having = [table for table in tables if standard in table]
    if not having:
        text = f"the message has no member {standard}"
        yield MappingError(text, word.place, _nearest(standard, tables))
    elif any(word.said in table for table in having):
        yield MappingError(f"the standard has a member {word.said} itself", word.place, _NO_NEED)


def _missing(word: OwnWord, tables: list[_Table]) -> Iterator[MappingError]:
    fields = [table[word.path] for table in tables if word.path in table]
    required = [field for field in fields if field.required]
    if not fields:
        text = f"the message has no member {word.path}"
        yield MappingError(text, word.place, _nearest(word.path, tables))
    elif not required:
        yield MappingError(f"{word.path} may be missing", word.place, _NO_NEED)
    elif not all(_suits(word.meant, field) for field in required):
        text = f"{word.path} cannot be {word.meant!r}"
        yield MappingError(text, word.place, f"a value of its type; {NOW} where it is a time")


def _suits(value: Any, field: Field) -> bool:
    if field.format == _DATE_TIME or value == NOW:
        return field.format == _DATE_TIME and value == NOW
    if field.enum:
        return value in field.enum
    if isinstance(value, str) and field.max_length is not None and len(value) > field.max_length:
        return False
    if field.type == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    expected = _TYPES.get(field.type)
    return expected is None or type(value) is expected


def _tables_of(message: tuple[str, str], fields_of: FieldsOf) -> Iterator[_Table]:
    for version in SIDES:
        try:
            yield fields_of(version, *message)
        except KeyError:
            continue


def _nearest(path: str, tables: Iterable[_Table]) -> str:
    return nearest(path, {known for table in tables for known in table})
