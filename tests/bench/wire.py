"""WebSocket with as little work as possible, so that a load generator costs less than its target.

Only what the bench needs of RFC 6455: unfragmented text, ping and close; frames to a server are
masked with the key 0, which is legal and free.
"""

import asyncio
import base64
import hashlib
from collections.abc import Callable
from typing import cast

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
KEY = base64.b64encode(b"0123456789abcdef")
ZERO_KEY = bytes(4)
TEXT, PING, PONG = 0x81, 0x89, 0x8A


def to_server(payload: bytes, first: int = TEXT) -> bytes:
    return _header(first, len(payload), 0x80) + ZERO_KEY + payload


def to_client(payload: bytes, first: int = TEXT) -> bytes:
    return _header(first, len(payload), 0) + payload


def _header(first: int, size: int, mask: int) -> bytes:
    if size < 126:
        return bytes((first, mask | size))
    return bytes((first, mask | 126)) + size.to_bytes(2, "big")


class Wire(asyncio.Protocol):
    """Splits a stream into frames. HEAD bytes of each text, unmasked, go to `take`."""

    HEAD = 96
    transport: asyncio.Transport

    def __init__(self) -> None:
        self._buffer = b""
        self._open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        start = 0
        if not self._open:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                self._buffer = data
                return
            self._open = True
            start = end + 4
            self.handshake(data[:end])
        self._buffer = data[self._frames(data, start) :]

    def _frames(self, data: bytes, start: int) -> int:
        """Take the whole frames from start on; returns where the rest begins."""
        total = len(data)
        while total - start >= 2:
            second = data[start + 1]
            size, at = second & 0x7F, start + 2
            if size == 126:
                size = int.from_bytes(data[start + 2 : start + 4], "big")
                at += 2
            if second & 0x80:
                at += 4
            if total < at + size:
                break
            self._frame(data, data[start], second & 0x80, at, size)
            start = at + size
        return start

    def _frame(self, data: bytes, first: int, masked: int, at: int, size: int) -> None:
        head = data[at : at + min(size, self.HEAD)]
        if masked:
            key = data[at - 4 : at] * (self.HEAD // 4)
            count = len(head)
            number = int.from_bytes(head, "big") ^ int.from_bytes(key[:count], "big")
            head = number.to_bytes(count, "big")
        if first == TEXT:
            self.take(head)
        elif first == PING:
            self.transport.write(self.frame(head, PONG))

    def handshake(self, head: bytes) -> None:
        raise NotImplementedError

    def take(self, head: bytes) -> None:
        raise NotImplementedError

    def frame(self, payload: bytes, first: int = TEXT) -> bytes:
        raise NotImplementedError


class ClientWire(Wire):
    """A station's end."""

    frame = staticmethod(to_server)

    def __init__(self, path: str, subprotocol: str, ready: Callable[[bool], None]) -> None:
        super().__init__()
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {KEY.decode()}\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {subprotocol}\r\n\r\n"
        ).encode()
        self._ready: Callable[[bool], None] | None = ready

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.write(self._request)

    def handshake(self, head: bytes) -> None:
        self._answered(head.startswith(b"HTTP/1.1 101"))

    def connection_lost(self, error: Exception | None) -> None:
        self._answered(False)

    def _answered(self, accepted: bool) -> None:
        if self._ready is not None:
            self._ready(accepted)
            self._ready = None


class ServerWire(Wire):
    """A CSMS's end."""

    frame = staticmethod(to_client)
    subprotocol: bytes

    def handshake(self, head: bytes) -> None:
        lines = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
        headers = {name.lower(): value for name, value in lines.items()}
        key = headers[b"sec-websocket-key"]
        self.subprotocol = headers[b"sec-websocket-protocol"].split(b",")[0].strip()
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: "
            + accept
            + b"\r\nSec-WebSocket-Protocol: "
            + self.subprotocol
            + b"\r\n\r\n"
        )
