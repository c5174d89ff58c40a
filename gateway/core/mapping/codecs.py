"""Codecs: vendors' DataTransfer text as JSON with names, and back (extensions.md section 2).

    list    a list of values that are told apart by their position; `{}` groups are lists in it
    json    JSON text, whose members get other names or units

A value may be a 1.6 connectorId or transactionId, which the other version numbers differently; one
that is not known stays the number that it is. What a codec does not name goes along as it is; text
that is not of the codec's form is left as it came.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

import orjson

from gateway.core import numbers
from gateway.core.errors import Place, Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.json_text import value_in

TEXT, INTEGER, NUMBER, FLAG, CONNECTOR, TRANSACTION = (
    "text",
    "integer",
    "number",
    "flag",
    "connector",
    "transaction",
)
TYPES = (TEXT, INTEGER, NUMBER, FLAG, CONNECTOR, TRANSACTION)
LIST, JSON = "list", "json"
MORE = "more"
"""Member that holds what a list has behind its named values."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})").fullmatch
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,15})?").fullmatch
_FLAGS = {"0": False, "1": True}


class Numbering(Protocol):
    """What a codec asks of the session: the other version's name of a thing."""

    def evse201(self, connector16: int) -> tuple[int, int]:
        """(evseId, connectorId) of a 1.6 connectorId. Raises Untranslatable."""

    def connector16(self, evse_id: int, connector_id: int | None) -> int:
        """The 1.6 connectorId of an EVSE's connector. Raises Untranslatable."""

    def transaction201(self, transaction16: int) -> str | None:
        """The 2.0.1 transactionId, None if it is not known."""

    def known_transaction16(self, transaction201: str) -> int | None:
        """The 1.6 transactionId, None if it is not known."""


@dataclass(frozen=True, slots=True)
class Item:
    """One value. source: its member in 1.6 (json); name: in 2.0.1; scale: 2.0.1 = 1.6 x scale.

    items: of a group, which is an object in 2.0.1.
    """

    source: str
    name: str
    type: str = TEXT
    scale: Decimal | None = None
    items: tuple["Item", ...] = ()


@dataclass(frozen=True, slots=True)
class Codec:
    """kind: LIST or JSON. messages: (text of 1.6, data of 2.0.1) examples."""

    name: str
    place: Place
    summary: str
    kind: str
    items: tuple[Item, ...]
    separator: str = ","
    examples: tuple[tuple[str, Any], ...] = ()

    def to_v201(self, text: str, numbering: Numbering) -> Any:
        """The data as JSON; None where the text is not of this form."""
        return _READ[self.kind](self, text, numbering)

    def to_v16(self, data: Any, numbering: Numbering) -> str | None:
        """The text; None where the data is not of this form."""
        return _WRITTEN[self.kind](self, data, numbering) if isinstance(data, dict) else None


# -- list ---------------------------------------------------------------------------------------


def _read_list(codec: Codec, text: str, numbering: Numbering) -> JsonObject | None:
    parts = _split(text, codec.separator)
    return None if parts is None else _named(codec.items, parts, codec.separator, numbering)


def _named(
    items: Sequence[Item], parts: list[str], separator: str, numbering: Numbering
) -> JsonObject | None:
    found: JsonObject = {}
    for item, part in zip(items, parts, strict=False):
        value = _value_of(item, part, separator, numbering)
        if value is None:
            return None
        found[item.name] = value
    if len(parts) > len(items):
        found[MORE] = parts[len(items) :]
    return found


def _value_of(item: Item, part: str, separator: str, numbering: Numbering) -> Any:
    if item.items:
        inside = _split(part[1:-1], separator) if part[:1] + part[-1:] == "{}" else None
        return None if inside is None else _named(item.items, inside, separator, numbering)
    if item.type == TEXT:
        return part
    if item.type == FLAG:
        return _FLAGS.get(part)
    if item.type in (NUMBER, INTEGER) and not (_NUMBER if item.type == NUMBER else _INTEGER)(part):
        return None
    if item.type == NUMBER:
        return _scaled(numbers.decimal(part), item.scale)
    if not _INTEGER(part):
        return None
    return _inside(item, int(part), numbering)


def _split(text: str, separator: str) -> list[str] | None:
    """The parts of a list, groups whole; None if braces do not match."""
    parts, depth, start = [], 0, 0
    for position, letter in enumerate(text):
        if letter == "{":
            depth += 1
        elif letter == "}":
            depth -= 1
            if depth < 0:
                return None
        elif letter == separator and not depth:
            parts.append(text[start:position])
            start = position + 1
    return None if depth else [*parts, text[start:]]


def _write_list(codec: Codec, data: JsonObject, numbering: Numbering) -> str | None:
    parts = _listed(codec.items, data, codec.separator, numbering)
    return None if parts is None else codec.separator.join(parts)


