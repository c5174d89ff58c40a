"""Stations and CSMSs of the PyPI `ocpp` package, with a gateway between them, in one process.

The package brings its own framing, validation and classes. What it is given here: a WebSocket, and
an answer for each action that the other side may send.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
from aiohttp import web
from ocpp.charge_point import ChargePoint
from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call_result as result16
from ocpp.v16.enums import Action as Action16
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call_result as result201
from ocpp.v201.enums import Action as Action201

from gateway.app import App, translating
from gateway.config.model import Config, Csms, Stations
from gateway.core.session.desk import Revision
from gateway.core.session.effects import Record
from gateway.storage import open_store
from tests.support import peers

NOW = "2025-06-01T08:00:00Z"
ACCEPTED = {"status": "Accepted"}
HEARD_S = 10
Payload = dict[str, Any]
Answers = dict[Any, Callable[[Payload], Any]]


class Connection:
    """An aiohttp WebSocket with the two methods that the package asks for."""

    def __init__(self, ws: Any) -> None:
        self._ws = ws

    async def recv(self) -> str:
        text: str = await self._ws.receive_str()
        return text

    async def send(self, message: str) -> None:
        await self._ws.send_str(message)


class Heard:
    """What a peer was sent and nobody has looked at yet: (action, payload as keywords)."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Payload]] = []
        self._more = asyncio.Event()

    def note(self, action: str, payload: Payload) -> None:
        self.calls.append((action, payload))
        self._more.set()

    async def take(self, action: str) -> Payload:
        """The payload of the first call of that action, as soon as there is one."""
        async with asyncio.timeout(HEARD_S):
            while True:
                for number, (name, payload) in enumerate(self.calls):
                    if name == action:
                        del self.calls[number]
                        return payload
                self._more.clear()
                await self._more.wait()


def answering(base: type[ChargePoint], answers: Answers) -> type[ChargePoint]:
    """A peer that notes every call in `heard` and answers it from a table."""

    def handler(action: Any, answer: Callable[[Payload], Any]) -> Any:
        def handle(self: Any, **payload: Any) -> Any:
            self.heard.note(action.value, payload)
            return answer(payload)

        handle.__name__ = f"on_{action.name}"
        return on(action)(handle)

    handlers = {f"on_{action.name}": handler(action, answers[action]) for action in answers}
    return type(f"Answering{base.__name__}", (base,), handlers)


def _info(payload: Payload) -> Payload:
    return {"id_token_info": ACCEPTED} if "id_token" in payload else {}


CSMS16 = answering(
    ChargePoint16,
    {
        Action16.boot_notification: lambda p: result16.BootNotification(NOW, 300, "Accepted"),
        Action16.heartbeat: lambda p: result16.Heartbeat(NOW),
        Action16.status_notification: lambda p: result16.StatusNotification(),
        Action16.authorize: lambda p: result16.Authorize(ACCEPTED),
        Action16.start_transaction: lambda p: result16.StartTransaction(4711, ACCEPTED),
        Action16.meter_values: lambda p: result16.MeterValues(),
        Action16.stop_transaction: lambda p: result16.StopTransaction(ACCEPTED),
        Action16.data_transfer: lambda p: result16.DataTransfer("Accepted", p["data"][::-1]),
    },
)
CSMS201 = answering(
    ChargePoint201,
    {
        Action201.boot_notification: lambda p: result201.BootNotification(NOW, 300, "Accepted"),
        Action201.heartbeat: lambda p: result201.Heartbeat(NOW),
        Action201.status_notification: lambda p: result201.StatusNotification(),
        Action201.authorize: lambda p: result201.Authorize(ACCEPTED),
        Action201.transaction_event: lambda p: result201.TransactionEvent(**_info(p)),
        Action201.meter_values: lambda p: result201.MeterValues(),
        Action201.data_transfer: lambda p: result201.DataTransfer("Accepted", data=p["data"][::-1]),
        Action201.notify_event: lambda p: result201.NotifyEvent(),
    },
)
STATION16 = answering(
    ChargePoint16,
    {
        Action16.remote_start_transaction: lambda p: result16.RemoteStartTransaction("Accepted"),
        Action16.remote_stop_transaction: lambda p: result16.RemoteStopTransaction("Accepted"),
        Action16.reset: lambda p: result16.Reset("Accepted"),
        Action16.change_availability: lambda p: result16.ChangeAvailability("Scheduled"),
        Action16.unlock_connector: lambda p: result16.UnlockConnector("Unlocked"),
        Action16.trigger_message: lambda p: result16.TriggerMessage("Accepted"),
        Action16.data_transfer: lambda p: result16.DataTransfer("Accepted", p["data"][::-1]),
    },
)
STATION201 = answering(
    ChargePoint201,
    {
        Action201.request_start_transaction: lambda p: result201.RequestStartTransaction(
            "Accepted"
        ),
        Action201.request_stop_transaction: lambda p: result201.RequestStopTransaction("Accepted"),
        Action201.reset: lambda p: result201.Reset("Scheduled"),
        Action201.change_availability: lambda p: result201.ChangeAvailability("Scheduled"),
        Action201.unlock_connector: lambda p: result201.UnlockConnector("Unlocked"),
        Action201.trigger_message: lambda p: result201.TriggerMessage("Accepted"),
        Action201.data_transfer: lambda p: result201.DataTransfer("Accepted", data=p["data"][::-1]),
    },
)


