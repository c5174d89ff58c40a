"""What the SQLite store promises beyond the contract: nothing that was answered is lost."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gateway.config.model import Store as StoreSettings
from gateway.core.errors import ConfigError, Fenced
from gateway.core.session.effects import Ack, Append, Put
from gateway.core.session.state import Loaded
from gateway.storage import open_store
from gateway.storage.port import BadSave, Store, StoreError
from gateway.storage.sqlite import SqliteStore
from tests.storage.conftest import Clock, OpenStore

CHILD = Path(__file__).with_name("child.py")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite://{tmp_path}/state.db"


def run_child(*words: str) -> tuple[int, list[list[str]]]:
    """Its exit code, and the words of each whole line that it said."""
    ended = subprocess.run(
        [sys.executable, CHILD, *words], stdout=subprocess.PIPE, text=True, check=False, timeout=60
    )
    return ended.returncode, [line.split() for line in ended.stdout.splitlines()]


async def numbers(store: Store, station: str) -> tuple[int, list[int]]:
    """What the child's last kept Save of a station left: its counter and its open rows."""
    epoch = await store.acquire(station, "parent")
    assert epoch is not None
    loaded = await store.load(station, epoch)
    counter = next((value for kind, _, value in loaded.bindings if kind == "counter"), b"0")
    return int(counter), [seq for seq, _ in loaded.outbox]


# -- restart ----------------------------------------------------------------------------------


async def test_everything_is_there_after_a_restart_but_the_owners(
    opened: OpenStore, url: str, clock: Clock
) -> None:
    store = opened(url, keep_done_s=0)
    await store.heartbeat("r1")
    epoch = await store.acquire("CP1", "r1")
    assert epoch == 1
    rows = tuple(Append(seq, f"key{seq}", "A", b"%d" % seq) for seq in range(1, 5))
    kept = (Put("k", "b", b"1"), Put("k", "a", b"2"))
    await store.commit("CP1", epoch, (*kept, *rows, Ack(1), Ack(2, dead=True), Ack(4)))
    await store.purge(clock.now)
    totals = await store.totals()
    await store.close()

    store = opened(url)
    assert await store.totals() == totals == (4, 2, 1, 1, 1)
    assert await store.owner("CP1") is None
    with pytest.raises(Fenced):
        await store.load("CP1", epoch)
    assert await store.acquire("CP1", "r2") == 2
    assert await store.load("CP1", 2) == Loaded((("k", "b", b"1"), ("k", "a", b"2")), ((3, b"3"),))
    for refused in (Append(4, "new", "A", b""), Append(5, "key3", "A", b"")):
        with pytest.raises(BadSave):
            await store.commit("CP1", 2, (refused,))
    assert await store.append("CP1", 2, "new", "A", b"") == 5


@pytest.mark.parametrize("point", ["before_commit", "after_commit"])
@pytest.mark.parametrize("count", [2, 3, 9, 40])
async def test_a_process_killed_at_a_commit_has_lost_nothing_that_it_was_told(
    opened: OpenStore, url: str, point: str, count: int
) -> None:
    code, lines = await asyncio.to_thread(run_child, "kill", url, point, str(count))
    assert code == -signal.SIGKILL
    told = {station: int(number) for station, number in lines}
    store = opened(url)
    kept = 0
    for number in range(8):
        station = f"CP{number}"
        counter, open_rows = await numbers(store, station)
        assert told.get(station, 0) <= counter <= told.get(station, 0) + 1
        assert open_rows == ([counter] if counter else [])
        kept += counter
    assert (await store.totals()).balanced
    if point == "after_commit" and count > 8:  # by then every station is taken
        assert kept > sum(told.values())


# -- a group ----------------------------------------------------------------------------------


class Gate:
    """A hook that counts commits and holds them back while it is shut."""

    def __init__(self) -> None:
        self.commits = 0
        self.reached = threading.Event()
        self.open = threading.Event()
        self.open.set()

    def __call__(self, point: str) -> None:
        if point == "before_commit":
            self.commits += 1
            self.reached.set()
            self.open.wait()