def _listed(
    items: Sequence[Item], data: JsonObject, separator: str, numbering: Numbering
) -> list[str] | None:
    """The values in their order, as far as they are there: a list has no gaps."""
    parts: list[str] = []
    names = [item.name for item in items]
    if not data.keys() <= {*names, MORE}:
        return None
    given = [name in data for name in names]
    if sorted(given, reverse=True) != given:
        return None
    for item in items[: sum(given)]:
        part = _part_of(item, data[item.name], separator, numbering)
        if part is None:
            return None
        parts.append(part)
    more = data.get(MORE, [])
    if not isinstance(more, list) or not all(_is_one(part, separator) for part in more):
        return None
    if more and not all(given):
        return None
    return [*parts, *more]


def _is_one(value: Any, separator: str) -> bool:
    """Whether a text stays one value of a list."""
    return isinstance(value, str) and _split(value, separator) == [value]


def _part_of(item: Item, value: Any, separator: str, numbering: Numbering) -> str | None:
    if item.items:
        inside = _listed(item.items, value, separator, numbering) if _is_object(value) else None
        return None if inside is None else "{" + separator.join(inside) + "}"
    if item.type == FLAG:
        return {False: "0", True: "1"}.get(value) if isinstance(value, bool) else None
    if item.type == TEXT:
        return value if _is_one(value, separator) else None
    made = _outside(item, value, numbering)
    return None if made is None else numbers.plain(numbers.decimal(made))


# -- json ---------------------------------------------------------------------------------------


def _read_json(codec: Codec, text: str, numbering: Numbering) -> JsonObject | None:
    try:
        value = value_in(text)
    except ValueError:
        return None
    if not _is_object(value):
        return None
    by_source = {item.source: item for item in codec.items}
    return _object(_members(value, by_source, numbering, inside=True))


def _write_json(codec: Codec, data: JsonObject, numbering: Numbering) -> str | None:
    by_name = {item.name: item for item in codec.items}
    made = _object(_members(data, by_name, numbering, inside=False))
    return None if made is None else orjson.dumps(made).decode()


def _object(members: Iterable[tuple[str, Any]]) -> JsonObject | None:
    """None if two members come out under one name: one of them would be lost."""
    pairs = list(members)
    made = dict(pairs)
    return made if len(made) == len(pairs) else None


def _members(
    value: JsonObject, items: Mapping[str, Item], numbering: Numbering, *, inside: bool
) -> Iterator[tuple[str, Any]]:
    """The members under their other name; one that is not of its type keeps name and value."""
    for member, given in value.items():
        item = items.get(member)
        if item is None:
            yield member, given
            continue
        made = (_inside if inside else _outside)(item, given, numbering)
        if made is None:
            yield member, given
        else:
            yield (item.name if inside else item.source), made


# -- one value ----------------------------------------------------------------------------------


def _inside(item: Item, value: Any, numbering: Numbering) -> Any:
    """A 1.6 value as 2.0.1 has it; None if it is not of its type or means nothing there."""
    if item.type == CONNECTOR:
        return _evse(value, numbering) if _is_integer(value) else None
    if item.type == TRANSACTION:
        return (numbering.transaction201(value) or value) if _is_integer(value) else None
    if item.type in (INTEGER, NUMBER):
        return _scaled(numbers.decimal(value), item.scale) if _is_number(value) else None
    return value


def _outside(item: Item, value: Any, numbering: Numbering) -> Any:
    """A 2.0.1 value as 1.6 has it."""
    if item.type == CONNECTOR:
        return _connector(value, numbering)
    if item.type == TRANSACTION:
        known = numbering.known_transaction16(value) if isinstance(value, str) else value
        return known if _is_integer(known) else None
    if item.type in (INTEGER, NUMBER):
        back = None if item.scale is None else 1 / item.scale
        return _scaled(numbers.decimal(value), back) if _is_number(value) else None
    return value


def _evse(value: int, numbering: Numbering) -> JsonObject | int:
    try:
        evse_id, connector_id = numbering.evse201(value)
    except Untranslatable:
        return value
    return {"id": evse_id, "connectorId": connector_id} if evse_id else {"id": 0}


def _connector(value: Any, numbering: Numbering) -> int | None:
    if not _is_object(value):
        return value if _is_integer(value) else None
    evse_id, connector_id = value.get("id"), value.get("connectorId")
    if not _is_integer(evse_id) or not (connector_id is None or _is_integer(connector_id)):
        return None
    try:
        return numbering.connector16(evse_id, connector_id)
    except Untranslatable:
        return None


def _scaled(value: Decimal, scale: Decimal | None) -> int | float:
    return numbers.json_number(value if scale is None else numbers.scaled(value, scale))


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


_READ = {LIST: _read_list, JSON: _read_json}
_WRITTEN = {LIST: _write_list, JSON: _write_json}
