"""One timer that pings every link of a face (reliability R6).

The library's own heartbeat sets and cancels timers of its own for each connection and resets them
with every message. Here links wait in the order in which their ping is due, which is the order in
which they came, since the interval is the same for all.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol


class Pinged(Protocol):
    """What is pinged."""

    @property
    def open(self) -> bool: ...

    def ping(self) -> None: ...

    def expect_life(self) -> None:
        """Close if nothing has come since the ping."""


class PingWheel:
    """Pings each link every interval_s; a link silent for timeout_s after it closes with 1011."""

    def __init__(self, interval_s: float, timeout_s: float, monotonic: Callable[[], float]) -> None:
        self._interval_s = interval_s
        self._timeout_s = timeout_s
        self._monotonic = monotonic
        self._tick_s = min(1.0, interval_s / 4, timeout_s / 4)
        self._to_ping: deque[tuple[float, Pinged]] = deque()
        self._to_hear: deque[tuple[float, Pinged]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, link: Pinged) -> None:
        """Ping that link from now on, for as long as it is open."""
        self._to_ping.append((self._monotonic() + self._interval_s, link))
        if self._timer is None:
            self._arm()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._to_ping.clear()
        self._to_hear.clear()

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._tick_s, self._turn)

    def _turn(self) -> None:
        now = self._monotonic()
        for link in _due(self._to_hear, now):
            link.expect_life()
        for link in _due(self._to_ping, now):
            link.ping()
            self._to_hear.append((now + self._timeout_s, link))
            self._to_ping.append((now + self._interval_s, link))
        if self._to_ping or self._to_hear:
            self._arm()
        else:
            self._timer = None


def _due(waiting: deque[tuple[float, Pinged]], now: float) -> list[Pinged]:
    """Take out the links whose time has come and that are still open."""
    due = []
    while waiting and waiting[0][0] <= now:
        link = waiting.popleft()[1]
        if link.open:
            due.append(link)
    return due
