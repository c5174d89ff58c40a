"""JSON that travels as text within a message: read within the limits that hold for frames.

It may come to stand in a frame of its own, so what a frame must not hold is not read: the text
stays text. Spec: reliability S17.
"""

import json
import re
from typing import Any

import orjson

DEEPEST = 28
"""How deep a value may be nested: with what stands around it, no deeper than a frame may be."""
_MOST_VALUES = 20_000
_INTEGERS = range(-(1 << 63), 1 << 64)
_LONG_NUMERAL = re.compile(r"[0-9]{19}").search
_NUL = r"\u0000"


def value_in(text: str) -> Any:
    """The value in a text. Raises ValueError for what is no JSON, or beyond the limits."""
    value = orjson.loads(text)
    if text.count("[") + text.count("{") > DEEPEST and _is_deeper(value, DEEPEST):
        raise ValueError(f"nested deeper than {DEEPEST}")
    if text.count(",") >= _MOST_VALUES or _NUL in text:
        raise ValueError(f"more than {_MOST_VALUES} values, or a NUL character")
    if _LONG_NUMERAL(text):
        # orjson reads an integer beyond 64 bits as a float without a word.
        json.loads(text, parse_int=_exact)
    return value


def _is_deeper(value: Any, depth: int) -> bool:
    if isinstance(value, dict):
        return not depth or any(_is_deeper(member, depth - 1) for member in value.values())
    if isinstance(value, list):
        return not depth or any(_is_deeper(item, depth - 1) for item in value)
    return False


def _exact(numeral: str) -> int:
    value = int(numeral)
    if value not in _INTEGERS:
        raise ValueError("an integer beyond 64 bits")
    return value
