"""How much one station may send (reliability S24): back-pressure first, then the link closes."""

from typing import NamedTuple

from gateway.io.rate import Rate

BYTES_BURST_S = 4.0
"""A station may send this many seconds' worth of bytes at once."""


class FlowLimits(NamedTuple):
    """Keys of section `limits` of the configuration."""

    messages_per_s: float
    messages_burst: float
    bytes_per_s: float


class Flow:
    """The two buckets of one station."""

    __slots__ = ("_bytes", "_debt_until", "_messages")

    def __init__(self, limits: FlowLimits) -> None:
        self._messages = Rate(limits.messages_per_s, limits.messages_burst)
        self._bytes = Rate(limits.bytes_per_s, BYTES_BURST_S * limits.bytes_per_s)
        self._debt_until = 0.0

    def over(self, size: int, now: float) -> bool:
        """Count a message of that many bytes. True: the station must wait for `debt_s`."""
        debt = self._messages.take(now)
        bytes_debt = self._bytes.take(now, size)
        if bytes_debt > debt:
            debt = bytes_debt
        self._debt_until = now + debt
        return debt > 0.0

    def debt_s(self, now: float) -> float:
        """Seconds until the station may send again; 0 if it may now."""
        return max(0.0, self._debt_until - now)
