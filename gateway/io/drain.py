"""Ending without losing anything (reliability R23)."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from gateway.config.model import Shutdown
from gateway.core.dialects import Side
from gateway.io.chance import uniform
from gateway.io.clock import Clock
from gateway.io.listener import Listener
from gateway.io.pump import Pump
from gateway.io.registry import Registry

LOOK_AGAIN_S = 0.05
"""How often stations that are still there are looked at again."""

FLUSH_S = 10.0
"""Kept of the whole time for ending what does not end by itself: half of it for the sessions, the
other half for a store that waits for somebody else's lock."""


class Drain:
    """One shutdown: stops accepting, lets open calls finish, closes the stations, waits.

    hurry: set by a second signal; everything that still waits is then cut short.
    """

    def __init__(
        self, settings: Shutdown, registry: Registry, listener: Listener, clock: Clock
    ) -> None:
        self._settings = settings
        self._registry = registry
        self._listener = listener
        self._clock = clock
        self.hurry = asyncio.Event()

    async def run(self, refuse_new: Callable[[], None]) -> None:
        """Returns when every session has ended, or the time has.

        refuse_new: from then on handshakes get 503.
        """
        deadline = self._clock() + self._settings.limit_s - FLUSH_S
        await self._unless_hurried(asyncio.sleep(self._settings.accept_s))
        refuse_new()
        self._listener.stop_accepting()
        await self._unless_hurried(self._close_stations(deadline))

    async def _close_stations(self, deadline: float) -> None:
        """Close idle stations first; the others when their calls are through, or the time is.

        A station whose handshake was under way may come late; it is closed as well.
        """
        patience = min(deadline, self._clock() + self._settings.open_calls_s)
        while (pumps := self._registry.pumps()) and self._clock() < deadline:
            for pump in pumps:
                pump.wind_up()
            for pump in pumps:
                if pump.link(Side.STATION) is None:
                    continue
                if pump.idle or self._clock() >= patience:
                    pump.close(1001, "shutting down")
                    await asyncio.sleep(uniform(0.5, 1.5) / self._settings.closes_per_s)
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _unless_hurried(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        hurry = asyncio.ensure_future(self.hurry.wait())
        await asyncio.wait((task, hurry), return_when=asyncio.FIRST_COMPLETED)
        for unfinished in (task, hurry):
            unfinished.cancel()
        await asyncio.gather(task, hurry, return_exceptions=True)


async def end(pumps: tuple[Pump, ...]) -> None:
    """End sessions at once. One that waits for the store is left to that."""
    for pump in pumps:
        pump.abandon(1001, "shutting down")
    if pumps:
        await asyncio.wait([pump.ended for pump in pumps], timeout=FLUSH_S / 2)
