"""Examples of maps as cases that can be run: by tests, for the reference page, in the admin UI."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from gateway.core.dialects import Version
from gateway.core.errors import Place
from gateway.core.frames import JsonObject
from gateway.core.mapping.rows import (
    REQUEST,
    RESPONSE,
    Fields,
    FieldsOf,
    MapSource,
    travels,
)


class Case(NamedTuple):
    """Translating `payload` must give `expected`.

    towards: the version that the Call travels to; state: with the caller's own request under
    "request" where the example shows one.
    """

    name: str
    place: Place
    towards: Version
    part: str
    payload: JsonObject
    expected: JsonObject
    state: JsonObject


def cases(source: MapSource, fields_of: FieldsOf) -> Iterator[Case]:
    """Every example of the map, in each direction that it is meant for."""
    for example in source.examples:
        for towards in source.directions():
            if example.only not in (None, towards):
                continue
            state = example.state
            for part in (REQUEST, RESPONSE):
                origin, target = travels(part, towards)
                if (part, origin) not in example.payloads:
                    continue
                payload, expected = (
                    _numbered(
                        example.payloads[part, version],
                        fields_of(version, source.actions[version], part),
                    )
                    for version in (origin, target)
                )
                name = f"{source.name}: {example.name}"
                yield Case(name, example.place, towards, part, payload, expected, state)
                if part == REQUEST:
                    state = {**state, REQUEST: payload}


def _numbered(value: Any, fields: Fields, path: str = "") -> Any:
    """The payload with numbers for the text that files have in place of fractions (12.5)."""
    if isinstance(value, dict):
        below = f"{path}." if path else ""
        return {name: _numbered(member, fields, below + name) for name, member in value.items()}
    if isinstance(value, list):
        return [_numbered(item, fields, f"{path}[]") for item in value]
    known = fields.get(path)
    if isinstance(value, str) and known is not None and known.type == "number":
        return float(value)
    return value
