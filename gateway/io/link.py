"""One live WebSocket with a peer, whichever end of it we are.

Sending never waits. What the peer does not take stays in the transport's buffer; once that is over
its limit the link is `stalled`, the pump stops reading the other side, and after a while the link
closes (reliability R7).
"""

import asyncio
from collections import deque
from typing import Any, NamedTuple, Protocol

from aiohttp import ClientWebSocketResponse, WSMsgType
from aiohttp.web import WebSocketResponse

from gateway.core.dialects import Side
from gateway.io.eager import start
from gateway.io.guard import Guard, StationGuard

CLOSE_HANDSHAKE_S = 5.0
"""How long a peer may take to answer our close frame before the connection is cut."""

STALL_FACTOR = 4
"""A stalled peer may still be sent this many times its buffer before it is cut at once."""

MAX_REASON_BYTES = 123
"""Spec: RFC 6455, 5.5: a control frame carries 125 bytes, two of them are the code."""

TEXT = int(WSMsgType.TEXT)

WebSocket = WebSocketResponse[Any] | ClientWebSocketResponse[Any]


class LinkLimits(NamedTuple):
    """Limits of one link, as section `limits` of the configuration names them."""

    max_frame_bytes: int
    max_fragments: int
    write_buffer_bytes: int
    write_stall_s: float


class Owner(Protocol):
    """Whoever a link belongs to."""

    def received(self, link: "Link", data: bytes) -> bool:
        """A text message came. False: do not read on before `released`."""

    async def released(self, link: "Link") -> None:
        """Returns when the link may read on, or is closing."""

    def changed(self, link: "Link") -> None:
        """The link is closing, or its write buffer went over its limit or came back below it."""

    def gone(self, link: "Link") -> None:
        """The link has ended and will not come back."""


