"""`ocpp-gateway serve` as a process of its own, on loopback, ready when it says so."""

import asyncio
import json
import re
import signal
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

READY = re.compile(r"stations connect to (ws://[0-9.]+:([0-9]+)[^\s\"]*)")
START_S = 60
"""A gateway that is not ready by then has failed; it is usually ready in a second."""

SERVE = ("-m", "gateway.cli.main", "serve")


class GatewayProcess:
    """One gateway; `start` again after its end keeps the port, so that stations find it.

    config: as in the YAML file; `stations.listen` is set here. command: what Python runs, the
    configuration file's `-c PATH` is appended. hear: gets every line that it says.
    """

    def __init__(
        self,
        config: dict[str, Any],
        directory: Path,
        command: tuple[str, ...] = SERVE,
        hear: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._config = config
        self._path = directory / "gateway.yaml"
        self._command = command
        self._hear = hear
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[None] | None = None
        self.lines: deque[str] = deque(maxlen=2000)
        self.port = 0

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def url(self, station: str) -> str:
        return f"ws://127.0.0.1:{self.port}/ocpp/{station}"

    async def start(self) -> None:
        """Returns when it listens. Raises AssertionError with its last lines if it ends instead."""
        stations = {"auth": "none", "allow_unauthenticated": True, **self._config["stations"]}
        stations["listen"] = f"127.0.0.1:{self.port}"
        self._path.write_text(json.dumps({**self._config, "stations": stations}))
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._command,
            "-c",
            str(self._path),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._ready = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read())
        async with asyncio.timeout(START_S):
            await self._ready

    async def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.strike()
        await self.wait()

    def strike(self) -> None:
        """SIGKILL, without waiting."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM; its exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        return await self.wait()

    async def wait(self) -> int:
        """Its exit code, once it has ended."""
        assert self._process is not None
        assert self._reader is not None
        code = await self._process.wait()
        await self._reader
        return code

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        assert self._ready is not None
        async for raw in self._process.stdout:
            line = raw.decode(errors="replace").rstrip()
            self.lines.append(line)
            self._hear(line)
            found = None if self._ready.done() else READY.search(line)
            if found:
                self.port = int(found[2])
                self._ready.set_result(None)
        if not self._ready.done():
            self._ready.set_exception(AssertionError("\n".join(self.lines)))
