"""Calling a SOAP station: where it may be called, how it is called, what comes of its answers."""

import asyncio
import re
import socket
from typing import Any

import pytest
from aiohttp import web

from tests.io.soap_rig import (
    BOOT,
    CP,
    HEARTBEAT,
    LOOPBACK,
    NOW,
    START,
    JsonCsms,
    SoapPeer,
    SoapRig,
    envelope,
    json_gateway,
    soap_response,
)
from tests.support import peers

ASSIGNED = (
    "<c:setChargingProfileResponse><c:status>Accepted</c:status></c:setChargingProfileResponse>"
)
CLEARED = "<c:clearCacheResponse><c:status>Accepted</c:status></c:clearCacheResponse>"


def accepts(request: web.Request, body: bytes) -> web.Response:
    return soap_response(CLEARED, CP)


@pytest.fixture
async def station() -> Any:
    peer = SoapPeer(accepts)
    await peer.start()
    yield peer
    await peer.stop()


async def hello(rig: SoapRig, sender: str | None) -> None:
    assert (await rig.post(envelope(BOOT, "CP1", sender))).status == 200


async def refused(csms: JsonCsms) -> peers.Refused:
    """The refusal of a command, which comes at once."""
    async with asyncio.timeout(5):
        with pytest.raises(peers.Refused) as found:
            await csms.links[-1].call("ClearCache", {})
    return found.value