async def test_one_refused_save_does_not_spoil_its_group(opened: OpenStore, url: str) -> None:
    gate = Gate()
    store = opened(url, hook=gate, outbox_rows_per_station=1)
    epochs = [await store.acquire(f"CP{n}", "r1") for n in range(4)]
    assert epochs == [1, 1, 1, 1]
    gate.open.clear()
    gate.reached.clear()
    first = asyncio.ensure_future(store.heartbeat("r1"))
    await asyncio.to_thread(gate.reached.wait)
    two = (Append(1, "a", "A", b""), Append(2, "b", "A", b""))
    group = asyncio.gather(
        store.put("CP0", 1, "k", "a", b"1"),
        store.put("CP1", 7, "k", "a", b"1"),
        store.commit("CP2", 1, (Put("k", "a", b"1"), *two)),
        store.put("CP3", 1, "k", "a", b"1"),
        store.put("CP0", 1, "k", "b", b"1"),
        return_exceptions=True,
    )
    await asyncio.sleep(0)
    commits = gate.commits
    gate.open.set()
    results = await group
    await first
    assert gate.commits == commits + 1
    assert [type(r).__name__ for r in results] == [
        "NoneType", "Fenced", "StoreFull", "NoneType", "NoneType",
    ]  # fmt: skip
    kept = [[key for _, key, _ in await store.bindings(f"CP{n}")] for n in range(4)]
    assert kept == [["a", "b"], [], [], ["a"]]


class Break:
    """A hook that fails groups while it is on."""

    on = False

    def __call__(self, point: str) -> None:
        if self.on and point == "before_commit":
            raise OSError("the disk is gone")


