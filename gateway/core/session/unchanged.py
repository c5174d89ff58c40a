"""The map of a hop that changes no version: every payload is its own translation.

Used where both legs speak one version but frames are checked or repaired on the way (decision 3).
"""

from gateway.core.dialects import Side, Version
from gateway.core.frames import JsonObject
from gateway.core.mapping.context import Context
from gateway.core.mapping.model import CALLERROR, Direction, MessageMap, State


class _Same:
    """A translation that changes nothing."""

    filled: tuple[str, ...] = ()

    def __call__(
        self, payload: JsonObject, context: Context, state: State, lost: list[str], /
    ) -> JsonObject:
        return payload


_SAME = _Same()
_OWN = {"data_transfer": "same_data", "change_configuration": "same_setting"}
"""Procedures that do something with a call that passes, by those that would translate it."""


def unchanged(version: Version, action: str, side: Side, known: MessageMap | None) -> Direction:
    """The direction of a call of that side that passes as it is.

    known: the map that would translate it, for what it says of the message itself: whether it
    registers the station, sets a key or holds vendors' data, and what tells a repeat of a
    transaction message.
    """
    far = [d for v, d in known.directions.items() if v is not version] if known else []
    params = {"registers": True} if any(d.params.get("registers") for d in far) else {}
    retry = next((d.retry for d in far), ())
    replies = {"unsupported": CALLERROR, "failed": CALLERROR} if side is Side.CSMS else {}
    procedure = "same_boot" if params else "same"
    for d in far:
        procedure = _OWN.get(d.procedure, procedure)
    return Direction(version, action, procedure, params, _SAME, _SAME, replies, None, retry)
