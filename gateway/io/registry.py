"""The stations that are connected, and what becomes of a second link of the same one (S3)."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from gateway.core.dialects import Side
from gateway.core.errors import GatewayError
from gateway.io.link import CLOSE_HANDSHAKE_S
from gateway.io.pump import Pump

Policy = Literal["probe", "reject", "replace"]


class AlreadyConnected(GatewayError):
    """The station has a link that lives; the new one is turned away."""


class Registry:
    """The pumps, by station identity.

    noted(station, outcome): takes every decision about a second link, for the audit.
    """

    def __init__(self, policy: Policy, probe_s: float, noted: Callable[[str, str], None]) -> None:
        self._policy = policy
        self._probe_s = probe_s
        self._noted = noted
        self._pumps: dict[str, Pump] = {}
        self._opening: set[str] = set()

    def __len__(self) -> int:
        return len(self._pumps) + len(self._opening)

    def pumps(self) -> tuple[Pump, ...]:
        return tuple(self._pumps.values())

    def find(self, station: str) -> Pump | None:
        """The station's pump, if it has one."""
        return self._pumps.get(station)

    def add(self, pump: Pump) -> None:
        """From now on, until it ends, this pump is its station's."""
        station = pump.station
        self._pumps[station] = pump
        pump.ended.add_done_callback(lambda _: self._forget(station, pump))

    def _forget(self, station: str, pump: Pump) -> None:
        if self._pumps.get(station) is pump:
            del self._pumps[station]

    @contextmanager
    def opening(self, station: str) -> Iterator[None]:
        """Hold the station's place while its link is being set up; one at a time.

        Raises AlreadyConnected.
        """
        if station in self._opening:
            self._noted(station, "connecting")
            raise AlreadyConnected("This station is connecting already.")
        self._opening.add(station)
        try:
            yield
        finally:
            self._opening.discard(station)

    async def make_way(self, station: str) -> Pump | None:
        """Part with an older link of the station, if it may be.

        Returns the pump that the new link joins, because its session waits for something with the
        CSMS link open; None if a new one has to be made. Raises AlreadyConnected.
        """
        pump = self._pumps.get(station)
        if pump is None:
            return None
        await self._displace(station, pump)
        await pump.parted()
        if pump.link(Side.CSMS) is not None and not pump.ended.done():
            return pump
        pump.give_way()
        try:
            await asyncio.wait_for(asyncio.shield(pump.ended), CLOSE_HANDSHAKE_S)
        except TimeoutError:
            pump.abandon(1008, "replaced by a newer link")
            await pump.ended
        return None

    async def _displace(self, station: str, pump: Pump) -> None:
        link = pump.link(Side.STATION)
        if link is None:
            return
        if self._policy == "reject" or (
            self._policy == "probe" and await link.answers(self._probe_s)
        ):
            self._noted(station, "rejected")
            raise AlreadyConnected("This station is connected already.")
        self._noted(station, "replaced")
        pump.close(1008, "replaced by a newer link")
