"""Field tables: what a schema says of each member of a payload, by path.

Paths are those of map files: `idToken.type`, `meterValue[].sampledValue[].value`; `meterValue` is
the list, `meterValue[]` one item of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

DATE_TIME = "date-time"
URI = "uri"
ANY = "any"


@dataclass(frozen=True, slots=True)
class Field:
    """One member, or one list item.

    type: object, array, string, integer, number, boolean, or `any` where the schema leaves it open.
    required: within its parent; a list item always is. enum: allowed values, () for any.
    max_length: in code points; format: `date-time` or "".
    open: an object that may have members beyond those listed (customData).
    """

    path: str
    type: str
    required: bool
    max_length: int | None = None
    enum: tuple[str, ...] = ()
    format: str = ""
    minimum: float | None = None
    maximum: float | None = None
    multiple_of: float | None = None
    min_items: int = 0
    max_items: int | None = None
    open: bool = False


def field_table(schema: Mapping[str, Any]) -> dict[str, Field]:
    """Every field of a message schema, parents before members, in the schema's order."""
    definitions = schema.get("definitions", {})
    return {field.path: field for field in _members(schema, "", definitions)}


def _members(
    schema: Mapping[str, Any], prefix: str, definitions: Mapping[str, Any]
) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, member in schema.get("properties", {}).items():
        yield from _field(member, prefix + name, name in required, definitions)


def _field(
    schema: Mapping[str, Any], path: str, required: bool, definitions: Mapping[str, Any]
) -> Iterator[Field]:
    schema = _resolved(schema, definitions)
    kind = schema.get("type", ANY)
    yield Field(
        path=path,
        type=kind,
        required=required,
        max_length=schema.get("maxLength"),
        enum=tuple(schema.get("enum", ())),
        format=schema.get("format", ""),
        minimum=schema.get("minimum"),
        maximum=schema.get("maximum"),
        multiple_of=schema.get("multipleOf"),
        min_items=schema.get("minItems", 0),
        max_items=schema.get("maxItems"),
        open=kind == "object" and schema.get("additionalProperties", True) is not False,
    )
    if kind == "object":
        yield from _members(schema, path + ".", definitions)
    elif kind == "array":
        yield from _field(schema.get("items", {}), path + "[]", True, definitions)


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    resolved: Mapping[str, Any] = definitions[reference.removeprefix("#/definitions/")]
    return resolved
