"""Stations that call over SOAP: what each request is answered, to the letter (soap.md 2 to 6)."""

import asyncio
import gzip
import zlib
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from lxml import etree

from gateway.io.credentials import Credentials
from tests.io.rig import CsmsPeer
from tests.io.soap_rig import (
    HEARTBEAT,
    MEDIA,
    NOW,
    SOAP11,
    SoapPeer,
    envelope,
    json_gateway,
    soap_gateway,
)
from tests.support import peers

DONE = f"heartbeatResponse {NOW}"


# -- the way there and back -------------------------------------------------------------------


async def test_a_request_is_answered_in_its_own_exchange():
    async with json_gateway() as (rig, csms):
        head = "<a:MessageID>urn:uuid:1-2</a:MessageID>"
        answer = await rig.post(envelope(HEARTBEAT, "CP1", "http://192.0.2.1/cp", head=head))
        assert (answer.status, answer.content) == (200, DONE)
        assert csms.heard == [("Heartbeat", {})]
        assert answer.header("RelatesTo") == "urn:uuid:1-2"
        assert answer.header("To") == "http://192.0.2.1/cp"
        assert answer.header("Action") == "/HeartbeatResponse"
        assert answer.headers["Content-Type"] == MEDIA
        assert answer.headers["Content-Length"] == str(len(answer.body))
        assert "Transfer-Encoding" not in answer.headers


async def test_soap_11_is_answered_in_soap_11():
    async with json_gateway() as (rig, _):
        answer = await rig.post(envelope(HEARTBEAT, soap=SOAP11), media="text/xml")
        assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
        assert answer.root.tag == f"{{{SOAP11}}}Envelope"


async def test_first_requests_that_come_at_once_share_a_session():
    async with json_gateway() as (rig, csms):
        answers = await asyncio.gather(*(rig.said(HEARTBEAT) for _ in range(5)))
        assert [answer.content for answer in answers] == [DONE] * 5
        assert len(csms.links) == 1


async def test_a_request_that_json_cannot_express_is_answered_here():
    async with json_gateway() as (rig, csms):
        body = "<c:meterValuesRequest><c:connectorId>1</c:connectorId></c:meterValuesRequest>"
        answer = await rig.said(body)
        assert answer.content == "meterValuesResponse"
        assert csms.heard == []


# -- which station ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "identity", "fault"),
    [
        ("/soap", "CP1", ""),
        ("/soap/", "CP1", ""),
        ("/soap/CP1", "CP1", ""),
        ("/soap/CP1", None, ""),
        ("/SOAP/CP1", "CP1", ""),
        ("/soap/CP%31", "CP1", ""),
        ("/soap/00:90:0B:9C:79:42", "00:90:0B:9C:79:42", ""),
        ("/soap", None, "Sender/ProtocolError"),
        ("/soap/CP1", "CP2", "Sender/IdentityMismatch"),
        ("/soap/CP1", "cp1", "Sender/IdentityMismatch"),
        ("/soap", "&lt;CP1&gt;", "Sender/SecurityError"),
    ],
)
async def test_the_station_is_who_path_and_header_say(path, identity, fault):
    async with json_gateway() as (rig, csms):
        answer = await rig.post(envelope(HEARTBEAT, identity), path)
        assert answer.fault == fault
        assert (answer.status, len(csms.heard)) == ((500, 0) if fault else (200, 1))


async def test_ids_may_be_matched_without_case():
    async with json_gateway({"id_case_insensitive": True}) as (rig, csms):
        for path, identity in (("/soap/cp1", "cP1"), ("/soap", "CP1"), ("/soap/CP1", "cp1")):
            assert (await rig.post(envelope(HEARTBEAT, identity), path)).status == 200
        assert len(csms.links) == 1


def passwords(folder: Path) -> str:
    path = folder / "credentials"
    credentials = Credentials.load(path, missing_ok=True)
    credentials.add("CP1", b"0123456789abcdef")
    credentials.save()
    return str(path)


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


