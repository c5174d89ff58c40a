"""A second link of the same station (reliability S3)."""

import asyncio

from gateway.core.dialects import Side
from gateway.io import registry
from tests.io.rig import SUBPROTOCOL, frame, running

OFFER = f"{SUBPROTOCOL}: ocpp1.6"


def decisions(rig) -> list[str]:
    return [record.text for _, record in rig.records if record.outcome == "duplicate_session"]


async def test_a_live_first_link_stays_and_the_second_gets_409():
    async with running() as rig, rig.station() as first:
        csms = await rig.csms.link()
        reading = asyncio.ensure_future(first.receive())
        assert await rig.refused() == 409
        await csms.send("[1]")
        assert await reading == "[1]"
        assert decisions(rig) == ["rejected"]
        assert len(rig.csms.requests) == 1


async def test_a_half_open_first_link_gives_way():
    async with running(stations={"duplicate_probe_s": 0.05}) as rig:
        first = await rig.raw()
        await first.upgrade()
        old = await rig.csms.link()
        async with rig.station() as second:
            assert (await first.frame())[0] == 0x89
            assert await first.close_code() == 1008
            assert await old.closed() == 1000
            csms = await rig.csms.link()
            await second.send("[1]")
            assert await csms.receive() == "[1]"
            assert decisions(rig) == ["replaced"]


async def test_a_dead_first_link_is_no_obstacle():
    async with running() as rig:
        first = await rig.raw()
        await first.upgrade()
        await rig.csms.link()
        first.cut()
        async with rig.station() as second:
            await rig.csms.link()
            assert second.ws.protocol == "ocpp1.6"


async def test_a_station_that_returns_does_not_wait_until_its_csms_is_dialled_again():
    never = {"backoff_min_s": 1e6, "backoff_max_s": 1e6}
    async with running(csms=never) as rig:
        first = await rig.raw()
        await first.upgrade()
        csms = await rig.csms.link()
        down = asyncio.ensure_future(rig.recorded(Side.CSMS, "down"))
        await asyncio.sleep(0)
        csms.cut()
        await down
        first.cut()
        await arrives(rig)


async def test_a_station_that_returns_does_not_wait_for_what_its_session_waited_for(monkeypatch):
    monkeypatch.setattr(registry, "CLOSE_HANDSHAKE_S", 1e6)
    async with running() as rig:
        first = await rig.raw()
        await first.upgrade()
        await rig.csms.link()
        rig.sessions["CP1"].next_deadline = 1e12
        first.cut()
        await arrives(rig)


async def arrives(rig):
    async with rig.station() as station:
        csms = await rig.csms.link()
        await station.send("[1]")
        assert await csms.receive() == "[1]"


async def test_any_sign_of_life_counts_for_the_first_link():
    async with running(stations={"duplicate_probe_s": 20}) as rig:
        first = await rig.raw()
        await first.upgrade()
        await rig.csms.link()
        second = await rig.raw()
        answer = asyncio.ensure_future(second.request("/ocpp/CP1", OFFER))
        assert (await first.frame())[0] == 0x89
        first.send(frame(b"[1]"))
        assert (await answer)[0] == 409


async def test_policy_reject_asks_nobody():
    async with running(stations={"duplicate_policy": "reject"}) as rig:
        first = await rig.raw()
        await first.upgrade()
        await rig.csms.link()
        assert await rig.refused() == 409
        first.send(frame(b"x", first=0x89))
        assert (await first.frame())[0] == 0x8A


async def test_policy_replace_closes_the_first_link():
    async with running(stations={"duplicate_policy": "replace"}) as rig, rig.station() as first:
        await rig.csms.link()
        async with rig.station() as second:
            csms = await rig.csms.link()
            await second.send("[1]")
            assert await csms.receive() == "[1]"
            assert await first.closed() == 1008


async def test_of_two_that_connect_at_once_one_gets_through():
    async with running() as rig:
        gate = rig.csms.make_wait()
        first, second = await rig.raw(), await rig.raw()
        answer = asyncio.ensure_future(first.request("/ocpp/CP1", OFFER))
        await rig.csms.asked.wait()
        assert (await second.request("/ocpp/CP1", OFFER))[0] == 409
        gate.set()
        assert (await answer)[0] == 101


async def test_a_station_that_gives_up_while_the_csms_is_dialled_leaves_nothing_behind():
    async with running() as rig:
        gate = rig.csms.make_wait()
        first = await rig.raw()
        answer = asyncio.ensure_future(first.request("/ocpp/CP1", OFFER))
        await rig.csms.asked.wait()
        first.cut()
        gate.set()
        csms = await rig.csms.link()
        assert await csms.closed() == 1000
        answer.cancel()
        async with rig.station():
            await rig.csms.link()
        assert rig.outcomes(Side.STATION).count("up") == 1
