"""The client's half of an HTTP upgrade: connect, ask, read the head of the answer, hand over.

Why not the library's: every station dials once, and the objects that the library makes for one
request cost more than everything else of accepting a station.
"""

import asyncio
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast
from urllib.parse import unquote, urlsplit

from aiohappyeyeballs import AddrInfoType, start_connection
from multidict import CIMultiDict

from gateway.core.errors import TransportError

MAX_HEAD_BYTES = 1 << 16
ADDRESSES_KEPT_S = 10.0
NEXT_ADDRESS_S = 0.25
"""Of a host with several addresses the next one is tried after this time. Spec: RFC 8305, 5."""

_PORTS = {"ws": 80, "http": 80, "wss": 443, "https": 443}
_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(r"HTTP/1\.[01] ([1-5][0-9]{2})(?: |$)")
_SWITCHING = 101


class Server(NamedTuple):
    """What a URL names. target: path and query as they stand there; login: a header, or none."""

    host: str
    port: int
    tls: bool
    target: str
    name: str
    login: Mapping[str, str]


def server(url: str) -> Server:
    """Raises ValueError: not a ws(s) or http(s) URL."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"{url!r} names no server")
    port = parts.port or _PORTS[parts.scheme]
    login = {}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        login = {"Authorization": "Basic " + b64encode(pair.encode()).decode()}
    target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    tls = parts.scheme in ("wss", "https")
    return Server(parts.hostname, port, tls, target, parts.netloc.rpartition("@")[2], login)


class Answered(asyncio.Protocol):
    """The connection while it belongs to nobody: asks, then keeps what comes.

    status, headers: of the answer, once `complete` is done.
    """

    def __init__(self, request: bytes) -> None:
        self.status = 0
        self.headers: CIMultiDict[str] = CIMultiDict()
        self.complete: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._data = b""
        self._transport: asyncio.Transport | None = None

    @property
    def transport(self) -> asyncio.Transport:
        """Raises TransportError: the connection is no more."""
        if self._transport is None or self._transport.is_closing():
            raise TransportError("the CSMS closed the connection")
        return self._transport

    def hand_over(self, protocol: asyncio.Protocol) -> bytes:
        """From now on the connection is that protocol's; what came behind the head of the answer.

        Raises TransportError.
        """
        self.transport.set_protocol(protocol)
        return self._data

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self.complete.done():
            try:
                self._read_head()
            except TransportError as error:
                self.complete.set_exception(error)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.complete.done():
            self.complete.set_exception(TransportError("the CSMS closed the connection"))

    def _read_head(self) -> None:
        while end := _END.search(self._data):
            head, self._data = self._data[: end.start()], self._data[end.end() :]
            self.status, self.headers = _parsed(head)
            if self.status == _SWITCHING or self.status >= 200:
                self.complete.set_result(None)
                return
        if len(self._data) > MAX_HEAD_BYTES:
            raise TransportError("the CSMS answers with endless headers")


def _parsed(head: bytes) -> tuple[int, CIMultiDict[str]]:
    first, *lines = re.split(r"\r?\n", head.decode("latin-1"))
    status = _STATUS.match(first)
    if status is None:
        raise TransportError("the CSMS does not answer in HTTP")
    headers: CIMultiDict[str] = CIMultiDict()
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise TransportError("the CSMS answers with a header that is none")
        headers.add(name.strip(), value.strip())
    return int(status[1]), headers


class Client:
    """Sends upgrade requests. Addresses of hosts are looked up once for many dials."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[tuple[str, int], tuple[float, asyncio.Task[list[Any]]]] = {}

    async def ask(
        self, place: Server, target: str, headers: Mapping[str, str], tls: ssl.SSLContext | None
    ) -> Answered:
        """GET target from a server; the connection with the head of its answer read.

        Raises OSError, TransportError, ValueError (a header that would break the request).
        """
        asked = Answered(_request(target, {"Host": place.name, **place.login, **headers}))
        loop = asyncio.get_running_loop()
        addresses = await self._addresses(place.host, place.port)
        sock = await start_connection(addresses, happy_eyeballs_delay=NEXT_ADDRESS_S, interleave=1)
        try:
            transport, _ = await loop.create_connection(
                lambda: asked,
                sock=sock,
                ssl=tls,
                server_hostname=place.host.rstrip(".") if tls is not None else None,
            )
        except BaseException:
            sock.close()
            raise
        try:
            await asked.complete
        except BaseException:
            transport.abort()
            raise
        return asked

    async def _addresses(self, host: str, port: int) -> list[AddrInfoType]:
        until, looking = self._known.get((host, port), (0.0, None))
        if looking is None or (looking.done() and self._clock() >= until):
            found = asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
            looking = asyncio.ensure_future(found)
            # It may fail when everybody who waited for it has given up.
            looking.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._known[host, port] = (self._clock() + ADDRESSES_KEPT_S, looking)
        try:
            return await asyncio.shield(looking)
        except OSError:
            self._known.pop((host, port), None)
            raise


def _request(target: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    for line in lines:
        if not line.isprintable():
            raise ValueError("a line of the request to the CSMS holds control characters")
    return "\r\n".join((*lines, "", "")).encode()
