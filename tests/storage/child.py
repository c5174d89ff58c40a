"""A process that writes a store until something happens to it. Run by tests/storage/test_sqlite.py.

child.py kill URL POINT COUNT   stations write at once; killed with SIGKILL at the COUNT-th POINT
child.py full URL               writes up to a limit on the size of files, then with the limit gone
child.py hold URL               opens the store and keeps it until its input ends

Says on its output what was committed (`STATION NUMBER`), after each commit has returned.
"""

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Callable

from gateway.config.model import Store as StoreSettings
from gateway.core.session.effects import Ack, Append, Op, Put
from gateway.storage import open_store
from gateway.storage.port import Store, StoreError

STATIONS = 8


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def save(number: int, padding: int = 100) -> tuple[Op, ...]:
    """The Save of one exchange: a counter, a new outbox row, the row before it acknowledged."""
    text = b"%d" % number
    ops: list[Op] = [Put("counter", "outbox", text), Append(number, f"key{number}", "A", text)]
    ops.append(Put("padding", "p", bytes(padding)))
    if number > 1:
        ops.append(Ack(number - 1))
    return tuple(ops)


async def take(store: Store, station: str) -> int:
    epoch = await store.acquire(station, "child")
    assert epoch is not None
    return epoch


async def write_for_ever(store: Store, station: str) -> None:
    epoch, number = await take(store, station), 0
    while True:
        number += 1
        await store.commit(station, epoch, save(number))
        say(station, number)


def killer(point: str, count: int) -> Callable[[str], None]:
    passed = 0

    def hook(here: str) -> None:
        nonlocal passed
        passed += here == point
        if passed == count:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


async def be_killed(url: str, point: str, count: int) -> None:
    store = open_store(url, hook=killer(point, count))
    await asyncio.gather(*(write_for_ever(store, f"CP{n}") for n in range(STATIONS)))


async def fill(url: str) -> None:
    store = open_store(url, StoreSettings(keep_done_s=0))
    epoch, number = await take(store, "CP1"), 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
    try:
        while True:
            await store.commit("CP1", epoch, save(number + 1, padding=9000))
            number += 1
            say("CP1", number)
    except StoreError as error:
        say("refused", type(error).__name__)
    say("healthy", store.healthy)
    await expect_refusal(store.heartbeat("child"))
    say("readable", len((await store.load("CP1", epoch)).outbox))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await store.heartbeat("child")
    say("healthy", store.healthy)
    await store.commit("CP1", epoch, save(number + 1))
    say("CP1", number + 1)
    await store.close()


async def expect_refusal(call: object) -> None:
    try:
        await call  # type: ignore[misc]
    except StoreError:
        say("refused again")


async def hold(url: str) -> None:
    store = open_store(url)
    say("open")
    sys.stdin.read()
    await store.close()


def main() -> None:
    match sys.argv[1:]:
        case ["kill", url, point, count]:
            asyncio.run(be_killed(url, point, int(count)))
        case ["full", url]:
            asyncio.run(fill(url))
        case ["hold", url]:
            asyncio.run(hold(url))


if __name__ == "__main__":
    main()
