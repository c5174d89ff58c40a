"""A headless Chromium, driven over its DevTools protocol, that has no network.

Debian's package is all it takes; `.ci/chromium` installs it where it may.
"""

import asyncio
import base64
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome")
START_S = 60
ANSWER_S = 60
_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--no-first-run",
    "--no-sandbox",
    "--remote-debugging-port=0",
)


def executable() -> str | None:
    """Where Chromium is; None if there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Tab:
    """One page. errors: what the page's console complained of; asked: addresses it asked for."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.errors: list[str] = []
        self.asked: list[str] = []
        self._socket = socket
        self._session = ""
        self._last = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self._reading = asyncio.ensure_future(self._read())

    async def begin(self) -> None:
        made = await self._send("Target.createTarget", url="about:blank")
        attached = await self._send(
            "Target.attachToTarget", targetId=made["targetId"], flatten=True
        )
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self._send(f"{domain}.enable")
        await self._send(
            "Network.emulateNetworkConditions",
            offline=True,
            latency=0,
            downloadThroughput=-1,
            uploadThroughput=-1,
        )

    async def end(self) -> None:
        self._session = ""
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def size(self, width: int, height: int) -> None:
        await self._send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    async def colours(self, scheme: str) -> None:
        """scheme: `dark` or `light`, as the reader's system prefers it."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        await self._send("Emulation.setEmulatedMedia", features=[feature])

    async def open(self, page: Path) -> None:
        self._loaded.clear()
        await self._send("Page.navigate", url=page.as_uri())
        await asyncio.wait_for(self._loaded.wait(), ANSWER_S)

    async def run(self, script: str) -> Any:
        """The value of a script, a promise's when it is kept. Raises RuntimeError if it throws."""
        done = await self._send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in done:
            raise RuntimeError(json.dumps(done["exceptionDetails"])[:1000])
        return done["result"].get("value")

    async def type(self, text: str) -> None:
        """Type into what has the focus."""
        await self._send("Input.insertText", text=text)

    async def press(self, key: str, number: int, text: str = "") -> None:
        """A key: its name, its number as the protocol wants it, and what it types."""
        named = {"key": key, "code": key, "windowsVirtualKeyCode": number}
        down = "keyDown" if text else "rawKeyDown"
        await self._send("Input.dispatchKeyEvent", type=down, text=text, **named)
        await self._send("Input.dispatchKeyEvent", type="keyUp", **named)

    async def enter(self) -> None:
        await self.press("Enter", 13, "\r")

    async def screenshot(self) -> bytes:
        """What a person sees, as PNG."""
        shot = await self._send("Page.captureScreenshot", format="png")
        return base64.b64decode(shot["data"])

    async def _send(self, method: str, **params: Any) -> dict[str, Any]:
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._waiting[self._last] = asyncio.get_running_loop().create_future()
        await self._socket.send_json(message)
        return await asyncio.wait_for(self._waiting[self._last], ANSWER_S)

    async def _read(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            waiting = self._waiting.pop(told.get("id", 0), None)
            if waiting is None:
                self._happened(told.get("method", ""), told.get("params", {}))
            elif "error" in told:
                waiting.set_exception(RuntimeError(told["error"]["message"]))
            else:
                waiting.set_result(told["result"])

    def _happened(self, event: str, params: dict[str, Any]) -> None:
        if event == "Page.loadEventFired":
            self._loaded.set()
        elif event == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        elif event == "Runtime.exceptionThrown" or (
            event == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning")
        ):
            self.errors.append(json.dumps(params)[:1000])
        elif event == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.errors.append(params["entry"]["text"])


@asynccontextmanager
async def tab(folder: Path) -> AsyncIterator[Tab]:
    """A page in a Chromium of its own. folder: for what the browser keeps while it runs."""
    name = executable()
    assert name is not None
    process = await asyncio.create_subprocess_exec(
        name,
        *_FLAGS,
        f"--user-data-dir={folder}",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        address = await asyncio.wait_for(_address(process), START_S)
        draining = asyncio.ensure_future(_drain(process))
        async with (
            aiohttp.ClientSession() as client,
            client.ws_connect(address, max_msg_size=0) as socket,
        ):
            opened = Tab(socket)
            await opened.begin()
            yield opened
            await opened.end()
        process.terminate()
        await draining
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    """Where the browser listens, as it says itself. Raises RuntimeError if it ends instead."""
    assert process.stderr is not None
    said = []
    async for line in process.stderr:
        said.append(line.decode(errors="replace"))
        if "DevTools listening on " in said[-1]:
            return said[-1].split()[-1]
    raise RuntimeError(f"Chromium did not start: {''.join(said)[-2000:]}")


async def _drain(process: asyncio.subprocess.Process) -> None:
    assert process.stderr is not None
    while await process.stderr.read(1 << 16):
        pass
