"""The face that stations call over SOAP.

What happens to a request, in order, and what each step answers if it fails:

    who may come in?            admittance.py    401 with the fault SecurityError
    the body                    soap_http.py     400, 408, 413, 415
    an envelope of ours?        the codec        the fault that it names
    which station?              here             ProtocolError, IdentityMismatch, SecurityError
    its session                 sessions.py      503 without a body; SecurityError if the CSMS
                                                 does not take the station
    -> the session; its answer, or 503 without a body (soap.md 6)

A station has no link: its session begins with its first request and ends when it has been silent
for long (design/README.md decision 18). How it is called: station_soap_link.py.
"""

import asyncio
import ssl
from collections.abc import Callable
from functools import cached_property, partial

import orjson
from aiohttp import web

from gateway.config import Effective
from gateway.config.model import ClientTls, StationSoap
from gateway.core.codec.soap_fault import IDENTITY_MISMATCH
from gateway.core.codec.soap_read import Reading, ReadSettings
from gateway.core.codec.soap_service import SENDER, Fault, Head, Service, SoapRefused
from gateway.core.dialects import PROTOCOL_ERROR, SECURITY_ERROR, Encoding, Side, Version
from gateway.core.session.callback import KIND as CALLBACK
from gateway.core.session.effects import Record
from gateway.io import callback_guard
from gateway.io.admission import Admission
from gateway.io.admittance import Admittance
from gateway.io.callback_guard import Guard
from gateway.io.identity import BadIdentity
from gateway.io.negotiate import SOAP_TO_SOAP, is_transparent, speaks_soap
from gateway.io.refusals import NotTaken, Refused, busy
from gateway.io.registry import AlreadyConnected
from gateway.io.sessions import Arrival, Ports, Sessions
from gateway.io.soap_door import Asked, Faulted, Reply, refuse_reply_to
from gateway.io.soap_link import SoapTools
from gateway.io.soap_manner import read_settings, station_manner
from gateway.io.soap_paths import Place
from gateway.io.station_soap_link import StationLink
from gateway.io.tls import csms_context
from gateway.storage.port import StoreError

_OLD_WORDS = "old_words"

_Opening = tuple[bytes, "asyncio.Task[StationLink]"]
"""A link that is being opened, and the login that was shown for it."""


