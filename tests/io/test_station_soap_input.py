"""What sloppy stations post, and what exactly becomes of it; hostile ones: tests/sockets."""

import json
from typing import Any

import pytest

from tests.io.soap_rig import (
    BOOT,
    JsonCsms,
    envelope,
    json_gateway,
    profiles_of,
    soap_gateway,
    vectors,
)
from tests.support import peers

TRANSFER = (
    "<c:dataTransferRequest><c:vendorId>v</c:vendorId><c:data>%s</c:data></c:dataTransferRequest>"
)


async def test_a_fault_is_no_request() -> None:
    async with json_gateway() as (rig, csms):
        answer = await rig.post(envelope("<s:Fault/>"))
        assert (answer.status, answer.fault) == (500, "Receiver/NotSupported")
        assert csms.heard == []


async def test_long_text_is_what_the_limit_says() -> None:
    async with json_gateway() as (rig, csms):
        fits = await rig.said(TRANSFER % ("x" * 200_000))
        assert fits.content == "dataTransferResponse Accepted"
        assert len(csms.heard[0][1]["data"]) == 200_000
        assert (await rig.said(TRANSFER % ("x" * (1 << 20)))).status == 413


async def test_messages_of_the_security_extension_are_not_supported() -> None:
    async with json_gateway() as (rig, _):
        answer = await rig.said("<c:securityEventNotificationRequest/>")
        assert answer.fault == "Receiver/NotSupported"


async def test_repairs_of_the_payload_are_done_to_what_soap_brings() -> None:
    """Those of translation-station 1.2: on by themselves, by profile, and by setting."""
    status = (
        "<c:statusNotificationRequest><c:connectorId>1</c:connectorId><c:status>Faulted</c:status>"
        "<c:errorCode>Kaput</c:errorCode><c:info>%s</c:info><c:timestamp>%s</c:timestamp>"
        "</c:statusNotificationRequest>"
    )
    more: dict[str, Any] = {
        "profiles": ["enum_fallback"],
        "translation": {"timezone_default": "+02:00"},
    }
    mended = {"connectorId": 1, "status": "Faulted", "errorCode": "OtherError", "info": "i" * 50}
    async with json_gateway(**more) as (rig, csms):
        await rig.said(status % ("i" * 51, "soon"))
        await rig.said(status % ("i", "2026-11-22T05:40:00"))
        assert csms.heard == [
            ("StatusNotification", mended),
            ("StatusNotification", {**mended, "info": "i", "timestamp": "2026-11-22T03:40:00Z"}),
        ]
    async with json_gateway() as (rig, csms):
        assert (await rig.said(status % ("i", "soon"))).fault == "Sender/ProtocolError"
        assert csms.heard == []


FOLDED = {
    "NotImplemented": "Receiver/NotSupported",
    "GenericError": "Receiver/InternalError",
    "Odd": "Receiver/InternalError",
    "FormationViolation": "Sender/ProtocolError",
    "OccurrenceConstraintViolation": "Sender/ProtocolError",
    "MessageTypeNotSupported": "Sender/ProtocolError",
    "RpcFrameworkError": "Sender/ProtocolError",
    "SecurityError": "Sender/SecurityError",
}


async def test_a_refusal_is_folded_from_the_code_that_the_csms_gave() -> None:
    async with json_gateway() as (rig, csms):
        for code, fault in FOLDED.items():
            csms.refuses["DataTransfer"] = code
            assert (await rig.said(TRANSFER % "x")).fault == fault, code


VECTORS: list[dict[str, Any]] = [json.loads(path.read_text()) for path in vectors("soap-quirks")]
REQUESTS = [vector for vector in VECTORS if vector["kind"] == "request"]


@pytest.mark.parametrize("vector", REQUESTS, ids=lambda vector: vector["name"])
async def test_a_quirk_comes_out_as_its_vector_says(vector: dict[str, Any]) -> None:
    expect = vector["expect"]
    named = vector["chargeBoxIdentity"] or "unless the path names" in expect
    async with json_gateway(profiles=profiles_of(vector)) as (rig, csms):
        data = vector["xml"].encode("utf-8", "surrogatepass")
        answer = await rig.post(
            data, "/soap" if named else "/soap/CP1", media=vector["content_type"]
        )
        if expect.startswith("fault"):
            assert answer.fault.rpartition("/")[2] == expect.split()[1], answer.body
            assert csms.heard == []
        elif expect == "answer locally":
            assert (answer.status, csms.heard) == (200, [])
        else:
            assert answer.status == 200, answer.body
            assert csms.heard == [(vector["action"], vector["json"])]


OWN_WORDS = (
    "<c:statusNotificationRequest><c:connectorId>1</c:connectorId><c:status>Available</c:status>"
    "{}<c:shade>blue</c:shade></c:statusNotificationRequest>"
)


async def test_what_an_overlay_says_of_words_and_missing_members_counts_here_too() -> None:
    async with json_gateway(profiles=["legrand", "terse"]) as (rig, csms):
        assert (await rig.said(OWN_WORDS.format("<c:errorCode>Error</c:errorCode>"))).status == 200
        assert (await rig.said(OWN_WORDS.format(""))).status == 200
        assert [payload["errorCode"] for _, payload in csms.heard] == ["OtherError", "NoError"]
        assert all("shade" not in payload for _, payload in csms.heard)
    async with json_gateway() as (rig, csms):
        for wrong in ("<c:errorCode>Error</c:errorCode>", ""):
            answer = await rig.said(OWN_WORDS.format(wrong))
            assert answer.fault == "Sender/ProtocolError"
        assert csms.heard == []


async def test_what_an_overlay_says_of_fields_counts_here_too() -> None:
    csms = JsonCsms()
    boot = BOOT.replace(">V<", ">EVPOWER<").replace(
        "</c:boot", "<c:mac>02-07</c:mac><c:shade>blue</c:shade></c:boot"
    )
    async with (
        peers.Csms(csms.serve, ("ocpp2.0.1",)) as server,
        soap_gateway({"url": server.url(), "version": "2.0.1"}) as rig,
    ):
        assert (await rig.said(boot)).status == 200
        station = csms.heard[0][1]["chargingStation"]
        assert station["customData"] == {"vendorId": "org.ocpp-gateway", "mac": "02-07"}


async def test_a_request_without_identity_is_served_where_the_path_names_the_station() -> None:
    async with json_gateway() as (rig, csms):
        for vector in REQUESTS:
            if "unless the path names" in vector["expect"]:
                answer = await rig.post(vector["xml"], "/soap/CP1", media=vector["content_type"])
                assert answer.status == 200
                assert csms.heard[-1] == (vector["action"], vector["json"])


async def test_the_route_of_a_station_says_whether_what_is_not_well_formed_is_read() -> None:
    unclosed = envelope(TRANSFER % "x").replace("</s:Header>", "")
    for match, answer in (("CP1", "dataTransferResponse Accepted"), ("CP2", "Fault")):
        async with json_gateway(routes=[{"match": match, "profiles": ["xml_recover"]}]) as (rig, _):
            assert (await rig.post(unclosed)).content.startswith(answer)
