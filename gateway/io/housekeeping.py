"""What the store needs now and then: a sign of life, and old rows deleted."""

import asyncio
import logging

from gateway.config.model import Store as StoreSettings
from gateway.io.clock import Clock
from gateway.storage.port import Store, StoreError

PURGE_EVERY_S = 600.0

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
