"""Frames out of packet captures: the upgrade's path names the station, the mask its sender.

A connection begins with an HTTP request. One that asks for a WebSocket carries frames from then on;
a POST carries SOAP envelopes, which come out whole, for whoever reads them. A WebSocket whose
beginning is not in the capture is read as far as it is not compressed, its station unknown. TLS
cannot be read without its keys; that is said, and so is a connection that is something else.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import unquote

from gateway.core.codec import ocppj
from gateway.core.dialects import Side, Version
from gateway.core.errors import FrameError
from gateway.logs.capture import segments
from gateway.logs.clock import moment
from gateway.logs.connections import MOST_CONNECTIONS, End, Piece, pieces
from gateway.logs.entry import JSON, SOAP, Entry, Item, Remark
from gateway.logs.opening import Source
from gateway.logs.websocket import Messages, Unreadable

SHAPE = "pcap"
_REQUEST = re.compile(rb"(GET|POST) ([^ ]+) HTTP/1\.[01]\r\n")
_HTTP = re.compile(rb"(?:GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH) |HTTP/1\.|[A-Z]{0,7}\Z")
_TEXT_FRAME = b"\x81"
_HEAD_END = b"\r\n\r\n"
_LONGEST_HEAD = 1 << 16
_LONGEST_BODY = 1 << 20
_TLS = re.compile(rb"\x16\x03[\x00-\x04]")
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d{1,9})")
_UPGRADE = re.compile(rb"(?i)\r\nupgrade: *websocket")
_PROTOCOL = re.compile(rb"(?i)\r\nsec-websocket-protocol: *([^\r]+)")
_EXTENSION = re.compile(rb"(?i)\r\nsec-websocket-extensions: *([^\r]*permessage-deflate[^\r]*)")


def items(source: Source) -> Iterator[Item]:
    """Everything in a capture; `line` is the number of a packet."""
    links: dict[tuple[End, End], _Link] = {}
    for piece in pieces(segments(source)):
        link = links.get(piece.connection)
        if link is None:
            link = links[piece.connection] = _Link(source.name)
            if len(links) > MOST_CONNECTIONS:
                del links[next(iter(links))]
        yield from link.take(piece)
        if link.over:
            del links[piece.connection]
    yield from source.remarks
    source.remarks.clear()


class _Link:
    """One connection. client: who sent the request; station: the end of its path."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._buffers: dict[End, bytes] = {}
        self._messages: dict[End, Messages] = {}
        self._dead: set[End] = set()
        self._client: End | None = None
        self._station = self._version = ""
        self._encrypted = False
        self._ended: set[End] = set()
        self.over = False

    def take(self, piece: Piece) -> Iterator[Item]:
        if piece.over:
            self._ended.add(piece.sender)
            self.over = len(self._ended) > 1
            return
        if piece.lost and not self._encrypted:
            yield self._remark(piece, "lost_segment", "packets of this connection are missing")
            self._buffers.pop(piece.sender, None)
            if piece.sender in self._messages:
                self._dead.add(piece.sender)
        if self._encrypted or piece.sender in self._dead:
            return
        if piece.sender in self._messages:
            yield from self._framed(piece, piece.data)
        else:
            self._buffers[piece.sender] = self._buffers.get(piece.sender, b"") + piece.data
            yield from self._headed(piece)

    # -- HTTP ---------------------------------------------------------------------------------

    def _headed(self, piece: Piece) -> Iterator[Item]:
        """Bytes before any WebSocket: heads, and SOAP bodies behind them."""
        data = self._buffers[piece.sender]
        if _TLS.match(data) and self._client is None:
            self._encrypted = True
            yield self._remark(piece, "encrypted", "TLS, which is not read without its keys")
            return
        if data[:1] == _TEXT_FRAME:
            yield from self._joined(piece, data)
            return
        if not _HTTP.match(data) or len(data) > _LONGEST_HEAD + _LONGEST_BODY:
            self._dead.add(piece.sender)
            yield self._remark(piece, "no_frame", "bytes that are neither HTTP nor WebSocket")
            return
        end = data.find(_HEAD_END)
        if end < 0:
            return
        head, rest = data[: end + 2], data[end + len(_HEAD_END) :]
        request = _REQUEST.match(head)
        if request is not None:
            self._client = piece.sender
            name = unquote(request[2].split(b"?")[0].rstrip(b"/").decode("latin-1"))
            self._station = name.rsplit("/", 1)[-1]
        if _UPGRADE.search(head):
            self._buffers[piece.sender] = rest
            yield from self._upgraded(piece, head, answered=request is None)
        else:
            yield from self._body(piece, head, rest)

    def _joined(self, piece: Piece, data: bytes) -> Iterator[Item]:
        """A WebSocket whose beginning is not in the capture; clients mask what they send."""
        masked = len(data) > 1 and data[1] & 128
        other = next(end for end in piece.connection if end != piece.sender)
        self._client = piece.sender if masked else other
        for end in piece.connection:
            self._messages.setdefault(end, Messages(deflated=False, takeover=False))
        del self._buffers[piece.sender]
        yield from self._framed(piece, data)

    def _upgraded(self, piece: Piece, head: bytes, *, answered: bool) -> Iterator[Item]:
        """After the server's answer both directions carry frames."""
        if not answered:
            return
        protocol = _PROTOCOL.search(head)
        self._version = protocol[1].strip().decode("latin-1") if protocol else ""
        found = _EXTENSION.search(head)
        agreed = found[1].lower() if found else b""
        for end in piece.connection:
            side = b"client" if end == self._client else b"server"
            takeover = side + b"_no_context_takeover" not in agreed
            self._messages[end] = Messages(deflated=bool(agreed), takeover=takeover)
        for end, rest in self._buffers.items():
            if rest:
                yield from self._framed(piece._replace(sender=end), rest)
        self._buffers.clear()

    def _body(self, piece: Piece, head: bytes, rest: bytes) -> Iterator[Item]:
        length = _LENGTH.search(head)
        size = int(length[1]) if length else 0
        if len(rest) < size:
            return
        body, self._buffers[piece.sender] = rest[:size], rest[size:]
        if b"Envelope" in body:
            sender = Side.STATION if piece.sender == self._client else Side.CSMS
            time = moment(datetime.fromtimestamp(piece.time, UTC)).text
            number = piece.number
            yield Entry(self._file, number, time, "", sender, None, body, SHAPE, "1.6", SOAP)
        if self._buffers[piece.sender]:
            yield from self._headed(piece)

    # -- WebSocket ----------------------------------------------------------------------------

    def _framed(self, piece: Piece, data: bytes) -> Iterator[Item]:
        try:
            for text in self._messages[piece.sender].feed(data):
                yield self._read(piece, text)
        except Unreadable as error:
            self._dead.add(piece.sender)
            yield self._remark(piece, "unreadable", f"{error}; the rest of its direction is left")

    def _read(self, piece: Piece, text: bytes) -> Item:
        try:
            frame = ocppj.decode(text, Version.V201)
        except FrameError as error:
            return self._remark(piece, "unreadable", str(error))
        sender = Side.STATION if piece.sender == self._client else Side.CSMS
        time = moment(datetime.fromtimestamp(piece.time, UTC)).text
        return Entry(
            self._file,
            piece.number,
            time,
            self._station,
            sender,
            frame,
            text,
            SHAPE,
            self._version,
            JSON,
        )

    def _remark(self, piece: Piece, rule: str, text: str) -> Remark:
        return Remark(self._file, piece.number, rule, text, station=self._station)
