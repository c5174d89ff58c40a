"""What sloppy stations post, and what exactly becomes of it; hostile ones: tests/sockets."""

import json
from typing import Any

import pytest

from tests.io.soap_rig import (
    envelope,
    json_gateway,
    vectors,
)

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
