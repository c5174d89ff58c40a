"""Stands between a socket and the WebSocket library: what the library does not watch itself.

aiohttp reads frames in C and refuses reserved bits, unknown opcodes, fragmented or long control
frames, broken continuations and messages over the size limit. It lets pass, and this module
does not (reliability S15): a client's frame without a mask, and a message in very many fragments.
It also hides the write buffer, whose filling this module reports (R7).

Only what stations send is scanned. A CSMS may send its first frames in one packet with its
handshake, and those reach the library before this module is in place; so for that leg the
library's own checks are all there is.
"""

import asyncio
from typing import Protocol, cast

FIN = 0x80
MASKED = 0x80
OPCODE = 0x0F
TEXT = 0x1
FIRST_CONTROL_OPCODE = 0x8


class Watcher(Protocol):
    """Who hears of what a guard sees."""

    def pressure(self, full: bool) -> None:
        """The write buffer went over its limit, or has emptied again."""

    def violated(self, reason: str) -> None:
        """A frame broke a rule: the link must close. What follows is not looked at any more."""

    def lost(self) -> None:
        """The connection is gone."""


class Guard(asyncio.Protocol):
    """A protocol that passes everything on to the library's own and looks at it on the way.

    messages: how many data messages of a station have begun to arrive.
    """

    __slots__ = ("_inner", "_watcher", "messages")

    def __init__(self, inner: asyncio.BaseProtocol, watcher: Watcher) -> None:
        self._inner = cast(asyncio.Protocol, inner)
        self._watcher = watcher
        self.messages = 0

    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._inner.connection_lost(exc)
        self._watcher.lost()

    def pause_writing(self) -> None:
        # Not passed on: the library would make its sender wait, and whoever sends here never does.
        self._watcher.pressure(True)

    def resume_writing(self) -> None:
        self._watcher.pressure(False)


class StationGuard(Guard):
    """A guard that also follows the frames of a client, without touching their content."""

    __slots__ = ("_broken", "_fragments", "_head", "_max_fragments", "_skip")

    def __init__(self, inner: asyncio.BaseProtocol, watcher: Watcher, max_fragments: int) -> None:
        super().__init__(inner, watcher)
        self._max_fragments = max_fragments
        self._fragments = 0
        self._skip = 0  # bytes of the present frame still to come
        self._head = b""  # a frame header that is not complete yet
        self._broken = False

    def data_received(self, data: bytes) -> None:
        # Nearly always a read brings exactly one short text frame.
        size = len(data)
        if not self._skip and not self._head and size > 5 and data[0] == FIN | TEXT:
            length = data[1] - MASKED
            if length == 126:
                length = (data[2] << 8 | data[3]) + 2
            if length >= 0 and length + 6 == size and data[1] != 0xFF:
                self.messages += 1
                self._inner.data_received(data)
                return
        if not self._broken and (reason := self._scan(data)):
            self._broken = True
            self._watcher.violated(reason)
        self._inner.data_received(data)

    def _scan(self, data: bytes) -> str:
        """Follow the frame headers in data; what is wrong with them, or ""."""
        data = self._head + data
        self._head = b""
        position, size = self._skip, len(data)
        self._skip = 0
        while position < size:
            frame = data[position : position + 14]
            header = _header_length(frame)
            if len(frame) < header:
                self._head = frame
                return self._checked(frame) if len(frame) > 1 else ""
            if reason := self._checked(frame):
                return reason
            self._counted(frame[0])
            if self._fragments > self._max_fragments:
                return f"a message in more than {self._max_fragments} fragments"
            position += header + _payload_length(frame)
        self._skip = position - size
        return ""

    def _checked(self, frame: bytes) -> str:
        return "" if frame[1] & MASKED else "a client's frame without a mask"

    def _counted(self, first: int) -> None:
        opcode = first & OPCODE
        if opcode >= FIRST_CONTROL_OPCODE:
            return
        if opcode:
            self.messages += 1
            self._fragments = 0
        self._fragments += 1


def _header_length(frame: bytes) -> int:
    if len(frame) < 2:
        return 2
    length = frame[1] & ~MASKED
    return 2 + (2 if length == 126 else 8 if length == 127 else 0) + (4 if frame[1] & MASKED else 0)


def _payload_length(frame: bytes) -> int:
    length = frame[1] & ~MASKED
    if length < 126:
        return length
    return int.from_bytes(frame[2:4] if length == 126 else frame[2:10])
