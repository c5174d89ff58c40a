"""A schema that also bounds what JSON leaves open: how deep values are nested, how large they are.

The schemas of OCPP close most objects, so a valid payload is as deep as they are; what they leave
open (`customData`, the `data` of a DataTransfer) is bounded here. The verdict of such a schema is
one-sided: what it admits is valid and within reliability S17, what it refuses is to be looked at
exactly. That allows a simpler test of timestamps, too. The verdict is asked for with every frame,
so the validator is spared what adds nothing: definitions stand where they are used (none of OCPP's
uses itself), and a list of allowed words has no type beside it.
"""

from typing import Any

from gateway.core.schema.fields import DATE_TIME

DEEPEST_OPEN = 8
"""How deep a value may be nested where a schema leaves it open."""

DEEPEST = 32
"""No frame whose payload is admitted is nested deeper, its own list included."""

LARGEST = 10**15
"""The largest number; orjson reads integers beyond 64 bits as floats without a word."""

_SIMPLE_TIMESTAMP = (
    "^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}.[0-9]{2}:[0-9]{2}:[0-5][0-9]"
    "([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
"""Beside the format: no year 0000, no second 60, and digits where digits are to be."""

_STRICT_INTEGERS = "http://json-schema.org/draft-04/schema#"
"""To this draft 1.0 is no integer; to 2.0.1's it is, for `repair.whole_numbers` to write as 1."""

_DEFINITIONS = "definitions"
_SCALARS = ["string", "number", "boolean", "null"]
_COMPOSITES = ["array", "object"]
_NUMBERS = ("integer", "number")

Schema = dict[str, Any]


def bounded(schema: Schema) -> Schema:
    """The schema of a message part, bounded."""
    made = _bounded(schema, schema.get(_DEFINITIONS, {}))
    made["$schema"] = _STRICT_INTEGERS
    made[_DEFINITIONS] = {_name(depth): _open(depth) for depth in range(1, DEEPEST_OPEN + 1)}
    return made


def _bounded(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    if not schema:
        return _reference(1)
    if "$ref" in schema:
        return _bounded(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    made = dict(schema)
    kind = made.get("type")
    if not isinstance(kind, str):
        return {"allOf": [made, _reference(1)]}
    if "properties" in made:
        members = made["properties"].items()
        made["properties"] = {name: _bounded(member, definitions) for name, member in members}
    if kind in _NUMBERS:
        made["maximum"] = min(made.get("maximum", LARGEST), LARGEST)
        made["minimum"] = max(made.get("minimum", -LARGEST), -LARGEST)
    elif kind == "array":
        made["items"] = _bounded(made.get("items", {}), definitions)
    elif kind == "object" and made.get("additionalProperties") is not False:
        made["additionalProperties"] = _bounded(made.get("additionalProperties", {}), definitions)
    elif "enum" in made:
        made = {"enum": made["enum"]}
    elif made.get("format") == DATE_TIME:
        made.pop("not", None)
        made["pattern"] = _SIMPLE_TIMESTAMP
    return made


def _open(depth: int) -> Schema:
    kinds = _SCALARS + (_COMPOSITES if depth < DEEPEST_OPEN else [])
    made: Schema = {"type": kinds, "maximum": LARGEST, "minimum": -LARGEST}
    if depth < DEEPEST_OPEN:
        made |= {"items": _reference(depth + 1), "additionalProperties": _reference(depth + 1)}
    return made


def _reference(depth: int) -> Schema:
    return {"$ref": f"#/{_DEFINITIONS}/{_name(depth)}"}


def _name(depth: int) -> str:
    return f"open-{depth}"
