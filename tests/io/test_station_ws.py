"""Stations connect: what they are answered, what goes to the CSMS, how links end."""

import asyncio

import pytest
from aiohttp import web

import gateway.app
import gateway.io.pump
from gateway.core.dialects import Side
from tests.io.rig import SUBPROTOCOL, CsmsPeer, frame, running

HEARTBEAT = '[2,"19223201","Heartbeat",{}]'


async def test_messages_cross_untouched_both_ways():
    async with running() as rig, rig.station() as station:
        csms = await rig.csms.link()
        odd = '[ 2 , "1","Heartbeat",{"x": 1.0e2, "ü":"\\u00e9"} ] '
        await station.send(odd)
        assert await csms.receive() == odd
        await csms.send(odd)
        assert await station.receive() == odd
        for size in (125, 126, 65535, 65536, 262144):
            await station.send("x" * size)
            assert await csms.receive() == "x" * size
            await csms.send("y" * size)
            assert await station.receive() == "y" * size


@pytest.mark.parametrize(
    ("csms_version", "csms_speaks", "offers", "station_gets", "csms_was_offered"),
    [
        ("1.6", ["ocpp1.6"], ["ocpp1.6"], "ocpp1.6", "ocpp1.6"),
        ("1.6", ["ocpp1.6"], ["ocpp2.0.1"], "ocpp2.0.1", "ocpp1.6"),
        ("1.6", ["ocpp1.6"], ["ocpp2.0.1", "ocpp1.6"], "ocpp1.6", "ocpp1.6"),
        ("2.0.1", ["ocpp2.0.1"], ["ocpp1.6"], "ocpp1.6", "ocpp2.0.1"),
        ("auto", ["ocpp1.6"], ["ocpp1.6"], "ocpp1.6", "ocpp1.6, ocpp2.0.1"),
        ("auto", ["ocpp1.6"], ["ocpp2.0.1"], "ocpp2.0.1", "ocpp2.0.1, ocpp1.6"),
        ("auto", ["ocpp2.0.1"], ["ocpp1.6"], "ocpp1.6", "ocpp1.6, ocpp2.0.1"),
        ("auto", ["ocpp1.6"], ["ocpp1.6", "ocpp2.0.1"], "ocpp1.6", "ocpp2.0.1, ocpp1.6"),
        ("1.6", ["ocpp1.6"], ["ocpp9", "ocpp1.6", "ocpp1.6"], "ocpp1.6", "ocpp1.6"),
    ],
)
async def test_versions_are_negotiated_for_each_connection(
    csms_version, csms_speaks, offers, station_gets, csms_was_offered
):
    csms = CsmsPeer(*csms_speaks)
    async with (
        running(csms, csms={"version": csms_version}) as rig,
        rig.station(protocols=tuple(offers)) as station,
    ):
        assert station.ws.protocol == station_gets
        assert csms.requests[0].headers[SUBPROTOCOL] == csms_was_offered


async def test_a_route_may_prefer_the_highest_version_of_the_station():
    route = {"match": "CP*", "prefer": "highest"}
    async with (
        running(CsmsPeer("ocpp1.6"), routes=[route]) as rig,
        rig.station(protocols=("ocpp1.6", "ocpp2.0.1")) as station,
    ):
        assert station.ws.protocol == "ocpp2.0.1"


@pytest.mark.parametrize("offer", [None, "ocpp9.9", "OCPP1.6", "ocpp1.5, soap", ""])
async def test_without_a_common_subprotocol_the_handshake_completes_and_closes_1002(offer):
    async with running() as rig:
        station = await rig.raw()
        headers = [] if offer is None else [f"{SUBPROTOCOL}: {offer}"]
        status, head, _ = await station.request("/ocpp/CP1", *headers)
        assert status == 101
        assert SUBPROTOCOL.lower() not in head.lower()
        assert await station.close_code() == 1002
        assert rig.csms.requests == []


