"""HTTP messages of one direction of a captured connection, each with its whole body.

Bodies come by length, in chunks, or go on until the connection ends; gzip and deflate are undone.
After an upgrade what follows is no HTTP any more: `rest` holds it. Spec: RFC 9112.
"""

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

LONGEST_HEAD = 1 << 16
LONGEST_BODY = 1 << 20
_HTTP = re.compile(rb"(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH) |HTTP/1\.|[A-Z]{0,7}\Z|HTTP/1?\Z")
_REQUEST = re.compile(rb"([A-Z]+) ([^ ]+) HTTP/1\.[01]\Z")
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_BEGINNING = re.compile(rb"(?:GET|POST) [^ \r\n]{1,200} HTTP/1\.[01]\r\n|HTTP/1\.[01] \d{3}[ \r]")
_LONGEST_BEGINNING = 256
_HEAD_END = b"\r\n\r\n"
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[^\r\n]*\r\n")
_DIGITS = re.compile(r"\d{1,9}").fullmatch
_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_SWITCHING, _NO_CONTENT, _NOT_MODIFIED = 101, 204, 304


class NotHttp(Exception):
    """The bytes are no HTTP, or none that can be read. The text says why."""


class HttpMessage(NamedTuple):
    """path: of a request, "" for a response; status: of a response, 0 for a request.

    headers: by lower-case name, of several of one name the values joined by commas.
    """

    method: str
    path: str
    status: int
    headers: dict[str, str]
    body: bytes = b""

    @property
    def upgrades(self) -> bool:
        asked = "websocket" in self.headers.get("upgrade", "").lower()
        return asked and self.status in (0, _SWITCHING)

    @property
    def interim(self) -> bool:
        """A response before the response, as `100 Continue`."""
        return 0 < self.status < 200 and self.status != _SWITCHING


class HttpWay:
    """One direction. rest: bytes that are not read yet; torn: bytes before it are missing, so that
    it is read from the next beginning of a message on."""

    def __init__(self, *, torn: bool = False) -> None:
        self.rest = b""
        self._torn = torn
        self._open: HttpMessage | None = None

    def feed(self, data: bytes) -> Iterator[HttpMessage]:
        """The messages that are complete now. Raises NotHttp.

        Whoever takes a message that upgrades takes `rest` too and feeds nothing more.
        """
        self.rest += data
        while (message := self._next()) is not None:
            yield message

    def end(self) -> HttpMessage | None:
        """The connection has ended: the message whose body went on until then."""
        message, self._open = self._open, None
        if message is None or message.status == 0 or _is_bounded(message.headers):
            return None
        body, self.rest = self.rest, b""
        return message._replace(body=_unpacked(body, message.headers))

    def _next(self) -> HttpMessage | None:
        if self._open is None:
            self._open = self._head()
        message = self._open
        if message is None:
            return None
        body = self._body(message)
        if body is None:
            if len(self.rest) > LONGEST_HEAD + LONGEST_BODY:
                raise NotHttp(f"a body longer than {LONGEST_BODY} bytes")
            return None
        self._open = None
        return message._replace(body=_unpacked(body, message.headers))

    def _head(self) -> HttpMessage | None:
        if self._torn and not self._found_beginning():
            return None
        data = self.rest
        if not data:
            return None
        if not _HTTP.match(data):
            raise NotHttp("bytes that are neither HTTP nor WebSocket")
        end = data.find(_HEAD_END)
        if end < 0:
            if len(data) > LONGEST_HEAD:
                raise NotHttp("a head that does not end")
            return None
        self.rest = data[end + len(_HEAD_END) :]
        first, *lines = data[:end].split(b"\r\n")
        headers = _headers(lines)
        if request := _REQUEST.match(first):
            return HttpMessage(request[1].decode(), request[2].decode("latin-1"), 0, headers)
        if status := _STATUS.match(first):
            return HttpMessage("", "", int(status[1]), headers)
        raise NotHttp("a head that is neither a request nor a response")

    def _found_beginning(self) -> bool:
        found = _BEGINNING.search(self.rest)
        self.rest = self.rest[found.start() if found else -_LONGEST_BEGINNING :]
        self._torn = found is None
        return found is not None

    def _body(self, message: HttpMessage) -> bytes | None:
        """The body, packed; None: it is not all there."""
        headers = message.headers
        if _has_no_body(message):
            return b""
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._chunks()
        length = headers.get("content-length", "").partition(",")[0].strip()
        if _DIGITS(length):
            size = int(length)
            if size > LONGEST_BODY:
                raise NotHttp(f"a body of {size} bytes")
            if len(self.rest) < size:
                return None
            body, self.rest = self.rest[:size], self.rest[size:]
            return body
        return b"" if message.status == 0 else None

    def _chunks(self) -> bytes | None:
        pieces: list[bytes] = []
        place, data = 0, self.rest
        while True:
            found = _CHUNK.match(data, place)
            if found is None:
                if b"\r\n" in data[place:]:
                    raise NotHttp("a body in chunks that are none")
                return None
            size, place = int(found[1], 16), found.end()
            if size == 0:
                return self._after_chunks(place, pieces)
            if len(data) < place + size + 2:
                return None
            pieces.append(data[place : place + size])
            place += size + 2

    def _after_chunks(self, place: int, pieces: list[bytes]) -> bytes | None:
        """Past the trailer, which ends with an empty line."""
        while (end := self.rest.find(b"\r\n", place)) >= 0:
            empty, place = end == place, end + 2
            if empty:
                self.rest = self.rest[place:]
                return b"".join(pieces)
        return None


def _headers(lines: list[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.decode("latin-1").partition(":")
        key, text = name.strip().lower(), value.strip()
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _has_no_body(message: HttpMessage) -> bool:
    status = message.status
    return message.upgrades or 0 < status < 200 or status in (_NO_CONTENT, _NOT_MODIFIED)


def _is_bounded(headers: dict[str, str]) -> bool:
    return "content-length" in headers or "chunked" in headers.get("transfer-encoding", "").lower()


def _unpacked(body: bytes, headers: dict[str, str]) -> bytes:
    coding = headers.get("content-encoding", "identity").strip().lower()
    if not body or coding in ("identity", ""):
        return body
    if coding not in _BITS:
        raise NotHttp(f"a body packed as {coding:.20}")
    # Some take "deflate" for the bare stream, without the zlib head.
    for bits in (_BITS[coding], -15):
        unpacker = zlib.decompressobj(bits)
        try:
            return unpacker.decompress(body, LONGEST_BODY)
        except zlib.error:
            continue
    raise NotHttp(f"a body that is not packed as {coding}, as its head says")
