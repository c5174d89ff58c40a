"""The one door of the stations' listener: WebSockets to one face, SOAP to the others.

Behind it a request of a trusted proxy looks as if its client had called (proxies.py).
"""

from collections.abc import Callable

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from gateway.io import handshake
from gateway.io.admission import Strangers
from gateway.io.proxies import Proxies
from gateway.io.refusals import Refused, busy
from gateway.io.soap_door import SoapDoor
from gateway.io.station_ws import StationFace


class FrontDoor:
    """Sorts requests by method and path. header_bytes: of all headers of a request.

    forget: the listener's; takes a connection out of the library's books.
    """

    def __init__(
        self, sockets: StationFace, soap: SoapDoor, proxies: Proxies, header_bytes: int
    ) -> None:
        self._sockets = sockets
        self._soap = soap
        self._header_bytes = header_bytes
        self.proxies = proxies

    @property
    def strangers(self) -> Strangers:
        """Connections that have not shown who they are."""
        return self._sockets.strangers

    def forget_by(self, forget: Callable[[RequestHandler], None]) -> None:
        """How the listener lets go of a connection that has become a WebSocket."""
        self._sockets.forget = forget

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One HTTP request."""
        # The library counts the bytes of each header, not of all of them.
        if sum(len(name) + len(value) for name, value in request.raw_headers) > self._header_bytes:
            return Refused(431, "The headers are too long.").response()
        seen = self.proxies.seen(request)
        if seen is not request:
            request = seen
            if not self.strangers.calls_for(request.protocol, request.remote):
                return busy("Too many strangers connect from this address.").response()
        upgrade = handshake.is_upgrade(request.method, request.headers)
        if self._soap.finds(request) and not (upgrade and self._sockets.finds(request)):
            return await self._soap.handle(request, self._admitted)
        return await self._sockets.handle(request)

    def _admitted(self, request: web.BaseRequest) -> None:
        self.strangers.leave(request.protocol)
