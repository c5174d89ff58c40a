"""What the store needs now and then."""

import asyncio
import logging

from gateway.config.model import Store as StoreSettings
from gateway.io.housekeeping import keep_house
from gateway.storage.memory import MemoryStore
from gateway.storage.port import StoreError


class WatchedStore(MemoryStore):
    """Tells what it was asked for, and fails while it is told to."""

    def __init__(self) -> None:
        super().__init__(StoreSettings(), lambda: 0.0)
        self.asked: asyncio.Queue[str] = asyncio.Queue()
        self.fails = False

    async def heartbeat(self, replica: str, url: str | None = None) -> None:
        self.asked.put_nowait("heartbeat")
        if self.fails:
            raise StoreError("disk full")

    async def purge(self, now: float) -> int:
        self.asked.put_nowait("purge")
        return 0


async def test_signs_of_life_go_on_while_the_store_fails_and_old_rows_are_deleted(caplog):
    caplog.set_level(logging.INFO)
    store = WatchedStore()
    settings = StoreSettings(heartbeat_s=0.001)
    task = asyncio.ensure_future(keep_house(store, "gateway", settings, lambda: 0.0))
    assert [await store.asked.get() for _ in range(3)] == ["heartbeat", "purge", "heartbeat"]
    store.fails = True
    for _ in range(5):
        await store.asked.get()
    store.fails = False
    for _ in range(3):
        await store.asked.get()
    task.cancel()
    told = [record.message for record in caplog.records]
    assert told == ["the store fails: disk full", "the store works again"]
