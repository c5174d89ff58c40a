"""One live WebSocket with a peer, whichever end of it we are.

A link is the transport's own protocol: a read comes in, a message goes to the owner, whatever the
owner sends goes out, all in one call. Nothing waits here and there is no task.

Reading stops when the owner says so (`received` returns False) and goes on with `resume`. What the
peer does not take stays in the transport's buffer; once that is over its limit the link is `full`,
the owner stops reading the other side, and after a while the link closes (reliability R7).

However a link ends, its owner hears of it once, by `gone`, and never from inside a call that the
owner itself made.
"""

import asyncio
from typing import Any, NamedTuple

from gateway.core.dialects import Side
from gateway.io.carrier import Owner
from gateway.io.deflate import WORTH_BYTES, Deflate
from gateway.io.turn import turn_of
from gateway.io.wire import (
    ABNORMAL,
    BINARY,
    CLOSE,
    COMPRESSED,
    FIN,
    PING,
    PONG,
    TEXT,
    Event,
    FramingError,
    Reader,
    ReadLimits,
    client_frame,
    close_code,
    close_payload,
    may_be_sent,
    server_frame,
)

CLOSE_HANDSHAKE_S = 5.0
"""How long a peer may take to answer our close frame before the connection is cut."""

STALL_FACTOR = 4
"""Of a stalled peer's buffer: what else may be written to it (answers, a message that was on its
way) before it is cut at once."""

MAX_UNREAD_BYTES = 1 << 18
"""What may wait in a link that is not read before the socket is not read either."""


class LinkLimits(NamedTuple):
    """Limits of one link, as section `limits` of the configuration names them."""

    max_frame_bytes: int
    max_fragments: int
    write_buffer_bytes: int
    write_stall_s: float


