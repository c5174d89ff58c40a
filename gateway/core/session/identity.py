"""The map of a hop that changes no version: every payload is its own translation.

Used where both legs speak one version but frames are checked or repaired on the way (decision 3).
"""

from gateway.core.dialects import Version
from gateway.core.frames import JsonObject
from gateway.core.mapping.context import Context
from gateway.core.mapping.model import Direction, State


class _Same:
    """A translation that changes nothing."""

    filled: tuple[str, ...] = ()

    def __call__(
        self, payload: JsonObject, context: Context, state: State, lost: list[str], /
    ) -> JsonObject:
        return payload


_SAME = _Same()


def identity(version: Version, action: str) -> Direction:
    """The direction of a call that passes as it is."""
    return Direction(version, action, "relay", {}, _SAME, _SAME, {}, None, ())