async def test_a_station_that_offers_nothing_may_be_assumed_to_speak_a_version():
    async with running(stations={"assume_subprotocol": "1.6"}) as rig:
        station = await rig.raw()
        status, head, _ = await station.request("/ocpp/CP1")
        assert status == 101
        assert SUBPROTOCOL.lower() not in head.lower()
        csms = await rig.csms.link()
        station.send(frame(HEARTBEAT.encode()))
        assert await csms.receive() == HEARTBEAT


async def test_offers_in_several_headers_count_together():
    async with running() as rig:
        station = await rig.raw()
        offers = (f"{SUBPROTOCOL}: ocpp9", f"{SUBPROTOCOL}: ocpp1.6")
        status, head, _ = await station.request("/ocpp/CP1", *offers)
        assert status == 101
        assert f"{SUBPROTOCOL}: ocpp1.6" in head


async def test_frames_sent_along_with_the_handshake_are_not_lost():
    async with running() as rig:
        station = await rig.raw()
        station.send(
            b"GET /ocpp/CP1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            b"Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n" + frame(b"[1]") + frame(b"[2]")[:3]
        )
        csms = await rig.csms.link()
        assert await csms.receive() == "[1]"
        station.send(frame(b"[2]")[3:])
        assert await csms.receive() == "[2]"


@pytest.mark.parametrize(
    ("request_line", "headers", "status"),
    [
        ("/ocpp/CP1", ["Upgrade: h2c", "Connection: Upgrade"], 426),
        ("/ocpp/CP1", [], 426),
        (
            "/ocpp/CP1",
            ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"],
            400,
        ),
        ("/elsewhere/CP1", [], 404),
        ("/ocpp/CP1/more", [], 400),
        ("/ocpp/..%2fetc", [], 400),
    ],
)
async def test_what_is_no_sound_handshake_gets_an_http_answer(request_line, headers, status):
    async with running() as rig:
        station = await rig.raw()
        answer, _, _ = await station.request(request_line, *headers, upgrade=False)
        assert answer == status
        assert rig.csms.requests == []


async def test_whoever_is_refused_is_named_in_the_log_with_the_reason_but_no_query(caplog):
    async with running() as rig:
        for path in ("/ocpp/CP1/more?key=CANARY", "/ocpp/CP1"):
            await (await rig.raw()).request(path)
    assert [record.getMessage() for record in caplog.records] == [
        "/ocpp/CP1/more from 127.0.0.1 is refused: 400 The station id is exactly one path segment.",
        "/ocpp/CP1 from 127.0.0.1 is refused: 1002 no common subprotocol",
    ]


async def test_a_csms_that_refuses_the_first_handshake_is_recorded():
    csms = CsmsPeer()
    csms.answer = lambda _: web.Response(status=302, headers={"Location": csms.url})
    async with running(csms) as rig:
        assert await rig.refused() == 503
        assert [record.text for _, record in rig.records] == ["the CSMS answered 302"]
        assert len(csms.requests) == 1


async def test_without_its_csms_a_station_is_asked_to_come_back():
    async with running() as rig:
        await rig.csms.stop()
        station = await rig.raw()
        status, head, _ = await station.request("/ocpp/CP1", f"{SUBPROTOCOL}: ocpp1.6")
        assert status == 503
        assert "Retry-After: " in head
        assert rig.app.connected == 0


async def test_a_lost_csms_link_is_dialled_again_while_the_station_stays():
    async with running() as rig, rig.station() as station:
        csms = await rig.csms.link()
        csms.cut()
        again = await rig.csms.link()
        await again.send("[3]")
        assert await station.receive() == "[3]"
        heard = rig.sessions["CP1"].heard
        assert heard == [
            ("up", Side.CSMS),
            ("up", Side.STATION),
            ("down", Side.CSMS),
            ("up", Side.CSMS),
            (Side.CSMS, b"[3]"),
        ]


async def test_the_redial_asks_for_the_version_that_was_spoken():
    csms = CsmsPeer("ocpp1.6", "ocpp2.0.1")
    async with running(csms, csms={"version": "auto"}) as rig, rig.station():
        (await csms.link()).cut()
        await csms.link()
        assert csms.requests[0].headers[SUBPROTOCOL] == "ocpp1.6, ocpp2.0.1"
        assert csms.requests[1].headers[SUBPROTOCOL] == "ocpp1.6"


