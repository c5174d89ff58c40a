"""Bodies that travel beside the frames where both sides speak SOAP: never more than a limit."""

import asyncio
from typing import Any

from aiohttp import web

from gateway.core.codec.soap_read import Reading
from gateway.core.codec.soap_service import Head, Service
from gateway.core.dialects import Side
from gateway.io.soap_link import Bodies
from tests.io.soap_rig import HEARTBEAT, START, SoapPeer, central_system, envelope, soap_gateway

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
