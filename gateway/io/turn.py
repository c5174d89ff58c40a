"""Frames of one turn of the event loop, put out together at its end.

A peer that sleeps is woken by the first of them; what follows at once finds it awake, which costs
the sender half as much. No frame waits longer than the messages that came in the same turn take.
"""

import asyncio
from typing import Protocol
from weakref import WeakKeyDictionary

MOST_BYTES = 1 << 16
"""What may wait. A turn can read megabytes from one peer; that the other one does not take them is
seen only when they go out."""


class Writes(Protocol):
    """What a frame goes out on."""

    def write(self, frame: bytes) -> None:
        """Put it out. Called also where the connection has broken meanwhile."""


class Turn:
    """What is to go out at the end of this turn, in order."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._soon = loop.call_soon
        self._frames: list[tuple[Writes, bytes]] = []
        self._bytes = 0

    def put(self, link: Writes, frame: bytes) -> None:
        frames = self._frames
        if not frames:
            self._soon(self.flush)
        frames.append((link, frame))
        self._bytes += len(frame)
        if self._bytes > MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        """Put out what waits now: something else is to go out behind it."""
        frames, self._frames, self._bytes = self._frames, [], 0
        for link, frame in frames:
            link.write(frame)


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, Turn] = WeakKeyDictionary()


def turn_of(loop: asyncio.AbstractEventLoop) -> Turn:
    """The one of that loop."""
    turn = _turns.get(loop)
    if turn is None:
        turn = _turns[loop] = Turn(loop)
    return turn
