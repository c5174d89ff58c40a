"""Limits on how often something may happen, without a timer or a list of past events."""

ROUNDING_S = 1e-6
"""Seconds since the epoch have no more digits than that in a float."""


class Rate:
    """A token bucket, kept as the time at which it would be full again.

    per_s: tokens that flow in each second; burst: how many it holds.
    """

    __slots__ = ("_full_at", "_slack", "_token_s")

    def __init__(self, per_s: float, burst: float) -> None:
        self._token_s = 1.0 / per_s
        self._slack = burst / per_s
        self._full_at = float("-inf")

    def take(self, now: float, tokens: float = 1.0) -> float:
        """Take tokens, on credit if need be; the seconds until the debt is paid, 0 without one."""
        full_at = self._full_at
        self._full_at = full_at = (full_at if full_at > now else now) + tokens * self._token_s
        debt = full_at - now - self._slack
        return debt if debt > ROUNDING_S else 0.0

    def try_take(self, now: float) -> bool:
        """Take one token if there is one."""
        if max(self._full_at, now) + self._token_s - now > self._slack + ROUNDING_S:
            return False
        self.take(now)
        return True
