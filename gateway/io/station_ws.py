"""The face that stations connect to over WebSocket.

What happens to an upgrade request, in order, and what each step answers if it fails:

    room for it?                admission.py     503, Retry-After
    which station?              identity.py      400; 404 (401 where authentication is on)
    is it that station?         admittance.py    401; 403 below the required security profile
    a WebSocket handshake?      handshake.py     426, 400
    which versions?             negotiate.py     101 without a subprotocol, then close 1002
    connected already?          registry.py      409
    ours to serve?              the store        503, Retry-After
    CSMS reachable?             csms_ws.py       503, Retry-After (mirror); 401 if it checks
    -> 101 with the version, the session begins
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from gateway.config import Config, Effective
from gateway.config.model import Csms
from gateway.core.dialects import SUBPROTOCOLS, Leg, Side, Version
from gateway.core.errors import Fenced, TransportError
from gateway.core.session.state import Loaded
from gateway.io import deflate, handshake
from gateway.io.admission import Admission, Strangers
from gateway.io.admittance import Admittance
from gateway.io.csms_ws import CsmsFace, Dialled, DialRefused, Login, csms_leg
from gateway.io.identity import BadIdentity, NoSuchPath
from gateway.io.link import Link, LinkLimits
from gateway.io.negotiate import (
    Versions,
    dial_order,
    is_transparent,
    offered_versions,
    station_version,
)
from gateway.io.pings import PingWheel
from gateway.io.pump import Pump, Session, Shell, Upstream
from gateway.io.refusals import Refused, busy
from gateway.io.registry import AlreadyConnected, Registry
from gateway.io.sockets import watch_tcp
from gateway.storage.port import Store, StoreError


class MakesSessions(Protocol):
    """Makes the session of a station, once both versions are known."""

    def __call__(
        self, station: str, epoch: int, loaded: Loaded, route: Effective, versions: Versions
    ) -> Session: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """What the face needs of the rest.

    replica: this process's name in the store; opened: when a leg that opens now counts as opened,
    seconds since the epoch, UTC.
    """

    config: Config
    store: Store
    replica: str
    csms: CsmsFace
    registry: Registry
    shell: Shell
    sessions: MakesSessions
    opened: Callable[[Side], float]


class Arrival(NamedTuple):
    """The upgrade request of a station that is who it says. offered: versions, highest first."""

    request: web.BaseRequest
    station: str
    route: Effective
    offered: tuple[Version, ...]


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
        self, ports: Ports, admission: Admission, admittance: Admittance, limits: LinkLimits
    ) -> None:
        stations = ports.config.stations
        self._ports = ports
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

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One HTTP request of a station; returns when its link is open."""
        try:
            if reason := self._admission.refuses(len(self._ports.registry)):
                raise busy(reason)
            return await self._connect(request)
        except Refused as refused:
            return refused.response()
        except (NoSuchPath, BadIdentity) as error:
            return self._admittance.bad_path(error).response()
        except AlreadyConnected as error:
            return Refused(409, str(error)).response()

    async def _connect(self, request: web.BaseRequest) -> web.StreamResponse:
        arrival = await self._arrival(request)
        if not handshake.is_upgrade(request.method, request.headers):
            raise Refused(426, "This is a WebSocket endpoint.", {"Upgrade": "websocket"})
        if not handshake.is_sound(request.headers):
            raise Refused(400, "The WebSocket handshake is not sound.", {handshake.VERSION: "13"})
        if not arrival.offered:
            self._upgraded(arrival, None).close(1002, "no common subprotocol")
            return HandedOver()
        with self._ports.registry.opening(arrival.station):
            pump = await self._to_join(arrival) or await self._begun(arrival)
            link = self._upgraded(arrival, pump.versions.station)
            self._pings.add(link)
            pump.attach(link, self._station_leg(pump))
        return HandedOver()

    def _station_leg(self, pump: Pump) -> Leg:
        opened = self._ports.opened(Side.STATION)
        return Leg(Side.STATION, pump.versions.station, opened, transparent=pump.transparent)

    async def _arrival(self, request: web.BaseRequest) -> Arrival:
        station = self._admittance.station(request)
        route = self._ports.config.route(station)
        await self._admittance.check(request, station, route)
        self.strangers.leave(request.protocol)
        offers = request.headers.getall(handshake.SUBPROTOCOL, ())
        assumed = route.stations.assume_subprotocol
        if not offers and assumed is not None:
            return Arrival(request, station, route, (Version(assumed),))
        return Arrival(request, station, route, offered_versions(offers))

    async def _to_join(self, arrival: Arrival) -> Pump | None:
        """A pump that still waits for something with its CSMS link open, if the version fits."""
        pump = await self._ports.registry.make_way(arrival.station)
        if pump is None:
            return None
        version = station_version(arrival.offered, pump.versions.csms, arrival.route.prefer)
        if not _is_there(arrival.request):
            raise busy("The station is gone.")
        if version is pump.versions.station:
            return pump
        pump.abandon(1001, "the station changed its version")
        await pump.ended
        return None

    async def _begun(self, arrival: Arrival) -> Pump:
        """Open the CSMS link and make a pump for it."""
        station, route = arrival.station, arrival.route
        login = await self._admittance.login(arrival.request, station)
        epoch = await self._acquired(station)
        try:
            await self._admittance.admitted(station, epoch)
            loaded = await self._loaded(station, epoch)
            dialled = await self._dialled(arrival, login)
            if not _is_there(arrival.request):
                dialled.link.close(1000, "the station is gone")
                raise busy("The station is gone.")
        except BaseException:
            await self._ports.store.release(station, epoch)
            raise
        csms = dialled.version
        versions = Versions(station_version(arrival.offered, csms, route.prefer), csms)
        session = self._ports.sessions(station, epoch, loaded, route, versions)
        transparent = is_transparent(route, versions)
        redial = partial(self._redial, station, route.csms, csms, login, transparent)
        pump = Pump(station, epoch, session, self._ports.shell, redial, versions, transparent)
        self._ports.registry.add(pump)
        upstream = self._upstream(dialled, transparent)
        pump.attach(upstream.link, upstream.leg)
        return pump

    def _upstream(self, dialled: Dialled, transparent: bool) -> Upstream:
        opened = self._ports.opened(Side.CSMS)
        return Upstream(dialled.link, csms_leg(dialled.version, opened, transparent))

    async def _redial(
        self, station: str, csms: Csms, version: Version, login: Login, transparent: bool
    ) -> Upstream:
        """Open a lost CSMS link again, in the version that it had."""
        dialled = await self._ports.csms.dial(station, csms, (version,), login)
        return self._upstream(dialled, transparent)

    async def _acquired(self, station: str) -> int:
        try:
            epoch = await self._ports.store.acquire(station, self._ports.replica)
        except StoreError:
            raise busy("The gateway cannot use its store.") from None
        if epoch is None:
            raise busy("Another replica serves this station.")
        return epoch

    async def _loaded(self, station: str, epoch: int) -> Loaded:
        try:
            return await self._ports.store.load(station, epoch)
        except (StoreError, Fenced):
            raise busy("The gateway cannot use its store.") from None

    async def _dialled(self, arrival: Arrival, login: Login) -> Dialled:
        route = arrival.route
        order = dial_order(arrival.offered, route.csms.version, route.prefer)
        try:
            return await self._ports.csms.dial(arrival.station, route.csms, order, login)
        except DialRefused as error:
            if route.csms.auth == "station" and error.status in (401, 403):
                raise self._admittance.unauthorized() from None
            raise busy("The CSMS does not take this station.") from None
        except TransportError:
            raise busy("The CSMS cannot be reached.") from None

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


def _is_there(request: web.BaseRequest) -> bool:
    transport = request.transport
    return transport is not None and not transport.is_closing()


def _compresses(route: Effective, version: Version) -> bool:
    """Whether permessage-deflate is accepted (design/README.md decision 16)."""
    compression = route.stations.compression
    return compression == "on" or (compression == "auto" and version is Version.V201)