class Session:
    """Both peers of one station, each the package's ChargePoint, and what each has heard."""

    def __init__(self) -> None:
        self.station: Any = None
        self.csms: Any = None
        self.at_station = Heard()
        self.at_csms = Heard()
        self._csms_there = asyncio.Event()

    async def call_station(self, payload: Any) -> Any:
        """A call of the CSMS; the package's result object."""
        return await self.csms.call(payload, suppress=False)

    async def call_csms(self, payload: Any) -> Any:
        """A call of the station; the package's result object."""
        return await self.station.call(payload, suppress=False)

    async def _serve(self, made: type[ChargePoint], station: str, ws: Any) -> None:
        self.csms = made(station, Connection(ws))
        self.csms.heard = self.at_csms
        self._csms_there.set()
        await _run(self.csms)

    @asynccontextmanager
    async def open(self, direction: str, revision: Revision) -> AsyncIterator["Session"]:
        """A: 2.0.1 station, 1.6 CSMS; B: the reverse."""
        station_class, csms_class = {"A": (STATION201, CSMS16), "B": (STATION16, CSMS201)}[
            direction
        ]
        offered, asked = {"A": ("ocpp2.0.1", "1.6"), "B": ("ocpp1.6", "2.0.1")}[direction]

        async def serve(station: str, ws: web.WebSocketResponse) -> None:
            await self._serve(csms_class, station, ws)

        async with (
            peers.Csms(serve, (f"ocpp{asked}",)) as csms,
            _gateway(csms.url(), asked, revision) as app,
            aiohttp.ClientSession() as http,
            http.ws_connect(app.station_url("CP-1"), protocols=(offered,)) as ws,
        ):
            self.station = station_class("CP-1", Connection(ws))
            self.station.heard = self.at_station
            reader = asyncio.create_task(_run(self.station))
            await self._csms_there.wait()
            yield self
            reader.cancel()


async def _run(peer: ChargePoint) -> None:
    """Serve until the link ends, which the library reports as a message of another type."""
    with suppress(TypeError, aiohttp.WSMessageTypeError):
        await peer.start()


@asynccontextmanager
async def _gateway(url: str, version: Any, revision: Revision) -> AsyncIterator[App]:
    stations = Stations(listen="127.0.0.1:0", auth="none", allow_unauthenticated=True)
    config = Config(stations=stations, csms=Csms(url=url, version=version), state="memory:")
    app = await App.start(
        config, _log, store=open_store("memory:"), sessions=translating(config, revision)
    )
    try:
        yield app
    finally:
        await app.stop()


def _log(station: str, record: Record) -> None:
    """Shown by pytest when a test fails."""
    logging.getLogger("gateway.records").info("%s %s", station, record)
