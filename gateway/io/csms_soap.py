"""The face towards a CSMS that speaks 1.6 over SOAP: what is called (csms_soap_link.py), and what
it calls.

It calls each station at a URL of its own, `csms.callback` with the station's id behind it, which
every request to the CSMS announces in From. Spec: soap.md 2, 4 and 5.
"""

import asyncio
import hmac
import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

from aiohttp import web

from gateway.config import Effective
from gateway.config.model import Csms, CsmsSoap
from gateway.core.codec.soap_fault import IDENTITY_MISMATCH
from gateway.core.codec.soap_read import Reading
from gateway.core.codec.soap_service import RECEIVER, SENDER, Fault, Service, SoapRefused
from gateway.core.dialects import INTERNAL_ERROR, PROTOCOL_ERROR, Encoding, Side, Version
from gateway.core.errors import TransportError
from gateway.core.frames import JsonObject
from gateway.io.auth import basic_credentials, certificate_names
from gateway.io.csms_soap_link import CsmsLink
from gateway.io.csms_ws import Dialled, Login, unreachable
from gateway.io.identity import BadIdentity, quoted
from gateway.io.negotiate import SOAP_TO_SOAP, is_transparent
from gateway.io.refusals import Refused
from gateway.io.registry import Registry
from gateway.io.routing import Routing, stored_boot
from gateway.io.soap_door import Asked, Faulted, Reply, refuse_reply_to
from gateway.io.soap_link import SoapTools
from gateway.io.soap_manner import csms_manner, read_settings
from gateway.io.soap_paths import Place
from gateway.io.tls import csms_context
from gateway.storage.port import Store, StoreError

PROBE_S = 5.0
UNAUTHORIZED = "Who calls could not be established."


class CsmsSoapFace:
    """Makes the links to CSMSs that speak SOAP."""

    def __init__(self, tools: SoapTools, store: Store) -> None:
        self._tools = tools
        self._store = store
        self._contexts: dict[str, Callable[[], ssl.SSLContext]] = {}

    async def dial(self, station: str, route: Effective, login: Login, soap: bool) -> Dialled:
        """A link to the CSMS, once it can be connected to. soap: the station speaks SOAP, too.

        Raises TransportError.
        """
        context = self._context(route.csms)
        await _probe(route.csms, station, context)
        boot = await self._boot(station)
        manner = csms_manner(route, soap, soap and is_transparent(route, SOAP_TO_SOAP))
        link = CsmsLink(station, self._tools, manner, route, login, context, boot)
        return Dialled(link, Version.V16, Encoding.SOAP)

    async def _boot(self, station: str) -> JsonObject | None:
        """The boot that the station sent last, as 1.6 has it."""
        try:
            boot = await stored_boot(self._store, station)
        except StoreError as error:
            raise TransportError(str(error)) from error
        return None if boot is None else self._tools.boot16(boot)

    def _context(self, csms: Csms) -> ssl.SSLContext | None:
        if csms.url is None or not csms.url.startswith("https"):
            return None
        key = csms.tls.model_dump_json()
        if key not in self._contexts:
            self._contexts[key] = csms_context(csms.tls)
        return self._contexts[key]()


