"""Dialling the CSMS: what it is shown, and what becomes of strange answers."""

import base64
import socket

import pytest
from aiohttp import web

from gateway.core.dialects import Side
from gateway.io.csms_ws import unreachable
from tests.io.rig import CsmsPeer, running


def authorization(csms: CsmsPeer) -> str | None:
    return csms.requests[-1].headers.get("Authorization")


def basic(user: str, password: bytes) -> str:
    return "Basic " + base64.b64encode(user.encode() + b":" + password).decode()


@pytest.mark.parametrize(
    ("section", "shown"),
    [
        ({"auth": "none"}, None),
        ({"auth": "basic", "password": "secret"}, basic("CP1", b"secret")),
        ({"auth": "basic", "username": "gw", "password": "s:x"}, basic("gw", b"s:x")),
        ({"auth": "station"}, basic("CP1", b"\xffown")),
    ],
)
async def test_the_csms_is_shown_what_is_configured(section, shown):
    own = {"Authorization": basic("CP1", b"\xffown")}
    async with running(csms=section) as rig, rig.station(headers=own):
        assert authorization(rig.csms) == shown


async def test_the_stations_own_login_is_shown_again_on_a_redial():
    own = {"Authorization": basic("CP1", b"own")}
    async with running(csms={"auth": "station"}) as rig, rig.station(headers=own):
        (await rig.csms.link()).cut()
        await rig.csms.link()
        assert authorization(rig.csms) == basic("CP1", b"own")
        assert len(rig.csms.requests) == 2


@pytest.mark.parametrize(
    ("auth", "status", "station_gets"),
    [
        ("station", 401, 401),
        ("station", 403, 401),
        ("station", 500, 503),
        ("none", 401, 503),
        ("none", 404, 503),
        ("none", 302, 503),
        ("none", 200, 503),
    ],
)
async def test_a_csms_that_refuses(auth, status, station_gets):
    async with running(csms={"auth": auth}) as rig:
        elsewhere = {"Location": rig.csms.url.replace("{station}", "ELSEWHERE")}
        rig.csms.answer = lambda _: web.Response(status=status, headers=elsewhere)
        assert await rig.refused() == station_gets
        assert len(rig.csms.requests) == 1
        assert rig.app.connected == 0


def upgraded(**changes: str | None):
    """Answer with a handshake that is sound but for the changes."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        ws = web.WebSocketResponse(protocols=("ocpp1.6",))
        headers, _, _, _ = ws._handshake(request)
        for name, value in changes.items():
            headers.popall(name.replace("_", "-"), None)
            if value is not None:
                headers[name.replace("_", "-")] = value
        response = web.StreamResponse(status=101, headers=headers)
        response.force_close()
        await response.prepare(request)
        return response

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        upgraded(Sec_WebSocket_Protocol="ocpp2.0.1"),
        upgraded(Sec_WebSocket_Protocol="soap"),
        upgraded(Sec_WebSocket_Protocol=None),
        upgraded(Sec_WebSocket_Accept="AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        upgraded(Sec_WebSocket_Extensions="permessage-deflate"),
        upgraded(Upgrade="h2c"),
    ],
    ids=["not-offered", "unknown", "none", "accept", "extension", "upgrade"],
)
async def test_a_csms_whose_handshake_is_not_sound_fails(answer):
    async with running() as rig:
        rig.csms.answer = answer
        assert await rig.refused() == 503
        assert rig.app.connected == 0


async def test_a_csms_that_never_answers_the_handshake():
    async with running(stations={"handshake_s": 0.05}) as rig:
        gate = rig.csms.make_wait()
        assert await rig.refused() == 503
        gate.set()


async def test_something_that_is_no_http_server():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"ws://127.0.0.1:{listening.getsockname()[1]}/{{station}}"
        quick = {"handshake_s": 0.05}
        async with running(csms={"url": url}, stations=quick) as rig:
            assert await rig.refused() == 503


async def test_what_the_csms_sends_at_once_is_not_lost():
    async with running() as rig:

        async def eager(request: web.BaseRequest) -> web.StreamResponse:
            ws = web.WebSocketResponse(protocols=("ocpp1.6",))
            await ws.prepare(request)
            await ws.send_str("[1]")
            await ws.send_str("[2]")
            await ws.receive()
            return ws

        rig.csms.answer = eager
        async with rig.station() as station:
            assert [await station.receive(), await station.receive()] == ["[1]", "[2]"]


async def test_handshakes_are_spread_when_there_are_too_many():
    async with running(csms={"handshakes_per_s": 20}) as rig:
        for n in range(25):
            async with rig.station(f"CP{n}"):
                await rig.csms.link()
        assert rig.outcomes(Side.CSMS).count("up") == 25


async def test_while_the_csms_is_away_it_is_dialled_again_and_again():
    async with running(csms={"backoff_max_s": 0.01}) as rig, rig.station() as station:
        csms = await rig.csms.link()
        port = rig.csms.port
        await rig.csms.stop()
        csms.cut()
        for _ in range(3):
            await rig.recorded(Side.CSMS, "unreachable")
        assert rig.csms.port == port
        await rig.csms.start()
        again = await rig.csms.link()
        await station.send("[1]")
        assert await again.receive() == "[1]"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TimeoutError(), "no answer in time"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (ValueError("a URL that is none"), "a URL that is none"),
    ],
)
def test_why_a_csms_cannot_be_reached_is_a_sentence(error, said):
    assert str(unreachable(error)) == f"the CSMS cannot be reached: {said}"
