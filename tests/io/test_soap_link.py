"""Answers that cannot be used, and bodies that travel beside the frames where both sides speak
SOAP: never more than a limit."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from gateway.core.codec.soap_read import Reading
from gateway.core.codec.soap_service import Head, Service
from gateway.core.dialects import Side
from gateway.io.soap_link import Bodies
from tests.io.soap_rig import (
    CS,
    HEARTBEAT,
    NOW,
    START,
    SoapPeer,
    central_system,
    envelope,
    listening,
    section,
    soap_gateway,
    soap_response,
)
from tests.support import peers

READING = Reading(Service.CENTRAL_SYSTEM, "Heartbeat", Head())


def test_a_body_is_taken_once() -> None:
    bodies = Bodies()
    bodies.put("CP1", "1", READING, 10)
    assert bodies.take("CP2", "1") is None
    assert bodies.take("CP1", "1") is READING
    assert bodies.take("CP1", "1") is None


def test_the_oldest_are_given_up() -> None:
    bodies = Bodies(most=100)
    for number in range(5):
        bodies.put("CP1", str(number), READING, 40)
    bodies.put("CP1", "4", READING, 60)
    assert [bodies.take("CP1", str(n)) is not None for n in range(5)] == [False] * 3 + [True] * 2
    bodies.put("CP1", "large", READING, 101)
    assert len(bodies) == 0


async def test_what_came_to_nothing_is_not_kept() -> None:
    gate = asyncio.Event()

    async def answer(request: web.Request, body: bytes) -> Any:
        if b"startTransaction" in body:
            await gate.wait()
        return central_system(request, body)

    csms = SoapPeer(answer)
    await csms.start()
    section = {"url": csms.url, "callback": "http://gateway.example.com/callback"}
    stations = {"soap": {"answer_s": 0.5}}
    try:
        async with soap_gateway(section, stations) as rig:
            assert (await rig.post(envelope(HEARTBEAT))).status == 200
            (pump,) = rig.app.pumps
            bodies = pump.link(Side.STATION).tools.bodies
            assert (await rig.post(envelope(START))).status == 503
            # Its answer comes too late, with nobody there to take it.
            gate.set()
            assert (await rig.post(envelope(HEARTBEAT))).status == 200
            assert len(bodies) == 0
    finally:
        gate.set()
        await csms.stop()


@pytest.mark.parametrize(
    "body",
    [
        "<c:startTransactionResponse><c:transactionId>4294967296</c:transactionId>"
        "<c:idTagInfo><c:status>Accepted</c:status></c:idTagInfo></c:startTransactionResponse>",
        "<c:heartbeatResponse/>",
    ],
    ids=["number", "operation"],
)
async def test_an_answer_that_breaks_its_schema_starts_nothing_twice(body: str) -> None:
    def answer(request: web.Request, asked: bytes) -> web.Response:
        start = b"startTransaction" in asked
        return soap_response(body, CS) if start else central_system(request, asked)

    start = {"connectorId": 1, "idTag": "T", "timestamp": NOW, "meterStart": 0}
    async with (
        listening(SoapPeer(answer)) as csms,
        soap_gateway(section(csms)) as rig,
        peers.dialled(rig.app.station_url("CP1"), ("ocpp1.6",)) as link,
    ):
        with pytest.raises(peers.Refused) as found:
            await link.call("StartTransaction", start)
        assert found.value.code == "InternalError"
        assert csms.actions.count("startTransaction") == 1
        assert await link.call("Heartbeat", {}) == {"currentTime": NOW}
