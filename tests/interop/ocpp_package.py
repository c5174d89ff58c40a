"""Stations and CSMSs of the PyPI `ocpp` package.

The package brings its own framing, validation and classes. What it is given here: a WebSocket, and
an answer for each action that the other side may send.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import aiohttp
from aiohttp import web
from ocpp import v16, v201
from ocpp.charge_point import (
    ChargePoint,
    camel_to_snake_case,
    remove_nones,
    serialize_as_dict,
    snake_to_camel_case,
)
from ocpp.exceptions import OCPPError
from ocpp.routing import on

from tests.interop.peer import STATION, Heard, Payload, Peer, Refused
from tests.support import peers

NAME = "ocpp"


class Dialect(NamedTuple):
    """The package's parts for one version."""

    charge_point: type[ChargePoint]
    calls: Any
    results: Any
    actions: Any


DIALECTS = {
    "ocpp1.6": Dialect(v16.ChargePoint, v16.call, v16.call_result, v16.enums.Action),
    "ocpp2.0.1": Dialect(v201.ChargePoint, v201.call, v201.call_result, v201.enums.Action),
}


class Connection:
    """An aiohttp WebSocket with the two methods that the package asks for."""

    def __init__(self, ws: Any) -> None:
        self._ws = ws

    async def recv(self) -> str:
        text: str = await self._ws.receive_str()
        return text

    async def send(self, message: str) -> None:
        await self._ws.send_str(message)


class PackagePeer:
    """One ChargePoint; its payloads are keywords and dataclasses, ours are JSON."""

    def __init__(self, ws: Any, subprotocol: str, heard: Heard) -> None:
        self.heard = heard
        self.complaints: list[str] = []
        self._dialect = DIALECTS[subprotocol]
        self._charge_point = self._made()(STATION, Connection(ws))

    async def call(self, action: str, payload: Payload) -> Payload:
        """A call that breaks the package's schemas raises here; so does an answer that does."""
        made = getattr(self._dialect.calls, action)(**camel_to_snake_case(payload))
        try:
            result = await self._charge_point.call(made, suppress=False)
        except OCPPError as error:
            raise Refused(error.code, error.description) from error
        answer: Payload = snake_to_camel_case(remove_nones(serialize_as_dict(result)))
        return answer

    async def run(self) -> None:
        """Serve until the link ends, which the package reports as a message of another type."""
        with suppress(TypeError, aiohttp.WSMessageTypeError):
            await self._charge_point.start()

    def _made(self) -> type[ChargePoint]:
        handlers = {f"on_{action}": self._handler(action) for action in self.heard.answers}
        return type("Answering", (self._dialect.charge_point,), handlers)

    def _handler(self, action: str) -> Any:
        def handle(charge_point: ChargePoint, **keywords: Any) -> Any:
            answer = self.heard.asked(action, snake_to_camel_case(keywords))
            return getattr(self._dialect.results, action)(**camel_to_snake_case(answer))

        handle.__name__ = f"on_{action}"
        return on(self._dialect.actions(action))(handle)


def missing() -> str:
    """It is among the test tools."""
    return ""


@asynccontextmanager
async def csms(subprotocol: str, heard: Heard) -> AsyncIterator[tuple[str, "asyncio.Future[Peer]"]]:
    joined: asyncio.Future[Peer] = asyncio.get_running_loop().create_future()

    async def serve(station: str, ws: web.WebSocketResponse) -> None:
        peer = PackagePeer(ws, subprotocol, heard)
        joined.set_result(peer)
        await peer.run()

    async with peers.Csms(serve, (subprotocol,)) as listening:
        yield listening.url(), joined


@asynccontextmanager
async def station(endpoint: str, subprotocol: str, heard: Heard) -> AsyncIterator[Peer]:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(endpoint, protocols=(subprotocol,)) as ws,
    ):
        peer = PackagePeer(ws, subprotocol, heard)
        reader = asyncio.create_task(peer.run())
        try:
            yield peer
        finally:
            reader.cancel()
