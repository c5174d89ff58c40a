"""Transaction ids of a CSMS that are too long for a leg, and the numbers that stand for them.

Some JSON systems count beyond 32 bits, which 1.6 over SOAP cannot carry. The table is kept with the
station. Spec: soap.md 8, rule 4.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from gateway.core.dialects import Side
from gateway.core.frames import JsonObject
from gateway.core.session.desk import Desk

KIND = "number32"
FIRST = 2_000_000_000
"""Above what any system that counts within 32 bits is likely to have reached."""

_MEMBER = "transactionId"


def towards(desk: Desk, side: Side, payload: JsonObject) -> JsonObject:
    """The payload with its transaction ids as that side's peer has them."""
    leg, other = desk.legs.get(side), desk.legs.get(side.other)
    if leg is not None and leg.integer_bits == 32:
        change = partial(_narrow, desk)
    elif other is not None and other.integer_bits == 32:
        change = partial(_widen, desk)
    else:
        return payload
    return {name: _changed(name, inner, change) for name, inner in payload.items()}


def _changed(name: str, value: Any, change: Callable[[int], int]) -> Any:
    if name == _MEMBER and isinstance(value, int):
        return change(value)
    if isinstance(value, dict):
        return {inner: _changed(inner, item, change) for inner, item in value.items()}
    if isinstance(value, list):
        return [_changed("", item, change) for item in value]
    return value


def _narrow(desk: Desk, number: int) -> int:
    if -(1 << 31) <= number < 1 << 31:
        return number
    table = desk.bindings.table
    known: int | None = table.get(KIND, str(number))
    if known is None:
        known = table.count(KIND, FIRST)
        table.put(KIND, str(number), known)
    return known


def _widen(desk: Desk, number: int) -> int:
    if number < FIRST:
        return number
    rows = desk.bindings.table.kind(KIND).items()
    return next((int(wide) for wide, narrow in rows if narrow == number), number)
