"""A CSMS that speaks SOAP: how it is called, how it calls, and what its failures become."""

import asyncio
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.io.soap_rig import (
    CALLBACK,
    CP,
    CS,
    FAULT,
    NOW,
    SoapPeer,
    SoapRig,
    central_system,
    envelope,
    listening,
    section,
    soap_gateway,
    soap_response,
)
from tests.support import peers

EXAMPLE = Path(__file__).parents[2] / "xslt" / "examples" / "identity-from-boot"
BOOT = {
    "reason": "PowerUp",
    "chargingStation": {
        "model": "M",
        "vendorName": "V",
        "serialNumber": "SN-7",
        "modem": {"iccid": "8943"},
    },
}
TX = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
TOKEN = {"idToken": "04A2B3C4", "type": "ISO14443"}
STARTED = {
    "eventType": "Started",
    "timestamp": "2025-06-01T14:00:00Z",
    "triggerReason": "Authorized",
    "seqNo": 0,
    "transactionInfo": {"transactionId": TX},
    "evse": {"id": 1, "connectorId": 1},
    "idToken": TOKEN,
}
QUICK = {"upstream_timeout_s": 0.2, "csms_grace_s": 0.3, "retry_grace_s": 0.3}
STOP = (
    "<c:remoteStopTransactionRequest><c:transactionId>7</c:transactionId>"
    "</c:remoteStopTransactionRequest>"
)


@pytest.fixture
async def csms() -> Any:
    async with listening(SoapPeer(central_system)) as peer:
        yield peer


async def accepts(action: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"status": "Accepted"}


def station(rig: SoapRig, protocol: str = "ocpp2.0.1", handler: Any = accepts) -> Any:
    return peers.dialled(rig.app.station_url("CP1"), (protocol,), handler)


async def called(rig: SoapRig, body: str, path: str = "/callback/CP1", **options: Any) -> Any:
    """A call of the CSMS."""
    identity = options.pop("identity", "CP1")
    return await rig.post(envelope(body, identity, namespace=CP), path, **options)


# -- calling it -------------------------------------------------------------------------------


