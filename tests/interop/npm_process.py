"""Peers from npm, each a Node.js process of its own: npm/ holds the scripts, npm/lines.js says what
goes over their standard streams."""

import asyncio
import json
import shutil
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from tests.interop.peer import Heard, Payload, Peer, Refused

SCRIPTS = Path(__file__).parent / "npm"
END_S = 5


def missing(package: str) -> str:
    """Why a package cannot run here; "" if it can."""
    if shutil.which("node") is None:
        return "there is no Node.js (Debian: apt-get install nodejs npm)"
    if not (SCRIPTS / "node_modules" / package).is_dir():
        return f"{package} is not installed (.ci/npm installs it)"
    return ""


class NpmPeer:
    """A process that speaks OCPP on one side and lines of JSON on ours."""

    def __init__(self, process: Process, heard: Heard) -> None:
        loop = asyncio.get_running_loop()
        self.heard = heard
        self.complaints: list[str] = []
        self.port: asyncio.Future[int] = loop.create_future()
        self.url: asyncio.Future[str] = loop.create_future()
        self.ready: asyncio.Future[Peer] = loop.create_future()
        self._process = process
        self._open: dict[int, asyncio.Future[Payload]] = {}
        self._ids = count(1)

    async def call(self, action: str, payload: Payload) -> Payload:
        number = next(self._ids)
        answer = self._open[number] = asyncio.get_running_loop().create_future()
        self._tell({"call": number, "action": action, "payload": payload})
        return await answer

    async def run(self) -> None:
        """Read until the process ends; whoever still waits for it is told."""
        assert self._process.stdout is not None
        async for raw in self._process.stdout:
            self._take(json.loads(raw))
        expected: list[asyncio.Future[Any]] = [self.port, self.url, self.ready]
        for waiting in (*expected, *self._open.values()):
            if not waiting.done():
                waiting.set_exception(AssertionError("the Node.js process ended"))
                waiting.exception()

    def _take(self, line: dict[str, Any]) -> None:
        match line:
            case {"asked": number, "action": action} if action not in self.heard.answers:
                self._tell({"answer": number, "refuse": "NotImplemented"})
            case {"asked": number, "action": action, "payload": payload}:
                self._tell({"answer": number, "payload": self.heard.asked(action, payload)})
            case {"result": number, "payload": payload}:
                self._open.pop(number).set_result(payload)
            case {"error": number, "code": code, "description": description}:
                self._open.pop(number).set_exception(Refused(code, description))
            case {"violation": text, "action": action, "payload": payload}:
                self.complaints.append(f"{action}: {text}: {payload}")
            case {"port": port}:
                self.port.set_result(port)
            case {"url": url}:
                self.url.set_result(url)
            case {"ready": _}:
                self.ready.set_result(self)

    def _tell(self, line: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line).encode() + b"\n")


@asynccontextmanager
async def running(heard: Heard, script: str, *arguments: str) -> AsyncIterator[NpmPeer]:
    process = await asyncio.create_subprocess_exec(
        "node", str(SCRIPTS / script), *arguments, stdin=PIPE, stdout=PIPE
    )
    peer = NpmPeer(process, heard)
    reader = asyncio.create_task(peer.run())
    try:
        yield peer
    finally:
        await _end(process)
        await reader


async def _end(process: Process) -> None:
    """It ends when nobody speaks to it any more; killed if it does not."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(END_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
