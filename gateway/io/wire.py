"""WebSocket frames: bytes <-> messages, without any socket. Spec: RFC 6455, 5.

Why not the library's: its objects for one connection (the request, its headers, two tasks, a queue)
cost as much memory as everything else of a station together, each message costs it a future and a
task switch, and it neither refuses frames without a mask nor counts fragments (reliability S15).
The library does the HTTP side: listening, dialling, TLS, headers.
"""

import os
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from gateway.core.errors import GatewayError

try:
    # Ten times as fast as anything that Python can say; not a promise of the library's.
    from aiohttp._websocket.helpers import websocket_mask
except ImportError:
    websocket_mask = None  # type: ignore[assignment]

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
FIN = 0x80
COMPRESSED = 0x40  # RSV1. Spec: RFC 7692, 6
MASKED = 0x80

MAX_CONTROL_BYTES = 125
DATA = frozenset({CONTINUATION, TEXT, BINARY})
CONTROL = frozenset({CLOSE, PING, PONG})

NO_STATUS = 1005
_CODES = frozenset({*range(1000, 1004), *range(1007, 1015)})
ABNORMAL = 1006


class FramingError(GatewayError):
    """Bytes that break the WebSocket protocol or a limit; the peer's fault.

    code: what to close the link with (reliability 1.1).
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Inflates(Protocol):
    """Undoes the compression of whole messages."""

    def inflate(self, data: bytes, limit: int) -> bytes:
        """Raises FramingError: no deflate data, or more than limit bytes."""


class Event(NamedTuple):
    """A whole message (TEXT, BINARY) or a control frame."""

    opcode: int
    payload: bytes


class ReadLimits(NamedTuple):
    """message_bytes: after inflation; fragments: of one message."""

    message_bytes: int
    fragments: int


def masks() -> Iterator[bytes]:
    """Masking keys without end, from blocks of the system's randomness. Spec: RFC 6455, 5.3."""
    while True:
        block = os.urandom(4096)
        for i in range(0, len(block), 4):
            yield block[i : i + 4]


_MASKS = masks()


