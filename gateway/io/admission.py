"""Who may begin a handshake now (reliability R8, S23): cheap checks before anything costly."""

import resource
from collections import Counter
from typing import Literal

from gateway.io.clock import Clock
from gateway.io.rate import Rate

SPARE_DESCRIPTORS = 64
"""Descriptors for everything that is not a station: listeners, store, log, probes."""


def max_stations(configured: int | Literal["auto"]) -> int:
    """How many stations fit, each with two descriptors."""
    if configured != "auto":
        return configured
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard and hard != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return max(1, (soft - SPARE_DESCRIPTORS) // 2)


class Admission:
    """The handshake rate and the number of stations of one listener."""

    def __init__(self, handshakes_per_s: float, stations: int, clock: Clock) -> None:
        self._rate = Rate(handshakes_per_s, handshakes_per_s)
        self._clock = clock
        self.max_stations = stations
        self.draining = False

    def refuses(self, connected: int) -> str:
        """A sentence saying why there is no room now, or ""."""
        if self.draining:
            return "The gateway is shutting down."
        if connected >= self.max_stations:
            return "The gateway serves as many stations as it can."
        if not self._rate.try_take(self._clock()):
            return "Too many stations connect at once."
        return ""


class Strangers:
    """Connections that have not shown who they are, counted in all and for each address.

    With TLS a connection is seen here only after its TLS handshake, whose time is limited
    separately.
    """

    def __init__(self, most: int, most_per_address: int) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._address_of: dict[object, str | None] = {}
        self._by_address: Counter[str] = Counter()

    def enter(self, connection: object, address: str | None) -> bool:
        """A connection has come; False if it is one too many and was not counted.

        address: None for a proxy's, whose client is known with its first request only.
        """
        if len(self._address_of) >= self._most or self._is_full(address):
            return False
        self._count(connection, address)
        return True

    def calls_for(self, connection: object, address: str | None) -> bool:
        """A proxy's connection has said whose it is; False if that client has too many."""
        if connection not in self._address_of or self._address_of[connection] == address:
            return True
        if self._is_full(address):
            return False
        self.leave(connection)
        self._count(connection, address)
        return True

    def leave(self, connection: object) -> None:
        """A connection has shown who it is, or is gone."""
        address = self._address_of.pop(connection, None)
        if address is None:
            return
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    def _is_full(self, address: str | None) -> bool:
        return address is not None and self._by_address[address] >= self._most_per_address

    def _count(self, connection: object, address: str | None) -> None:
        self._address_of[connection] = address
        if address is not None:
            self._by_address[address] += 1
