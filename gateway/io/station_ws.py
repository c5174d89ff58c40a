"""The face that stations connect to over WebSocket.

What happens to an upgrade request, in order, and what each step answers if it fails:

    room for it?                admission.py     503, Retry-After
    which station?              identity.py      400; 404 (401 where authentication is on)
    is it that station?         admittance.py    401; 403 below the required security profile
    a WebSocket handshake?      handshake.py     426, 400
    which versions?             negotiate.py     101 without a subprotocol, then close 1002
    its session                 sessions.py      409; 503, Retry-After (mirror); 401
    -> 101 with the version, the session begins
"""

import asyncio
from collections.abc import Callable

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from gateway.config import Effective
from gateway.core.dialects import SUBPROTOCOLS, Side, Version
from gateway.io import deflate, handshake
from gateway.io.admission import Admission, Strangers
from gateway.io.admittance import Admittance
from gateway.io.identity import BadIdentity, NoSuchPath
from gateway.io.link import Link, LinkLimits
from gateway.io.negotiate import offered_versions
from gateway.io.pings import PingWheel
from gateway.io.refusals import Refused, busy, tell
from gateway.io.registry import AlreadyConnected
from gateway.io.sessions import Arrival, Ports, Sessions
from gateway.io.sockets import watch_tcp
from gateway.storage.port import StoreError

NO_COMMON = "no common subprotocol"


class HandedOver(web.StreamResponse):
    """What the library gets as the response when the connection is no longer its business."""

    async def prepare(self, request: web.BaseRequest) -> None:
        """Nothing: the response has been written."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing: the response has no end."""

    @property
    def keep_alive(self) -> bool:
        return False


class StationFace:
    """Takes upgrade requests and makes links of them.

    forget: the listener's; takes a connection out of the library's books.
    """

    def __init__(
        self,
        ports: Ports,
        sessions: Sessions,
        admission: Admission,
        admittance: Admittance,
        limits: LinkLimits,
    ) -> None:
        stations = ports.config.stations
        self._ports = ports
        self._sessions = sessions
        self._admission = admission
        self._admittance = admittance
        self._limits = limits
        self._pings = PingWheel(
            stations.ping_interval_s, stations.pong_timeout_s, ports.shell.clock
        )
        self.forget: Callable[[RequestHandler], None] = lambda _handler: None
        self.strangers = Strangers(
            stations.max_unauthenticated, stations.max_unauthenticated_per_address
        )

    def stop(self) -> None:
        self._pings.stop()

    def finds(self, request: web.BaseRequest) -> bool:
        """Whether the path is one of this face's."""
        return self._admittance.knows(request.raw_path)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One HTTP request of a station; returns when its link is open."""
        if reason := self._admission.refuses(len(self._ports.registry)):
            return busy(reason).response()
        try:
            return await self._connect(request)
        except Refused as error:
            refused = error
        except (NoSuchPath, BadIdentity) as error:
            refused = self._admittance.bad_path(error)
        except AlreadyConnected as error:
            refused = Refused(409, str(error))
        tell(request, refused.status, refused.why)
        return refused.response()

    async def _connect(self, request: web.BaseRequest) -> web.StreamResponse:
        arrival = await self._arrival(request)
        if not handshake.is_upgrade(request.method, request.headers):
            raise Refused(426, "This is a WebSocket endpoint.", {"Upgrade": "websocket"})
        if not handshake.is_sound(request.headers):
            raise Refused(400, "The WebSocket handshake is not sound.", {handshake.VERSION: "13"})
        if not arrival.offered:
            tell(request, 1002, NO_COMMON)
            self._upgraded(arrival, None).close(1002, NO_COMMON)
            return HandedOver()
        with self._ports.registry.opening(arrival.station):
            pump = await self._sessions.pump(arrival)
            link = self._upgraded(arrival, pump.versions.station)
            self._pings.add(link)
            pump.attach(link, self._sessions.station_leg(pump))
        return HandedOver()

    async def _arrival(self, request: web.BaseRequest) -> Arrival:
        station = self._admittance.station(request)
        await self._admittance.check(request, station)
        route = await self._route(station)
        self._admittance.require_profile(request, route)
        self.strangers.leave(request.protocol)
        offers = request.headers.getall(handshake.SUBPROTOCOL, ())
        assumed = route.stations.assume_subprotocol
        if not offers and assumed is not None:
            return Arrival(request, station, route, (Version(assumed),))
        return Arrival(request, station, route, offered_versions(offers))

    async def _route(self, station: str) -> Effective:
        try:
            return await self._ports.routing.looked_up(station)
        except StoreError:
            raise busy("The gateway cannot use its store.") from None

    def _upgraded(self, arrival: Arrival, version: Version | None) -> Link:
        """Answer the station's handshake and take the connection from the library."""
        request = arrival.request
        headers = request.headers
        agreed = None
        if version is not None and _compresses(arrival.route, version):
            agreed = deflate.accepted(", ".join(headers.getall(handshake.EXTENSIONS, ())))
        offered = handshake.SUBPROTOCOL in headers and version is not None
        transport = request.transport
        assert transport is not None
        transport.write(
            handshake.response(
                headers,
                SUBPROTOCOLS[version] if offered and version else None,
                agreed.header if agreed else None,
            )
        )
        link = Link(transport, Side.STATION, self._limits, agreed.deflate if agreed else None)
        self._take_over(request, transport, link)
        return link

    def _take_over(
        self, request: web.BaseRequest, transport: asyncio.Transport, link: Link
    ) -> None:
        """Make the link the transport's protocol, so that the library lets go of all it holds."""
        library = request.protocol
        # Hands over what came along with the request.
        library.set_parser(link)  # type: ignore[arg-type]
        library.keep_alive(False)
        transport.set_protocol(link)
        library.transport = None  # or it would close the connection after the response
        self.forget(library)
        watch_tcp(transport, self._limits.write_stall_s)


def _compresses(route: Effective, version: Version) -> bool:
    """Whether permessage-deflate is accepted (design/README.md decision 16)."""
    compression = route.stations.compression
    return compression == "on" or (compression == "auto" and version is Version.V201)
