"""Members that stand twice in one object of a JSON text.

Of them the last one counts, in logs as live; here they are found, for the report (reliability S17).
"""

import json
from typing import Any

from orjson import dumps

from gateway.core.codec.diagnosis import LONG_NUMERAL, SIGNS


def says_as_much(text: bytes, value: Any) -> bool:
    """Whether a JSON text says no more than what was read of it: no member twice, no integer with
    digits that got lost. False says nothing.

    A name or a text has two quotes, and where there is no backslash no others are there.
    """
    made = dumps(value)
    return made == text or (
        b"\\" not in text
        and made.count(b'"') == text.count(b'"')
        and LONG_NUMERAL not in text.translate(SIGNS)
    )


def doubles(text: bytes) -> list[str]:
    """Names of members that stand twice in an object, as often as they are there once more."""
    names: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                names.append(name)
            seen.add(name)

    json.loads(text, object_pairs_hook=note)
    return names
