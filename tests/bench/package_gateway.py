"""The straightforward gateway: the `ocpp` package's ChargePoint classes back to back over aiohttp.

Towards a station it is the package's 2.0.1 CSMS, towards the CSMS its 1.6 charge point; each
handler builds the other version's call and waits for its result. Everything as the package comes.
Run as `python -m tests.bench.package_gateway CSMS_PORT`; prints the port it listens on.
"""

import asyncio
import sys
from typing import Any

import aiohttp
from aiohttp import web
from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call_result as result16
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call as call201
from ocpp.v201 import call_result as result201
from ocpp.v201.enums import Action

from tests.bench import package_translator as translate
from tests.bench.descriptors import many_descriptors


class Connection:
    """An aiohttp WebSocket with the two methods that the package asks for."""

    def __init__(self, ws: Any) -> None:
        self._ws = ws

    async def recv(self) -> str:
        text: str = await self._ws.receive_str()
        return text

    async def send(self, message: str) -> None:
        await self._ws.send_str(message)


class Station(ChargePoint201):
    """The 2.0.1 face of one station; csms is its 1.6 face."""

    csms: ChargePoint16

    def __init__(self, station: str, connection: Connection) -> None:
        super().__init__(station, connection)
        self._transactions: dict[str, int] = {}

    @on(Action.boot_notification)
    async def on_boot(self, **request: Any) -> result201.BootNotification:
        made = translate.boot(call201.BootNotification(**request), self._transactions)
        answer: result16.BootNotification = await self.csms.call(made)
        return result201.BootNotification(
            current_time=answer.current_time, interval=answer.interval, status=answer.status
        )

    @on(Action.heartbeat)
    async def on_heartbeat(self) -> result201.Heartbeat:
        answer = await self.csms.call(translate.heartbeat(None, self._transactions))
        return result201.Heartbeat(current_time=answer.current_time)

    @on(Action.authorize)
    async def on_authorize(self, **request: Any) -> result201.Authorize:
        made = translate.authorize(call201.Authorize(**request), self._transactions)
        answer = await self.csms.call(made)
        return result201.Authorize(id_token_info={"status": answer.id_tag_info["status"]})

    @on(Action.transaction_event)
    async def on_transaction_event(self, **request: Any) -> result201.TransactionEvent:
        made = translate.meter_values(call201.TransactionEvent(**request), self._transactions)
        await self.csms.call(made)
        return result201.TransactionEvent()


class Gateway:
    def __init__(self, csms_port: int, http: aiohttp.ClientSession) -> None:
        self._csms = f"ws://127.0.0.1:{csms_port}"
        self._http = http

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        name = request.match_info["station"]
        async with self._http.ws_connect(
            self._csms + request.path, protocols=("ocpp1.6",)
        ) as csms_ws:
            station_ws = web.WebSocketResponse(protocols=("ocpp2.0.1",), compress=False)
            await station_ws.prepare(request)
            station = Station(name, Connection(station_ws))
            station.csms = ChargePoint16(name, Connection(csms_ws))
            tasks = [asyncio.create_task(end.start()) for end in (station, station.csms)]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
        return station_ws


async def main(csms_port: int) -> None:
    many_descriptors()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        app = web.Application()
        app.router.add_get("/ocpp/{station}", Gateway(csms_port, http).serve)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        print(port, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
