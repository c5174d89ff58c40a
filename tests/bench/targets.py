"""The processes that are measured, and the handle on the load generator."""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.cpu import resident_bytes
from tests.support.gateway_process import GatewayProcess

BIG = 1e9
RELAY = "tests.bench.relay"
PACKAGE = "tests.bench.package_gateway"
REPLY_S = 180


class Window(NamedTuple):
    """What one window of ping-pong showed. A message is one frame that was passed on.

    main_us: the main thread's part of cpu_us.
    """

    exchanges_per_s: float
    cpu_us: float
    main_us: float
    busy: float
    generator_busy: float


class Load:
    """The load generator's process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
        async with asyncio.timeout(REPLY_S):
            line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the load generator has ended")
        reply: dict[str, Any] = json.loads(line)
        if reply.get("errors"):
            raise RuntimeError(f"{do} {arguments}: {reply['errors']} error answers")
        return reply


class Target(NamedTuple):
    """A proxy under measurement."""

    pid: int
    port: int
    load: Load

    async def connect(self, count: int) -> float:
        """Connect further stations; seconds."""
        elapsed: float = (await self.load.ask("connect", port=self.port, count=count))["elapsed"]
        return elapsed

    async def once(self, *kinds: str) -> None:
        for kind in kinds:
            await self.load.ask("once", port=self.port, kind=kind)

    async def run(self, kind: str, count: int, warm_s: float, run_s: float) -> Window:
        seen = await self.load.ask(
            "run",
            port=self.port,
            kind=kind,
            count=count,
            pid=self.pid,
            warm_s=warm_s,
            run_s=run_s,
        )
        return _window(seen)

    async def each(self, kind: str, turns: int) -> Window:
        """So many exchanges of every station."""
        return _window(
            await self.load.ask("each", port=self.port, kind=kind, turns=turns, pid=self.pid)
        )

    def resident(self) -> int:
        return resident_bytes(self.pid)


def _window(seen: dict[str, Any]) -> Window:
    return Window(
        seen["exchanges"] / seen["elapsed"],
        seen["cpu"] / (2 * seen["exchanges"]) * 1e6,
        seen["main_cpu"] / (2 * seen["exchanges"]) * 1e6,
        seen["cpu"] / seen["elapsed"],
        seen["own_cpu"] / seen["elapsed"],
    )


@asynccontextmanager
async def generator() -> AsyncIterator[tuple[Load, int]]:
    """The load generator, and the port of its CSMS."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.load",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    load = Load(process)
    try:
        yield load, (await load.ask("csms"))["port"]
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def baseline(module: str, load: Load, csms_port: int) -> AsyncIterator[Target]:
    """One of the proxies of this folder."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, str(csms_port), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield Target(process.pid, int(await process.stdout.readline()), load)
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def gateway(load: Load, csms_port: int, *, durable: bool = True) -> AsyncIterator[Target]:
    """The complete gateway, 2.0.1 stations to a 1.6 CSMS, on a SQLite file.

    durable: False for one that keeps its state in memory, as the proxies of this folder do.
    """
    with tempfile.TemporaryDirectory() as directory:
        settings = configuration(csms_port, directory)
        if not durable:
            settings["state"] = "memory:"
        process = GatewayProcess(settings, Path(directory))
        await process.start()
        try:
            yield Target(process.pid, process.port, load)
        finally:
            await process.kill()


def configuration(csms_port: int, directory: str) -> dict[str, Any]:
    """Steady state: no frame log, no limits on handshakes or rates, no pings, no compression."""
    pings = {"ping_interval_s": 3600, "pong_timeout_s": 3600}
    return {
        "stations": {
            "compression": "off",
            "handshakes_per_s": BIG,
            "max_unauthenticated": 100_000,
            "max_unauthenticated_per_address": 100_000,
            **pings,
        },
        "csms": {
            "url": f"ws://127.0.0.1:{csms_port}/ocpp/{{station}}",
            "version": "1.6",
            "compression": "off",
            "handshakes_per_s": BIG,
            **pings,
        },
        "limits": {"messages_per_s": BIG, "messages_burst": 1_000_000, "bytes_per_s": BIG},
        "log": {"frames": "off"},
        "state": f"sqlite:///{directory}/state.db",
    }
