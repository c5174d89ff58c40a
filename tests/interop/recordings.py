"""What nine implementations once said to each other over SOAP, byte for byte, and envelopes that
other projects keep for their own tests.

Neither is part of this repository: shared/reference/soap/captures and shared/corpus/soap beside it.
"""

import asyncio
import gzip
import json
import re
import zlib
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import NamedTuple

from lxml import etree

from gateway.cli.demo_zeep import Described
from gateway.core.dialects import Side
from tests.interop.peer import Payload
from tests.interop.soap_session import DESCRIPTIONS
from tests.support.soap import CAPTURES, CORPUS

UNPACK = {"gzip": gzip.decompress, "deflate": zlib.decompress}


class Recording(NamedTuple):
    """A request and its response. side: whose service was asked; verdicts: what a validator with
    the official description said of the two bodies."""

    name: str
    side: Side
    verdicts: tuple[str, str]

    @property
    def action(self) -> str:
        return self.name.split("-")[2]

    @property
    def request(self) -> bytes:
        return (CAPTURES / f"{self.name}.request.http").read_bytes()

    @property
    def response(self) -> bytes:
        return (CAPTURES / f"{self.name}.response.http").read_bytes()


def recordings() -> tuple[Recording, ...]:
    """All of them; none where they are not at hand."""
    index = CAPTURES / "index.json"
    if not index.exists():
        return ()
    return tuple(
        Recording(
            entry["id"],
            Side.STATION if "ChargePointService" in entry["role"] else Side.CSMS,
            (str(entry["request_body_xsd"]), str(entry["response_body_xsd"])),
        )
        for entry in json.loads(index.read_text("utf-8"))
    )


class Kept(NamedTuple):
    """An envelope of this edition. kind: request or response."""

    name: str
    action: str
    kind: str
    data: bytes

    @property
    def request(self) -> bytes:
        """As an HTTP message."""
        return self._with(b"POST / HTTP/1.1\r\nHost: csms.example")

    @property
    def response(self) -> bytes:
        return self._with(b"HTTP/1.1 200 OK")

    def _with(self, start: bytes) -> bytes:
        kind = b"Content-Type: application/soap+xml; charset=utf-8"
        length = b"Content-Length: %d" % len(self.data)
        return b"\r\n".join((start, kind, length, b"", self.data))


def envelopes() -> tuple[Kept, ...]:
    """All of this edition but templates; none where they are not at hand."""
    found = ((path, path.read_bytes()) for path in sorted(CORPUS.glob("*-1.6-*.xml")))
    return tuple(_kept(path.stem, data) for path, data in found if b"$time" not in data)


def _kept(name: str, data: bytes) -> Kept:
    element = name.rsplit("-", 1)[1]
    kind = "response" if element.endswith("Response") else "request"
    action = element[0].upper() + element[1 : -len(kind)]
    return Kept(name, action, kind, data)


class Message:
    """An HTTP message, taken apart without our code."""

    def __init__(self, raw: bytes) -> None:
        head, _, body = raw.partition(b"\r\n\r\n")
        start, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        if headers.get("transfer-encoding") == "chunked":
            body = b"".join(_chunks(body))
        if "content-encoding" in headers:
            body = UNPACK[headers["content-encoding"]](body)
        self.status = int(found[1]) if (found := re.match(r"HTTP/1.1 (\d+)", start)) else 0
        self.length = int(headers.get("content-length", "0"))
        self.body = body

    @property
    def identity(self) -> str:
        """Of the station, as the header has it."""
        (identity,) = etree.fromstring(self.body).xpath("//*[local-name()='chargeBoxIdentity']")
        return identity.text or ""

    @property
    def element(self) -> etree._Element:
        """The body element, in whatever the envelope is."""
        tolerant = etree.XMLParser(recover=True)
        return etree.fromstring(self.body, tolerant).xpath("//*[local-name()='Body']/*")[0]


def _chunks(body: bytes) -> Iterator[bytes]:
    while body:
        size, _, body = body.partition(b"\r\n")
        yield body[: int(size, 16)]
        body = body[int(size, 16) + 2 :]


class Reader:
    """Bodies as zeep reads them."""

    def __init__(self) -> None:
        self._described = {side: Described(DESCRIPTIONS[side], side) for side in Side}

    def payload(self, side: Side, element: etree._Element) -> Payload:
        return dict(self._described[side].payload(element))


def leaves(element: etree._Element) -> list[tuple[str, str]]:
    """Names and texts of what a body element says, whatever namespace they are in."""
    return [(etree.QName(e).localname, e.text) for e in element.iter() if not len(e) and e.text]


async def said_again(request: bytes, port: int, path: str) -> Message:
    """Send a recorded request to another path; the response."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    line, _, rest = request.partition(b"\r\n")
    writer.write(re.sub(rb" \S+ ", b" %b " % path.encode(), line) + b"\r\n" + rest)
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(Message(head).length)
    writer.close()
    return Message(head + body)


class Echo:
    """A server that answers every request with the recording that it holds. url: where."""

    def __init__(self) -> None:
        self.url = ""
        self.response = b""

    async def answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(IncompleteReadError):  # of who only looks whether somebody is there
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(Message(head).length)
            writer.write(self.response)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def echo() -> AsyncIterator[Echo]:
    made = Echo()
    async with await asyncio.start_server(made.answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        made.url = f"http://127.0.0.1:{port}/ocpp"
        yield made
