"""SOAP over TLS: both faces, in both directions; who is who by certificate (soap.md 2)."""

import asyncio
import socket
import ssl
from base64 import b64encode
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme
from aiohttp import web

from gateway.io.credentials import Credentials
from tests.io.soap_rig import (
    BOOT,
    CP,
    HEARTBEAT,
    LOOPBACK,
    MEDIA,
    NOW,
    Answer,
    SoapPeer,
    SoapRig,
    central_system,
    envelope,
    json_gateway,
    listening,
    soap_gateway,
    soap_response,
)
from tests.support import peers

DONE = f"heartbeatResponse {NOW}"
CLEAR = "<c:clearCacheRequest/>"
CLEARED = "<c:clearCacheResponse><c:status>Accepted</c:status></c:clearCacheResponse>"


@pytest.fixture
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def files(ca: trustme.CA, tmp_path: Path) -> dict[str, str]:
    """The gateway's certificate and key, and the CA of its peers."""
    names = {name: str(tmp_path / f"{name}.pem") for name in ("cert", "key", "ca")}
    leaf = ca.issue_cert("127.0.0.1", "gateway.example")
    leaf.cert_chain_pems[0].write_to_path(names["cert"])
    leaf.private_key_pem.write_to_path(names["key"])
    ca.cert_pem.write_to_path(names["ca"])
    return names


def served(files: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"tls": {"cert": files["cert"], "key": files["key"], **more}}


def client(ca: trustme.CA, name: str | None = None) -> ssl.SSLContext:
    """Who trusts the CA; name: common name of its own certificate."""
    context = ssl.create_default_context()
    ca.configure_trust(context)
    if name is not None:
        ca.issue_cert(common_name=name).configure_cert(context)
    return context


