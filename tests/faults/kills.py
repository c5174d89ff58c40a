"""A gateway under load that is killed again and again, and the books afterwards."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from random import Random
from typing import Any

from tests.support.fleet import Backend, Book, Moment, Station16, Station201
from tests.support.gateway_process import GatewayProcess
from tests.support.ledger import content_of
from tests.support.peers import Csms

SUBPROTOCOLS = ("ocpp1.6", "ocpp2.0.1")
STATIONS = 3
"""Of each version."""

SETTLE_S = 30
HOPELESS_S = 2
"""Without a durable store: what has not come by then never will."""
STRIKE_S = 30

Trigger = Callable[[Moment], float | None]
"""Told of each moment; seconds until the kill when it has come, else None."""


def at_random(rng: Random) -> Trigger:
    """After some number of frames, and some milliseconds more."""
    left = rng.randrange(5, 400)

    def trigger(moment: Moment) -> float | None:
        nonlocal left
        left -= 1
        return rng.uniform(0, 0.02) if left == 0 else None

    return trigger


def when(kind: str, *what: str, after: int = 1, delay_s: float = 0) -> Trigger:
    """At a moment of that kind, of the given number."""
    left = after

    def trigger(moment: Moment) -> float | None:
        nonlocal left
        left -= moment.kind == kind and moment.what in what
        return delay_s if left == 0 else None

    return trigger


class Charging:
    """A fleet in both directions, its CSMS, and a gateway between them that can be killed."""

    def __init__(self, directory: Path, csms: Csms, book: Book, state: str, seed: int) -> None:
        self.book = book
        self._file = directory / "state.db"
        self._csms = csms
        self._directory = directory
        self._state = state or f"sqlite:///{self._file}"
        self._settle_s = HOPELESS_S if state else SETTLE_S
        self.gateway = GatewayProcess(self._configuration(), directory)
        classes = {"A": Station201, "B": Station16}
        self._stations = [
            made(book, f"{letter}{number}", self._url, seed * 100 + number)
            for letter, made in classes.items()
            for number in range(STATIONS)
        ]

    def _url(self, station: str) -> str:
        return self.gateway.url(station)

    def _configuration(self) -> dict[str, Any]:
        url = self._csms.url()
        fast = {"messages_per_s": 10_000, "messages_burst": 10_000, "bytes_per_s": 10**8}
        return {
            "stations": {"handshakes_per_s": 10_000},
            "csms": {"url": url, "version": "1.6", "backoff_min_s": 0.05, "backoff_max_s": 0.1},
            "state": self._state,
            "limits": fast,
            "log": {"frames": "off"},
            "shutdown": {"accept_s": 0, "open_calls_s": 5, "closes_per_s": 1000},
            "routes": [{"match": "B*", "csms": {"url": url, "version": "2.0.1"}}],
        }

    def dying(self, point: str, number: int) -> None:
        """The next gateway dies at that commit (`dying_gateway`)."""
        command = ("-m", "tests.support.dying_gateway", point, str(number))
        port = self.gateway.port
        self.gateway = GatewayProcess(self._configuration(), self._directory, command)
        self.gateway.port = port

    def lasting(self) -> None:
        """The next gateway is an ordinary one."""
        port = self.gateway.port
        self.gateway = GatewayProcess(self._configuration(), self._directory)
        self.gateway.port = port

    async def start(self) -> None:
        await self.gateway.start()
        self.book.started()

    async def kill(self, trigger: Trigger) -> None:
        """Kill it when the moment has come, note what its store holds, and start it again."""
        loop = asyncio.get_running_loop()
        struck = asyncio.Event()

        def strike() -> None:
            self.book.up.clear()
            self.gateway.strike()
            struck.set()

        def moment(moment: Moment) -> None:
            delay_s = None if armed.is_set() else trigger(moment)
            if delay_s is not None:
                armed.set()
                loop.call_later(delay_s, strike) if delay_s else strike()

        armed = asyncio.Event()
        self.book.moment = moment
        async with asyncio.timeout(STRIKE_S):
            await struck.wait()
        await self.gateway.wait()
        self.book.ledger.died(self._unfinished())
        await self.start()

    async def died(self) -> None:
        """Wait until it has killed itself, and note what its store holds."""
        async with asyncio.timeout(STRIKE_S):
            await self.gateway.wait()
        self.book.up.clear()
        self.book.ledger.died(self._unfinished())

    def _unfinished(self) -> list[tuple[str, str]]:
        """(station, content) of the calls whose answer is not stored."""
        if not self._file.exists():
            return []
        with closing(sqlite3.connect(self._file)) as db:
            rows = db.execute("SELECT station, value FROM outbox WHERE state = 'pending'")
            entries = [(station, json.loads(value)) for station, value in rows]
        return [(s, content_of(entry["action"], entry["payload"])) for s, entry in entries]

    async def settle(self) -> list[str]:
        """Let every transaction that has begun end and every call that is due arrive, then stop.

        What did not come about.
        """
        found = []
        try:
            async with asyncio.timeout(self._settle_s):
                await self._complete()
        except TimeoutError:
            found.append("not everything has come to the CSMS")
        self.book.up.clear()
        if code := await self.gateway.stop():
            found.append(f"the gateway ended with {code}")
        return found

    async def _complete(self) -> None:
        book = self.book
        book.moment = lambda moment: None
        book.full = True
        while not (book.ledger.complete and all(s.finished for s in self._stations)):
            book.arrived.clear()
            await book.arrived.wait()

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """The stations charge while the block runs; one that fails ends it. No gateway stays."""
        try:
            async with asyncio.TaskGroup() as stations:
                running = [stations.create_task(station.run()) for station in self._stations]
                yield
                self.book.done.set()
                for station in running:
                    station.cancel()
        finally:
            await self.gateway.kill()

    def store_faults(self) -> list[str]:
        """What the store, at rest, still has open, or cannot account for."""
        with closing(sqlite3.connect(self._file)) as db:
            states = dict(db.execute("SELECT state, count(*) FROM outbox GROUP BY state"))
            totals = dict(db.execute("SELECT key, value FROM meta"))
        left = {name: states.get(name, 0) for name in ("pending", "dead")}
        found = [f"{count} rows are {name}" for name, count in left.items() if count]
        if totals["accepted"] != totals["delivered"] + sum(left.values()):
            found.append(f"accepted is not delivered, pending and dead: {totals} {left}")
        return found


async def killed(
    directory: Path, triggers: Sequence[Trigger], seed: int, state: str = ""
) -> list[str]:
    """Charge, be killed at each trigger in turn, settle; everything that is wrong afterwards."""
    book = Book()
    async with Csms(Backend(book).serve, SUBPROTOCOLS) as csms:
        charging = Charging(directory, csms, book, state, seed)
        await charging.start()
        async with charging.going_on():
            for trigger in triggers:
                await charging.kill(trigger)
            settled = await charging.settle()
    found = book.ledger.violations() + settled
    return found if state else found + charging.store_faults()


async def died_at(directory: Path, point: str, number: int, seed: int) -> list[str]:
    """Charge, die at a commit, settle with an ordinary gateway; everything that is wrong."""
    book = Book()
    async with Csms(Backend(book).serve, SUBPROTOCOLS) as csms:
        charging = Charging(directory, csms, book, "", seed)
        charging.dying(point, number)
        await charging.start()
        async with charging.going_on():
            await charging.died()
            charging.lasting()
            await charging.start()
            settled = await charging.settle()
    return book.ledger.violations() + settled + charging.store_faults()