# -- HTTP -------------------------------------------------------------------------------------


async def test_other_methods_and_protocols_get_a_line_of_explanation():
    async with json_gateway() as (rig, _):
        got = await rig.http.get(rig.url())
        assert (got.status, got.headers["Allow"]) == (405, "POST")
        upgrade = await rig.http.get(
            rig.url(), headers={"Upgrade": "websocket", "Connection": "Upgrade"}
        )
        assert (upgrade.status, len((await upgrade.text()).splitlines())) == (400, 1)
        wrong = await rig.post(envelope(HEARTBEAT), "/ocpp/CP1")
        assert (wrong.status, len(wrong.body.splitlines())) == (426, 1)
        assert (await rig.post(envelope(HEARTBEAT), "/elsewhere")).status == 404


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-15)),
        ("identity", bytes),
    ],
)
async def test_compressed_requests_are_read(coding, pack):
    async with json_gateway() as (rig, _):
        data = pack(envelope(HEARTBEAT).encode())
        answer = await rig.post(data, headers={"Content-Encoding": coding})
        assert answer.content == DONE


@pytest.mark.parametrize("coding", ["br", "x-gzip", "zstd", "gzip, gzip"])
async def test_other_codings_are_refused(coding):
    async with json_gateway() as (rig, csms):
        answer = await rig.post(b"x", headers={"Content-Encoding": coding})
        assert (answer.status, csms.heard) == (415, [])


async def test_what_is_no_gzip_is_a_bad_request():
    async with json_gateway() as (rig, _):
        answer = await rig.post(envelope(HEARTBEAT), headers={"Content-Encoding": "gzip"})
        assert answer.status == 400


async def test_answers_are_compressed_where_that_is_configured():
    config = {"soap": {"compress": True}}
    async with json_gateway(config) as (rig, csms):
        plain = await rig.said(HEARTBEAT)
        assert "Content-Encoding" not in plain.headers, "below 1 KiB it is not worth it"
        data = "<c:data>" + "x" * 2000 + "</c:data>"
        vendor = "<c:vendorId>v</c:vendorId>"
        body = f"<c:dataTransferRequest>{vendor}{data}</c:dataTransferRequest>"

        async def echo(action: str, payload: dict[str, Any]) -> dict[str, Any]:
            return {"status": "Accepted", "data": payload["data"]}

        csms.links[0]._handler = echo
        packed = await rig.said(body)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "x" * 2000 in packed.content


async def test_clients_of_any_age_are_served():
    message = envelope(HEARTBEAT).encode()
    size = b"Content-Length: %d\r\n" % len(message)
    chunked = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(message), message)
    async with json_gateway() as (rig, _):
        for request in (
            b"POST /soap HTTP/1.0\r\n" + size + b"\r\n" + message,
            b"POST /soap HTTP/1.1\r\nHost: h\r\n" + chunked,
            b"POST http://h/soap HTTP/1.1\r\nHost: h\r\n" + size + b"\r\n" + message,
            b"POST /soap HTTP/1.1\r\nHost: h\r\n" + size + b"\r\n" + message,
        ):
            answer = await rig.raw(request)
            assert b" 200 OK\r\n" in answer, answer
            assert NOW.encode() in answer


