"""Message schemas with what a vendor adds to them; the standard's own stay as they are."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

MEASURAND = "measurand"

Schema = dict[str, Any]


class OwnField(Protocol):
    """A member that a vendor adds, or further values of one that the standard has."""

    @property
    def path(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def max_length(self) -> int | None: ...
    @property
    def values(self) -> tuple[str, ...]: ...


def with_fields(schema: Schema, fields: Iterable[OwnField]) -> Schema:
    """A copy that has these fields too; a path to nowhere is left out."""
    definitions = schema.get("definitions", {})
    whole: Schema = _copy(schema)
    for field in fields:
        parent, _, name = field.path.rpartition(".")
        holder = _object_at(whole, parent.split(".") if parent else [], definitions)
        if holder is not None:
            members = holder.setdefault("properties", {})
            members[name] = _member(members.get(name), field)
    return whole


def with_measurands(schema: Schema, names: Iterable[str]) -> Schema:
    """A copy in which samples may have these measurands."""

    def longer(member: Schema) -> Schema:
        return {**member, "enum": [*member.get("enum", ()), *names]}

    found = _each_measurand(schema, longer)
    return found if isinstance(found, dict) else schema


def opened(schema: Schema) -> Schema:
    """A copy whose closed objects take further members, and whose samples any measurand."""

    def any_text(member: Schema) -> Schema:
        return {name: value for name, value in member.items() if name != "enum"}

    found = _open(_each_measurand(schema, any_text))
    return found if isinstance(found, dict) else schema


def has_measurands(schema: Schema) -> bool:
    """Whether samples are in the message."""
    emptied: Schema = _each_measurand(schema, lambda member: {})
    return emptied != schema


def _member(known: Schema | None, field: OwnField) -> Schema:
    if known is not None and field.values:
        return {**known, "enum": [*known.get("enum", ()), *field.values]}
    member: Schema = {} if field.type == "any" else {"type": field.type}
    if field.max_length is not None:
        member["maxLength"] = field.max_length
    if field.values:
        member["enum"] = list(field.values)
    return member


def _object_at(schema: Schema, path: list[str], definitions: Mapping[str, Any]) -> Schema | None:
    """The object schema at a path of a field table; a reference on the way is written out."""
    for step in path:
        name, marks = step.removesuffix("[]"), step.endswith("[]")
        members = schema.get("properties", {})
        if name not in members:
            return None
        members[name] = schema = _written_out(members[name], definitions)
        if marks:
            schema["items"] = schema = _written_out(schema.get("items", {}), definitions)
    return schema


def _written_out(schema: Schema, definitions: Mapping[str, Any]) -> Schema:
    reference = schema.get("$ref")
    return schema if reference is None else _copy(definitions[reference.rpartition("/")[2]])


def _copy(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {name: _copy(member) for name, member in schema.items()}
    return [_copy(item) for item in schema] if isinstance(schema, list) else schema


def _each_measurand(schema: Any, change: Any) -> Any:
    if isinstance(schema, list):
        return [_each_measurand(item, change) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: change(member)
        if name == MEASURAND and isinstance(member, dict) and "enum" in member
        else _each_measurand(member, change)
        for name, member in schema.items()
    }


def _open(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_open(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _open(member)
        for name, member in schema.items()
        if name != "additionalProperties" or member is not False
    }
