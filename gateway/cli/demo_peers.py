"""The two simulated peers of the demo: they say what the script says and answer from its tables."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from socket import socket
from typing import Any

import aiohttp
from aiohttp import web

from gateway.core.codec.ocppj import Limits, decode, encode_call, encode_error, encode_result
from gateway.core.dialects import NOT_IMPLEMENTED, SUBPROTOCOLS, Side, Version
from gateway.core.frames import Call, CallError, Frame, JsonObject

PATIENCE_S = 10
_NOW, _TRANSACTION = "$now", "$transaction"

Socket = aiohttp.ClientWebSocketResponse | web.WebSocketResponse
Watch = Callable[[Side, bool, Frame], None]
"""(side, whether the peer sent it, frame)."""


class Peer:
    """One end of the demo. answers: action -> payload, with $now where the time belongs.

    transaction: the id by which this end knows the transaction, None before there is one.
    """

    def __init__(
        self, side: Side, version: Version, answers: Mapping[str, JsonObject], watch: Watch
    ) -> None:
        self._side = side
        self.version = version
        self._answers = answers
        self._watch = watch
        self._ids = (f"{side.value[0]}{number}" for number in count(1))
        self._open: dict[str, asyncio.Future[Frame]] = {}
        self._connected = asyncio.Event()
        self._socket: Socket | None = None
        self.transaction: Any = None

    async def call(self, action: str, payload: JsonObject) -> Frame:
        """Send a Call and wait for its answer. Raises TimeoutError, OSError."""
        message_id = next(self._ids)
        answer = self._open[message_id] = asyncio.get_running_loop().create_future()
        await self._send(Call(message_id, action, filled(payload, self.transaction)))
        return await asyncio.wait_for(answer, PATIENCE_S)

    async def listen(self, socket: Socket) -> None:
        """Take the frames of a link until it closes."""
        self._socket = socket
        self._connected.set()
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                await self._take(decode(message.data.encode(), self.version, Limits()))
        self._connected.clear()

    async def _take(self, frame: Frame) -> None:
        self._see(False, frame)
        if isinstance(frame, Call):
            await self._answer(frame)
        elif frame.message_id in self._open:
            self._open.pop(frame.message_id).set_result(frame)

    async def _answer(self, call: Call) -> None:
        payload = self._answers.get(call.action)
        if payload is not None:
            data = encode_result(call.message_id, filled(payload, self.transaction))
        else:
            said = f"{call.action} is not simulated"
            data = encode_error(call.message_id, NOT_IMPLEMENTED, said, {}, self.version)
        await self._send_bytes(data)

    async def _send(self, call: Call) -> None:
        await self._send_bytes(encode_call(call.message_id, call.action, call.payload))

    async def _send_bytes(self, data: bytes) -> None:
        await self._connected.wait()
        assert self._socket is not None
        self._see(True, decode(data, self.version, Limits()))
        await self._socket.send_str(data.decode())

    def _see(self, sent: bool, frame: Frame) -> None:
        if self.transaction is None:
            self.transaction = transaction_in(frame)
        self._watch(self._side, sent, frame)


async def open_csms(runner: web.AppRunner) -> str:
    """Listen on a free port of this machine; the URL for the gateway."""
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    return f"ws://{host}:{port}/ocpp/{{station}}"


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def csms_app(peer: Peer) -> web.Application:
    """A back office that takes any station."""

    async def handle(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=(SUBPROTOCOLS[peer.version],))
        await socket.prepare(request)
        await peer.listen(socket)
        return socket

    app = web.Application()
    app.router.add_get("/ocpp/{station}", handle)
    return app


def filled(value: Any, transaction: Any) -> Any:
    """value with the present time where $now stands, and what the peer calls the transaction where
    $transaction does."""
    if isinstance(value, dict):
        return {name: filled(item, transaction) for name, item in value.items()}
    if isinstance(value, list):
        return [filled(item, transaction) for item in value]
    if value == _NOW:
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251
    return transaction if value == _TRANSACTION else value


def transaction_in(frame: Frame) -> Any:
    """The id of the transaction that a frame is about, as its peer has it; None without one."""
    payload = {} if isinstance(frame, CallError) else frame.payload
    return payload.get("transactionId", payload.get("transactionInfo", {}).get("transactionId"))