def server(ca: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert(*names).configure_cert(context)
    return context


async def post(
    rig: SoapRig, body: str, tls: ssl.SSLContext, path: str = "/soap", **headers: str
) -> Answer:
    url = f"https://127.0.0.1:{rig.app.port}{path}"
    named = {"Content-Type": MEDIA, **headers}
    async with aiohttp.ClientSession() as http:
        response = await http.post(url, data=body.encode(), headers=named, ssl=tls)
        return Answer(response.status, response.headers, await response.read())


# -- stations ---------------------------------------------------------------------------------


async def test_a_station_comes_over_tls_with_its_password(ca, files, tmp_path) -> None:
    path = tmp_path / "credentials"
    credentials = Credentials.load(path, missing_ok=True)
    credentials.add("CP1", b"0123456789abcdef")
    credentials.save()
    secured = {
        "auth": "basic",
        "allow_unauthenticated": False,
        "credentials": str(path),
        "security_profile": 2,
    }
    login = "Basic " + b64encode(b"CP1:0123456789abcdef").decode()
    async with json_gateway({**served(files), **secured}) as (rig, csms):
        answer = await post(rig, envelope(HEARTBEAT), client(ca), Authorization=login)
        assert (answer.status, answer.content) == (200, DONE)
        refused = await post(rig, envelope(HEARTBEAT), client(ca))
        assert (refused.status, refused.fault) == (401, "Sender/SecurityError")
        assert csms.actions == ["Heartbeat"]


async def test_a_station_is_who_its_certificate_says(ca, files) -> None:
    mutual = {**served(files, client_ca=files["ca"]), "auth": "mtls"}
    async with json_gateway({**mutual, "allow_unauthenticated": False}) as (rig, csms):
        answer = await post(rig, envelope(HEARTBEAT), client(ca, "CP1"))
        assert (answer.status, answer.content) == (200, DONE)
        other = await post(rig, envelope(HEARTBEAT, "CP2"), client(ca, "CP1"))
        assert other.fault == "Sender/IdentityMismatch"
        with pytest.raises((aiohttp.ClientError, OSError)):
            await post(rig, envelope(HEARTBEAT), client(ca))
        with pytest.raises((aiohttp.ClientError, OSError)):
            await post(rig, envelope(HEARTBEAT), ssl.create_default_context())
        assert csms.actions == ["Heartbeat"]


async def test_the_description_and_from_tell_of_https(ca, files) -> None:
    def answer(request: web.Request, body: bytes) -> web.Response:
        return soap_response(CLEARED, CP)

    async with (
        listening(SoapPeer(answer)) as station,
        json_gateway({**served(files), **LOOPBACK}) as (rig, csms),
    ):
        assert (await post(rig, envelope(BOOT, "CP1", station.url), client(ca))).status == 200
        await csms.links[0].call("ClearCache", {})
        ours = f"https://127.0.0.1:{rig.app.port}/soap"
        assert f"<wsa:From><wsa:Address>{ours}<".encode() in station.requests[0][1]
        async with aiohttp.ClientSession() as http:
            got = await http.get(f"{ours}?wsdl", ssl=client(ca))
            assert f'location="{ours}"' in await got.text()


@pytest.mark.parametrize(
    ("name", "trusted", "reached"),
    [("127.0.0.1", True, True), ("127.0.0.1", False, False), ("other.example", True, False)],
)
async def test_a_station_may_be_called_over_tls(ca, files, name, trusted, reached) -> None:
    signs = ca if trusted else trustme.CA()
    peer = SoapPeer(lambda request, body: soap_response(CLEARED, CP), server(signs, name))
    stations = {**served(files, client_ca=files["ca"]), **LOOPBACK}
    async with listening(peer) as station, json_gateway(stations) as (rig, csms):
        hello = envelope(BOOT, "CP1", station.url)
        assert (await post(rig, hello, client(ca, "CP1"))).status == 200
        if reached:
            assert await csms.links[0].call("ClearCache", {}) == {"status": "Accepted"}
            return
        with pytest.raises(peers.Refused) as found:
            await csms.links[0].call("ClearCache", {})
        assert (found.value.code, station.requests) == ("InternalError", [])


async def test_the_name_of_a_station_is_what_its_certificate_is_for(
    ca, files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection goes to the address that was resolved once, the check is by name."""
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def resolving(host: Any, port: Any, **options: Any) -> Any:
        if host == "cp1.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]
        return await real(host, port, **options)

    monkeypatch.setattr(loop, "getaddrinfo", resolving)
    peer = SoapPeer(lambda request, body: soap_response(CLEARED, CP), server(ca, "cp1.example"))
    stations = {**served(files, client_ca=files["ca"]), **LOOPBACK}
    async with listening(peer) as station, json_gateway(stations) as (rig, csms):
        hello = envelope(BOOT, "CP1", station.url.replace("127.0.0.1", "cp1.example"))
        assert (await post(rig, hello, client(ca, "CP1"))).status == 200
        assert await csms.links[0].call("ClearCache", {}) == {"status": "Accepted"}


# -- the CSMS ---------------------------------------------------------------------------------


def section(csms: SoapPeer, files: dict[str, str], **more: Any) -> dict[str, Any]:
    callback = "https://gateway.example.com/callback"
    return {"url": csms.url, "callback": callback, "tls": {"ca": files["ca"]}, **more}


async def test_a_csms_is_called_over_tls(ca, files) -> None:
    async with (
        listening(SoapPeer(central_system, server(ca, "127.0.0.1"))) as csms,
        soap_gateway(section(csms, files)) as rig,
        peers.dialled(rig.app.station_url("CP1"), ("ocpp1.6",)) as link,
    ):
        assert await link.call("Heartbeat", {}) == {"currentTime": NOW}


@pytest.mark.parametrize("name", ["127.0.0.1", "other.example"])
async def test_a_csms_with_a_wrong_certificate_is_none(ca, files, name) -> None:
    signs = trustme.CA() if name == "127.0.0.1" else ca
    async with listening(SoapPeer(central_system, server(signs, name))) as csms:
        async with soap_gateway(section(csms, files)) as rig:
            answer = await rig.post(envelope(HEARTBEAT))
            assert (answer.status, answer.body) == (503, b"")
        assert csms.requests == []


async def test_a_csms_may_want_to_see_our_certificate(ca, files) -> None:
    wants = server(ca, "127.0.0.1")
    wants.verify_mode = ssl.CERT_REQUIRED
    ca.configure_trust(wants)
    shown = {"ca": files["ca"], "cert": files["cert"], "key": files["key"]}
    async with (
        listening(SoapPeer(central_system, wants)) as csms,
        soap_gateway(section(csms, files, auth="mtls", tls=shown)) as rig,
    ):
        assert (await rig.post(envelope(HEARTBEAT))).content == DONE


async def test_its_calls_may_have_to_show_a_certificate(ca, files) -> None:
    """One that is for the host of the CSMS's address."""
    stations = served(files, client_ca=files["ca"])

    async def accepts(action: str, payload: dict[str, Any]) -> dict[str, Any]:
        return {"status": "Accepted"}

    async with listening(SoapPeer(central_system)) as csms:
        config = section(csms, files, callback_auth="mtls")
        async with soap_gateway(config, stations) as rig:
            url = rig.app.station_url("CP1")
            async with peers.dialled(url, ("ocpp1.6",), accepts, client(ca, "CP1")) as link:
                await link.call("Heartbeat", {})
                call = envelope(CLEAR, "CP1", namespace=CP)
                for name, status in (("127.0.0.1", 200), ("CP1", 401)):
                    answer = await post(rig, call, client(ca, name), "/callback/CP1")
                    assert answer.status == status
                assert answer.fault == "Sender/SecurityError"
