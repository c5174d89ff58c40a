"""A gateway between peers of its own, in one process, over real sockets.

The session is a plain relay, so that what is seen is the shell's doing. Peers are the library's
WebSockets where they behave, and raw sockets where they do not; neither shares our frame code.
"""

import asyncio
import base64
import os
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any

import aiohttp
from aiohttp import web

from gateway.app import App
from gateway.config import Config
from gateway.config.model import Resources
from gateway.core.dialects import Leg, Side
from gateway.core.session.effects import Close, Effect, Message, Record, Send
from gateway.revision import load_revision
from gateway.storage import open_store
from gateway.storage.port import Store

standard = cache(lambda: load_revision(Resources()))
"""The project's own schemas and maps."""

SUBPROTOCOL = "Sec-WebSocket-Protocol"
PATIENCE_S = 20
"""Nothing here takes that long; a test that waits so long has failed."""


class Heard(list[Any]):
    """A list that can be waited on."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def append(self, item: Any) -> None:
        super().append(item)
        self._changed.set()

    async def until(self, item: Any) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while item not in self:
                self._changed.clear()
                await self._changed.wait()


class RelaySession:
    """Passes messages on, and closes one leg when the other is gone.

    next_deadline, busy, refuses: set by tests. heard: what it was told, in order.
    """

    def __init__(self) -> None:
        self.legs: dict[Side, Leg] = {}
        self.next_deadline: float | None = None
        self.busy = False
        self.refuses: set[Side] = set()
        self.heard = Heard()
        self.keeps_csms = False

    @property
    def idle(self) -> bool:
        return not self.busy

    def wind_up(self) -> None:
        pass

    def accepting(self, side: Side) -> bool:
        return side not in self.refuses

    def leg_up(self, leg: Leg, now: float) -> list[Effect]:
        self.legs[leg.side] = leg
        self.heard.append(("up", leg.side))
        return []

    def leg_down(self, side: Side, now: float) -> list[Effect]:
        self.legs.pop(side, None)
        self.heard.append(("down", side))
        if side is Side.STATION and not self.keeps_csms and Side.CSMS in self.legs:
            return [Close(Side.CSMS, 1000, "station gone")]
        return []

    def receive(self, side: Side, message: Message, now: float) -> list[Effect]:
        self.heard.append((side, message.data))
        return [Send(side.other, message.data)]

    def charging(self, connector16: int) -> bool:
        return False

    def tick(self, now: float) -> list[Effect]:
        self.next_deadline = None
        self.heard.append("tick")
        return []


class CsmsPeer:
    """A CSMS. links: those that were opened, as they came; requests: every handshake's."""

    def __init__(self, *subprotocols: str) -> None:
        self.subprotocols = subprotocols or ("ocpp1.6",)
        self.links: asyncio.Queue[web.WebSocketResponse] = asyncio.Queue()
        self.requests: list[web.BaseRequest] = []
        self.asked = asyncio.Event()
        self.answer: Callable[[web.BaseRequest], Any] | None = None
        self.compress = False
        self.port = 0
        self._server: asyncio.Server | None = None
        self._http: web.Server | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/csms/{{station}}"

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        self._http = web.Server(self._handle)
        self._server = await asyncio.get_running_loop().create_server(
            self._http, "127.0.0.1", self.port, ssl=tls
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None and self._http is not None:
            self._server.close()
            await self._http.shutdown(0.01)
            self._server = None

    def make_wait(self) -> asyncio.Event:
        """Let the next handshake wait until the event is set."""
        gate = asyncio.Event()

        async def slow(request: web.BaseRequest) -> web.StreamResponse:
            self.answer = None
            await gate.wait()
            return await self.accept(request)

        self.answer = slow
        return gate

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests.append(request)
        self.asked.set()
        if self.answer is not None:
            answer = self.answer(request)
            return await answer if asyncio.iscoroutine(answer) else answer
        return await self.accept(request)

    async def accept(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a handshake as one that is welcome."""
        ws = web.WebSocketResponse(
            protocols=self.subprotocols, compress=self.compress, autoclose=False, timeout=0.5
        )
        await ws.prepare(request)
        self.links.put_nowait(ws)
        closed = asyncio.get_running_loop().create_future()
        ws.closed_by_test = closed  # type: ignore[attr-defined]
        await closed
        return ws

    async def link(self) -> "Peer":
        async with asyncio.timeout(PATIENCE_S):
            return Peer(await self.links.get())


class Peer:
    """One link as a peer sees it."""

    def __init__(self, ws: Any) -> None:
        self.ws = ws

    async def send(self, text: str) -> None:
        await self.ws.send_str(text)

    async def receive(self) -> str:
        async with asyncio.timeout(PATIENCE_S):
            message = await self.ws.receive()
        assert message.type is aiohttp.WSMsgType.TEXT, message
        return str(message.data)

    async def closed(self) -> int | None:
        """Wait until the gateway closes; its code."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = await self.ws.receive()
                if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.PING):
                    code: int | None = self.ws.close_code
                    return code

    async def close(self, code: int = 1000) -> None:
        await self.ws.close(code=code)
        if hasattr(self.ws, "closed_by_test") and not self.ws.closed_by_test.done():
            self.ws.closed_by_test.set_result(None)

    def cut(self) -> None:
        """Drop the connection without a word."""
        transport = self.ws.get_extra_info("socket")
        assert transport is not None
        self.ws._writer.transport.abort()


class RawStation:
    """A station that writes its own bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def dial(cls, port: int) -> "RawStation":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def request(
        self, path: str | bytes, *headers: str, upgrade: bool = True
    ) -> tuple[int, str, bytes]:
        """Send a handshake; (status, head of the answer, rest that came with it)."""
        raw = path.encode() if isinstance(path, str) else path
        key = base64.b64encode(os.urandom(16)).decode()
        lines = ["Host: gateway"]
        if upgrade:
            lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
            lines += [f"Sec-WebSocket-Key: {key}"]
        head = "\r\n".join([*lines, *headers, "", ""]).encode("latin-1")
        self.writer.write(b"GET " + raw + b" HTTP/1.1\r\n" + head)
        async with asyncio.timeout(PATIENCE_S):
            answer = await self.reader.readuntil(b"\r\n\r\n")
        text = answer.decode("latin-1")
        return int(text.split()[1]), text, b""

    async def upgrade(self, station: str = "CP1", subprotocol: str = "ocpp1.6") -> None:
        status, head, _ = await self.request(f"/ocpp/{station}", f"{SUBPROTOCOL}: {subprotocol}")
        assert status == 101, head

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def frame(self) -> tuple[int, bytes]:
        """The next frame: (first byte, payload)."""
        async with asyncio.timeout(PATIENCE_S):
            first, second = await self.reader.readexactly(2)
            size = second & 0x7F
            if size == 126:
                size = struct.unpack("!H", await self.reader.readexactly(2))[0]
            elif size == 127:
                size = struct.unpack("!Q", await self.reader.readexactly(8))[0]
            return first, await self.reader.readexactly(size)

    async def close_code(self) -> int:
        """The code of the close frame that comes next, pings and messages passed over."""
        while True:
            first, payload = await self.frame()
            if first & 0x0F == 8:
                return int.from_bytes(payload[:2])

    def cut(self) -> None:
        self.writer.transport.abort()


def frame(payload: bytes, first: int = 0x81, mask: bytes | None = b"\1\2\3\4") -> bytes:
    """A frame as a client may send it."""
    size = len(payload)
    bit = 0 if mask is None else 0x80
    if size < 126:
        head = struct.pack("!BB", first, bit | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", first, bit | 126, size)
    else:
        head = struct.pack("!BBQ", first, bit | 127, size)
    if mask is None:
        return head + payload
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


class Rig:
    """A running gateway and what it recorded. sessions: by station, the newest."""

    def __init__(self, csms: CsmsPeer, session: type[RelaySession]) -> None:
        self.csms = csms
        self.session = session
        self.app: App
        self.sessions: dict[str, RelaySession] = {}
        self.records: list[tuple[str, Record]] = []
        self.store: Store
        self._raw: list[RawStation] = []
        self._waiting: list[tuple[Callable[[Record], bool], asyncio.Future[Record]]] = []

    def record(self, station: str, record: Record) -> None:
        self.records.append((station, record))
        for matches, future in self._waiting:
            if not future.done() and matches(record):
                future.set_result(record)

    async def recorded(self, side: Side, outcome: str) -> Record:
        """The next Record of that kind from now on."""
        future: asyncio.Future[Record] = asyncio.get_running_loop().create_future()
        self._waiting.append((lambda r: r.side is side and r.outcome == outcome, future))
        async with asyncio.timeout(PATIENCE_S):
            return await future

    async def told(self, side: Side, data: bytes, station: str = "CP1") -> None:
        """Wait until the session has received that."""
        await self.sessions[station].heard.until((side, data))

    async def emptied(self) -> None:
        """Wait until no station has a session any more."""
        for pump in self.app.pumps:
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.shield(pump.ended)
        await asyncio.sleep(0)
        assert self.app.connected == 0

    def outcomes(self, side: Side) -> list[str]:
        return [record.outcome for _, record in self.records if record.side is side]

    def make_session(self, station: str, *_: Any) -> RelaySession:
        self.sessions[station] = self.session()
        return self.sessions[station]

    @asynccontextmanager
    async def station(
        self, station: str = "CP1", protocols: tuple[str, ...] = ("ocpp1.6",), **options: Any
    ) -> AsyncIterator[Peer]:
        async with aiohttp.ClientSession() as http, asyncio.timeout(PATIENCE_S * 2):
            ws = await http.ws_connect(
                self.app.station_url(station), protocols=protocols, autoclose=False, **options
            )
            try:
                yield Peer(ws)
            finally:
                await ws.close()

    async def raw(self) -> RawStation:
        """A bare connection, dropped at the end of the test."""
        station = await RawStation.dial(self.app.port)
        self._raw.append(station)
        return station

    async def drop_raw(self) -> None:
        for station in self._raw:
            station.cut()
            with suppress(OSError):
                await station.writer.wait_closed()

    async def refused(self, station: str = "CP1", **options: Any) -> int:
        """The status with which a handshake is refused."""
        try:
            async with self.station(station, **options):
                return 101
        except aiohttp.WSServerHandshakeError as error:
            return error.status


OPEN = {"listen": "127.0.0.1:0", "auth": "none", "allow_unauthenticated": True}


@asynccontextmanager
async def running(
    csms: CsmsPeer | None = None,
    /,
    *,
    store: Store | None = None,
    session: type[RelaySession] = RelaySession,
    opened: Callable[[Side], float] | None = None,
    **config: Any,
) -> AsyncIterator[Rig]:
    """A CSMS and a gateway in front of it; sections of the configuration by name."""
    rig = Rig(csms or CsmsPeer(), session)
    if not rig.csms.port:
        await rig.csms.start()
    csms_section = {"url": rig.csms.url, "version": "1.6", "backoff_min_s": 0.001}
    sections = {
        **config,
        "stations": {**OPEN, **config.get("stations", {})},
        "csms": {**csms_section, **config.get("csms", {})},
        "state": "memory:",
    }
    settings = Config.model_validate(sections)
    rig.store = store or open_store("memory:", settings.store)
    rig.app = await App.start(
        settings,
        rig.record,
        store=rig.store,
        sessions=rig.make_session,
        revision=standard(),
        opened=opened,
    )
    try:
        yield rig
    finally:
        await rig.drop_raw()
        await rig.app.stop()
        await rig.csms.stop()
