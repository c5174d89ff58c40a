"""How much one station may send (reliability S24): back-pressure first, then the link closes."""

from typing import NamedTuple

from gateway.io.rate import Rate

BYTES_BURST_S = 4.0
"""A station may send this many seconds' worth of bytes at once."""

FLOOD_S = 10.0
"""A station that is held back and keeps sending nevertheless is borne with for this long."""


class FlowLimits(NamedTuple):
    """Keys of section `limits` of the configuration."""

    messages_per_s: float
    messages_burst: float
    bytes_per_s: float


class Flow:
    """The two buckets of one station."""

    __slots__ = ("_bytes", "_flooding_since", "_messages", "debt_s")

    def __init__(self, limits: FlowLimits) -> None:
        self._messages = Rate(limits.messages_per_s, limits.messages_burst)
        self._bytes = Rate(limits.bytes_per_s, BYTES_BURST_S * limits.bytes_per_s)
        self._flooding_since: float | None = None
        self.debt_s = 0.0

    def over(self, size: int, now: float) -> bool:
        """Count a message of that many bytes. True: the station is to be held back for debt_s."""
        debt = self._messages.take(now)
        bytes_debt = self._bytes.take(now, size)
        self.debt_s = debt if debt > bytes_debt else bytes_debt
        return self.debt_s > 0.0

    def floods(self, unread: int, now: float) -> bool:
        """After a station was held back: whether it has sent on all the same, for too long.

        unread: bytes that came meanwhile. One that waits for its answers never has any.
        """
        if not unread:
            self._flooding_since = None
            return False
        if self._flooding_since is None:
            self._flooding_since = now
        return now - self._flooding_since > FLOOD_S
