"""How a station that has come gets its session, whichever face it came to.

In order, and what is raised if a step fails (`refusals.Refused`):

    connected already?          registry.py      AlreadyConnected
    ours to serve?              the store        503
    CSMS reachable?             csms_ws.py,      503; 401 if it checks passwords
                                csms_soap.py

Where the CSMS checks passwords it is asked first about a login that is not the one with which the
station's present session began: nobody joins that session, or ends it, on the word of a password
that nobody has looked at (reliability S3).

    -> a pump with its CSMS leg up; the face attaches the station's
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

from aiohttp import web

from gateway.config import Config, Effective
from gateway.core.dialects import Encoding, Leg, Side, Version
from gateway.core.errors import Fenced, TransportError
from gateway.core.session.effects import Record
from gateway.core.session.state import Loaded
from gateway.io.admittance import Admittance
from gateway.io.csms_ws import CsmsFace, Dialled, DialRefused, Login
from gateway.io.negotiate import (
    Versions,
    dial_order,
    is_transparent,
    speaks_soap,
    station_version,
)
from gateway.io.pump import Pump
from gateway.io.refusals import NotTaken, busy
from gateway.io.registry import Registry
from gateway.io.routing import Routing
from gateway.io.shell import CsmsLeg, Session, Shell
from gateway.storage.port import Store, StoreError

BACKEND = "csms"


class MakesSessions(Protocol):
    """Makes the session of a station, once both versions are known."""

    def __call__(
        self, station: str, epoch: int, loaded: Loaded, route: Effective, versions: Versions
    ) -> Session: ...


class DialsSoap(Protocol):
    """What is needed of the face that calls a CSMS over SOAP."""

    async def dial(self, station: str, route: Effective, login: Login, soap: bool) -> Dialled: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """What the faces need of the rest.

    replica: this process's name in the store; opened: when a leg that opens now counts as opened,
    seconds since the epoch, UTC; lacks: actions that cannot be sent to a side over SOAP.
    """

    config: Config
    routing: Routing
    store: Store
    replica: str
    csms: CsmsFace
    csms_soap: DialsSoap
    registry: Registry
    shell: Shell
    sessions: MakesSessions
    opened: Callable[[Side], float]
    lacks: Mapping[Side, frozenset[str]]


class Arrival(NamedTuple):
    """A station that is who it says. offered: versions, highest first."""

    request: web.BaseRequest
    station: str
    route: Effective
    offered: tuple[Version, ...]
    encoding: Encoding = Encoding.JSON


class Sessions:
    """Begins sessions, and finds those that a station can join."""

    def __init__(self, ports: Ports, admittance: Admittance) -> None:
        self._ports = ports
        self._admittance = admittance

    async def pump(self, arrival: Arrival) -> Pump:
        """The station's pump, with no station leg up; its place in the registry is held."""
        present = self._ports.registry.find(arrival.station)
        if present is not None and not self.knows(present, arrival.request, arrival.route):
            await self._vouched_for(arrival)
        return await self._to_join(arrival) or await self._begun(arrival)

    def knows(self, pump: Pump, request: web.BaseRequest, route: Effective) -> bool:
        """Whether the login of a request for that pump's station needs no judgement of the CSMS."""
        if self._admittance.judges or route.csms.auth != "station":
            return True
        return hmac.compare_digest(pump.shown, self._admittance.showing(request))

    async def _vouched_for(self, arrival: Arrival) -> None:
        """Have the CSMS look at a login, by a link that is for nothing else. Raises Refused."""
        login = await self._admittance.login(arrival.request, arrival.station)
        dialled = await self._dialled(arrival, login)
        dialled.link.close(1000, "the login is right")

    def station_leg(self, pump: Pump) -> Leg:
        """The leg for a station's link that has just opened."""
        versions = pump.versions
        return self._leg(
            Side.STATION, versions.station, versions.station_encoding, pump.transparent
        )

    async def _to_join(self, arrival: Arrival) -> Pump | None:
        """A pump that still waits for something with its CSMS link open, if version and login are
        those of that link."""
        pump = await self._ports.registry.make_way(arrival.station)
        if pump is None:
            return None
        version = station_version(arrival.offered, pump.versions.csms, arrival.route.prefer)
        if not _is_there(arrival.request):
            raise busy("The station is gone.")
        spoken = pump.versions.station, pump.versions.station_encoding
        known = self.knows(pump, arrival.request, arrival.route)
        if known and (version, arrival.encoding) == spoken:
            return pump
        pump.abandon(1001, "the station changed its version or its login")
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
        offered = station_version(arrival.offered, dialled.version, route.prefer)
        versions = Versions(offered, dialled.version, arrival.encoding, dialled.encoding)
        session = self._ports.sessions(station, epoch, loaded, route, versions)
        transparent = is_transparent(route, versions)
        dial = partial(self._dial, station, route, (dialled.version,), login, arrival.encoding)
        redial = partial(self._redial, dial, transparent)
        shown = self._admittance.showing(arrival.request)
        shell = self._ports.shell
        pump = Pump(station, epoch, session, shell, redial, versions, transparent, shown)
        self._ports.registry.add(pump)
        self._admittance.came_in(station)
        csms = self._csms_leg(dialled, transparent)
        pump.attach(csms.link, csms.leg)
        return pump

    def _csms_leg(self, dialled: Dialled, transparent: bool) -> CsmsLeg:
        leg = self._leg(Side.CSMS, dialled.version, dialled.encoding, transparent)
        return CsmsLeg(dialled.link, leg)

    def _leg(self, side: Side, version: Version, encoding: Encoding, transparent: bool) -> Leg:
        soap = encoding is Encoding.SOAP
        return Leg(
            side,
            version,
            self._ports.opened(side),
            encoding,
            backend=BACKEND if side is Side.CSMS else "",
            integer_bits=32 if soap else 64,
            security_extension=not soap,
            lacks=self._ports.lacks[side] if soap else frozenset(),
            transparent=transparent,
        )

    async def _redial(self, dial: Callable[[], Awaitable[Dialled]], transparent: bool) -> CsmsLeg:
        """Open a lost CSMS link again, in the version that it had."""
        return self._csms_leg(await dial(), transparent)

    def _dial(
        self,
        station: str,
        route: Effective,
        versions: tuple[Version, ...],
        login: Login,
        encoding: Encoding,
    ) -> Awaitable[Dialled]:
        if speaks_soap(route.csms):
            soap = encoding is Encoding.SOAP
            return self._ports.csms_soap.dial(station, route, login, soap)
        return self._ports.csms.dial(station, route.csms, versions, login)

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
        order: tuple[Version, ...] = ()
        if not speaks_soap(route.csms):
            order = dial_order(arrival.offered, route.csms.version, route.prefer)
        try:
            return await self._dial(arrival.station, route, order, login, arrival.encoding)
        except DialRefused as error:
            self._note_unreachable(arrival.station, error)
            if route.csms.auth == "station" and error.status in (401, 403):
                raise self._admittance.unauthorized("The CSMS does not take its login.") from None
            if _is_verdict(error.status):
                raise NotTaken("The CSMS does not take this station.") from None
            raise busy("The CSMS cannot be reached.") from None
        except TransportError as error:
            self._note_unreachable(arrival.station, error)
            raise busy("The CSMS cannot be reached.") from None

    def _note_unreachable(self, station: str, error: TransportError) -> None:
        record = Record("=", Side.CSMS, "", "", "unreachable", str(error))
        self._ports.shell.record(station, record)


def _is_verdict(status: int) -> bool:
    """Whether a CSMS that answers a handshake so has judged the station; others are in trouble
    themselves, or somebody else answers in their place."""
    return 400 <= status < 500 and status not in (408, 425, 429)


def _is_there(request: web.BaseRequest) -> bool:
    transport = request.transport
    return transport is not None and not transport.is_closing()
