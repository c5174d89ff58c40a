"""Values of a 1.6 JSON payload as SOAP writes them, by the types of the service description.

What the two type systems do not share is settled here, so that the stylesheet copies text.
Design: soap.md 8.
"""

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any

from gateway.core import timestamps
from gateway.core.addresses import escaped
from gateway.core.codec.jsonxml import legal
from gateway.core.codec.soap_shape import Kind, Shape
from gateway.core.dialects import OCCURRENCE_VIOLATION, PROPERTY_VIOLATION, TYPE_VIOLATION
from gateway.core.errors import PayloadInvalid, Violation
from gateway.core.frames import JsonObject

_INT32 = range(-(1 << 31), 1 << 31)
_TENTH = Decimal("0.1")

_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
).fullmatch


class Writer:
    """Writes one payload. losses: what it had to change or leave out, as `path: what`."""

    def __init__(self, words: Mapping[str, Mapping[str, str | None]]) -> None:
        self._words = words
        self.losses: list[str] = []

    def write(self, payload: JsonObject, shape: Shape, path: str = "$") -> JsonObject:
        """The payload with each value as text; members that SOAP does not have are left out.

        Raises PayloadInvalid for an integer beyond 32 bits, a list without the item that SOAP
        wants, and a value of another type: the caller answers with the violation's code.
        """
        written: JsonObject = {}
        children = shape.children
        for name, value in payload.items():
            known = children.get(name)
            if known is None:
                self.losses.append(f"{path}.{name}: SOAP has no such element")
            elif type(value) is str and not known.many and self._as_it_is(value, known):
                written[name] = value
            elif value is not None:
                text = self._value(value, known, f"{path}.{name}")
                if text is not None:
                    written[name] = text
        return written

    def _as_it_is(self, text: str, shape: Shape) -> bool:
        """Whether text is written as it stands: most of what passes here."""
        if shape.kind is Kind.WORD:
            return text in shape.words
        return shape.kind is Kind.TEXT and text.isascii() and text.isprintable()

    def _value(self, value: Any, shape: Shape, path: str) -> Any:
        if shape.many:
            items = value if isinstance(value, list) else [value]
            if not items and shape.required:
                raise _wanted(path)
            made = [self._item(item, shape, f"{path}[{i}]") for i, item in enumerate(items)]
            written = [one for one in made if one is not None]
            if items and not written and shape.required:
                raise _Emptied(_wanted(path).violations)
            return written
        return self._one(value, shape, path)

    def _item(self, item: Any, shape: Shape, path: str) -> Any:
        """None for an item that is left out; what holds nothing else is, too."""
        if self._says_nothing(item, shape, path) or self._has_no_word(item, shape, path):
            return None
        try:
            return self._one(item, shape, path)
        except _Emptied:
            return None

    def _has_no_word(self, item: Any, shape: Shape, path: str) -> bool:
        """Whether something in it has a value that its vendor alone knows: without its measurand a
        reading would be another one."""
        if not isinstance(item, dict):
            return False
        for name, child in shape.children.items():
            value = item.get(name)
            unknown = child.kind is Kind.WORD and isinstance(value, str)
            if unknown and value not in child.words and value not in self._words.get(name, ()):
                self.losses.append(f"{path}.{name}: SOAP has no word for {value}")
                return True
        return False

    def _says_nothing(self, item: Any, shape: Shape, path: str) -> bool:
        """Whether it is an item of an optional list without the items that SOAP wants in it: no
        message, let alone the end of a transaction, is refused because of one."""
        if shape.required or not isinstance(item, dict):
            return False
        lists = (name for name, child in shape.children.items() if child.many and child.required)
        bare = next((name for name in lists if item.get(name) == []), None)
        if bare is not None:
            self.losses.append(f"{path}.{bare}: SOAP wants at least one")
        return bare is not None

    def _one(self, value: Any, shape: Shape, path: str) -> Any:
        if shape.kind is Kind.STRUCTURE:
            if not isinstance(value, dict):
                raise _wrong(path, "an object")
            return self.write(value, shape, path)
        words = self._words.get(shape.name)
        if words and isinstance(value, str) and value in words:
            return self._word(words[value], value, path)
        text = _WRITE[shape.kind](value, path)
        if shape.kind is Kind.TEXT and text != value:
            self.losses.append(f"{path}: characters that XML does not have")
        elif shape.kind is Kind.DECIMAL and Decimal(text) != Decimal(repr(value)):
            self.losses.append(f"{path}: cut to one decimal")
        return text

    def _word(self, become: str | None, value: str, path: str) -> str | None:
        if become is None:
            self.losses.append(f"{path}: SOAP has no word for {value}")
        return become


class _Emptied(PayloadInvalid):
    """Nothing is left of a list that SOAP wants."""


def _wanted(path: str) -> PayloadInvalid:
    return _refused(path, "minItems", OCCURRENCE_VIOLATION, "SOAP wants at least one")


def _wrong(path: str, wanted: str) -> PayloadInvalid:
    return _refused(path, "type", TYPE_VIOLATION, f"is not {wanted}")


def _refused(path: str, rule: str, code: str, message: str) -> PayloadInvalid:
    return PayloadInvalid((Violation(path, rule, code, message),))


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise _wrong(path, "a string")
    return legal(value)


def _integer(value: Any, path: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise _wrong(path, "an integer")
    if int(value) not in _INT32:
        raise _refused(path, "maximum", PROPERTY_VIOLATION, "SOAP has integers of 32 bits")
    return str(int(value))


def _decimal(value: Any, path: str) -> str:
    """Cut to one decimal towards zero, in plain notation (`dec1` of translation-csms)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(path, "a number")
    exact = Decimal(repr(value))
    if exact != exact.to_integral_value():
        exact = exact.quantize(_TENTH, rounding=ROUND_DOWN)
    return format(exact, "f")


def _boolean(value: Any, path: str) -> str:
    if not isinstance(value, bool):
        raise _wrong(path, "a boolean")
    return "true" if value else "false"


def _time(value: Any, path: str) -> str:
    """As it is where both encodings allow it, else in UTC; what is no time at all is left for
    the schema to refuse."""
    text = _text(value, path)
    if _TIME(text):
        return text
    try:
        return timestamps.normalise(text)
    except ValueError:
        return text


def _uri(value: Any, path: str) -> str:
    return escaped(_text(value, path))


_WRITE: Mapping[Kind, Callable[[Any, str], str]] = {
    Kind.TEXT: _text,
    Kind.WORD: _text,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.BOOLEAN: _boolean,
    Kind.TIME: _time,
    Kind.URI: _uri,
}
