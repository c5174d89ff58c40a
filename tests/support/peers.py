"""Small OCPP-J peers for tests: one end of a link, a CSMS and a dialled station.

Independent of the gateway: aiohttp, the standard library's JSON, and nothing of `gateway`, so that
a mistake of our codec is not repeated here.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp import web

Frame = list[Any]
Payload = dict[str, Any]

CALL, RESULT, ERROR = 2, 3, 4


class LinkLost(Exception):
    """The link ended before the answer came, or while a frame was awaited."""


class Refused(Exception):
    """A CALLERROR: raised by `Link.call` when one comes, by a handler to send one."""

    def __init__(self, code: str, description: str = "", details: Payload | None = None) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.details = {} if details is None else details


class Silence(Exception):
    """Raised by a handler: the call gets no answer."""


Handler = Callable[[str, Payload], Awaitable[Payload]]


async def answer_nothing(action: str, payload: Payload) -> Payload:
    """A handler that takes no calls."""
    raise Refused("NotImplemented", action)


class Link:
    """One end of a WebSocket that speaks OCPP-J; any of its calls may be open at once."""

    def __init__(self, ws: Any, handler: Handler = answer_nothing) -> None:
        self._ws = ws
        self._handler = handler
        self._open: dict[str, asyncio.Future[Payload]] = {}
        self._served: set[asyncio.Task[None]] = set()
        self.ended = asyncio.Event()
        self.received: list[Frame] = []

    @property
    def subprotocol(self) -> str | None:
        protocol: str | None = self._ws.protocol if hasattr(self._ws, "protocol") else None
        return protocol or self._ws.ws_protocol

    @property
    def close_code(self) -> int | None:
        code: int | None = self._ws.close_code
        return code

    async def send(self, frame: Frame) -> None:
        try:
            await self._ws.send_str(json.dumps(frame))
        except ConnectionError as error:
            raise LinkLost(str(error)) from error

    async def call(self, action: str, payload: Payload, message_id: str | None = None) -> Payload:
        """The payload of the answer. Raises Refused and LinkLost."""
        message_id = message_id or str(uuid4())
        answer = self._open[message_id] = asyncio.get_running_loop().create_future()
        try:
            if self.ended.is_set():
                raise LinkLost("not open")
            await self.send([CALL, message_id, action, payload])
            return await answer
        finally:
            self._open.pop(message_id, None)

    async def run(self) -> None:
        """Read until the link ends."""
        try:
            async for message in self._ws:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._take(json.loads(message.data))
        finally:
            self._lost()

    async def close(self) -> None:
        await self._ws.close()

    def _take(self, frame: Frame) -> None:
        self.received.append(frame)
        if frame[0] == CALL:
            task = asyncio.create_task(self._serve(frame[1], frame[2], frame[3]))
            self._served.add(task)
            task.add_done_callback(self._served.discard)
            return
        answer = self._open.get(frame[1])
        if answer is None or answer.done():
            return
        if frame[0] == RESULT:
            answer.set_result(frame[2])
        else:
            answer.set_exception(Refused(*frame[2:5]))

    async def _serve(self, message_id: str, action: str, payload: Payload) -> None:
        try:
            frame = [RESULT, message_id, await self._handler(action, payload)]
        except Refused as error:
            frame = [ERROR, message_id, error.code, error.description, error.details]
        except Silence:
            return
        try:
            await self.send(frame)
        except LinkLost:
            return

    def _lost(self) -> None:
        self.ended.set()
        for task in self._served:
            task.cancel()
        for answer in self._open.values():
            if not answer.done():
                answer.set_exception(LinkLost("the link has ended"))


class Csms:
    """A CSMS on a loopback port that serves every station that connects.

    serve: called for each link with the station's id; returns when the link has ended. away: while
    it says so, handshakes get 503. The path is `/PREFIX/STATION`, any prefix.
    """

    def __init__(
        self,
        serve: Callable[[str, web.WebSocketResponse], Awaitable[None]],
        subprotocols: tuple[str, ...],
        away: Callable[[], bool] = lambda: False,
    ) -> None:
        self._serve = serve
        self._away = away
        self._subprotocols = subprotocols
        self._runner: web.AppRunner | None = None
        self.port = 0

    def url(self, prefix: str = "csms") -> str:
        """What goes into `csms.url`."""
        return f"ws://127.0.0.1:{self.port}/{prefix}/{{station}}"

    async def __aenter__(self) -> "Csms":
        app = web.Application()
        app.router.add_get("/{prefix}/{station}", self._accept)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        assert site._server is not None
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _accept(self, request: web.Request) -> web.StreamResponse:
        if self._away():
            return web.Response(status=503)
        ws = web.WebSocketResponse(protocols=self._subprotocols, timeout=0.5, compress=False)
        await ws.prepare(request)
        await self._serve(request.match_info["station"], ws)
        return ws


@asynccontextmanager
async def dialled(
    url: str,
    subprotocols: tuple[str, ...],
    handler: Handler = answer_nothing,
    tls: ssl.SSLContext | bool = True,
) -> AsyncIterator[Link]:
    """A station's link, read in the background while the block runs. Raises aiohttp.ClientError."""
    timeout = aiohttp.ClientWSTimeout(ws_close=0.5)
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url, protocols=subprotocols, timeout=timeout, ssl=tls) as ws,
    ):
        link = Link(ws, handler)
        reader = asyncio.create_task(link.run())
        try:
            yield link
        finally:
            await link.close()
            reader.cancel()
            await asyncio.wait([reader])