async def test_a_call_looks_exactly_so(station: SoapPeer) -> None:
    async with json_gateway(LOOPBACK) as (rig, csms):
        await hello(rig, station.url)
        assert await csms.links[0].call("ClearCache", {}) == {"status": "Accepted"}
        ((request, body),) = station.requests
        assert dict(request.headers) == {
            "Host": f"127.0.0.1:{station.port}",
            "Content-Type": 'application/soap+xml; charset=utf-8; action="/ClearCache"',
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        text = body.decode()
        assert text.startswith('<?xml version="1.0" encoding="UTF-8"?><')
        assert "> <" not in text
        assert ">\n<" not in text
        names = ["chargeBoxIdentity", "Action", "MessageID", "From", "ReplyTo", "To"]
        places = [text.index(f":{name}") for name in names]
        assert places == sorted(places)
        assert f'To soap:mustUnderstand="true">{station.url}<' in text
        assert f"<wsa:From><wsa:Address>{rig.url()}</wsa:Address></wsa:From>" in text


async def test_the_address_is_used_byte_for_byte(station: SoapPeer) -> None:
    async with json_gateway(LOOPBACK) as (rig, csms):
        url = f"http://127.0.0.1:{station.port}/a/%7Eb//c/?x=%2f"
        await hello(rig, url)
        await csms.links[0].call("ClearCache", {})
        request, body = station.requests[0]
        assert request.raw_path == "/a/%7Eb//c/?x=%2f"
        assert f">{url}</".encode() in body


async def test_peculiar_peers_get_what_they_want(station: SoapPeer) -> None:
    soap = {**LOOPBACK["soap"], "must_understand": False, "prefix": "ns1"}
    async with json_gateway({"soap": soap}) as (rig, csms):
        await hello(rig, station.url)
        await csms.links[0].call("ClearCache", {})
        text = station.requests[0][1].decode()
        assert "mustUnderstand" not in text
        assert "<ns1:clearCacheRequest" in text


# -- where ------------------------------------------------------------------------------------


async def test_without_an_address_the_csms_is_told_at_once() -> None:
    async with json_gateway() as (rig, csms):
        await hello(rig, None)
        error = await refused(csms)
        assert error.code == "InternalError"
        assert "no address" in error.description


@pytest.mark.parametrize(
    "sender",
    [
        "http://127.0.0.1:1/cp",
        "http://[::1]:1/cp",
        "http://[::ffff:127.0.0.1]:1/cp",
        "http://2130706433:1/cp",
        "http://0x7f.1:1/cp",
        "http://localhost:1/cp",
        "http://0.0.0.0:1/cp",
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/cp",
        "http://224.0.0.1/cp",
        "http://user:secret@192.0.2.1/cp",
        "http://:8082/",
        "ftp://192.0.2.1/cp",
        "/cp:8081",
        "http://www.w3.org/2005/08/addressing/anonymous",
    ],
)
async def test_an_address_that_may_not_be_called_is_not(sender: str) -> None:
    async with json_gateway() as (rig, csms):
        await hello(rig, sender)
        error = await refused(csms)
        assert error.code == "InternalError"


async def test_ports_can_be_limited(station: SoapPeer) -> None:
    soap = {**LOOPBACK["soap"], "callback_ports": "80,443"}
    async with json_gateway({"soap": soap}) as (rig, csms):
        await hello(rig, station.url)
        assert "no address" in (await refused(csms)).description
        assert "callback_refused" in rig.outcomes()


async def test_a_name_that_changes_its_mind_is_not_followed(
    station: SoapPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS says first what is allowed, then what is not; the second word is not asked for."""
    loop = asyncio.get_running_loop()
    asked: list[str] = []
    real = loop.getaddrinfo

    async def lying(host: Any, port: Any, **options: Any) -> Any:
        if host != "rebinding.example":
            return await real(host, port, **options)
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))]

    monkeypatch.setattr(loop, "getaddrinfo", lying)
    soap = {"soap": {"callback_networks": ["127.0.0.1/32"]}}
    async with json_gateway(soap) as (rig, csms):
        await hello(rig, f"http://rebinding.example:{station.port}/cp")
        for _ in range(2):
            assert await csms.links[0].call("ClearCache", {}) == {"status": "Accepted"}
        assert len(asked) == 1
        assert station.requests[0][0].headers["Host"] == f"rebinding.example:{station.port}"
        await station.stop()
        await refused(csms)
        await station.start()
        # The connection failed, so the name is asked for anew: now it says what is not allowed.
        assert "no address of those allowed" in (await refused(csms)).description
        assert len(asked) == 2


async def test_the_last_address_counts_and_the_change_is_recorded(station: SoapPeer) -> None:
    async with json_gateway(LOOPBACK) as (rig, csms):
        await hello(rig, "http://127.0.0.1:1/old")
        await hello(rig, station.url)
        await hello(rig, None)
        assert await csms.links[0].call("ClearCache", {}) == {"status": "Accepted"}
        changes = [r.text for r in rig.records if r.outcome == "callback_changed"]
        assert changes[-1] == f"http://127.0.0.1:1/old -> {station.url}"


async def test_a_request_that_is_answered_here_tells_the_address_too(station: SoapPeer) -> None:
    async with json_gateway(LOOPBACK) as (rig, csms):
        await hello(rig, "http://127.0.0.1:1/old")
        empty = "<c:meterValuesRequest><c:connectorId>1</c:connectorId></c:meterValuesRequest>"
        assert (await rig.post(envelope(empty, "CP1", station.url))).status == 200
        assert await csms.links[0].call("ClearCache", {}) == {"status": "Accepted"}


async def test_the_operators_address_wins(station: SoapPeer) -> None:
    async with json_gateway({"soap": {"callback_url": station.url}}) as (rig, csms):
        await hello(rig, "http://192.0.2.1/cp")
        assert await csms.links[0].call("ClearCache", {}) == {"status": "Accepted"}


async def test_nothing_is_learned_where_that_is_off(station: SoapPeer) -> None:
    soap = {**LOOPBACK["soap"], "learn_callback": False}
    async with json_gateway({"soap": soap}) as (rig, csms):
        await hello(rig, station.url)
        assert "no address" in (await refused(csms)).description


async def test_behind_nat_the_host_can_be_that_of_the_peer(station: SoapPeer) -> None:
    soap = {**LOOPBACK["soap"], "callback_host": "peer"}
    async with json_gateway({"soap": soap}) as (rig, csms):
        for sender in (f"http://10.9.9.9:{station.port}/cp", f"http://:{station.port}/cp"):
            await hello(rig, sender)
            assert await csms.links[0].call("ClearCache", {}) == {"status": "Accepted"}
        assert station.requests[-1][0].path == "/cp"


# -- what comes back --------------------------------------------------------------------------

FAULT = (
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>c:{0}</s:Value></s:Subcode>"
    '</s:Code><s:Reason><s:Text xml:lang="en">reason</s:Text></s:Reason></s:Fault>'
)


@pytest.mark.parametrize("status", [200, 400, 403, 500])
async def test_a_fault_is_read_whatever_its_status(station: SoapPeer, status: int) -> None:
    station.answer = lambda request, body: soap_response(FAULT.format("NotSupported"), CP, status)
    async with json_gateway(LOOPBACK) as (rig, csms):
        await hello(rig, station.url)
        error = await refused(csms)
        assert error.code == "NotSupported"
        assert error.description.endswith("reason")


async def test_a_mismatch_of_identity_forgets_the_address(station: SoapPeer) -> None:
    station.answer = lambda request, body: soap_response(FAULT.format("IdentityMismatch"), CP, 500)
    async with json_gateway(LOOPBACK) as (rig, csms):
        await hello(rig, station.url)
        assert (await refused(csms)).code == "InternalError"
        assert "no address" in (await refused(csms)).description
        assert rig.outcomes().count("callback_changed") == 2


async def test_an_answer_with_the_headers_of_another_call_is_taken(station: SoapPeer) -> None:
    head = "<a:RelatesTo>urn:uuid:other</a:RelatesTo><a:Action>/ResetResponse</a:Action>"

    def late(request: web.Request, body: bytes) -> web.Response:
        text = envelope(CLEARED, None, namespace=CP, head=head)
        return web.Response(text=text, content_type="application/soap+xml")

    station.answer = late
    async with json_gateway(LOOPBACK) as (rig, csms):
        await hello(rig, station.url)
        assert await csms.links[0].call("ClearCache", {}) == {"status": "Accepted"}


async def test_what_soap_cannot_say_is_refused(station: SoapPeer) -> None:
    async with json_gateway(LOOPBACK) as (rig, csms):
        await hello(rig, station.url)
        with pytest.raises(peers.Refused) as found:
            await csms.links[0].call("UnlockConnector", {"connectorId": 1 << 40})
        assert found.value.code == "PropertyConstraintViolation"
        assert station.requests == []


async def test_what_soap_says_otherwise_is_written_so(station: SoapPeer) -> None:
    """Values that no schema of JSON allows, as soap.md 8 has them written."""
    periods = [{"startPeriod": 0, "limit": 16.66}, {"startPeriod": 60, "limit": 21.4}]
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": periods},
    }
    async with json_gateway(LOOPBACK) as (rig, csms):
        await hello(rig, station.url)
        call = csms.links[0].call
        station.answer = lambda request, body: soap_response("<c:updateFirmwareResponse/>", CP)
        await call("UpdateFirmware", {"location": "ftp://h/a b", "retrieveDate": NOW})
        assert b">ftp://h/a%20b<" in station.requests[-1][1]
        station.answer = lambda request, body: soap_response(ASSIGNED, CP)
        await call("SetChargingProfile", {"connectorId": 0, "csChargingProfiles": profile})
        limits = re.findall(rb"limit>([^<]+)</", station.requests[-1][1])
        assert limits == [b"16.6", b"21.4"]
        with pytest.raises(peers.Refused) as found:
            await call("UpdateFirmware", {"location": "no address", "retrieveDate": NOW})
        assert found.value.code == "PropertyConstraintViolation"


# -- no answer --------------------------------------------------------------------------------

REMOTE_START = {"remoteStartId": 9, "idToken": {"idToken": "04A2B3C4", "type": "ISO14443"}}
STARTING = (
    "<c:remoteStartTransactionResponse><c:status>Accepted</c:status>"
    "</c:remoteStartTransactionResponse>"
)
CSMS_OF_201 = {"version": "2.0.1"}


def breaks(request: web.Request, body: bytes) -> web.Response:
    """Take the request, and let go of the connection."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@pytest.mark.parametrize(
    "answer", [breaks, lambda request, body: web.Response(status=504)], ids=["broken", "504"]
)
async def test_a_station_that_may_have_acted_has_not_refused(station: SoapPeer, answer) -> None:
    """Translation-csms 1.2: never a negative status where no answer came."""
    async with json_gateway(LOOPBACK, csms=CSMS_OF_201) as (rig, csms):
        await hello(rig, station.url)
        station.answer = answer
        async with asyncio.timeout(5):
            with pytest.raises(peers.Refused) as found:
                await csms.links[-1].call("RequestStartTransaction", REMOTE_START)
        assert found.value.code == "InternalError"
        assert found.value.description == "no answer from the station"


async def test_a_late_answer_of_a_station_still_counts(station: SoapPeer) -> None:
    """Translation-csms 1.2: a late Accepted keeps the pending remote start."""
    gate = asyncio.Event()

    async def late(request: web.Request, body: bytes) -> web.Response:
        await gate.wait()
        return soap_response(STARTING, CP)

    impatient = {"station_timeout_s": 0.1}
    async with json_gateway(LOOPBACK, csms=CSMS_OF_201, translation=impatient) as (rig, csms):
        await hello(rig, station.url)
        station.answer = late
        with pytest.raises(peers.Refused):
            await csms.links[-1].call("RequestStartTransaction", REMOTE_START)
        gate.set()
        await rig.recorded("late")


async def test_a_stop_that_did_not_reach_the_station_is_asked_for_again(station: SoapPeer) -> None:
    """The CSMS refuses the token of a running transaction while nobody can call the station."""
    async with json_gateway(LOOPBACK, csms=CSMS_OF_201) as (rig, csms):
        await hello(rig, station.url)
        started = await rig.said(START.replace(">T<", ">04A2B3C4<"))
        transaction = re.search(rb"transactionId>(\d+)<", started.body)
        assert transaction is not None
        await station.stop()
        csms.answers["TransactionEvent"] = {"idTokenInfo": {"status": "Invalid"}}
        reading = (
            "<c:meterValuesRequest><c:connectorId>1</c:connectorId><c:transactionId>"
            f"{transaction[1].decode()}</c:transactionId><c:meterValue><c:timestamp>{NOW}"
            "</c:timestamp><c:sampledValue><c:value>5</c:value></c:sampledValue></c:meterValue>"
            "</c:meterValuesRequest>"
        )
        assert (await rig.said(reading)).status == 200
        await rig.recorded("not_delivered")
        await station.start()
        station.came.clear()
        assert (await rig.said(HEARTBEAT)).status == 200
        async with asyncio.timeout(5):
            await station.came.wait()
        assert station.actions[-1] == "remoteStopTransaction"