class Link(asyncio.Protocol):
    """One WebSocket after its handshake. side: which peer is at the other end.

    full: the peer does not take what it is sent; closing: nothing can be sent any more; ending:
    how it ended, the peer's code or ABNORMAL or ours and why, "" while it is open.
    """

    __slots__ = (
        "__weakref__",
        "_broken",
        "_deflate",
        "_first",
        "_frame",
        "_heard",
        "_held",
        "_limits",
        "_loop",
        "_lost",
        "_owner",
        "_paused",
        "_probe",
        "_reader",
        "_timer",
        "_transport",
        "_turn",
        "closing",
        "ending",
        "full",
        "side",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        side: Side,
        limits: LinkLimits,
        deflate: Deflate | None = None,
    ) -> None:
        self.side = side
        self.closing = False
        self.full = False
        self.ending = ""
        self._transport = transport
        self._limits = limits
        self._deflate = deflate
        self._loop = asyncio.get_running_loop()
        self._turn = turn_of(self._loop)
        self._reader = Reader(
            side is Side.STATION, ReadLimits(limits.max_frame_bytes, limits.max_fragments), deflate
        )
        self._frame = server_frame if side is Side.STATION else client_frame
        self._owner: Owner | None = None
        self._heard = True
        self._held = True  # until there is an owner
        self._paused = False
        self._broken = False
        self._lost = False
        self._probe: asyncio.Future[bool] | None = None
        self._timer: asyncio.TimerHandle | None = None
        transport.set_write_buffer_limits(high=limits.write_buffer_bytes)

    def attach(self, owner: Owner) -> None:
        """Give the link to its owner; messages that came before are handed over soon."""
        self._owner = owner
        self._loop.call_soon(self._gone if self.closing else self.resume)

    # What an owner does with a link.

    def send(self, data: bytes) -> None:
        """Send one text message. Nothing happens if the link is closing."""
        if self.closing:
            return
        deflate = self._deflate
        if deflate is not None and len(data) >= WORTH_BYTES:
            self._turn.put(self, self._frame(FIN | COMPRESSED | TEXT, deflate.deflate(data)))
        else:
            self._turn.put(self, self._frame(FIN | TEXT, data))
        if self.full:
            self._cut_if_flooded()

    def write(self, frame: bytes) -> None:
        """Give a frame to the transport."""
        if not self._lost:
            self._transport.write(frame)

    def unanswered(self, handle: Any) -> None:
        """A call gets no answer: the link closes (reliability 1.1). handle: none on a WebSocket."""
        self.close(1012, "no answer from the other side")

    def close(self, code: int, reason: str) -> None:
        """Close with that code (reliability 1.1); `gone` follows at once, the peer or not."""
        if self.closing:
            return
        self._turn.flush()
        self.write(self._frame(FIN | CLOSE, close_payload(code, reason)))
        self.ending = f"{code} {reason}"
        self._begin_closing()
        self._timer = self._loop.call_later(CLOSE_HANDSHAKE_S, self._transport.abort)
        # A peer that was held up has to be read now, or its close frame is never seen.
        self._unpause()
        self._loop.call_soon(self._give_out)

    def resume(self) -> None:
        """Give out messages again."""
        if self._held:
            self._held = False
            self._give_out()
            if not self._held:
                self._unpause()

    @property
    def unread(self) -> int:
        """Bytes that have come and were not given out yet."""
        return self._reader.unread

    @property
    def open(self) -> bool:
        """Neither closed nor closing."""
        return not self.closing

    # Signs of life.

    def ping(self) -> None:
        """Ask the peer for a sign of life."""
        self._heard = False
        if not self.closing:
            self._turn.put(self, self._frame(FIN | PING, b""))

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
            self._probe = self._loop.create_future()
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

    # What the transport does.

    def data_received(self, data: bytes) -> None:
        """Bytes came (asyncio.Protocol)."""
        if not self._heard:
            self._lives()
        if not self._held and not self.closing:
            try:
                message = self._reader.text(data)
            except FramingError as error:
                return self._fail(error)
            if message is not None:
                self._held = not self._owner.received(self, message)  # type: ignore[union-attr]
                return None
        if self._broken:
            return None
        self._reader.feed(data)
        self._give_out()
        if self._held and self._reader.unread > MAX_UNREAD_BYTES and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        return None

    def eof_received(self) -> None:
        """The peer sends nothing more (asyncio.Protocol); the transport closes itself."""

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is no more (asyncio.Protocol)."""
        self._lost = True
        if not self.closing:
            self.ending = str(ABNORMAL)
            self._begin_closing()
        self._stop_timer()

    def pause_writing(self) -> None:
        """The write buffer is over its limit (asyncio.Protocol)."""
        self.full = True
        if not self.closing:
            self._stop_timer()
            self._timer = self._loop.call_later(
                self._limits.write_stall_s, self.close, 1013, "messages are not taken"
            )
        self._changed()

    def resume_writing(self) -> None:
        """The write buffer is short enough again (asyncio.Protocol)."""
        self.full = False
        if not self.closing:
            self._stop_timer()
        self._changed()

    # What the library calls with bytes that came along with the handshake.

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Take bytes that were read before the link became the transport's protocol."""
        self._reader.feed(data)
        return False, b""

    def feed_eof(self) -> None:
        """The connection broke before the link became the transport's protocol."""

    # Inside.

    def _give_out(self) -> None:
        """Hand out what has come, as long as it is wanted."""
        try:
            while not self._broken and (self.closing or not self._held):
                event = self._reader.next()
                if event is None:
                    return
                self._take(event)
        except FramingError as error:
            self._fail(error)

    def _fail(self, error: FramingError) -> None:
        # What still comes is thrown away: a connection cut with unread bytes may take the close
        # frame with it on the way to the peer.
        self._broken = True
        self.close(error.code, error.reason)

    def _take(self, event: Event) -> None:
        opcode, payload = event
        if opcode == CLOSE:
            self._peer_closes(close_code(payload))
        elif self.closing:
            return  # what follows our close frame is not wanted any more
        elif opcode == TEXT:
            self._held = not self._owner.received(self, payload)  # type: ignore[union-attr]
        elif opcode == BINARY:
            self.close(1003, "text messages only")
        elif opcode == PING:
            self._turn.put(self, self._frame(FIN | PONG, payload))

    def _peer_closes(self, code: int) -> None:
        if not self.closing:
            self.ending = str(code)
            answer = code.to_bytes(2) if may_be_sent(code) else b""
            self._turn.flush()
            self.write(self._frame(FIN | CLOSE, answer))
            self._begin_closing()
            # The close frame has to leave; a peer that takes nothing must not keep us.
            self._timer = self._loop.call_later(CLOSE_HANDSHAKE_S, self._transport.abort)
        self._transport.close()

    def _begin_closing(self) -> None:
        self.closing = True
        self._stop_timer()
        self._settle_probe(False)
        if self._owner is not None:
            self._loop.call_soon(self._gone)

    def _gone(self) -> None:
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.gone(self)

    def _changed(self) -> None:
        if self._owner is not None:
            self._owner.changed(self)

    def _unpause(self) -> None:
        if self._paused and not self._transport.is_closing():
            self._transport.resume_reading()
        self._paused = False

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut_if_flooded(self) -> None:
        limits = self._limits
        limit = STALL_FACTOR * limits.write_buffer_bytes + limits.max_frame_bytes
        if self._transport.get_write_buffer_size() > limit:
            self.close(1013, "messages are not taken")
