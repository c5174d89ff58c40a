"""Frames out of packet captures: the upgrade's path names the station, the mask its sender.

A connection begins with an HTTP request. One that asks for a WebSocket carries frames from then on;
a POST carries SOAP envelopes, and its answer, too. A WebSocket whose beginning is not in the
capture, its station unknown, or that lacks packets, is read from the next whole message on, as far
as it is not compressed. TLS is read with its keys (`tls.py`); without them that is said, and so is
a connection that is something else.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import unquote

from gateway.core.codec import ocppj
from gateway.core.dialects import Side, Version
from gateway.core.errors import FrameError
from gateway.logs.capture import segments
from gateway.logs.clock import moment
from gateway.logs.connections import MOST_CONNECTIONS, End, Piece, pieces
from gateway.logs.entry import JSON, Entry, Envelope, Item, Remark
from gateway.logs.envelopes import Envelopes
from gateway.logs.http import HttpMessage, HttpWay, NotHttp
from gateway.logs.opening import Source
from gateway.logs.tls import Tls, begins_tls
from gateway.logs.tls_keys import Encrypted, KeyLog
from gateway.logs.websocket import Messages, Unreadable

SHAPE = "pcap"
_FRAMES = (b"\x81", b"\x88", b"\x89", b"\x8a")
"""How frames begin: a text, the end of the connection, a ping, its answer."""
_MASKED = b"\x80"
_DEFLATE = "permessage-deflate"


def items(source: Source, envelopes: Envelopes, keys: KeyLog | None = None) -> Iterator[Item]:
    """Everything in a capture; `line` is the number of a packet. keys: of its TLS connections."""
    keys = KeyLog() if keys is None else keys
    links: dict[tuple[End, End], _Link] = {}
    number = 0
    for piece in pieces(segments(source, keys.add)):
        link = links.get(piece.connection)
        if link is None:
            number += 1
            link = links[piece.connection] = _Link(source.name, str(number), keys)
            if len(links) > MOST_CONNECTIONS:
                del links[next(iter(links))]
        for part in link.take(piece):
            if isinstance(part, Envelope):
                yield from envelopes.items(part)
            else:
                yield part
        if link.over:
            del links[piece.connection]
    yield from source.remarks
    source.remarks.clear()


class _Link:
    """One connection. name: equal for no other; client: who sent the first request; asks: who waits
    for the answer to an upgrade; torn: packets are missing, so that nobody can tell any more which
    response is whose."""

    def __init__(self, file: str, name: str, keys: KeyLog) -> None:
        self._file, self._name, self._keys = file, name, keys
        self._ways: dict[End, HttpWay] = {}
        self._messages: dict[End, Messages] = {}
        self._dead: set[End] = set()
        self._ended: set[End] = set()
        self._exchanges: dict[End, int] = {}
        self._client: End | None = None
        self._station = self._version = ""
        self._tls: Tls | None = None
        self._encrypted = self._torn = False
        self._asks: End | None = None
        self.over = False

    def take(self, piece: Piece) -> Iterator[Item | Envelope]:
        sender = piece.sender
        if piece.over:
            yield from self._end(piece)
            return
        if self._encrypted:
            return
        if piece.lost and sender not in self._dead:
            yield self._lost(piece)
        if sender in self._dead:
            return
        if self._tls is None and self._begins() and begins_tls(piece.data):
            self._tls = Tls(self._keys, sender)
        if self._tls is None:
            yield from self._plain(piece)
        else:
            yield from self._decrypted(self._tls, piece)

    def _lost(self, piece: Piece) -> Remark:
        """Packets are missing before the piece: read on where that can be done."""
        sender, torn = piece.sender, None
        self._torn = True
        if self._tls is None and sender in self._messages:
            torn = self._messages[sender].torn()
        if torn is not None:
            self._messages[sender] = torn
        elif self._tls is not None or sender in self._messages:
            self._dead.add(sender)
        else:
            self._ways[sender] = HttpWay(torn=True)
        goes_on = "the rest of its direction is left" if sender in self._dead else "it is read on"
        text = f"packets of this connection are missing; {goes_on}"
        return self._remark(piece, "lost_segment", text)

    def _begins(self) -> bool:
        return self._client is None and not self._ways and not self._messages

    def _decrypted(self, tls: Tls, piece: Piece) -> Iterator[Item | Envelope]:
        try:
            for data in tls.feed(piece.sender, piece.data):
                if piece.sender not in self._dead:
                    yield from self._plain(piece._replace(data=data, lost=False))
        except Encrypted as error:
            self._encrypted = True
            yield self._remark(piece, "encrypted", str(error))

    def _plain(self, piece: Piece) -> Iterator[Item | Envelope]:
        if piece.sender in self._messages:
            yield from self._framed(piece, piece.data)
        elif piece.sender not in self._ways and piece.data[:1] in _FRAMES:
            yield from self._joined(piece)
        else:
            yield from self._http(piece)

    def _end(self, piece: Piece) -> Iterator[Item | Envelope]:
        self._ended.add(piece.sender)
        self.over = len(self._ended) > 1
        way = self._ways.pop(piece.sender, None)
        if way is None or piece.sender in self._dead:
            return
        try:
            message = way.end()
        except NotHttp as error:
            yield self._remark(piece, "unreadable", str(error))
            return
        if message is not None:
            yield from self._told(piece, message)

    # -- HTTP ---------------------------------------------------------------------------------

    def _http(self, piece: Piece) -> Iterator[Item | Envelope]:
        way = self._ways.setdefault(piece.sender, HttpWay())
        if self._asks == piece.sender:
            way.rest += piece.data
            return
        try:
            for message in way.feed(piece.data):
                if message.upgrades:
                    yield from self._upgraded(piece, message)
                    return
                yield from self._told(piece, message)
        except NotHttp as error:
            yield self._remark(piece, "no_frame", str(error))
            found = None if self._client else Messages(deflated=False, takeover=False).torn()
            if found is None:
                self._dead.add(piece.sender)
            else:
                self._messages[piece.sender] = found

    def _told(self, piece: Piece, message: HttpMessage) -> Iterator[Envelope]:
        """Requests and responses of a connection come in the same order."""
        if message.status == 0 and self._client is None:
            self._client = piece.sender
        if message.interim:
            return
        if self._asks is not None:
            # The upgrade was refused.
            self._asks = None
            return
        number = self._exchanges[piece.sender] = self._exchanges.get(piece.sender, 0) + 1
        if b"Envelope" in message.body or b"E\0n\0v\0e\0l\0o\0p\0e" in message.body:
            yield Envelope(
                self._file,
                piece.number,
                moment(datetime.fromtimestamp(piece.time, UTC)).text,
                "",
                None,
                message.body,
                SHAPE,
                "" if self._torn else f"{self._name}:{number}",
                message.headers.get("content-type"),
                message.status,
            )

    def _upgraded(self, piece: Piece, message: HttpMessage) -> Iterator[Item]:
        """After the server's answer both directions carry frames."""
        if message.status == 0:
            self._client = self._asks = piece.sender
            path = message.path.partition("?")[0].rstrip("/")
            self._station = unquote(path).rsplit("/", 1)[-1]
            return
        self._version = message.headers.get("sec-websocket-protocol", "")
        agreed = message.headers.get("sec-websocket-extensions", "").lower()
        for end in piece.connection:
            side = "client" if end == self._client else "server"
            takeover = f"{side}_no_context_takeover" not in agreed
            self._messages[end] = Messages(deflated=_DEFLATE in agreed, takeover=takeover)
        for end, way in self._ways.items():
            if way.rest:
                yield from self._framed(piece._replace(sender=end), way.rest)
        self._ways.clear()

    # -- WebSocket ----------------------------------------------------------------------------

    def _joined(self, piece: Piece) -> Iterator[Item]:
        """A WebSocket whose beginning is not in the capture; clients mask what they send."""
        self._note_client(piece)
        for end in piece.connection:
            self._messages.setdefault(end, Messages(deflated=False, takeover=False))
        self._ways.clear()
        yield from self._framed(piece, piece.data)

    def _note_client(self, piece: Piece) -> None:
        other = next(end for end in piece.connection if end != piece.sender)
        self._client = piece.sender if piece.data[1:2] >= _MASKED else other

    def _framed(self, piece: Piece, data: bytes) -> Iterator[Item]:
        try:
            for text in self._messages[piece.sender].feed(data):
                if self._client is None:
                    self._note_client(piece)
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
        return Entry(
            self._file,
            piece.number,
            moment(datetime.fromtimestamp(piece.time, UTC)).text,
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