@pytest.mark.parametrize(("lasting_s", "tries"), [(0.0, [0, 0, 0]), (60.0, [0, 1, 2])])
async def test_a_csms_that_drops_every_link_is_dialled_ever_later(monkeypatch, lasting_s, tries):
    tried = []

    def at_once(attempt, low_s, high_s):
        tried.append(attempt)
        return 0.0

    monkeypatch.setattr(gateway.app, "full_jitter", at_once)
    monkeypatch.setattr(gateway.io.pump, "LASTING_S", lasting_s)
    async with running() as rig, rig.station():
        for _ in range(3):
            (await rig.csms.link()).cut()
        await rig.csms.link()
        assert tried == tries


@pytest.mark.parametrize("code", [1000, 1001, 1012, 3000, 4999])
async def test_when_the_station_goes_the_csms_link_closes_with_1000(code):
    async with running() as rig:
        async with rig.station() as station:
            csms = await rig.csms.link()
            await station.ws.close(code=code)
        assert await csms.closed() == 1000
        await csms.close()


async def test_a_station_that_comes_back_while_the_session_waits_joins_it():
    async with running() as rig:
        async with rig.station():
            csms = await rig.csms.link()
            session = rig.sessions["CP1"]
            session.keeps_csms = True
        async with rig.station() as station:
            await station.send("[1]")
            assert await csms.receive() == "[1]"
            assert rig.sessions["CP1"] is session
            assert len(rig.csms.requests) == 1


async def test_the_gateway_is_empty_again_when_both_links_are_gone():
    async with running() as rig:
        async with rig.station():
            await rig.csms.link()
            assert rig.app.connected == 1
        await rig.emptied()
        assert await rig.store.owner("CP1") is None


async def test_too_many_handshakes_are_turned_away():
    two_a_second = {"handshakes_per_s": 2}
    async with running(stations=two_a_second) as rig, rig.station("CP1"), rig.station("CP2"):
        assert await rig.refused("CP3") == 503


async def test_no_more_stations_than_configured_are_taken():
    async with running(stations={"max_stations": 1}) as rig, rig.station("CP1"):
        assert await rig.refused("CP2") == 503


async def test_silent_connections_are_limited_for_each_address():
    async with running(stations={"max_unauthenticated_per_address": 2}) as rig:
        first, second = [await rig.raw() for _ in range(2)]
        third = await rig.raw()
        async with asyncio.timeout(10):
            assert await third.reader.read() == b""
        await first.upgrade("CP1")
        fourth = await rig.raw()
        await fourth.upgrade("CP2")
        second.cut()


async def test_a_long_header_is_refused():
    async with running(limits={"header_bytes": 1000}) as rig:
        station = await rig.raw()
        status, _, _ = await station.request("/ocpp/CP1", "X-Long: " + "x" * 2000)
        assert status == 400


async def test_headers_that_are_too_long_together_are_refused():
    async with running(limits={"header_bytes": 1000}) as rig:
        many = [f"X-{number}: {'x' * 200}" for number in range(5)]
        for headers, status in ((many, 431), (many[:2], 101)):
            station = await rig.raw()
            assert (await station.request("/ocpp/CP1", *headers))[0] == status


async def test_only_listed_headers_go_to_the_csms():
    async with running() as rig:
        headers = {"Origin": "http://evil", "X-Forwarded-For": "1.2.3.4", "Cookie": "a=b"}
        async with rig.station(headers=headers):
            sent = {name.lower() for name in rig.csms.requests[0].headers}
    assert sent == {
        "host",
        "upgrade",
        "connection",
        "sec-websocket-version",
        "sec-websocket-key",
        "sec-websocket-protocol",
    }


async def test_the_station_id_is_encoded_anew_for_the_csms():
    async with running() as rig:
        station = await rig.raw()
        await station.upgrade("CP%20%2b1|@")
        assert rig.csms.requests[0].raw_path == "/csms/CP%20%2B1%7C%40"
