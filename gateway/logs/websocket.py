"""WebSocket messages of one direction of a captured connection: unmasked, joined, inflated.

Spec: RFC 6455, 5; RFC 7692 (permessage-deflate).
"""

import zlib
from collections.abc import Iterator

LONGEST_MESSAGE = 1 << 20
_CONTINUED, _TEXT, _BINARY, _CLOSE = 0, 1, 2, 8
_ARRAY = b"["
_TAIL = b"\x00\x00\xff\xff"


class Unreadable(Exception):
    """The bytes are no WebSocket frames: some are missing, or they never were."""


class Messages:
    """deflated: permessage-deflate was agreed; takeover: its window goes on between messages."""

    def __init__(self, *, deflated: bool, takeover: bool) -> None:
        self._deflated = deflated
        self._takeover = takeover
        self._inflater = zlib.decompressobj(-15)
        self._rest = b""
        self._parts: list[bytes] = []
        self._compressed = False
        self._seeks = False
        self.closed = False

    def torn(self) -> "Messages | None":
        """What reads on where bytes are missing: from the next segment on that begins with a whole
        message. None: what comes was packed with what is missing."""
        if self._deflated and self._takeover:
            return None
        found = Messages(deflated=self._deflated, takeover=False)
        found._seeks = True
        return found

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The text messages that are complete now. Raises Unreadable."""
        if self._seeks:
            yield from self._sought(data)
            return
        self._rest += data
        while (frame := self._frame()) is not None:
            final, compressed, kind, payload = frame
            if kind == _CLOSE:
                self.closed = True
            if kind > _BINARY:
                continue
            if kind != _CONTINUED:
                self._parts, self._compressed = [], compressed
            self._parts.append(payload)
            if sum(map(len, self._parts)) > LONGEST_MESSAGE:
                raise Unreadable(f"a message longer than {LONGEST_MESSAGE} bytes")
            if final:
                text, self._parts = b"".join(self._parts), []
                yield self._inflated(text) if self._compressed else text

    def _sought(self, data: bytes) -> list[bytes]:
        fresh = Messages(deflated=self._deflated, takeover=False)
        try:
            texts = list(fresh.feed(data))
        except Unreadable:
            return []
        if not texts or texts[0].lstrip()[:1] != _ARRAY:
            return []
        self._rest, self._parts, self._compressed = fresh._rest, fresh._parts, fresh._compressed
        self._seeks = False
        return texts

    def _frame(self) -> tuple[bool, bool, int, bytes] | None:
        """(final, compressed, kind, payload) of the next frame, once it is all there."""
        data = self._rest
        if len(data) < 2:
            return None
        first, second = data[0], data[1]
        if first & 0x30 or (first & 0x40 and not self._deflated) or first & 15 not in _KINDS:
            raise Unreadable("no WebSocket frame begins here")
        size, place = second & 127, 2
        if size == 126:
            size, place = int.from_bytes(data[2:4], "big"), 4
        elif size == 127:
            size, place = int.from_bytes(data[2:10], "big"), 10
        if size > LONGEST_MESSAGE:
            raise Unreadable(f"a frame of {size} bytes")
        mask = b""
        if second & 128:
            mask, place = data[place : place + 4], place + 4
        if len(data) < place + size:
            return None
        payload = data[place : place + size]
        self._rest = data[place + size :]
        return bool(first & 128), bool(first & 64), first & 15, _unmasked(payload, mask)

    def _inflated(self, data: bytes) -> bytes:
        try:
            text = self._inflater.decompress(data + _TAIL, LONGEST_MESSAGE)
        except zlib.error as error:
            raise Unreadable(f"a message cannot be inflated: {error}") from None
        if not self._takeover:
            self._inflater = zlib.decompressobj(-15)
        return text


_KINDS = frozenset({0, 1, 2, 8, 9, 10})


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    if not mask or not payload:
        return payload
    size = len(payload)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")
