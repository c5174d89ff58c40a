"""What a durable row costs, and what the maps cost at start; each in processes of their own.

`python -m tests.bench.durable` fills one store and prints CPU and wall seconds.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec

from gateway.config.model import Store as StoreSettings
from gateway.core.session.effects import Append
from gateway.storage import open_store
from gateway.storage.port import Store
from tests.bench.figures import Figure, spread
from tests.bench.paths import Scale

IN_FLIGHT = 50
ROWS = 4000
LIBRARIES = ("aiohttp", "lxml.etree", "jsonschema_rs")


def rows(scale: Scale) -> list[Figure]:
    """Rows of fifty stations at once, each committed before its station's next.

    In a process of its own: the collector would look through all that the bench holds again and
    again, which a gateway does not let it do.
    """
    costs, rates = [], []
    for _ in range(scale.socket_rounds):
        command = [sys.executable, "-m", __name__]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        cpu_s, wall_s = map(float, done.stdout.split())
        costs.append(cpu_s / ROWS * 1e6)
        rates.append(ROWS / wall_s)
    return [
        Figure(
            f"durable row (FULL), {IN_FLIGHT} in flight",
            20,
            costs,
            "us",
            f"{spread(rates, 0)} rows/s",
        )
    ]


class _Station:
    """Saves its rows as a pump does: the next one when the last is committed."""

    def __init__(self, store: Store, name: str, epoch: int) -> None:
        self._store = store
        self._name = name
        self._epoch = epoch
        self._seq = 0
        self.full: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def save(self, error: Exception | None = None) -> None:
        if error is not None:
            self.full.set_exception(error)
        elif self._seq == ROWS // IN_FLIGHT:
            self.full.set_result(None)
        else:
            self._seq += 1
            value = b'{"action":"MeterValues","payload":{"station":"%s","seq":%d}}'
            value %= self._name.encode(), self._seq
            row = Append(self._seq, f"{self._name} {self._seq}", "MeterValues", value)
            self._store.save(self._name, self._epoch, (row,), self.save)


async def _fill(store: Store) -> tuple[float, float]:
    """CPU of the process and wall time."""
    stations = []
    for number in range(IN_FLIGHT):
        name = f"CP-{number:05d}"
        epoch = await store.acquire(name, "bench")
        assert epoch is not None
        stations.append(_Station(store, name, epoch))
    cpu, wall = time.process_time(), time.perf_counter()
    for station in stations:
        station.save()
    await asyncio.gather(*(station.full for station in stations))
    return time.process_time() - cpu, time.perf_counter() - wall


def start(scale: Scale) -> list[Figure]:
    """Maps and schemas read, checked and compiled, against importing what they work with."""
    there = [name for name in LIBRARIES if find_spec(name.split(".")[0])]
    importing = f"import {', '.join(there)}"
    loading = "load_revision(Resources())"
    prepare = (
        "from gateway.config.model import Resources; from gateway.revision import load_revision"
    )
    ours, theirs = [], []
    for _ in range(scale.rounds):
        theirs.append(_timed("pass", importing))
        ours.append(_timed(prepare, loading))
    return [
        Figure(
            "maps at start / import of the libraries",
            3,
            [a / b for a, b in zip(ours, theirs, strict=True)],
            "x",
            f"{spread(ours, 0)} ms, {' '.join(there)} {spread(theirs, 0)} ms",
        )
    ]


def _timed(prepare: str, work: str) -> float:
    """CPU time of some work in a fresh interpreter, in milliseconds."""
    program = (
        f"import time\n{prepare}\nstarted = time.process_time()\n{work}\n"
        "print((time.process_time() - started) * 1000)"
    )
    made = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return float(made.stdout)


async def _main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        store = open_store(f"sqlite:///{directory}/state.db", StoreSettings())
        print(*await _fill(store))
        await store.close()


if __name__ == "__main__":
    asyncio.run(_main())
