"""The face that dials the CSMS over WebSocket."""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import aiohttp
from yarl import URL

from gateway.config.model import Csms
from gateway.core.dialects import SUBPROTOCOLS, Leg, Side, Version
from gateway.core.errors import TransportError
from gateway.io.clock import Clock
from gateway.io.identity import quoted
from gateway.io.link import CLOSE_HANDSHAKE_S, Link, LinkLimits
from gateway.io.negotiate import BY_SUBPROTOCOL
from gateway.io.pings import PingWheel
from gateway.io.rate import Rate
from gateway.io.sockets import watch_tcp
from gateway.io.tls import csms_context

DEFLATE_WINDOW_BITS = 11
"""Both windows of a compressed link: 2 KiB hold a few messages, 32 KiB a link cost too much."""

DIAL_QUEUE_S = 10.0
"""A dial that would wait longer than this for its turn fails instead."""


class DialRefused(TransportError):
    """The CSMS answered the handshake with something else than an upgrade.

    status: the HTTP status of its answer.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Login(NamedTuple):
    """What a station showed of itself, for `csms.auth: station`."""

    authorization: str | None = None


class Dialled(NamedTuple):
    """An open CSMS link and the version that was agreed on."""

    link: Link
    version: Version


class CsmsSocket(aiohttp.ClientWebSocketResponse[Any]):
    """The library's WebSocket, keeping hold of its transport."""

    transport: asyncio.Transport

    def __init__(self, reader: Any, writer: Any, *rest: Any, **options: Any) -> None:
        super().__init__(reader, writer, *rest, **options)
        self.transport = writer.transport


class CsmsFace:
    """Dials CSMSs, at most so many in a second (reliability R9)."""

    def __init__(self, csms: Csms, limits: LinkLimits, handshake_s: float, clock: Clock) -> None:
        self._limits = limits
        self._handshake_s = handshake_s
        self._clock = clock
        self._rate = Rate(csms.handshakes_per_s, csms.handshakes_per_s)
        self._pings = PingWheel(csms.ping_interval_s, csms.pong_timeout_s, clock)
        self._contexts: dict[str, Callable[[], ssl.SSLContext]] = {}
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None),
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
            ws_response_class=CsmsSocket,
            middlewares=(_no_redirects,),
        )

    async def stop(self) -> None:
        self._pings.stop()
        if self._http is not None:
            await self._http.close()

    async def dial(
        self, station: str, csms: Csms, versions: tuple[Version, ...], login: Login
    ) -> Dialled:
        """Open the link of a station to its CSMS.

        versions: what to offer, in order of preference. Raises DialRefused, TransportError.
        """
        wait_s = self._rate.take(self._clock())
        if wait_s > DIAL_QUEUE_S:
            raise TransportError("too many CSMS links are being opened")
        await asyncio.sleep(wait_s)
        try:
            async with asyncio.timeout(self._handshake_s):
                ws = await self._connect(station, csms, versions, login)
        except aiohttp.WSServerHandshakeError as error:
            raise DialRefused(f"the CSMS answered {error.status}", error.status) from error
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise TransportError(f"the CSMS cannot be reached: {error!r}") from error
        return await self._opened(ws)

    async def _opened(self, ws: CsmsSocket) -> Dialled:
        version = BY_SUBPROTOCOL.get(ws.protocol or "")
        if version is None:
            await ws.close(code=1002, message=b"no common subprotocol")
            raise TransportError("the CSMS chose none of the subprotocols offered")
        watch_tcp(ws.transport)
        link = Link(ws, ws.transport, Side.CSMS, self._limits)
        self._pings.add(link)
        return Dialled(link, version)

    async def _connect(
        self, station: str, csms: Csms, versions: tuple[Version, ...], login: Login
    ) -> CsmsSocket:
        assert self._http is not None
        assert csms.url is not None
        url = URL(csms.url.replace("{station}", quoted(station)), encoded=True)
        ws = await self._http.ws_connect(
            url,
            protocols=[SUBPROTOCOLS[version] for version in versions],
            headers=headers(station, csms, login),
            ssl=self._context(csms) if url.scheme == "wss" else True,
            compress=_window(csms, versions),
            max_msg_size=self._limits.max_frame_bytes + 1,
            autoping=False,
            decode_text=False,
            timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_HANDSHAKE_S),
        )
        assert isinstance(ws, CsmsSocket)
        return ws

    def _context(self, csms: Csms) -> ssl.SSLContext:
        key = csms.tls.model_dump_json()
        if key not in self._contexts:
            self._contexts[key] = csms_context(csms.tls)
        return self._contexts[key]()


def headers(station: str, csms: Csms, login: Login) -> Mapping[str, str]:
    """The headers that go to the CSMS beside those of the handshake (reliability S13)."""
    if csms.auth == "basic":
        user = station if csms.username is None else csms.username
        pair = f"{user}:{csms.password or ''}".encode()
        return {"Authorization": "Basic " + b64encode(pair).decode()}
    if csms.auth == "station" and login.authorization is not None:
        return {"Authorization": login.authorization}
    return {}


def csms_leg(version: Version, opened: float, transparent: bool) -> Leg:
    """The leg of a WebSocket link to a CSMS."""
    return Leg(Side.CSMS, version, opened, backend="csms", transparent=transparent)


def _window(csms: Csms, versions: tuple[Version, ...]) -> int:
    # Compression is agreed on before it is known which version the CSMS takes; so "auto" offers
    # it where 2.0.1 is all that is offered (design/README.md decision 16).
    on = csms.compression == "on" or (csms.compression == "auto" and versions == (Version.V201,))
    return DEFLATE_WINDOW_BITS if on else 0


async def _no_redirects(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    response = await handler(request)
    if 300 <= response.status < 400:
        response.close()
        raise DialRefused(f"the CSMS redirects ({response.status})", response.status)
    return response