class Link:
    """One WebSocket. side: which peer is at the other end."""

    __slots__ = (
        "__weakref__",
        "_backlog",
        "_closer",
        "_ended",
        "_guard",
        "_heard",
        "_held",
        "_limits",
        "_owner",
        "_probe",
        "_send_frame",
        "_stall_timer",
        "_transport",
        "_ws",
        "closing",
        "full",
        "read",
        "side",
    )

    def __init__(
        self, ws: WebSocket, transport: asyncio.Transport, side: Side, limits: LinkLimits
    ) -> None:
        self.side = side
        self._heard = True
        self._probe: asyncio.Future[bool] | None = None
        self._ended: asyncio.Future[None] | None = None
        self.closing = False
        self.full = False
        self.read = 0
        self._held = False
        self._ws = ws
        self._send_frame = ws.send_frame
        self._transport = transport
        self._limits = limits
        self._owner: Owner | None = None
        self._backlog: deque[bytes] | None = None
        self._closer: asyncio.Task[None] | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        self._guard = self._guarded()

    def _guarded(self) -> Guard:
        inner = self._transport.get_protocol()
        guard = (
            StationGuard(inner, self, self._limits.max_fragments)
            if self.side is Side.STATION
            else Guard(inner, self)
        )
        self._transport.set_protocol(guard)
        self._transport.set_write_buffer_limits(high=self._limits.write_buffer_bytes)
        return guard

    @property
    def open(self) -> bool:
        """Neither closed nor closing."""
        return not self.closing

    @property
    def close_code(self) -> int | None:
        """The code with which the link ended, as far as one was seen."""
        return self._ws.close_code

    @property
    def unread(self) -> int:
        """Messages of a station that have arrived and wait to be read."""
        return self._guard.messages - self.read

    def send(self, data: bytes) -> None:
        """Send one text message. Nothing happens if the link is closing."""
        if self.closing:
            return
        if self._backlog is not None:
            self._backlog.append(data)
            return
        try:
            rest = start(self._send_frame(data, TEXT))  # type: ignore[arg-type]
        except ConnectionError:
            return  # the reader finds out and reports it
        if rest is not None:
            self._backlog = deque()
            rest.add_done_callback(self._sent)
        if self.full:
            self._cut_if_flooded()

    def _sent(self, rest: "asyncio.Task[None]") -> None:
        # A long message was compressed in a thread; what was sent meanwhile waited for its turn.
        backlog, self._backlog = self._backlog, None
        if rest.cancelled() or rest.exception() is not None:
            return
        while backlog and self._backlog is None:
            self.send(backlog.popleft())
        if self._backlog is not None and backlog:
            self._backlog.extend(backlog)

    def ping(self) -> None:
        """Ask the peer for a sign of life."""
        self._heard = False
        if not self.closing:
            self._control(WSMsgType.PING, b"")

    def expect_life(self) -> None:
        """Close if nothing came since the last ping; a link that is not read proves nothing."""
        if not self._heard and not self._held:
            self.close(1011, "no pong")

    async def answers(self, within_s: float) -> bool:
        """Whether the peer shows a sign of life in that time (reliability S3)."""
        if self._held:
            return True
        self.ping()
        if self._probe is None:
            self._probe = asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(asyncio.shield(self._probe), within_s)
        except TimeoutError:
            return False

    def _lives(self) -> None:
        self._heard = True
        self._settle_probe(True)

    def _settle_probe(self, alive: bool) -> None:
        probe, self._probe = self._probe, None
        if probe is not None and not probe.done():
            probe.set_result(alive)

    def _control(self, opcode: WSMsgType, data: bytes) -> None:
        try:
            start(self._send_frame(data, opcode))
        except ConnectionError:
            return

    def close(self, code: int, reason: str) -> None:
        """Close with that code (reliability 1.1). The owner hears of it at once."""
        if self.closing:
            return
        self.closing = True
        if self._stall_timer is not None:
            self._stall_timer.cancel()
        self._closer = asyncio.get_running_loop().create_task(self._close(code, reason))
        self._changed()

    async def _close(self, code: int, reason: str) -> None:
        message = reason.encode()[:MAX_REASON_BYTES]
        try:
            await self._ws.close(code=code, message=message)
        except (ConnectionError, RuntimeError):
            pass
        finally:
            # Whatever the peer has not taken by now it never will.
            self._transport.abort()

    async def wait_closed(self) -> None:
        """Returns when a close of ours is through."""
        if self._closer is not None:
            await self._closer

    async def wait_gone(self) -> None:
        """Returns when nothing comes from this link any more, closed in full or not."""
        if self._ended is None:
            self._ended = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._ended)

    def _done(self) -> None:
        if self._ended is None:
            self._ended = asyncio.get_running_loop().create_future()
        if not self._ended.done():
            self._ended.set_result(None)

    def hold(self) -> None:
        """Take nothing more from the socket until `resume`."""
        self._held = True
        self._transport.pause_reading()

    def resume(self) -> None:
        self._held = False
        if not self._transport.is_closing():
            self._transport.resume_reading()

    async def run(self, owner: Owner) -> None:
        """Read until the link ends, handing every message to owner."""
        self._owner = owner
        try:
            await self._read(owner)
        finally:
            self.closing = True
            if self._stall_timer is not None:
                self._stall_timer.cancel()
            self._settle_probe(False)
            owner.gone(self)
            self._done()

    async def _read(self, owner: Owner) -> None:
        receive = self._ws.receive
        max_bytes = self._limits.max_frame_bytes
        while True:
            kind, data, _ = await receive()
            if not self._heard:
                self._lives()
            if kind is WSMsgType.TEXT:
                if self.closing:
                    return
                self.read += 1
                if len(data) > max_bytes:
                    return self.close(1009, "message too big")
                if not data.isascii() and not _is_utf8(data):
                    return self.close(1007, "text that is not UTF-8")
                if not owner.received(self, data):
                    await owner.released(self)
            elif kind is WSMsgType.PING:
                self._control(WSMsgType.PONG, data)
            elif kind is WSMsgType.BINARY:
                return self.close(1003, "text messages only")
            elif kind is not WSMsgType.PONG:
                return None

    def violated(self, reason: str) -> None:
        """A peer broke the framing rules (guard.Watcher)."""
        self.close(1002, reason)

    def lost(self) -> None:
        """The connection is gone (guard.Watcher)."""
        self.closing = True
        self._changed()

    def _changed(self) -> None:
        if self._owner is not None:
            self._owner.changed(self)

    def pressure(self, full: bool) -> None:
        """The write buffer filled or emptied (guard.Watcher)."""
        self.full = full
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None
        if full and not self.closing:
            self._stall_timer = asyncio.get_running_loop().call_later(
                self._limits.write_stall_s, self.close, 1013, "messages are not taken"
            )
        self._changed()

    def _cut_if_flooded(self) -> None:
        limit = STALL_FACTOR * self._limits.write_buffer_bytes
        if self._transport.get_write_buffer_size() > limit:
            self.close(1013, "messages are not taken")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
