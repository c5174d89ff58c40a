"""A 1.6 value as the 2.0.1 variables that it is written to (translation-csms 5, 6.4, 9.2)."""

from typing import Any, NamedTuple

import orjson

from gateway.core.frames import JsonObject
from gateway.core.mapping.key_loader import option_of
from gateway.core.mapping.key_values import CONVERTERS, rotations_of
from gateway.core.mapping.keys import Composite, KeyTable, Member
from gateway.core.mapping.variables import Attribute
from gateway.core.numbers import decimal, plain
from gateway.core.session.bindings import Bindings
from gateway.core.session.device_model import DeviceModel
from gateway.core.session.procedures.configuration_places import (
    Located,
    composite_of,
    rotation_of,
)

_NORMALISED = ("boolean", "integer")


class Part(NamedTuple):
    """decides: its result counts for the key's; others are written along."""

    attribute: Attribute
    value: str
    decides: bool = True


def parts_of(bindings: Bindings, table: KeyTable, located: Located, text: str) -> tuple[Part, ...]:
    """The variables to write, the deciding ones first; of several places of one the first.

    Raises ValueError for a value that must be refused.
    """
    key = located.key
    if key is not None and key.named:
        composite = composite_of(table, key)
        if composite is None:
            return _rotations(bindings, table, text)
        return _members(composite, located.language, text)
    attribute = located.attributes[0]
    via = located.via if key is not None else _via_of(bindings, attribute)
    value = CONVERTERS[via].to_v201(text, table.values, True)
    also = () if key is None else key.also
    return (
        Part(attribute, value),
        *(
            Part(Attribute(other.variable), value, decides=False)
            for other in also
            if option_of(bindings.settings, other.when)
        ),
    )


def lost_of(table: KeyTable, located: Located, text: str) -> list[str]:
    """Paths of members of a JSON value that 2.0.1 has no variable for."""
    composite = None if located.key is None else composite_of(table, located.key)
    if composite is None:
        return []
    value = orjson.loads(text)
    return [".".join(path) for path in composite.lose if _at(value, path) is not None]


def _via_of(bindings: Bindings, attribute: Attribute) -> str:
    """A name of the grammar is passed as it is, but for types that the station told of."""
    told = DeviceModel(bindings).characteristics(attribute.variable).get("dataType")
    return told if told in _NORMALISED else "string"


def _rotations(bindings: Bindings, table: KeyTable, text: str) -> tuple[Part, ...]:
    parts = []
    for number, value in rotations_of(text, table.values, writing=True).items():
        place = None if table.rotation is None else rotation_of(bindings, table.rotation, number)
        if place is None:
            raise ValueError(f"there is no connector {number}")
        parts.append(Part(Attribute(place), value))
    if not parts:
        raise ValueError("no connector is named")
    return tuple(parts)


def _members(composite: Composite, language: str | None, text: str) -> tuple[Part, ...]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValueError("not JSON") from error
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    parts = []
    for number, member in enumerate(composite.members_in(language)):
        found = _at(value, member.path)
        if found is None and number == 0:
            raise ValueError(f"{'.'.join(member.path)} is missing")
        if found is not None:
            parts.append(Part(Attribute(member.variable), _text(member, found), number == 0))
    return tuple(parts)


def _text(member: Member, value: Any) -> str:
    """Raises ValueError for a member of another type."""
    if member.number:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError(f"{'.'.join(member.path)} is no number")
        return plain(decimal(value))
    if not isinstance(value, str):
        raise ValueError(f"{'.'.join(member.path)} is no text")
    return value


def _at(value: JsonObject, path: tuple[str, ...]) -> Any:
    found: Any = value
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found
