"""The listening sockets of the stations' face, and the limits of HTTP on them (S23)."""

import asyncio
import logging
import socket
import ssl
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

from gateway.config import address
from gateway.config.model import Limits, Stations
from gateway.io.admission import Strangers
from gateway.io.front_door import FrontDoor

DROP_S = 0.1
"""How long handshakes that are under way may take to end; 0 would mean for ever."""

BACKLOG = 1024
"""Connections that wait to be accepted (reliability R8)."""


NOT_HTTP = "This is not HTTP as it is spoken here.\n"

logger = logging.getLogger(__name__)


class Connection(RequestHandler):
    """One connection. What is no HTTP is not repeated, neither to its sender nor in the log: the
    library would, and in headers stand passwords (reliability S25)."""

    __slots__ = ()

    async def start(self) -> None:
        """Serve the connection, unless it was turned away before it came to that."""
        if self._manager is not None:
            await super().start()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        logger.info("what came from %s is no HTTP: %s", request.remote, type(exc).__name__)
        response = web.Response(status=status, text=NOT_HTTP)
        response.force_close()
        return response


class CountingServer(web.Server):
    """The library's HTTP server, turning connections away that are too many (S23)."""

    def __init__(self, door: FrontDoor, stations: Stations, limits: Limits) -> None:
        super().__init__(
            door.handle,
            access_log=None,
            # Whoever reads a body decompresses it, within its own limits (io/soap_http.py).
            auto_decompress=False,
            # Until a request is complete this is the time a connection has; a WebSocket has none.
            keepalive_timeout=stations.handshake_s,
            max_field_size=limits.header_bytes,
            max_line_size=limits.header_bytes,
            max_headers=limits.header_lines,
        )
        self._strangers: Strangers = door.strangers
        self._proxies = door.proxies
        door.forget_by(self.connection_lost)

    def __call__(self) -> Connection:
        return Connection(self, loop=self._loop, **self._kwargs)

    def connection_made(self, handler: Any, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        peer = transport.get_extra_info("peername")
        host = peer[0] if isinstance(peer, tuple) else ""
        if not self._strangers.enter(handler, None if self._proxies.trusts(host) else host):
            transport.abort()

    def connection_lost(self, handler: Any, exc: BaseException | None = None) -> None:
        self._strangers.leave(handler)
        super().connection_lost(handler, exc)


class Listener:
    """The open listening sockets."""

    def __init__(self, server: CountingServer, listening: asyncio.Server) -> None:
        self._server = server
        self._listening = listening

    @classmethod
    async def open(
        cls, door: FrontDoor, stations: Stations, limits: Limits, tls: ssl.SSLContext | None
    ) -> "Listener":
        """Listen at stations.listen. Raises OSError."""
        host, port = address(stations.listen)
        server = CountingServer(door, stations, limits)
        listening = await asyncio.get_running_loop().create_server(
            server,
            host,
            port,
            ssl=tls,
            ssl_handshake_timeout=stations.handshake_s if tls else None,
            backlog=BACKLOG,
            family=socket.AF_INET6 if ":" in host else socket.AF_INET,
            reuse_address=True,
        )
        return cls(server, listening)

    @property
    def port(self) -> int:
        """The port that is listened at."""
        port: int = self._listening.sockets[0].getsockname()[1]
        return port

    def stop_accepting(self) -> None:
        self._listening.close()

    async def close(self) -> None:
        """Drop the connections that are left."""
        self._listening.close()
        await self._server.shutdown(timeout=DROP_S)
