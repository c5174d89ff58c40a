"""Either SOAP face of a gateway with peers on both sides: to post to it, and to be asked by it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from tests.io.soap_rig import (
    BOOT,
    CP,
    CS,
    LOOPBACK,
    Answer,
    SoapPeer,
    SoapRig,
    central_system,
    envelope,
    json_gateway,
    listening,
    section,
    soap_gateway,
    soap_response,
)
from tests.support import peers

GOOD = (
    "<c:dataTransferRequest><c:vendorId>v</c:vendorId><c:data>%s</c:data></c:dataTransferRequest>"
)
DONE = (
    "<c:dataTransferResponse><c:status>Accepted</c:status><c:data>%s</c:data>"
    "</c:dataTransferResponse>"
)
REGISTERING = {"chargePointVendor": "V", "chargePointModel": "M"}


def whole(body: str, namespace: str) -> str:
    return envelope(body, "CP1", namespace=namespace)


class Side(NamedTuple):
    """One face under test. ns: of the service that it hosts; heard: what went on behind it."""

    rig: SoapRig
    path: str
    ns: str
    heard: list[Any]

    async def good(self) -> Answer:
        return await self.rig.post(whole(GOOD % "x", self.ns), self.path)

    async def post(self, body: str | bytes, **options: Any) -> Answer:
        return await self.rig.post(body, self.path, **options)

    async def is_alive(self) -> None:
        before = len(self.heard)
        answer = await self.good()
        assert (answer.status, answer.content) == (200, "dataTransferResponse Accepted")
        assert self.heard[before:] == [("DataTransfer", {"vendorId": "v", "data": "x"})]


@asynccontextmanager
async def station_face(**sections: Any) -> AsyncIterator[Side]:
    async with json_gateway(**sections) as (rig, csms):
        yield Side(rig, "/soap/CP1", CS, csms.heard)


@asynccontextmanager
async def callback_face(**sections: Any) -> AsyncIterator[Side]:
    """What a SOAP CSMS posts to, with a JSON station behind it."""
    heard: list[Any] = []

    async def note(action: str, payload: dict[str, Any]) -> dict[str, Any]:
        heard.append((action, payload))
        return {"status": "Accepted"}

    async with (
        listening(SoapPeer(central_system)) as csms,
        soap_gateway(section(csms), **sections) as rig,
        peers.dialled(rig.app.station_url("CP1"), ("ocpp1.6",), note) as link,
    ):
        await link.call("BootNotification", REGISTERING)
        yield Side(rig, "/callback/CP1", CP, heard)


class Asking(NamedTuple):
    """A JSON peer that asks, and the SOAP peer that is to answer. ns: of its service."""

    rig: SoapRig
    soap: SoapPeer
    link: peers.Link
    ns: str

    async def ask(self) -> Any:
        async with asyncio.timeout(10):
            return await self.link.call("DataTransfer", {"vendorId": "v"})

    async def is_alive(self) -> None:
        self.soap.answer = lambda request, body: soap_response(DONE % "x", self.ns)
        assert await self.ask() == {"status": "Accepted", "data": "x"}


@asynccontextmanager
async def station_answers(**sections: Any) -> AsyncIterator[Asking]:
    async with (
        listening(SoapPeer(central_system)) as soap,
        json_gateway(LOOPBACK, **sections) as (rig, csms),
    ):
        assert (await rig.post(envelope(BOOT, "CP1", soap.url))).status == 200
        yield Asking(rig, soap, csms.links[0], CP)


@asynccontextmanager
async def csms_answers(**sections: Any) -> AsyncIterator[Asking]:
    async with (
        listening(SoapPeer(central_system)) as soap,
        soap_gateway(section(soap), **sections) as rig,
        peers.dialled(rig.app.station_url("CP1"), ("ocpp1.6",)) as link,
    ):
        yield Asking(rig, soap, link, CS)
