"""Parts of a 1.6 key, read out of its text and put back into it (translation-csms 5, 6.6, 9.2)."""

from typing import Any

import orjson

from gateway.core.frames import JsonObject
from gateway.core.mapping.key_values import VALUE16_MAX, Values, rotations_changed, rotations_of
from gateway.core.mapping.keys import Member
from gateway.core.numbers import decimal, json_number, plain


class TooLong(ValueError):
    """The text would be longer than a 1.6 value."""


def rotation_at(text: str, connector: int, values: Values) -> str | None:
    """The phase rotation of a connector; None: the text names none for it."""
    return rotations_of(text, values, writing=False).get(connector)


def with_rotations(text: str, changes: dict[int, str], values: Values) -> str:
    """The text with other rotations for some connectors; the others stay. Raises TooLong."""
    made, named = rotations_changed(text, changes, values)
    if len(made.split(",")) < named:
        raise TooLong(f"more than {VALUE16_MAX} characters")
    return made


def member_at(text: str, member: Member) -> str | None:
    """A member of a JSON text as 2.0.1 text; None: it has none."""
    found: Any = _object(text)
    for name in member.path:
        found = found.get(name) if isinstance(found, dict) else None
    if found is None:
        return None
    if isinstance(found, str):
        return found
    return plain(decimal(found)) if _is_number(found) else orjson.dumps(found).decode()


def member_value(member: Member, text: str) -> str | int | float:
    """2.0.1 text as the JSON member that it becomes. Raises ValueError where it is no number."""
    return json_number(decimal(text)) if member.number else text


def with_members(text: str, changes: list[tuple[Member, str]]) -> str:
    """The JSON text with other members; what nobody changes stays. Raises ValueError, TooLong."""
    made = _object(text)
    for member, value in changes:
        scope = made
        for name in member.path[:-1]:
            inner = scope.get(name)
            scope[name] = scope = inner if isinstance(inner, dict) else {}
        scope[member.path[-1]] = member_value(member, value)
    result = orjson.dumps(made).decode()
    if len(result) > VALUE16_MAX:
        raise TooLong(f"more than {VALUE16_MAX} characters")
    return result


def _object(text: str) -> JsonObject:
    """A text that is no JSON object holds nothing."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
