"""The two simulated peers of the demo: they say what the script says and answer from its tables."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from gateway.core.codec.ocppj import Limits, decode, encode_call, encode_error, encode_result
from gateway.core.dialects import NOT_IMPLEMENTED, SUBPROTOCOLS, Side, Version
from gateway.core.frames import Call, Frame, JsonObject

PATIENCE_S = 10
_NOW = "$now"

Socket = aiohttp.ClientWebSocketResponse | web.WebSocketResponse
Watch = Callable[[Side, bool, Frame], None]
"""(side, whether the peer sent it, frame)."""


class Peer:
    """One end of the demo. answers: action -> payload, with $now where the time belongs."""

    def __init__(
        self, side: Side, version: Version, answers: Mapping[str, JsonObject], watch: Watch
    ) -> None:
        self._side = side
        self._version = version
        self._answers = answers
        self._watch = watch
        self._ids = (f"{side.value[0]}{number}" for number in count(1))
        self._open: dict[str, asyncio.Future[Frame]] = {}
        self._connected = asyncio.Event()
        self._socket: Socket | None = None

    async def call(self, action: str, payload: JsonObject) -> Frame:
        """Send a Call and wait for its answer. Raises TimeoutError, OSError."""
        message_id = next(self._ids)
        answer = self._open[message_id] = asyncio.get_running_loop().create_future()
        await self._send(Call(message_id, action, with_time(payload)))
        return await asyncio.wait_for(answer, PATIENCE_S)

    async def listen(self, socket: Socket) -> None:
        """Take the frames of a link until it closes."""
        self._socket = socket
        self._connected.set()
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                await self._take(decode(message.data.encode(), self._version, Limits()))

    async def _take(self, frame: Frame) -> None:
        self._watch(self._side, False, frame)
        if isinstance(frame, Call):
            await self._answer(frame)
        elif frame.message_id in self._open:
            self._open.pop(frame.message_id).set_result(frame)

    async def _answer(self, call: Call) -> None:
        payload = self._answers.get(call.action)
        if payload is not None:
            data = encode_result(call.message_id, with_time(payload))
        else:
            said = f"{call.action} is not simulated"
            data = encode_error(call.message_id, NOT_IMPLEMENTED, said, {}, self._version)
        await self._send_bytes(data)

    async def _send(self, call: Call) -> None:
        await self._send_bytes(encode_call(call.message_id, call.action, call.payload))

    async def _send_bytes(self, data: bytes) -> None:
        await self._connected.wait()
        assert self._socket is not None
        self._watch(self._side, True, decode(data, self._version, Limits()))
        await self._socket.send_str(data.decode())


async def open_csms(runner: web.AppRunner) -> str:
    """Listen on a free port of this machine; the URL for the gateway."""
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    return f"ws://{host}:{port}/ocpp/{{station}}"


def csms_app(peer: Peer, version: Version) -> web.Application:
    """A back office that takes any station."""

    async def handle(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=(SUBPROTOCOLS[version],))
        await socket.prepare(request)
        await peer.listen(socket)
        return socket

    app = web.Application()
    app.router.add_get("/ocpp/{station}", handle)
    return app


def with_time(value: Any) -> Any:
    """value with the present time in the places marked $now."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: TID251
    return orjson.loads(orjson.dumps(value).replace(orjson.dumps(_NOW), orjson.dumps(now)))
