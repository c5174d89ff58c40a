"""Where HTTP requests for either SOAP service come in: both faces behind one door.

The door does what is the same for both: methods, descriptions, bodies, and faults as HTTP answers.
Who may come in, and which session a message belongs to, the faces know.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, Protocol

from aiohttp import web

from gateway.config.model import CsmsSoap, StationSoap
from gateway.core.codec.soap import Soap
from gateway.core.codec.soap_read import Reading
from gateway.core.codec.soap_service import (
    ANONYMOUS,
    SENDER,
    Fault,
    Head,
    Service,
    SoapRefused,
)
from gateway.core.codec.soap_write import letter_to
from gateway.core.dialects import PROTOCOL_ERROR, SECURITY_ERROR
from gateway.core.errors import GatewayError
from gateway.io import handshake, soap_http
from gateway.io.identity import BadIdentity
from gateway.io.refusals import Refused, tell
from gateway.io.soap_link import Answered
from gateway.io.soap_paths import Place, SoapPaths

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?").fullmatch
NOT_A_WEBSOCKET = "This is an endpoint of OCPP 1.6 over SOAP, not a WebSocket."

Admitted = Callable[[web.BaseRequest], None]
"""Told that the sender of a request may come in."""


class Faulted(GatewayError):
    """A request that is answered with a fault. status: of HTTP, None: as configured."""

    def __init__(
        self, fault: Fault, head: Head | None = None, action: str = "", status: int | None = None
    ) -> None:
        super().__init__(fault.reason)
        self.fault = fault
        self.head = head or Head()
        self.action = action
        self.status = status


def refuse_reply_to(reading: Reading) -> None:
    """Answers go to where the request came from (reliability S10). Raises Faulted."""
    reply_to = reading.head.reply_to
    if reply_to is not None and not reply_to.endswith(ANONYMOUS):
        text = "answers go to where the request came from, ReplyTo must be anonymous"
        raise Faulted(Fault(SENDER, PROTOCOL_ERROR, text), reading.head, reading.action)


class Asked(NamedTuple):
    """A request whose sender may come in. names: under which it has shown who it is, None where
    nobody has to; peer: IP address that it came from."""

    request: web.BaseRequest
    place: Place
    names: frozenset[str] | None
    body: bytes
    peer: str | None

    @property
    def content_type(self) -> str | None:
        return self.request.headers.get("Content-Type")

    @property
    def url(self) -> str:
        """Where the sender found us."""
        return _url(self.request, self.place)


class Reply(NamedTuple):
    """What a face answers. answered None: 503 without a body."""

    answered: Answered | None
    envelope: str
    compress: bool = False


class Face(Protocol):
    """What a door needs of a face."""

    async def admit(self, request: web.BaseRequest, place: Place) -> frozenset[str] | None:
        """Who the sender has shown to be; before its body is read. Raises Refused."""

    async def serve(self, asked: Asked) -> Reply:
        """Raises Faulted, SoapRefused, Refused."""

    def wishes(self, station: str) -> StationSoap | CsmsSoap:
        """How who sends messages of that station wants faults; station: as claimed."""


class SoapDoor:
    """most: bytes of a body; body_s: in which it must come."""

    def __init__(
        self,
        codec: Soap,
        paths: SoapPaths,
        faces: Mapping[Service, Face],
        ids: Iterator[str],
        *,
        most: int,
        body_s: float,
    ) -> None:
        self._codec = codec
        self._paths = paths
        self._faces = faces
        self._ids = ids
        self._most = most
        self._body_s = body_s

    def finds(self, request: web.BaseRequest) -> bool:
        """Whether the request is for one of the services."""
        try:
            return self._paths.find(request.raw_path) is not None
        except BadIdentity:
            return True

    async def handle(self, request: web.BaseRequest, admitted: Admitted) -> web.StreamResponse:
        """One HTTP request. admitted: called once its sender may come in."""
        try:
            place = self._paths.find(request.raw_path)
        except BadIdentity as error:
            return Refused(400, str(error)).response()
        assert place is not None
        if handshake.is_upgrade(request.method, request.headers):
            return Refused(400, NOT_A_WEBSOCKET).response()
        if request.method == "GET" and place.asks_wsdl:
            wsdl = self._codec.wsdl(place.service, _url(request, place))
            return web.Response(body=wsdl, headers={"Content-Type": "text/xml; charset=utf-8"})
        if request.method != "POST":
            sentence = "Envelopes are posted here; ?wsdl describes the service."
            return Refused(405, sentence, {"Allow": "POST"}).response()
        return await self._posted(request, place, admitted)

    async def _posted(
        self, request: web.BaseRequest, place: Place, admitted: Admitted
    ) -> web.StreamResponse:
        face = self._faces[place.service]
        try:
            names = await face.admit(request, place)
            admitted(request)
            body = await soap_http.body_of(request, self._most, self._body_s)
            reply = await face.serve(Asked(request, place, names, body, request.remote))
        except Refused as error:
            tell(request, error.status, error.why)
            return self._refused(place, error)
        except SoapRefused as error:
            return self._faulted(place, Faulted(error.fault, error.head, error.action))
        except Faulted as error:
            return self._faulted(place, error)
        if reply.answered is None:
            return soap_http.no_answer()
        data, status = reply.answered
        return soap_http.answer(data, reply.envelope, status, reply.compress)

    def _refused(self, place: Place, error: Refused) -> web.StreamResponse:
        if error.status == 503:
            return soap_http.no_answer(error.headers)
        if error.status != 401:
            return error.response()
        fault = Fault(SENDER, SECURITY_ERROR, error.sentence)
        response = self._faulted(place, Faulted(fault, status=401))
        response.headers.update(error.headers)
        return response

    def _faulted(self, place: Place, error: Faulted) -> web.Response:
        wishes = self._faces[place.service].wishes(place.station or error.head.identity or "")
        message_id = f"urn:uuid:{next(self._ids)}"
        letter = letter_to(error.head, place.station, message_id, wishes.prefix or "")
        data = self._codec.write.fault(place.service, error.action, error.fault, letter)
        status = error.status or soap_http.status_of(error.fault, wishes.fault_status)
        return soap_http.answer(data, error.head.envelope, status, compress=False)


def _url(request: web.BaseRequest, place: Place) -> str:
    """The address at which a request reached us, as its sender wrote it."""
    host = request.host if "Host" in request.headers else ""
    if not _HOST(host):
        name, port = (request.get_extra_info("sockname") or ("localhost", 80))[:2]
        host = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    return f"{request.scheme}://{host}{place.path}"
