"""The face that stations connect to over WebSocket.

What happens to an upgrade request, in order, and what each step answers if it fails:

    room for it?                admission.py     503, Retry-After
    which station?              identity.py      400; 404 (401 where authentication is on)
    is it that station?         admittance.py    401; 403 below the required security profile
    a WebSocket handshake?      the library      426, 400
    which versions?             negotiate.py     101 without a subprotocol, then close 1002
    connected already?          registry.py      409
    ours to serve?              the store        503, Retry-After
    CSMS reachable?             csms_ws.py       503, Retry-After (mirror); 401 if it checks
    -> 101 with the version, the session begins
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Protocol

from aiohttp import web

from gateway.config import Config, Effective
from gateway.config.model import Csms
from gateway.core.dialects import SUBPROTOCOLS, Leg, Side, Version
from gateway.core.errors import Fenced, TransportError
from gateway.core.session.state import Loaded
from gateway.io.admission import Admission, Strangers
from gateway.io.admittance import Admittance
from gateway.io.csms_ws import CsmsFace, Dialled, DialRefused, Login, csms_leg
from gateway.io.identity import BadIdentity, NoSuchPath
from gateway.io.link import CLOSE_HANDSHAKE_S, Link, LinkLimits
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

SUBPROTOCOL_HEADER = "Sec-WebSocket-Protocol"
EXTENSIONS_HEADER = "Sec-WebSocket-Extensions"
HANDSHAKE_HEADERS = ("Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version")

BOUNDED_DEFLATE = "permessage-deflate; server_max_window_bits=11"
"""What a plain offer of compression is read as: our own window stays at 2 KiB, as a server may
choose (RFC 7692, 7.1.2.1). The window for reading is the library's 32 KiB."""

UPGRADE = {"Upgrade": "websocket", "Sec-WebSocket-Version": "13"}


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


class Served(NamedTuple):
    """A station's open link and the pump that it belongs to."""

    pump: Pump
    link: Link
    ws: web.WebSocketResponse[Any]


class StationFace:
    """Takes upgrade requests and serves the links that they become."""

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
        self.strangers = Strangers(
            stations.max_unauthenticated, stations.max_unauthenticated_per_address
        )

    def stop(self) -> None:
        self._pings.stop()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One HTTP request of a station; returns when its link has ended."""
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
        bare = _with_subprotocol(request, None)
        if not web.WebSocketResponse().can_prepare(bare):
            raise Refused(426, "This is a WebSocket endpoint.", UPGRADE)
        if not arrival.offered:
            return await _without_subprotocol(bare)
        with self._ports.registry.opening(arrival.station):
            served = await self._joined(arrival) or await self._begun(arrival)
        return await self._run(served)

    async def _arrival(self, request: web.BaseRequest) -> Arrival:
        station = self._admittance.station(request)
        route = self._ports.config.route(station)
        await self._admittance.check(request, station, route)
        self.strangers.leave(request.protocol)
        offers = request.headers.getall(SUBPROTOCOL_HEADER, ())
        assumed = route.stations.assume_subprotocol
        if not offers and assumed is not None:
            return Arrival(request, station, route, (Version(assumed),))
        return Arrival(request, station, route, offered_versions(offers))

    async def _run(self, served: Served) -> web.StreamResponse:
        opened = self._ports.opened(Side.STATION)
        versions = served.pump.versions
        transparent = served.pump.transparent
        leg = Leg(Side.STATION, versions.station, opened, transparent=transparent)
        self._pings.add(served.link)
        await served.pump.serve_station(served.link, leg)
        await served.link.wait_closed()
        return served.ws

    async def _joined(self, arrival: Arrival) -> Served | None:
        """Give the link to a pump that still waits for something, if there is one that fits."""
        pump = await self._ports.registry.make_way(arrival.station)
        if pump is None:
            return None
        version = station_version(arrival.offered, pump.versions.csms, arrival.route.prefer)
        if version is not pump.versions.station:
            pump.abandon(1001, "the station changed its version")
            await pump.ended
            return None
        return Served(pump, *await self._upgraded(arrival, version))

    async def _begun(self, arrival: Arrival) -> Served:
        """Open both links and make a pump between them."""
        station, route = arrival.station, arrival.route
        login = self._admittance.login(arrival.request)
        epoch = await self._acquired(station)
        try:
            loaded = await self._loaded(station, epoch)
            dialled = await self._dialled(arrival, login)
            csms = dialled.version
            versions = Versions(station_version(arrival.offered, csms, route.prefer), csms)
            try:
                link, ws = await self._upgraded(arrival, versions.station)
            except BaseException:
                dialled.link.close(1000, "station gone")
                raise
        except BaseException:
            await self._ports.store.release(station, epoch)
            raise
        session = self._ports.sessions(station, epoch, loaded, route, versions)
        transparent = is_transparent(route, versions)
        redial = partial(self._redial, station, route.csms, csms, login, transparent)
        pump = Pump(station, epoch, session, self._ports.shell, redial, versions, transparent)
        self._ports.registry.add(pump)
        pump.attach_csms(self._upstream(dialled, transparent))
        return Served(pump, link, ws)

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

    async def _upgraded(
        self, arrival: Arrival, version: Version
    ) -> tuple[Link, web.WebSocketResponse[Any]]:
        """Answer the station's handshake with a version."""
        compress = _compresses(arrival.route, version)
        ws: web.WebSocketResponse[Any] = web.WebSocketResponse(
            timeout=CLOSE_HANDSHAKE_S,
            autoping=False,
            protocols=(SUBPROTOCOLS[version],),
            compress=compress,
            max_msg_size=self._limits.max_frame_bytes + 1,
            decode_text=False,
        )
        transport = arrival.request.transport
        try:
            if transport is None:
                raise ConnectionResetError
            await ws.prepare(_with_subprotocol(arrival.request, SUBPROTOCOLS[version]))
        except ConnectionError:
            raise busy("The station is gone.") from None
        watch_tcp(transport)
        return Link(ws, transport, Side.STATION, self._limits), ws


async def _without_subprotocol(bare: web.BaseRequest) -> web.StreamResponse:
    """Spec: OCPP-J 1.6, 3.1.2: complete the handshake without the header, then close at once."""
    ws = web.WebSocketResponse(timeout=CLOSE_HANDSHAKE_S, compress=False)
    await ws.prepare(bare)
    await ws.close(code=1002, message=b"no common subprotocol")
    return ws


def _with_subprotocol(request: web.BaseRequest, subprotocol: str | None) -> web.BaseRequest:
    """The handshake of a request as if it had offered that subprotocol alone.

    The library looks at the first of several headers only, and would choose for itself.
    """
    headers = {
        name: request.headers[name]
        for name in HANDSHAKE_HEADERS
        if request.headers.get(name, "").isascii() and name in request.headers
    }
    if subprotocol is not None and SUBPROTOCOL_HEADER in request.headers:
        headers[SUBPROTOCOL_HEADER] = subprotocol
    offers: Sequence[str] = request.headers.getall(EXTENSIONS_HEADER, ())
    if any("permessage-deflate" in offer for offer in offers):
        demanding = any("server_" in offer for offer in offers)
        headers[EXTENSIONS_HEADER] = offers[0] if demanding else BOUNDED_DEFLATE
    return request.clone(headers=headers)


def _compresses(route: Effective, version: Version) -> bool:
    """Whether permessage-deflate is accepted (design/README.md decision 16)."""
    compression = route.stations.compression
    return compression == "on" or (compression == "auto" and version is Version.V201)