class CallbackFace:
    """Takes the calls of SOAP CSMSs to the sessions of their stations."""

    def __init__(
        self,
        routing: Routing,
        store: Store,
        registry: Registry,
        tools: SoapTools,
        spelled: Callable[[str], str],
    ) -> None:
        self._routing = routing
        self._store = store
        self._registry = registry
        self._tools = tools
        self._spelled = spelled

    async def admit(self, request: web.BaseRequest, place: Place) -> frozenset[str] | None:
        """Whether it is the CSMS that calls (`csms.callback_auth`). Raises Refused."""
        self._admit(request, self._routing.of(place.station).csms)
        return None

    async def serve(self, asked: Asked) -> Reply:
        """Raises Faulted, SoapRefused, Refused."""
        reading, station = self._understood(asked)
        link = await self._link(station, reading)
        refuse_reply_to(reading)
        if reading.payload is None and not link.manner.bodies_pass:
            text = "the body breaks its schema"
            raise Faulted(Fault(SENDER, PROTOCOL_ERROR, text), reading.head, reading.action)
        answered = await link.take(reading, len(asked.body), asked.peer, None)
        return Reply(answered, reading.head.envelope, link.manner.compress)

    def wishes(self, station: str) -> CsmsSoap:
        return self._routing.of(station).csms.soap

    def _admit(self, request: web.BaseRequest, csms: Csms) -> None:
        if csms.callback_auth == "basic" and not _knows_password(request, csms):
            challenge = {"WWW-Authenticate": 'Basic realm="ocpp"'}
            raise Refused(401, UNAUTHORIZED, challenge)
        if csms.callback_auth == "mtls" and not _has_certificate(request, csms):
            raise Refused(401, UNAUTHORIZED)

    def _understood(self, asked: Asked) -> tuple[Reading, str]:
        """The message, read by the settings of the station that the path names, and once more where
        only the message says which station is meant."""
        named = asked.place.station
        said: Reading | SoapRefused
        try:
            said = self._read(asked, named)
        except SoapRefused as refused:
            said = refused
            if not named and refused.head.identity is None:
                raise
        station = self._station(asked.place, said)
        if station != named:
            if self._routing.of(station) is not self._routing.of(named):
                # Only now it is known whose CSMS has to call.
                self._admit(asked.request, self._routing.of(station).csms)
            return self._read(asked, station), station
        if isinstance(said, SoapRefused):
            raise said
        return said, station

    def _read(self, asked: Asked, station: str) -> Reading:
        link = self._link_of(station)
        settings = (
            read_settings(self._routing.of(station), False, lambda connector: False)
            if link is None
            else link.manner.reads
        )
        read = self._tools.codec.read
        return read.call(Service.CHARGE_POINT, asked.body, asked.content_type, settings)

    def _link_of(self, station: str) -> CsmsLink | None:
        pump = self._registry.find(station)
        link = None if pump is None else pump.link(Side.CSMS)
        return link if isinstance(link, CsmsLink) else None

    def _station(self, place: Place, reading: Reading | SoapRefused) -> str:
        """The station that is meant, as the gateway spells it."""
        named = place.station or reading.head.identity
        if not named:
            text = "neither the path nor chargeBoxIdentity names a station"
            raise Faulted(Fault(SENDER, PROTOCOL_ERROR, text), reading.head, reading.action)
        try:
            return self._spelled(named)
        except BadIdentity:
            raise _mismatch("the gateway serves no station of that name", reading) from None

    async def _link(self, station: str, reading: Reading) -> CsmsLink:
        """The station's link; a fault at once if it is not there."""
        said = reading.head.identity
        pump, link = self._registry.find(station), self._link_of(station)
        if pump is None or link is None:
            raise await self._not_here(station, reading)
        if said not in (None, link.identity, station) and not self._is(station, said):
            raise _mismatch("chargeBoxIdentity is not the station that the path names", reading)
        if pump.link(Side.STATION) is None:
            raise await self._not_here(station, reading)
        return link

    def _is(self, station: str, said: str | None) -> bool:
        try:
            return said is not None and self._spelled(said) == station
        except BadIdentity:
            return False

    async def _not_here(self, station: str, reading: Reading) -> Faulted:
        """Known stations are away, others are none of ours (soap.md 4)."""
        try:
            known = bool(await self._store.bindings(station))
        except StoreError:
            known = True
        if not known:
            return _mismatch("the gateway serves no station of that name", reading)
        fault = Fault(RECEIVER, INTERNAL_ERROR, "the station is not connected")
        return Faulted(fault, reading.head, reading.action)


def _mismatch(text: str, reading: Reading | SoapRefused) -> Faulted:
    return Faulted(Fault(SENDER, IDENTITY_MISMATCH, text), reading.head, reading.action)


def _knows_password(request: web.BaseRequest, csms: Csms) -> bool:
    basic = basic_credentials(request.headers.getall("Authorization", ()))
    user, password = basic or (b"", b"")
    right = hmac.compare_digest(password, (csms.callback_password or "").encode())
    return right and user == (csms.callback_username or "").encode()


def _has_certificate(request: web.BaseRequest, csms: Csms) -> bool:
    """Whether the caller's certificate, already checked against its CA, names the CSMS's host."""
    tls = request.get_extra_info("ssl_object")
    names = certificate_names(tls.getpeercert() or {}) if tls is not None else frozenset()
    return urlsplit(csms.url or "").hostname in names


async def _probe(csms: Csms, station: str, tls: ssl.SSLContext | None) -> None:
    """Connect and let go: a CSMS that is away is found out before a station is let in."""
    assert csms.url is not None
    parts = urlsplit(csms.url.replace("{station}", quoted(station)))
    port = parts.port or (443 if tls else 80)
    try:
        async with asyncio.timeout(PROBE_S):
            _, writer = await asyncio.open_connection(parts.hostname, port, ssl=tls)
    except (OSError, TimeoutError) as error:
        raise unreachable(error) from error
    writer.transport.abort()
