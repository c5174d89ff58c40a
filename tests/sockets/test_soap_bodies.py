"""A SOAP charge point and a SOAP CSMS: bodies pass, headers are our own."""

from typing import Any

import pytest

from tests.io.soap_rig import (
    CALLBACK,
    CS,
    FAULT,
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


async def test_faults_pass_with_their_subcode(csms: SoapPeer) -> None:
    csms.answer = lambda request, body: soap_response(FAULT.format("UrlMismatch"), CS, 500)
    async with soap_gateway(section(csms)) as rig:
        answer = await rig.post(envelope("<c:heartbeatRequest/>"))
        assert (answer.status, answer.fault) == (500, "Sender/UrlMismatch")


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
