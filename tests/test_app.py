"""The whole gateway as one process: it starts, serves, says what is wrong, and ends in order."""

import asyncio
import json
import os
import signal

import aiohttp
import pytest

from gateway.app import session_settings
from gateway.config import Config
from gateway.core.dialects import Encoding, Side, Version
from gateway.io.negotiate import Versions
from tests.io.rig import PATIENCE_S, CsmsPeer, Peer, running
from tests.support.gateway_process import GatewayProcess

TIME = "2025-06-01T10:00:00Z"
QUICK = {"accept_s": 0, "open_calls_s": 5, "limit_s": 20}


def config(csms: CsmsPeer, folder) -> dict:
    return {
        "stations": {},
        "csms": {"url": csms.url, "version": "1.6"},
        "state": f"sqlite://{folder}/state.db",
        "shutdown": QUICK,
    }


@pytest.fixture
async def csms():
    peer = CsmsPeer()
    await peer.start()
    yield peer
    await peer.stop()


async def test_sigterm_answers_what_is_open_closes_with_1001_and_exits_with_0(csms, tmp_path):
    process = GatewayProcess(config(csms, tmp_path), tmp_path)
    await process.start()
    try:
        async with aiohttp.ClientSession() as http:
            ws = await http.ws_connect(
                process.url("CP1"), protocols=("ocpp2.0.1",), autoclose=False
            )
            station, far = Peer(ws), await csms.link()
            await station.send('[2,"1","Heartbeat",{}]')
            message_id = (await far.receive()).split('"')[1]
            os.kill(process.pid, signal.SIGTERM)
            await far.send(f'[3,"{message_id}",{{"currentTime":"{TIME}"}}]')
            assert await station.receive() == f'[3,"1",{{"currentTime":"{TIME}"}}]'
            assert await station.closed() == 1001
            await ws.close()
        assert await far.closed() == 1000
        async with asyncio.timeout(PATIENCE_S):
            assert await process.wait() == 0
    finally:
        await process.kill()


async def test_a_station_that_always_has_a_call_open_is_closed_between_two_of_them(csms, tmp_path):
    process = GatewayProcess(config(csms, tmp_path), tmp_path)
    await process.start()
    try:
        async with aiohttp.ClientSession() as http:
            station = await http.ws_connect(process.url("CP1"), protocols=("ocpp2.0.1",))
            far = await csms.link()
            heard, answered = [], []

            async def answer_all():
                async for message in far.ws:
                    heard.append(message.data)
                    answer = [3, json.loads(message.data)[1], {"currentTime": TIME}]
                    await far.ws.send_str(json.dumps(answer))

            answering = asyncio.ensure_future(answer_all())
            for ahead in "abcdefgh":
                await station.send_str(f'[2,"{ahead}","Heartbeat",{{}}]')
            async with asyncio.timeout(PATIENCE_S):
                async for message in station:
                    kind, message_id = json.loads(message.data)[:2]
                    if kind == 2:  # it is asked for its boot
                        await station.send_str(f'[3,"{message_id}",{{"status":"Rejected"}}]')
                    else:
                        answered.append(message_id)
                        if len(answered) == 8:
                            os.kill(process.pid, signal.SIGTERM)
                        await station.send_str(f'[2,"{len(answered)}","Heartbeat",{{}}]')
                assert station.close_code == 1001
                await answering
            assert len(heard) == len(answered)
        async with asyncio.timeout(PATIENCE_S):
            assert await process.wait() == 0
    finally:
        await process.kill()


async def test_the_time_of_opening_can_be_given(csms):
    times = {Side.STATION: 1.0, Side.CSMS: 2.0}
    async with running(csms, opened=times.__getitem__) as rig, rig.station():
        legs = rig.sessions["CP1"].legs
        assert {side: leg.opened for side, leg in legs.items()} == times


@pytest.mark.parametrize(
    ("versions", "routes", "extra"),
    [
        (Versions(Version.V16, Version.V201), True, "custom_data"),
        (Versions(Version.V16, Version.V16, Encoding.JSON, Encoding.SOAP), True, "drop"),
        (Versions(Version.V16, Version.V16), False, "drop"),
        (Versions(Version.V16, Version.V16, Encoding.SOAP, Encoding.SOAP), False, "drop"),
    ],
)
def test_what_extensions_count_between_two_legs(versions, routes, extra):
    """Where nothing is converted vendor messages may be answered, but not where bytes pass."""
    own = {"data_transfer": [{"vendor_id": "LGE", "then": "drop"}], "extra_fields": "custom_data"}
    config = Config.model_validate({"extensions": own})
    found = session_settings(config, config.route("CP1"), versions).extensions
    assert (bool(found.data_transfer), found.extra_fields) == (routes, extra)