async def test_a_client_that_expects_to_be_asked_on_is():
    message = envelope(HEARTBEAT).encode()
    head = b"POST /soap HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    async with json_gateway() as (rig, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", rig.app.port)
        writer.write(head % len(message))
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(message)
        assert b" 200 OK" in await reader.readuntil(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()


async def test_a_length_that_stands_twice_is_refused():
    async with json_gateway() as (rig, _):
        answer = await rig.raw(
            b"POST /soap HTTP/1.1\r\nHost: h\r\n"
            b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        assert b" 400 " in answer.splitlines()[0]


async def test_a_body_that_does_not_come_is_not_waited_for():
    async with json_gateway(limits={"body_s": 0.05}) as (rig, _):
        answer = await rig.raw(b"POST /soap HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc")
        assert b" 408 " in answer.splitlines()[0]


async def test_the_description_has_our_address():
    async with json_gateway() as (rig, _):
        got = await rig.http.get(rig.url("/soap/CP1?wsdl"))
        assert got.headers["Content-Type"] == "text/xml; charset=utf-8"
        assert f'location="{rig.url("/soap/CP1")}"' in await got.text()
        assert (await rig.http.get(rig.url("/soap?WSDL"))).status == 200


async def location(rig, path="/soap/CP1", **headers):
    """The address in the description, as a client with those headers is given it."""
    got = await rig.http.get(rig.url(f"{path}?wsdl"), headers=headers)
    root = etree.fromstring(await got.read())
    (address,) = root.iter("{http://schemas.xmlsoap.org/wsdl/soap12/}address")
    return address.get("location")


async def test_the_description_has_the_address_by_which_it_was_asked_for():
    async with json_gateway() as (rig, _):
        assert await location(rig, Host="gw.example.com:8080") == (
            "http://gw.example.com:8080/soap/CP1"
        )
        assert await location(rig, Host="[2001:db8::1]:80") == "http://[2001:db8::1]:80/soap/CP1"
        forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
        assert await location(rig, **forged) == rig.url("/soap/CP1")


async def test_behind_a_proxy_it_is_the_address_of_the_proxy():
    async with json_gateway({"trusted_proxies": ["127.0.0.1"]}) as (rig, _):
        said = {"X-Forwarded-Host": "ocpp.example.com", "X-Forwarded-Proto": "https"}
        assert await location(rig, **said) == "https://ocpp.example.com/soap/CP1"
        assert await location(rig, "/soap", **said) == "https://ocpp.example.com/soap"


@pytest.mark.parametrize("host", [b"Host: h\xff\x00\r\n", b'Host: a"b<c>\r\n', b"Host: \r\n", b""])
async def test_a_name_that_is_none_is_not_repeated(host):
    async with json_gateway() as (rig, _):
        answer = await rig.raw(b"GET /soap?wsdl HTTP/1.0\r\n" + host + b"\r\n")
        if b" 400 " not in answer.splitlines()[0]:
            assert f'location="{rig.url()}"'.encode() in answer


@pytest.mark.parametrize(("setting", "status"), [(500, 500), ("spec", 400)])
async def test_the_status_of_a_fault_can_be_to_the_letter(setting, status):
    async with json_gateway({"soap": {"fault_status": setting}}) as (rig, _):
        answer = await rig.post(envelope(HEARTBEAT, None))
        assert (answer.status, answer.fault) == (status, "Sender/ProtocolError")


# -- who may come in --------------------------------------------------------------------------


@pytest.fixture
def secured(tmp_path: Path) -> dict[str, Any]:
    return {
        "auth": "basic",
        "allow_unauthenticated": False,
        "credentials": passwords(tmp_path),
    }


async def test_a_station_with_its_password_comes_in(secured):
    async with json_gateway(secured) as (rig, _):
        answer = await rig.said(HEARTBEAT, headers=basic("CP1", "0123456789abcdef"))
        assert answer.content == DONE


@pytest.mark.parametrize("shown", [{}, basic("CP1", "wrong"), basic("CP2", "0123456789abcdef")])
async def test_without_it_the_fault_is_security_error(secured, shown):
    async with json_gateway(secured) as (rig, csms):
        answer = await rig.said(HEARTBEAT, headers=shown)
        assert (answer.status, answer.fault) == (401, "Sender/SecurityError")
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="ocpp"'
        assert csms.links == []


async def test_where_the_csms_checks_it_is_asked_about_each_other_password():
    csms = CsmsPeer()
    await csms.start()
    right, wrong = basic("CP1", "right"), basic("CP1", "wrong")

    def judge(request: web.BaseRequest) -> Any:
        known = request.headers["Authorization"] == right["Authorization"]
        return csms.accept(request) if known else web.Response(status=401)

    csms.answer = judge
    guarded = {"auth": "basic", "allow_unauthenticated": False}
    section = {"url": csms.url, "version": "1.6", "auth": "station"}
    async with soap_gateway(section, guarded) as rig:
        first = asyncio.ensure_future(rig.said(HEARTBEAT, headers=right))
        link = await csms.link()
        message_id = (await link.receive()).split('"')[1]
        stranger = await rig.said(HEARTBEAT, headers=wrong)
        assert (stranger.status, stranger.fault) == (401, "Sender/SecurityError")
        await link.send(f'[3,"{message_id}",{{"currentTime":"2025-06-01T14:00:00Z"}}]')
        assert (await first).content == DONE
    await csms.stop()


async def test_another_station_than_the_one_that_logged_in_is_a_mismatch(secured):
    async with json_gateway(secured) as (rig, csms):
        shown = basic("CP1", "0123456789abcdef")
        answer = await rig.post(envelope(HEARTBEAT, "CP2"), headers=shown)
        assert answer.fault == "Sender/IdentityMismatch"
        assert csms.links == []


async def test_the_minimum_security_profile_holds(secured):
    config = {**secured, "security_profile": 2}
    async with json_gateway(config) as (rig, _):
        answer = await rig.said(HEARTBEAT, headers=basic("CP1", "0123456789abcdef"))
        assert answer.status == 403


async def test_a_reply_to_of_its_own_is_refused():
    async with json_gateway() as (rig, csms):
        head = "<a:ReplyTo><a:Address>http://192.0.2.1/elsewhere</a:Address></a:ReplyTo>"
        answer = await rig.post(envelope(HEARTBEAT, head=head))
        assert answer.fault == "Sender/ProtocolError"
        assert csms.heard == []


async def test_a_csms_that_does_not_know_the_station_makes_it_a_security_error():
    async with json_gateway(csms={"url": "ws://127.0.0.1:1/x"}) as (rig, _):
        assert (await rig.said(HEARTBEAT)).status == 503
    answers = {404: "Sender/SecurityError", 403: "Sender/SecurityError"}
    answers |= dict.fromkeys((200, 301, 408, 429, 500, 502, 503, 504), "")
    for status, fault in answers.items():
        peer = SoapPeer(lambda request, body, status=status: web.Response(status=status))
        await peer.start()
        csms = {"url": f"ws://127.0.0.1:{peer.port}/{{station}}"}
        async with json_gateway(csms=csms) as (rig, _):
            answer = await rig.said(HEARTBEAT)
            assert answer.status == (500 if fault else 503), status
            assert (answer.fault if fault else answer.body.decode()) == fault
        await peer.stop()


async def test_a_station_that_has_a_websocket_is_not_displaced_while_that_lives():
    async with json_gateway() as (rig, _):
        async with peers.dialled(rig.app.station_url("CP1"), ("ocpp1.6",)):
            assert (await rig.said(HEARTBEAT)).status == 409
        assert (await rig.said(HEARTBEAT)).content == DONE


async def test_a_websocket_takes_the_place_of_envelopes():
    async with json_gateway() as (rig, csms):
        assert (await rig.said(HEARTBEAT)).content == DONE
        async with peers.dialled(rig.app.station_url("CP1"), ("ocpp1.6",)) as link:
            assert await link.call("Heartbeat", {}) == {"currentTime": NOW}
        assert csms.actions == ["Heartbeat", "Heartbeat"]


async def test_a_gateway_that_drains_gives_no_answer():
    async with json_gateway() as (rig, _):
        assert (await rig.said(HEARTBEAT)).status == 200
        rig.app._parts.admission.draining = True
        answer = await rig.said(HEARTBEAT)
        assert (answer.status, answer.body) == (503, b"")