async def test_of_a_group_that_fails_nothing_is_kept_and_nothing_remembered(
    opened: OpenStore, url: str
) -> None:
    broken = Break()
    store = opened(url, hook=broken)
    await store.heartbeat("r1")
    assert await store.acquire("CP1", "r1") == 1
    await store.commit("CP1", 1, (Append(1, "one", "A", b"1"), Put("k", "a", b"1")))
    before = await store.load("CP1", 1), await store.totals()
    broken.on = True
    row = Append(2, "two", "A", b"2")
    results = await asyncio.gather(
        store.commit("CP1", 1, (row, Put("k", "a", b"2"), Ack(1))),
        store.acquire("CP2", "r1"),
        store.append("CP1", 1, "three", "A", b"3"),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [StoreError] * 3
    with pytest.raises(StoreError, match="the disk is gone"):
        await store.acquire("CP1", "r1")
    assert not store.healthy
    assert (await store.load("CP1", 1), await store.totals()) == before
    broken.on = False
    await store.commit("CP1", 1, (row, Ack(1)))
    assert store.healthy
    assert (await store.load("CP1", 1)).outbox == ((2, b"2"),)
    assert await store.acquire("CP2", "r1") == 1
    assert await store.acquire("CP1", "r2") is None


async def test_a_refusal_says_nothing_of_the_disk(opened: OpenStore, url: str) -> None:
    broken = Break()
    store = opened(url, hook=broken)
    broken.on = True
    with pytest.raises(StoreError):
        await store.heartbeat("r1")
    broken.on = False
    with pytest.raises(Fenced):
        await store.release("CP1", 1)
    assert not store.healthy
    await store.heartbeat("r1")
    assert store.healthy


async def test_a_caller_that_gave_up_has_written_all_the_same(opened: OpenStore, url: str) -> None:
    store = opened(url)
    assert await store.acquire("CP1", "r1") == 1
    call = asyncio.ensure_future(store.put("CP1", 1, "k", "a", b"1"))
    await asyncio.sleep(0)
    call.cancel()
    await store.put("CP1", 1, "k", "b", b"1")
    assert [key for _, key, _ in await store.bindings("CP1")] == ["a", "b"]


# -- disk and locks -----------------------------------------------------------------------------


async def test_a_full_disk_refuses_and_space_that_returns_is_used(
    opened: OpenStore, url: str
) -> None:
    code, lines = await asyncio.to_thread(run_child, "full", url)
    assert code == 0
    said = [line for line in lines if line[0] != "CP1"]
    assert said == [
        ["refused", "StoreError"],
        ["healthy", "False"],
        ["refused", "again"],
        ["readable", "1"],
        ["healthy", "True"],
    ]
    told = [int(words[1]) for words in lines if words[0] == "CP1"]
    assert told == list(range(1, len(told) + 1))
    assert len(told) > 2
    store = opened(url)
    assert await numbers(store, "CP1") == (told[-1], [told[-1]])
    assert (await store.totals()).balanced


async def test_a_foreign_lock_delays_writes_and_loses_none(tmp_path: Path, clock: Clock) -> None:
    path = str(tmp_path / "state.db")
    store = SqliteStore(path, StoreSettings(locked_ready_s=0.001), clock, busy_timeout_ms=1)
    assert await store.acquire("CP1", "r1") == 1
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    writes = asyncio.gather(*(store.put("CP1", 1, "k", str(n), b"1") for n in range(150)))
    while store.healthy:
        assert await store.bindings("CP1") == ()
    assert not writes.done()
    other.execute("COMMIT")
    await writes
    assert store.healthy
    assert len(await store.bindings("CP1")) == 150
    other.close()
    await store.close()


async def test_a_short_foreign_lock_does_not_count_against_readiness(
    tmp_path: Path, clock: Clock
) -> None:
    path = str(tmp_path / "state.db")
    store = SqliteStore(path, StoreSettings(), clock, busy_timeout_ms=1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    write = asyncio.ensure_future(store.heartbeat("r1"))
    for _ in range(20):
        await store.totals()
    assert not write.done()
    assert store.healthy
    other.execute("COMMIT")
    await write
    other.close()
    await store.close()


async def test_closing_does_not_wait_for_a_foreign_lock(tmp_path: Path, clock: Clock) -> None:
    path = str(tmp_path / "state.db")
    store = SqliteStore(path, StoreSettings(), clock, busy_timeout_ms=1)
    assert await store.acquire("CP1", "r1") == 1
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    write = asyncio.ensure_future(store.put("CP1", 1, "k", "a", b"1"))
    await asyncio.sleep(0)
    await store.close()
    with pytest.raises(StoreError, match="locked"):
        await write
    other.close()


async def test_closing_waits_for_a_foreign_lock_once_and_not_for_each_group(
    tmp_path: Path, clock: Clock
) -> None:
    path = str(tmp_path / "state.db")
    store = SqliteStore(path, StoreSettings(commit_rows=1), clock, busy_timeout_ms=500)
    assert await store.acquire("CP1", "r1") == 1
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    writes = [asyncio.ensure_future(store.heartbeat("r1")) for _ in range(100)]
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await store.close()
    for write in writes:
        with pytest.raises(StoreError, match="locked"):
            await write
    other.close()


def test_a_second_process_is_told_who_has_the_file(url: str) -> None:
    with subprocess.Popen(
        [sys.executable, CHILD, "hold", url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        with pytest.raises(ConfigError, match=rf"in use by process {child.pid}, which holds"):
            open_store(url)
        child.kill()
    asyncio.run(open_store(url).close())


# -- copies -------------------------------------------------------------------------------------


async def test_a_copy_made_while_stations_write_is_one_moment_of_the_store(
    opened: OpenStore, url: str, tmp_path: Path
) -> None:
    store = opened(url)
    copied = asyncio.Event()
    written = [0, 0, 0]

    async def write(number: int) -> None:
        station, count = f"CP{number}", 0
        assert await store.acquire(station, "r1") == 1
        while not copied.is_set() or count < 10:
            count += 1
            ops = (Put("counter", "n", b"%d" % count), Append(count, f"k{count}", "A", bytes(500)))
            await store.commit(station, 1, (*ops, *(Ack(count - 1),)))
            written[number] = count

    writers = asyncio.gather(*(write(number) for number in range(3)))
    while min(written) < 5:
        await store.totals()
    before = list(written)
    await store.backup(str(tmp_path / "copy.db"))
    copied.set()
    await writers
    copy = opened(f"sqlite://{tmp_path}/copy.db")
    assert (await copy.totals()).balanced
    for number in range(3):
        counter, open_rows = await numbers(copy, f"CP{number}")
        assert before[number] <= counter <= written[number]
        assert open_rows == [counter]


async def test_a_copy_that_cannot_be_written_is_an_error_of_the_store(
    opened: OpenStore, url: str, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="No such file"):
        await opened(url).backup(str(tmp_path / "nowhere" / "copy.db"))
