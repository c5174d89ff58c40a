"""The relay: a plain aiohttp WebSocket relay on the asyncio loop that looks at nothing.

The yardstick for everything that goes through sockets: what a proxy costs that does no work.
Run as `python -m tests.bench.relay CSMS_PORT`; prints the port it listens on.
"""

import asyncio
import sys
from typing import Any

import aiohttp
from aiohttp import web

from tests.bench.descriptors import many_descriptors


class Relay:
    """Each station's link gets one of its own to the CSMS; text goes through as it is."""

    def __init__(self, csms_port: int, http: aiohttp.ClientSession) -> None:
        self._csms = f"ws://127.0.0.1:{csms_port}"
        self._http = http

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        protocols = (request.headers["Sec-WebSocket-Protocol"],)
        async with self._http.ws_connect(
            self._csms + request.path, protocols=protocols, max_msg_size=1 << 18
        ) as csms:
            station = web.WebSocketResponse(
                protocols=protocols, compress=False, max_msg_size=1 << 18
            )
            await station.prepare(request)
            back = asyncio.create_task(_copy(csms, station))
            await _copy(station, csms)
            back.cancel()
        return station


async def _copy(source: Any, target: Any) -> None:
    async for message in source:
        if message.type is not aiohttp.WSMsgType.TEXT:
            break
        await target.send_str(message.data)
    await target.close()


async def main(csms_port: int) -> None:
    many_descriptors()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        app = web.Application()
        app.router.add_get("/ocpp/{station}", Relay(csms_port, http).serve)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        print(port, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
