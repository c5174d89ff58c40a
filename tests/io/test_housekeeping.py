"""What the store needs now and then."""

import asyncio
import logging
from datetime import UTC, datetime

import trustme

from gateway.config.model import Store as StoreSettings
from gateway.io.housekeeping import keep_house, watch_certificates, watch_clock
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


async def test_a_clock_that_was_set_is_told_of_once(caplog):
    walls = iter((100.0, 102.0, 5000.0, 5001.0, 103.0, 103.0))
    looked = asyncio.Event()

    def wall() -> float:
        now = next(walls, None)
        if now is None:
            looked.set()
            return 103.0
        return now

    task = asyncio.ensure_future(watch_clock(lambda: 100.0, wall, 0.001))
    await looked.wait()
    task.cancel()
    assert [record.message.split(" from")[0] for record in caplog.records] == [
        "the machine's clock is +4900 s",
        "the machine's clock is +3 s",
    ]


async def test_a_certificate_that_ends_soon_is_told_of_while_the_gateway_runs(tmp_path, caplog):
    end = datetime(2031, 5, 1, tzinfo=UTC)
    leaf = trustme.CA().issue_cert("a.example", not_after=end)
    leaf.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    days = iter((31, 29))
    looked = asyncio.Event()

    def wall() -> float:
        left = next(days, None)
        if left is None:
            looked.set()
        return end.timestamp() - (left or 31) * 86_400

    files = (str(tmp_path / "none.pem"), str(tmp_path / "cert.pem"))
    task = asyncio.ensure_future(watch_certificates(files, wall, 0.001))
    await looked.wait()
    task.cancel()
    told = [record.message for record in caplog.records]
    assert told == [f"a certificate in {files[1]} expires at 2031-05-01 00:00 UTC"]
