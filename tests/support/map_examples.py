"""Examples of maps as cases that tests can run.

An example of a message pair shows translations; one of a message that the other version lacks
shows what the gateway answers by itself, as it is configured if nothing is.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from gateway.core.dialects import Side, Version
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


class Told(NamedTuple):
    """A call of `sender` that the gateway answers without asking anybody."""

    name: str
    place: Place
    version: Version
    sender: Side
    action: str
    request: JsonObject
    response: JsonObject


def told(source: MapSource, fields_of: FieldsOf) -> Iterator[Told]:
    """Every example of a map with one side."""
    if source.paired or source.sender is None:
        return
    ((version, action),) = source.actions.items()
    for example in source.examples:
        request, response = (
            _numbered(example.payloads[part, version], fields_of(version, action, part))
            for part in (REQUEST, RESPONSE)
        )
        name = f"{source.name}: {example.name}"
        yield Told(name, example.place, version, source.sender, action, request, response)


def cases(source: MapSource, fields_of: FieldsOf) -> Iterator[Case]:
    """Every example of a map with both sides, in each direction that it is meant for."""
    if not source.paired:
        return
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