def masked_by_arithmetic(payload: bytes, mask: bytes) -> bytes:
    """The payload under a mask, by one operation on two very long numbers."""
    size = len(payload)
    key = mask * (size // 4 + 1)
    number = int.from_bytes(payload, "little") ^ int.from_bytes(key[:size], "little")
    return number.to_bytes(size, "little")


def _masked_by_library(payload: bytes, mask: bytes) -> bytes:
    data = bytearray(payload)
    websocket_mask(mask, data)
    return bytes(data)


masked = masked_by_arithmetic if websocket_mask is None else _masked_by_library
"""The payload under a mask; doing it twice gives the payload back. Spec: RFC 6455, 5.3."""


def server_frame(first: int, payload: bytes) -> bytes:
    """A frame as a server sends it. first: opcode with FIN and COMPRESSED."""
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 1 << 16:
        return bytes((first, 126, size >> 8, size & 0xFF)) + payload
    return bytes((first, 127)) + size.to_bytes(8) + payload


def client_frame(first: int, payload: bytes) -> bytes:
    """A frame as a client sends it."""
    size = len(payload)
    mask = next(_MASKS)
    if size < 126:
        return bytes((first, MASKED | size)) + mask + masked(payload, mask)
    if size < 1 << 16:
        header = bytes((first, MASKED | 126, size >> 8, size & 0xFF))
    else:
        header = bytes((first, MASKED | 127)) + size.to_bytes(8)
    return header + mask + masked(payload, mask)


def close_payload(code: int, reason: str) -> bytes:
    """The payload of a close frame; the reason is cut, between characters, to what fits."""
    text = reason.encode()[: MAX_CONTROL_BYTES - 2].decode(errors="ignore")
    return code.to_bytes(2) + text.encode()


def close_code(payload: bytes) -> int:
    """The code in a close frame. Every code is accepted (reliability 1.1); NO_STATUS: none there.

    Raises FramingError.
    """
    if len(payload) == 1:
        raise FramingError(1002, "a close frame with half a code")
    if not is_utf8(payload[2:]):
        raise FramingError(1007, "a close reason that is not UTF-8")
    return int.from_bytes(payload[:2]) if payload else NO_STATUS


def may_be_sent(code: int) -> bool:
    """Whether a close frame may hold that code. Spec: RFC 6455, 7.4."""
    return code in _CODES or 3000 <= code < 5000


def is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class Reader:
    """Takes what a peer sent, in any slices, and gives events one at a time.

    from_client: the peer is a client, so its frames must be masked; inflater: None where no
    compression was agreed on.
    """

    __slots__ = (
        "_compressed",
        "_fragments",
        "_inflater",
        "_input",
        "_limits",
        "_mask_bit",
        "_opcode",
        "_parts",
        "_size",
    )

    def __init__(
        self, from_client: bool, limits: ReadLimits, inflater: Inflates | None = None
    ) -> None:
        self._mask_bit = MASKED if from_client else 0
        self._limits = limits
        self._inflater = inflater
        self._input: bytearray | None = None  # None at rest, so that an idle link holds nothing
        self._parts: list[bytes] | None = None  # of the message that is being put together
        self._opcode = 0
        self._compressed = False
        self._fragments = 0
        self._size = 0

    def text(self, data: bytes) -> bytes | None:
        """The message, if data is exactly one plain text frame and nothing else is on its way.

        Nearly every read is that; None says: use `feed` and `next`.
        """
        size = len(data)
        if self._input is not None or self._parts is not None or size < 6:
            return None
        if data[0] != FIN | TEXT:
            return None
        length = data[1] ^ self._mask_bit
        start = 2
        if length == 126:
            length = data[2] << 8 | data[3]
            start = 4
        elif length > 126:
            return None
        if self._mask_bit:
            start += 4
            if start + length != size or length > self._limits.message_bytes:
                return None
            payload = masked(data[start:], data[start - 4 : start])
        elif start + length != size or length > self._limits.message_bytes:
            return None
        else:
            payload = data[start:]
        return payload if payload.isascii() else _checked_text(payload)

    def feed(self, data: bytes) -> None:
        """Add what came."""
        if self._input is None:
            self._input = bytearray(data)
        else:
            self._input += data

    @property
    def unread(self) -> int:
        """Bytes that were fed and not given out yet."""
        return len(self._input) if self._input is not None else 0

    def next(self) -> Event | None:
        """The next event in what was fed, None if it is not complete. Raises FramingError."""
        while self._input:
            frame = self._frame(self._input)
            if frame is None:
                return None
            event = self._event(*frame)
            if event is not None:
                return event
        self._input = None
        return None

    def _frame(self, data: bytearray) -> tuple[int, bytes] | None:
        """(first byte, unmasked payload) of the next whole frame; takes it out of data."""
        if len(data) < 2:
            return None
        first, second = data[0], data[1]
        self._check_head(first, second)
        length, start = second & 0x7F, 2
        if length > 125:
            start = 4 if length == 126 else 10
            if len(data) < start:
                return None
            length = int.from_bytes(data[2:start])
        if first & 0x0F in DATA and length > self._limits.message_bytes - self._size:
            raise FramingError(1009, "message too big")
        if self._mask_bit:
            start += 4
        end = start + length
        if len(data) < end:
            return None
        payload = bytes(memoryview(data)[start:end])
        if self._mask_bit:
            payload = masked(payload, bytes(data[start - 4 : start]))
        del data[:end]
        return first, payload

    def _check_head(self, first: int, second: int) -> None:
        opcode = first & 0x0F
        if second & MASKED != self._mask_bit:
            raise FramingError(1002, "a client masks its frames, a server does not")
        if opcode in CONTROL:
            if not first & FIN or second & 0x7F > MAX_CONTROL_BYTES:
                raise FramingError(1002, "a control frame is whole and short")
            if first & 0x70:
                raise FramingError(1002, "a reserved bit is set")
            return
        if opcode not in DATA:
            raise FramingError(1002, f"there is no opcode {opcode}")
        compressible = self._inflater is not None and opcode != CONTINUATION
        if first & (0x30 if compressible else 0x70):
            raise FramingError(1002, "a reserved bit is set")

    def _event(self, first: int, payload: bytes) -> Event | None:
        """What a frame completes, if anything."""
        opcode = first & 0x0F
        if opcode in CONTROL:
            return Event(opcode, payload)
        self._begin_or_continue(opcode, first)
        assert self._parts is not None
        self._parts.append(payload)
        self._size += len(payload)
        self._fragments += 1
        if self._fragments > self._limits.fragments:
            raise FramingError(1002, f"a message of more than {self._limits.fragments} fragments")
        return self._message() if first & FIN else None

    def _begin_or_continue(self, opcode: int, first: int) -> None:
        if opcode == CONTINUATION:
            if self._parts is None:
                raise FramingError(1002, "a continuation of nothing")
            return
        if self._parts is not None:
            raise FramingError(1002, "a message begins inside another")
        self._parts = []
        self._opcode = opcode
        self._compressed = bool(first & COMPRESSED)
        self._fragments = 0

    def _message(self) -> Event:
        assert self._parts is not None
        message = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts = None
        self._size = 0
        if self._compressed:
            assert self._inflater is not None
            message = self._inflater.inflate(message, self._limits.message_bytes)
        if self._opcode == TEXT:
            _checked_text(message)
        return Event(self._opcode, message)


def _checked_text(message: bytes) -> bytes:
    if not is_utf8(message):
        raise FramingError(1007, "text that is not UTF-8")
    return message