async def test_a_request_looks_exactly_so(csms: SoapPeer) -> None:
    async with soap_gateway(section(csms)) as rig, station(rig, "ocpp1.6") as link:
        assert await link.call("Heartbeat", {}) == {"currentTime": NOW}
        ((request, body),) = [r for r in csms.requests if b"heartbeatRequest" in r[1]]
        assert dict(request.headers) == {
            "Host": f"127.0.0.1:{csms.port}",
            "Content-Type": 'application/soap+xml; charset=utf-8; action="/Heartbeat"',
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        text = body.decode()
        assert f"<wsa:From><wsa:Address>{CALLBACK}/CP1</wsa:Address></wsa:From>" in text
        assert 'chargeBoxIdentity soap:mustUnderstand="true">CP1<' in text
        assert f">{csms.url}</wsa:To>" in text


async def test_it_gets_its_password_and_small_comforts(csms: SoapPeer) -> None:
    soap = {"must_understand": False, "prefix": "ns1", "compress": True}
    login = {"auth": "basic", "username": "gw", "password": "secret", "soap": soap}
    async with soap_gateway(section(csms, **login)) as rig, station(rig, "ocpp1.6") as link:
        data = {"vendorId": "v", "data": "x" * 2000}
        assert await link.call("DataTransfer", data) == {"status": "Accepted"}
        request, body = csms.requests[-1]
        assert request.headers["Authorization"] == "Basic " + b64encode(b"gw:secret").decode()
        assert request.headers["Content-Encoding"] == "gzip"
        assert b"mustUnderstand" not in body
        assert b"<ns1:dataTransferRequest" in body


@pytest.mark.parametrize(
    ("parameters", "known_as"),
    [({}, "8943"), ({"identity-field": "chargePointSerialNumber"}, "SN-7")],
)
async def test_the_identity_can_come_from_the_boot(
    csms: SoapPeer, parameters: dict[str, str], known_as: str
) -> None:
    resources = {"xslt_overlays": [str(EXAMPLE)], "xslt_parameters": parameters}
    async with soap_gateway(section(csms), resources=resources) as rig, station(rig) as link:
        await link.call("BootNotification", BOOT)
        await link.call("Heartbeat", {})
        told = f">{known_as}</cs:chargeBoxIdentity>".encode()
        assert all(told in body for _, body in csms.requests)
        assert b"/callback/CP1<" in csms.requests[-1][1], "callbacks go by the station's own id"
        reset = "<c:resetRequest><c:type>Soft</c:type></c:resetRequest>"
        answer = await called(rig, reset, identity=known_as)
        assert answer.content == "resetResponse Accepted"


async def test_messages_of_the_security_extension_stay_here(csms: SoapPeer) -> None:
    event = {"type": "SettingSystemTime", "timestamp": NOW}
    async with soap_gateway(section(csms)) as rig:
        async with station(rig, "ocpp1.6") as link:
            assert await link.call("SecurityEventNotification", event) == {}
            with pytest.raises(peers.Refused) as found:
                await link.call("SignCertificate", {"csr": "PEM"})
            assert found.value.code == "NotImplemented"
        assert csms.actions == []


# -- its failures -----------------------------------------------------------------------------


def fails(status: int = 500, text: str = "", kind: str = "text/plain") -> Any:
    def answer(request: web.Request, body: bytes) -> web.Response:
        return web.Response(status=status, text=text, content_type=kind)

    return answer


def only(action: bytes, failing: Any) -> Any:
    """A CSMS that fails with one operation only."""

    def answer(request: web.Request, body: bytes) -> Any:
        return (failing if action in body else central_system)(request, body)

    return answer


def behind(gate: asyncio.Event) -> Any:
    """A CSMS that answers once the gate is open."""

    async def late(request: web.Request, body: bytes) -> web.Response:
        await gate.wait()
        return central_system(request, body)

    return late


async def test_a_csms_that_is_away_lets_no_station_in(csms: SoapPeer) -> None:
    async with soap_gateway(section(csms)) as rig:
        await csms.stop()
        async with peers.aiohttp.ClientSession() as http:
            with pytest.raises(peers.aiohttp.WSServerHandshakeError) as found:
                await http.ws_connect(rig.app.station_url("CP1"), protocols=("ocpp1.6",))
        assert found.value.status == 503


async def test_a_csms_that_goes_away_takes_the_stations_link_with_it(csms: SoapPeer) -> None:
    grace = {"csms_grace_s": 0.1}
    async with soap_gateway(section(csms), translation=grace) as rig, station(rig) as link:
        await link.call("BootNotification", BOOT)
        await link.call("Heartbeat", {})  # behind the status that follows the boot
        await csms.stop()
        with pytest.raises(peers.LinkLost):
            await link.call("Heartbeat", {})
        assert link._ws.close_code == 1012


@pytest.mark.parametrize(
    "failing",
    [
        fails(500),
        fails(200),
        fails(200, "<html>Log in</html>", "text/html"),
        fails(307),
        fails(200, "<s:Envelope", "application/soap+xml"),
    ],
    ids=["500", "empty", "html", "redirect", "cut"],
)
async def test_what_is_no_answer_is_an_internal_error(csms: SoapPeer, failing: Any) -> None:
    csms.answer = only(b"heartbeatRequest", failing)
    async with soap_gateway(section(csms)) as rig, station(rig, "ocpp1.6") as link:
        with pytest.raises(peers.Refused) as found:
            await link.call("Heartbeat", {})
        assert found.value.code == "InternalError"


@pytest.mark.parametrize("status", [200, 400, 403, 500])
async def test_a_fault_is_an_answer_whatever_its_status(csms: SoapPeer, status: int) -> None:
    def faulting(request: web.Request, body: bytes) -> web.Response:
        return soap_response(FAULT.format("IdentityMismatch"), CS, status)

    csms.answer = only(b"authorizeRequest", faulting)
    async with soap_gateway(section(csms)) as rig, station(rig, "ocpp1.6") as link:
        for _ in range(4):
            with pytest.raises(peers.Refused) as found:
                await link.call("Authorize", {"idTag": "T"})
            assert found.value.code == "SecurityError"
        assert found.value.details["upstreamDetails"] == {
            "httpStatus": status,
            "subcode": "IdentityMismatch",
        }
        assert await link.call("Heartbeat", {}) == {"currentTime": NOW}


@pytest.mark.parametrize("times", [1, 2])
async def test_a_transaction_message_is_posted_again(csms: SoapPeer, times: int) -> None:
    left = [times]

    def failing(request: web.Request, body: bytes) -> Any:
        left[0] -= 1
        return (fails(502) if left[0] >= 0 else central_system)(request, body)

    csms.answer = only(b"startTransactionRequest", failing)
    async with soap_gateway(section(csms)) as rig, station(rig) as link:
        await link.call("BootNotification", BOOT)
        answer = await link.call("TransactionEvent", STARTED)
        assert answer == {"idTokenInfo": {"status": "Accepted"}}
        bodies = [body for _, body in csms.requests if b"startTransactionRequest" in body]
        assert len(bodies) == times + 1
        assert len({body.partition(b"<soap:Body>")[2] for body in bodies}) == 1


async def test_one_that_never_gets_through_gets_no_answer_and_is_kept(csms: SoapPeer) -> None:
    csms.answer = only(b"startTransactionRequest", fails(502))
    patience = {**QUICK, "upstream_timeout_s": 2}
    async with soap_gateway(section(csms), translation=patience) as rig:
        async with station(rig) as link:
            await link.call("BootNotification", BOOT)
            with pytest.raises(peers.LinkLost):
                await link.call("TransactionEvent", STARTED)
            assert link._ws.close_code == 1012
        csms.answer = central_system
        async with station(rig) as link:
            await link.call("BootNotification", BOOT)
            again = await link.call("TransactionEvent", STARTED)
            assert again == {"idTokenInfo": {"status": "Accepted"}}


async def test_a_late_answer_to_a_transaction_message_is_not_lost(csms: SoapPeer) -> None:
    gate = asyncio.Event()
    csms.answer = only(b"startTransactionRequest", behind(gate))
    patient = {**QUICK, "retry_grace_s": 30}
    async with soap_gateway(section(csms), translation=patient) as rig:
        async with station(rig) as link:
            await link.call("BootNotification", BOOT)
            with pytest.raises(peers.LinkLost):
                await link.call("TransactionEvent", STARTED)
        gate.set()
        async with station(rig) as link:
            await link.call("BootNotification", BOOT)
            answer = await link.call("TransactionEvent", STARTED)
            assert answer == {"idTokenInfo": {"status": "Accepted"}}
        assert csms.actions.count("startTransaction") == 1


async def test_a_late_answer_to_any_other_message_counts_too(csms: SoapPeer) -> None:
    """Translation-station 1.2: it is still processed for state."""
    gate = asyncio.Event()
    csms.answer = only(b"bootNotificationRequest", behind(gate))
    patient = {**QUICK, "retry_grace_s": 30}
    async with soap_gateway(section(csms), translation=patient) as rig, station(rig) as link:
        with pytest.raises(peers.Refused) as found:
            await link.call("BootNotification", BOOT)
        assert found.value.description == "upstream timeout"
        gate.set()
        await rig.recorded("late")
        assert await link.call("Heartbeat", {}) == {"currentTime": NOW}


async def test_an_outage_while_a_token_is_checked_is_no_error_of_the_event(csms: SoapPeer) -> None:
    """Reliability P3: the station keeps the event and repeats it."""
    csms.answer = only(b"authorizeRequest", fails(502))
    check = {**STARTED, "eventType": "Updated", "seqNo": 1, "idToken": {**TOKEN, "idToken": "B"}}
    async with soap_gateway(section(csms)) as rig, station(rig) as link:
        await link.call("BootNotification", BOOT)
        await link.call("TransactionEvent", STARTED)
        with pytest.raises(peers.LinkLost):
            await link.call("TransactionEvent", check)
        assert link.close_code == 1012


# -- its calls --------------------------------------------------------------------------------


async def test_a_call_finds_its_station(csms: SoapPeer) -> None:
    heard: list[tuple[str, Any]] = []

    async def note(action: str, payload: dict[str, Any]) -> dict[str, Any]:
        heard.append((action, payload))
        return {"status": "Accepted"}

    async with soap_gateway(section(csms)) as rig, station(rig, handler=note) as link:
        await link.call("BootNotification", BOOT)
        await link.call("TransactionEvent", STARTED)
        answer = await called(rig, STOP)
        assert (answer.status, answer.content) == (200, "remoteStopTransactionResponse Accepted")
        assert heard == [("RequestStopTransaction", {"transactionId": TX})]
        assert (await called(rig, STOP, "/callback")).status == 200, "the header names it, too"
        assert (await called(rig, STOP, identity=None)).status == 200, "and so does the path"


@pytest.mark.parametrize(("setting", "status"), [(500, 500), ("spec", 400)])
async def test_faults_are_as_the_csms_wants_them(
    csms: SoapPeer, setting: int | str, status: int
) -> None:
    soap = {"fault_status": setting, "prefix": "ns1"}
    async with soap_gateway(section(csms, soap=soap)) as rig, station(rig) as link:
        await link.call("BootNotification", BOOT)
        for path in ("/callback/CP9", "/callback/CP1"):
            answer = await called(rig, STOP, path, identity="CP9")
            assert (answer.status, answer.fault) == (status, "Sender/IdentityMismatch")
            assert b">ns1:IdentityMismatch<" in answer.body


async def test_a_reply_to_of_its_own_is_refused(csms: SoapPeer) -> None:
    async with soap_gateway(section(csms)) as rig, station(rig) as link:
        await link.call("BootNotification", BOOT)
        head = "<a:ReplyTo><a:Address>http://192.0.2.1/elsewhere</a:Address></a:ReplyTo>"
        body = envelope("<c:clearCacheRequest/>", "CP1", namespace=CP, head=head)
        answer = await rig.post(body, "/callback/CP1")
        assert answer.fault == "Sender/ProtocolError"


@pytest.mark.parametrize(
    ("path", "identity", "fault"),
    [
        ("/callback/CP9", "CP9", "Sender/IdentityMismatch"),
        ("/callback/CP1", "CP2", "Sender/IdentityMismatch"),
        ("/callback", None, "Sender/ProtocolError"),
        ("/callback", "CP9", "Sender/IdentityMismatch"),
        ("/callback", "no/id", "Sender/IdentityMismatch"),
        ("/callback", "../CP1", "Sender/IdentityMismatch"),
    ],
)
async def test_a_call_to_nobody_is_a_fault(
    csms: SoapPeer, path: str, identity: str | None, fault: str
) -> None:
    async with soap_gateway(section(csms)) as rig, station(rig) as link:
        await link.call("BootNotification", BOOT)
        answer = await called(rig, STOP, path, identity=identity)
        assert (answer.status, answer.fault) == (500, fault)


async def test_a_station_that_is_away_is_a_fault_at_once(csms: SoapPeer) -> None:
    async with soap_gateway(section(csms)) as rig:
        async with station(rig) as link:
            await link.call("BootNotification", BOOT)
            (pump,) = rig.app.pumps
        await asyncio.shield(pump.ended)
        answer = await called(rig, STOP)
        assert answer.fault == "Receiver/InternalError"


async def test_a_refusal_of_the_station_is_a_fault(csms: SoapPeer) -> None:
    async def refuses(action: str, payload: dict[str, Any]) -> dict[str, Any]:
        raise peers.Refused("NotSupported", "no")

    async with soap_gateway(section(csms)) as rig, station(rig, "ocpp1.6", refuses) as link:
        await link.call("Heartbeat", {})
        assert (await called(rig, "<c:clearCacheRequest/>")).fault == "Receiver/NotSupported"


async def test_a_station_that_does_not_answer_is_a_fault(csms: SoapPeer) -> None:
    async def silent(action: str, payload: dict[str, Any]) -> dict[str, Any]:
        raise peers.Silence

    patience = {"station_timeout_s": 0.1}
    async with (
        soap_gateway(section(csms), translation=patience) as rig,
        station(rig, "ocpp1.6", silent) as link,
    ):
        await link.call("Heartbeat", {})
        answer = await called(rig, "<c:clearCacheRequest/>")
        assert (answer.status, answer.fault) == (500, "Receiver/InternalError")


async def test_an_operation_of_the_other_service_is_not_supported(csms: SoapPeer) -> None:
    async with soap_gateway(section(csms)) as rig, station(rig):
        answer = await called(rig, "<c:heartbeatRequest/>")
        assert answer.fault == "Receiver/NotSupported"


async def test_its_calls_may_have_to_show_a_password(csms: SoapPeer) -> None:
    asks = {"callback_auth": "basic", "callback_username": "cs", "callback_password": "secret"}
    async with soap_gateway(section(csms, **asks)) as rig, station(rig, "ocpp1.6") as link:
        await link.call("Heartbeat", {})
        body = "<c:clearCacheRequest/>"
        for shown in ("cs:wrong", "other:secret", None):
            headers = (
                {"Authorization": f"Basic {b64encode(shown.encode()).decode()}"} if shown else {}
            )
            answer = await called(rig, body, headers=headers)
            assert (answer.status, answer.fault) == (401, "Sender/SecurityError")
        right = {"Authorization": f"Basic {b64encode(b'cs:secret').decode()}"}
        assert (await called(rig, body, headers=right)).content == "clearCacheResponse Accepted"


async def test_without_a_station_in_the_path_its_password_is_asked_for_all_the_same(
    csms: SoapPeer,
) -> None:
    """Which route holds is known only when the message has been read."""
    asks = {"callback_auth": "basic", "callback_username": "cs", "callback_password": "secret"}
    routes = [{"match": "CP1", "csms": asks}]
    async with soap_gateway(section(csms), routes=routes) as rig, station(rig, "ocpp1.6") as link:
        await link.call("Heartbeat", {})
        body = "<c:clearCacheRequest/>"
        for path in ("/callback", "/callback/CP1"):
            assert (await called(rig, body, path)).status == 401
        right = {"Authorization": f"Basic {b64encode(b'cs:secret').decode()}"}
        answer = await called(rig, body, "/callback", headers=right)
        assert answer.content == "clearCacheResponse Accepted"


async def test_ids_may_be_matched_without_case_in_its_calls_too(csms: SoapPeer) -> None:
    body = "<c:clearCacheRequest/>"
    for ignored in (False, True):
        config = {"id_case_insensitive": ignored}
        async with soap_gateway(section(csms), config) as rig, station(rig, "ocpp1.6") as link:
            await link.call("Heartbeat", {})
            for path, identity in (("/callback/cp1", "CP1"), ("/CALLBACK/CP1", "cp1")):
                answer = await called(rig, body, path, identity=identity)
                expected = "" if ignored else "Sender/IdentityMismatch"
                assert answer.fault == expected


async def test_the_description_of_what_it_calls_has_our_address(csms: SoapPeer) -> None:
    async with soap_gateway(section(csms)) as rig:
        text = await (await rig.http.get(rig.url("/callback/CP1?wsdl"))).text()
        assert f'location="{rig.url("/callback/CP1")}"' in text
        assert "ChargePointService" in text
