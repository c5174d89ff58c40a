"""A SOAP charge point and a SOAP CSMS: bodies pass, headers are our own."""

from typing import Any

import pytest
from aiohttp import web
from lxml import etree

from tests.io.soap_rig import (
    CALLBACK,
    CP,
    CS,
    FAULT,
    LOOPBACK,
    SoapPeer,
    central_system,
    envelope,
    listening,
    section,
    soap_gateway,
    soap_response,
)

QUICK = {"upstream_timeout_s": 0.2, "csms_grace_s": 0.3, "retry_grace_s": 0.3}


@pytest.fixture
async def csms() -> Any:
    async with listening(SoapPeer(central_system)) as peer:
        yield peer


async def test_bodies_pass_as_they_are_with_headers_of_our_own(csms: SoapPeer) -> None:
    odd = (
        '<v:authorizeRequest xmlns:v="urn://Ocpp/Cs/2015/10/"><v:idTag>T</v:idTag>'
        '<v:vendor xmlns:v="urn:vendor" a="1">kept</v:vendor></v:authorizeRequest>'
    )
    async with soap_gateway(section(csms)) as rig:
        answer = await rig.post(envelope(odd, "CP1", "http://192.0.2.1/cp"))
        assert answer.content == "authorizeResponse Accepted"
        sent = csms.requests[-1][1].decode()
        assert '<v:vendor xmlns:v="urn:vendor" a="1">kept</v:vendor>' in sent
        assert f"{CALLBACK}/CP1" in sent
        assert "192.0.2.1" not in sent


async def test_what_json_cannot_express_passes_too(csms: SoapPeer) -> None:
    nothing = "<c:meterValuesRequest><c:connectorId>1</c:connectorId></c:meterValuesRequest>"
    async with soap_gateway(section(csms)) as rig:
        assert (await rig.post(envelope(nothing))).content == "meterValuesResponse"
        assert csms.actions == ["meterValues"]
    async with soap_gateway(section(csms), validation="repair") as rig:
        assert (await rig.post(envelope(nothing))).content == "meterValuesResponse"
        assert csms.actions == ["meterValues"]


async def test_faults_pass_with_their_subcode(csms: SoapPeer) -> None:
    csms.answer = lambda request, body: soap_response(FAULT.format("UrlMismatch"), CS, 500)
    async with soap_gateway(section(csms)) as rig:
        answer = await rig.post(envelope("<c:heartbeatRequest/>"))
        assert (answer.status, answer.fault) == (500, "Sender/UrlMismatch")


GSOAP = (
    '<c:authorizeRequest i:type="c:Request"><c:idTag i:type="x:string">T</c:idTag>'
    "</c:authorizeRequest>"
)
DECLARED = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:x="urn:x" xmlns:c='


async def test_prefixes_in_values_keep_their_meaning(csms: SoapPeer) -> None:
    asked = envelope(GSOAP).replace("xmlns:c=", DECLARED, 1)
    async with soap_gateway(section(csms)) as rig:
        assert (await rig.post(asked)).content == "authorizeResponse Accepted"
        (body,) = etree.fromstring(csms.requests[-1][1])[-1]
        for element, kind in ((body, "c:Request"), (body[0], "x:string")):
            (said,) = element.attrib.values()
            assert said == kind
            assert element.nsmap[kind[0]] == {"c": CS, "x": "urn:x"}[kind[0]]
    async with soap_gateway(section(csms, soap={"prefix": "ns1"})) as rig:
        assert (await rig.post(asked)).content == "authorizeResponse Accepted"
        assert b"<ns1:idTag" in csms.requests[-1][1]


SAID = {
    "<s:Fault><faultcode>s:Client</faultcode><faultstring>r</faultstring></s:Fault>": "Sender",
    "<s:Fault><faultcode>c:NotSupported</faultcode></s:Fault>": "Receiver/NotSupported",
    "<s:Fault><faultcode>c:SecurityError</faultcode></s:Fault>": "Sender/SecurityError",
    "<s:Fault/>": "Receiver/InternalError",
}


async def test_faults_pass_with_codes_of_their_soap_version(csms: SoapPeer) -> None:
    async with soap_gateway(section(csms)) as rig:
        for fault, read in SAID.items():
            csms.answer = lambda request, body, fault=fault: soap_response(fault, CS, 500)
            assert (await rig.post(envelope("<c:heartbeatRequest/>"))).fault == read


def station(request: web.Request, body: bytes) -> web.Response:
    return soap_response("<c:getDiagnosticsResponse/>", CP)


@pytest.mark.parametrize("path", ["/callback/CP1", "/callback"])
async def test_what_the_csms_asks_passes_as_it_is(csms: SoapPeer, path: str) -> None:
    odd = "<c:getDiagnosticsRequest><c:location> a b </c:location><c:retries>%s</c:retries>"
    async with listening(SoapPeer(station)) as peer, soap_gateway(section(csms), LOOPBACK) as rig:
        await rig.post(envelope("<c:heartbeatRequest/>", "CP1", peer.url))
        for retries in ("1", "3000000000", "many"):
            body = odd % retries + "</c:getDiagnosticsRequest>"
            answer = await rig.post(envelope(body, "CP1", namespace=CP), path)
            assert answer.content == "getDiagnosticsResponse"
            sent = peer.requests[-1][1].decode()
            assert f"> a b </c:location><c:retries>{retries}<" in sent


async def test_with_repair_the_body_is_made_anew(csms: SoapPeer) -> None:
    async with soap_gateway(section(csms), validation="repair") as rig:
        odd = "<c:authorizeRequest><c:x>1</c:x><c:idTag> T </c:idTag></c:authorizeRequest>"
        assert (await rig.post(envelope(odd))).content == "authorizeResponse Accepted"
        assert b"c:x" not in csms.requests[-1][1]


async def test_a_csms_that_is_away_gives_soap_stations_no_answer(csms: SoapPeer) -> None:
    async with soap_gateway(section(csms), translation=QUICK) as rig:
        assert (await rig.post(envelope("<c:heartbeatRequest/>"))).status == 200
        await csms.stop()
        for _ in range(2):
            answer = await rig.post(envelope("<c:heartbeatRequest/>"))
            assert (answer.status, answer.body) == (503, b"")