class StationSoapFace:
    """Takes the requests of SOAP stations to their sessions."""

    def __init__(
        self,
        ports: Ports,
        sessions: Sessions,
        admission: Admission,
        admittance: Admittance,
        tools: SoapTools,
    ) -> None:
        self._ports = ports
        self._sessions = sessions
        self._admission = admission
        self._admittance = admittance
        self._tools = tools
        self._guards: dict[tuple[tuple[str, ...], str], Guard] = {}
        self._opening: dict[str, _Opening] = {}

    async def admit(self, request: web.BaseRequest, place: Place) -> frozenset[str] | None:
        """Names under which the sender has shown who it is. Raises Refused."""
        if self._admission.draining:
            raise busy("The gateway is shutting down.")
        return await self._admittance.shown(request)

    async def serve(self, asked: Asked) -> Reply:
        """Raises Faulted, SoapRefused, Refused."""
        reading, station = self._understood(asked)
        route = self._route(station)
        if self._ports.registry.find(station) is None and route is not await self._found(station):
            reading, station = self._understood(asked)
            route = self._route(station)
        self._admittance.require_profile(asked.request, route)
        self._check(reading, route)
        link = await self._link(asked, reading.head, station, route)
        link.found_at(reading.head.to, asked.url)
        sender = self._learned(asked, reading.head, station, route)
        if sender is not None:
            link.learn(sender)
        if reading.answer is not None and not link.manner.bodies_pass:
            answered = link.at_once(reading)
        else:
            taken = await link.take(reading, len(asked.body), asked.peer, sender)
            if taken is None:
                return Reply(None, reading.head.envelope)
            answered = taken
        return Reply(answered, reading.head.envelope, link.manner.compress)

    def wishes(self, station: str) -> StationSoap:
        return self._route(station).stations.soap

    # -- what was said, and by whom ----------------------------------------------------------

    def _understood(self, asked: Asked) -> tuple[Reading, str]:
        """The message, read by the settings of the station that it is from.

        Which station that is often stands in the message only; so it is read by the settings of
        the station that the path or the login names, and once more if that makes a difference.
        """
        names = asked.names or frozenset()
        believed = asked.place.station or next(iter(names), "")
        route = self._route(believed)
        reading: Reading | None = None
        try:
            reading = self._read(asked, self._settings(believed, route))
            head = reading.head
        except SoapRefused as refused:
            head = refused.head
            if head.identity is None and not asked.place.station:
                raise
            problem = refused
        station = self._identified(asked, head)
        own = self._route(station)
        old_words = reading is not None and _OLD_WORDS in reading.repairs
        if own is not route or (old_words and station != believed):
            return self._read(asked, self._settings(station, own)), station
        if reading is None:
            raise problem
        return reading, station

    def _read(self, asked: Asked, settings: ReadSettings) -> Reading:
        read = self._tools.codec.read
        return read.call(Service.CENTRAL_SYSTEM, asked.body, asked.content_type, settings)

    def _settings(self, station: str, route: Effective) -> ReadSettings:
        return read_settings(route, True, partial(self._charging, station))

    def _charging(self, station: str, connector16: int) -> bool:
        pump = self._ports.registry.find(station)
        return pump is not None and pump.charging(connector16)

    def _identified(self, asked: Asked, head: Head) -> str:
        """Spec: soap.md 4, reliability S9. Raises Faulted."""
        named = asked.place.station
        said = head.identity
        if not named and said is None:
            raise Faulted(Fault(SENDER, PROTOCOL_ERROR, "no chargeBoxIdentity"), head)
        try:
            station, *others = (self._admittance.spelled(name) for name in (named, said) if name)
        except BadIdentity as error:
            raise Faulted(Fault(SENDER, SECURITY_ERROR, str(error)), head) from None
        if not all(self._admittance.same(station, other) for other in others):
            text = "the chargeBoxIdentity is not the station that the path names"
            raise Faulted(Fault(SENDER, IDENTITY_MISMATCH, text), head)
        if asked.names is not None and station not in asked.names:
            text = "the chargeBoxIdentity is not the station that has authenticated itself"
            raise Faulted(Fault(SENDER, IDENTITY_MISMATCH, text), head)
        return station

    def _check(self, reading: Reading, route: Effective) -> None:
        refuse_reply_to(reading)
        if reading.payload is None and reading.answer is None and not _passes(route):
            fault = Fault(SENDER, PROTOCOL_ERROR, "the body breaks its schema")
            raise Faulted(fault, reading.head, reading.action)

    def _route(self, station: str) -> Effective:
        return self._ports.routing.of(station)

    async def _found(self, station: str) -> Effective:
        """Its route, by what it told in earlier sessions."""
        try:
            return await self._ports.routing.looked_up(station)
        except StoreError:
            raise busy("The gateway cannot use its store.") from None

    # -- the session -------------------------------------------------------------------------

    async def _link(self, asked: Asked, head: Head, station: str, route: Effective) -> StationLink:
        """The station's link; requests that come while its session begins wait for that."""
        try:
            while (link := self._present(asked.request, station, route)) is None:
                shown, opening = self._opening.get(station) or self._begin(asked, station, route)
                if shown == self._admittance.showing(asked.request):
                    return await asyncio.shield(opening)
                # What becomes of another login says nothing of this one.
                await asyncio.wait((opening,))
            return link
        except NotTaken as error:
            raise Faulted(Fault(SENDER, SECURITY_ERROR, error.sentence), head) from None
        except AlreadyConnected as error:
            raise Refused(409, str(error)) from None

    def _present(
        self, request: web.BaseRequest, station: str, route: Effective
    ) -> StationLink | None:
        """The station's link that is there, if the request needs no other."""
        pump = self._ports.registry.find(station)
        link = None if pump is None else pump.link(Side.STATION)
        known = pump is not None and self._sessions.knows(pump, request, route)
        return link if known and isinstance(link, StationLink) else None

    def _begin(self, asked: Asked, station: str, route: Effective) -> _Opening:
        opening = asyncio.ensure_future(self._opened(asked.request, station, route))
        self._opening[station] = self._admittance.showing(asked.request), opening
        opening.add_done_callback(lambda _: self._opening.pop(station, None))
        return self._opening[station]

    async def _opened(
        self, request: web.BaseRequest, station: str, route: Effective
    ) -> StationLink:
        if reason := self._admission.refuses(len(self._ports.registry)):
            raise busy(reason)
        arrival = Arrival(request, station, route, (Version.V16,), Encoding.SOAP)
        with self._ports.registry.opening(station):
            stored = await self._stored_callback(station)
            # From here on nothing waits: a CSMS may speak as soon as its leg is up.
            pump = await self._sessions.pump(arrival)
            manner = station_manner(route, _passes(route), partial(self._charging, station))
            guard = self._guard(route)
            link = StationLink(
                station, self._tools, manner, route, guard, stored, lambda: self._trust()
            )
            pump.attach(link, self._sessions.station_leg(pump))
        return link

    async def _stored_callback(self, station: str) -> str:
        try:
            rows = await self._ports.store.bindings(station)
        except StoreError:
            raise busy("The gateway cannot use its store.") from None
        return next((str(orjson.loads(value)) for kind, _, value in rows if kind == CALLBACK), "")

    # -- the way back ------------------------------------------------------------------------

    def _learned(self, asked: Asked, head: Head, station: str, route: Effective) -> str | None:
        """The callback address that a request tells, if it may be used."""
        soap = route.stations.soap
        address = callback_guard.learned(head.from_address, asked.peer, soap)
        if address is None or self._guard(route).accepts(address):
            return address
        text = f"{address} in From is not within soap.callback_networks and soap.callback_ports"
        record = Record("=", Side.STATION, "", "", "callback_refused", text)
        self._ports.shell.record(station, record)
        return None

    @cached_property
    def _trust(self) -> Callable[[], ssl.SSLContext]:
        """Gives the context for calling stations: who signs their certificates is known."""
        return csms_context(ClientTls(ca=self._ports.config.stations.tls.client_ca))

    def _guard(self, route: Effective) -> Guard:
        soap = route.stations.soap
        key = (soap.callback_networks, soap.callback_ports)
        if key not in self._guards:
            self._guards[key] = Guard(*key)
        return self._guards[key]


def _passes(route: Effective) -> bool:
    """Whether bodies go to the CSMS as they are."""
    return speaks_soap(route.csms) and is_transparent(route, SOAP_TO_SOAP)
