"""What is done now and then: the store gets a sign of life and loses old rows, a clock that was set
is told of, and certificates that end soon are."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress

from gateway.config.expiry import expiry_warning
from gateway.config.model import Store as StoreSettings
from gateway.io.clock import Clock
from gateway.storage.port import Store, StoreError

PURGE_EVERY_S = 600.0
LOOK_EVERY_S = 60.0
MOST_APART_S = 5.0
DAY_S = 86_400.0

logger = logging.getLogger(__name__)


async def keep_house(store: Store, replica: str, settings: StoreSettings, clock: Clock) -> None:
    """Runs for ever. A store that fails is tried again; that is how it is seen to have recovered.

    replica: this process's name in the store.
    """
    purged_at = float("-inf")
    failing = False
    while True:
        try:
            await store.heartbeat(replica)
            now = clock()
            if now - purged_at >= PURGE_EVERY_S:
                await store.purge(now)
                purged_at = now
        except StoreError as error:
            if not failing:
                logger.error("the store fails: %s", error)
            failing = True
        else:
            if failing:
                logger.info("the store works again")
            failing = False
        await asyncio.sleep(settings.heartbeat_s)


async def watch_clock(clock: Clock, wall: Clock, every_s: float = LOOK_EVERY_S) -> None:
    """Runs for ever: says when the machine's clock was set, which `clock` does not follow.

    wall: seconds since the epoch by the machine's clock.
    """
    told_s = 0.0
    while True:
        apart_s = wall() - clock()
        if abs(apart_s - told_s) > MOST_APART_S:
            text = (
                "the machine's clock is %+.0f s from that of the gateway, which goes on from its "
            )
            logger.warning(text + "start: restart it for true times in logs and messages", apart_s)
            told_s = apart_s
        await asyncio.sleep(every_s)


async def watch_certificates(files: Iterable[str], wall: Clock, every_s: float = DAY_S) -> None:
    """Runs for ever: warns of the gateway's own certificates and of the revocation list before they
    end (reliability S5).

    wall: seconds since the epoch by the machine's clock. What ends soon at the start is told there.
    """
    while True:
        await asyncio.sleep(every_s)
        for file in files:
            with suppress(OSError):
                if warning := expiry_warning(file, wall()):
                    logger.warning("%s", warning)
