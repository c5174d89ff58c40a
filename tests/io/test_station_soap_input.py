"""What hostile and sloppy peers post to the stations' face, and what exactly becomes of it."""

import gzip
import json
import resource
from typing import Any

import pytest

from tests.io.soap_rig import (
    HEARTBEAT,
    NOW,
    SOAP12,
    envelope,
    json_gateway,
    vectors,
)

DONE = f"heartbeatResponse {NOW}"
EXTERNAL = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
PARAMETER = '<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:1/e"> %e;]>'
EXPANDING = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
TAG = "<c:authorizeRequest><c:idTag>%s</c:idTag></c:authorizeRequest>"
INCLUDE = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname"/>'
TRANSFER = (
    "<c:dataTransferRequest><c:vendorId>v</c:vendorId><c:data>%s</c:data></c:dataTransferRequest>"
)

REFUSED = {
    "an external entity": EXTERNAL + envelope(TAG % "&e;"),
    "a parameter entity": PARAMETER + envelope(HEARTBEAT),
    "entities that expand": EXPANDING + envelope(TAG % "&i;"),
    "an empty document type": "<!DOCTYPE x>" + envelope(HEARTBEAT),
    "an external document type": '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/d">' + envelope(HEARTBEAT),
    "deep nesting": envelope(TRANSFER % ("<x>" * 40 + "</x>" * 40)),
    "very deep nesting": envelope(TRANSFER % ("<x>" * 5000 + "</x>" * 5000)),
    "too many elements": envelope(TRANSFER % ("<x/>" * 20_001)),
    "a header that is not closed": envelope(HEARTBEAT).replace("</s:Header>", ""),
    "no XML": "Heartbeat, please",
    "JSON": '[2,"1","Heartbeat",{}]',
    "nothing": "",
    "a fault": envelope("<s:Fault/>"),
    "no body": f'<s:Envelope xmlns:s="{SOAP12}"/>',
    "an empty body": envelope(""),
    "a type that is wrong": envelope(TAG % ("x" * 21)),
    "HTML": "<html><body>Log in</body></html>",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
async def test_it_is_refused_and_nothing_goes_on(body: str) -> None:
    async with json_gateway() as (rig, csms):
        answer = await rig.post(body, "/soap/CP1")
        expected = "Receiver/NotSupported" if "Fault" in body else "Sender/ProtocolError"
        assert (answer.status, answer.fault) == (500, expected)
        assert csms.heard == []
        assert "hostname" not in answer.body.decode(), "parsers quote what they read"
        assert (await rig.said(HEARTBEAT)).content == DONE


async def test_what_is_included_stays_out() -> None:
    async with json_gateway() as (rig, csms):
        answer = await rig.said(TRANSFER % f"a{INCLUDE}b")
        assert answer.fault == "Sender/ProtocolError"
        assert csms.heard == []


async def test_html_by_its_type_is_refused() -> None:
    async with json_gateway() as (rig, _):
        answer = await rig.post("<html/>", "/soap/CP1", media="text/html")
        assert answer.fault == "Sender/ProtocolError"


async def test_long_text_is_what_the_limit_says() -> None:
    async with json_gateway() as (rig, csms):
        fits = await rig.said(TRANSFER % ("x" * 200_000))
        assert fits.content == "dataTransferResponse Accepted"
        assert len(csms.heard[0][1]["data"]) == 200_000
        assert (await rig.said(TRANSFER % ("x" * (1 << 20)))).status == 413


async def test_a_bomb_is_cut_short_and_memory_stays_flat() -> None:
    packed = gzip.compress(b"\0" * (200 << 20), compresslevel=9)
    async with json_gateway() as (rig, _):
        assert (await rig.said(HEARTBEAT)).status == 200
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(3):
            answer = await rig.post(packed, headers={"Content-Encoding": "gzip"})
            assert answer.status == 413
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown < 16 << 10, f"{grown} kB"


MUST = '<x:Security xmlns:x="urn:x" s:mustUnderstand="true"/>'


async def test_a_header_that_wants_understanding_is_noted() -> None:
    async with json_gateway() as (rig, _):
        answer = await rig.post(envelope(HEARTBEAT, head=MUST))
        assert answer.content == DONE
        assert "must_understand:Security" in (await rig.recorded("soap_odd")).text


async def test_under_enforce_it_is_a_fault() -> None:
    async with json_gateway(validation="enforce") as (rig, csms):
        answer = await rig.post(envelope(HEARTBEAT, head=MUST))
        assert answer.fault == "MustUnderstand"
        assert csms.heard == []


async def test_messages_of_the_security_extension_are_not_supported() -> None:
    async with json_gateway() as (rig, _):
        answer = await rig.said("<c:securityEventNotificationRequest/>")
        assert answer.fault == "Receiver/NotSupported"


VECTORS: list[dict[str, Any]] = [json.loads(path.read_text()) for path in vectors("soap-quirks")]
REQUESTS = [vector for vector in VECTORS if vector["kind"] == "request"]


@pytest.mark.parametrize("vector", REQUESTS, ids=lambda vector: vector["name"])
async def test_a_quirk_comes_out_as_its_vector_says(vector: dict[str, Any]) -> None:
    expect = vector["expect"]
    profiles = ["xml_recover"] if "xml_recover" in vector.get("note", "") else []
    named = vector["chargeBoxIdentity"] or "unless the path names" in expect
    async with json_gateway(profiles=profiles) as (rig, csms):
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


async def test_a_request_without_identity_is_served_where_the_path_names_the_station() -> None:
    async with json_gateway() as (rig, csms):
        for vector in REQUESTS:
            if "unless the path names" in vector["expect"]:
                answer = await rig.post(vector["xml"], "/soap/CP1", media=vector["content_type"])
                assert answer.status == 200
                assert csms.heard[-1] == (vector["action"], vector["json"])
