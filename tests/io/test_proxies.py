"""Behind a trusted proxy the client counts, not the proxy (reliability S13)."""

import asyncio
from collections.abc import Sequence

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from gateway.io.credentials import Credentials
from gateway.io.proxies import Proxies
from tests.io.rig import SUBPROTOCOL, running

PROXY = "127.0.0.1"
OFFER = f"{SUBPROTOCOL}: ocpp1.6"


class Transport(asyncio.Transport):
    """The end of a connection from one address."""

    def __init__(self, peer: str | None) -> None:
        super().__init__({"peername": (peer, 4711) if peer is not None else None})


def seen(peer: str | None, headers: Sequence[tuple[str, str]], *proxies: str):
    """(client, scheme) that a request seems to have."""
    request = make_mocked_request(
        "GET", "/ocpp/CP1", CIMultiDict(headers), transport=Transport(peer)
    )
    found = Proxies(proxies).seen(request)
    return found.remote, found.scheme


FOR = "X-Forwarded-For"
CLIENTS = {
    "one hop": ([(FOR, "192.0.2.7")], "192.0.2.7"),
    "what the client claims does not count": ([(FOR, "10.0.0.1, 192.0.2.7")], "192.0.2.7"),
    "a chain of proxies": ([(FOR, "192.0.2.7, 10.0.0.8")], "192.0.2.7"),
    "several lines": ([(FOR, "192.0.2.6"), (FOR, "192.0.2.7"), (FOR, "10.0.0.8")], "192.0.2.7"),
    "with a port": ([(FOR, "192.0.2.7:50123")], "192.0.2.7"),
    "IPv6": ([(FOR, "2001:db8::7")], "2001:db8::7"),
    "IPv6 with a port": ([(FOR, "[2001:db8::7]:443")], "2001:db8::7"),
    "IPv4 inside IPv6": ([(FOR, "::ffff:192.0.2.7")], "192.0.2.7"),
    "only proxies": ([(FOR, "10.0.0.9, 10.0.0.8")], "10.0.0.9"),
    "no address": ([(FOR, "192.0.2.7, unknown")], "10.0.0.1"),
    "nothing said": ([], "10.0.0.1"),
    "empty": ([(FOR, "")], "10.0.0.1"),
    "RFC 7239": ([("Forwarded", "for=192.0.2.7;proto=https;by=203.0.113.4")], "192.0.2.7"),
    "RFC 7239, a chain": ([("Forwarded", 'for=192.0.2.1, For="[2001:db8::7]:1"')], "2001:db8::7"),
    "RFC 7239, hidden": ([("Forwarded", "for=_hidden")], "10.0.0.1"),
    "both headers": ([("Forwarded", "for=192.0.2.1"), (FOR, "192.0.2.7")], "192.0.2.7"),
}


@pytest.mark.parametrize(("headers", "client"), CLIENTS.values(), ids=CLIENTS.keys())
def test_the_client_of_a_trusted_proxy(headers, client):
    assert seen("10.0.0.1", headers, "10.0.0.0/8")[0] == client


@pytest.mark.parametrize("proxies", [(), ("10.0.0.2",), ("2001:db8::/32",)])
def test_nobody_elses_word_counts(proxies):
    headers = [(FOR, "192.0.2.7"), ("X-Forwarded-Proto", "https")]
    assert seen("10.0.0.1", headers, *proxies) == ("10.0.0.1", "http")


def test_a_connection_without_an_address_is_nobodys():
    assert seen(None, [(FOR, "192.0.2.7")], "10.0.0.0/8")[0] is None


@pytest.mark.parametrize(
    ("headers", "scheme"),
    [
        ([("X-Forwarded-Proto", "https")], "https"),
        ([("X-Forwarded-Proto", "WSS")], "https"),
        ([("X-Forwarded-Proto", "http")], "http"),
        ([("X-Forwarded-Proto", "https, http")], "http"),
        ([("Forwarded", "for=192.0.2.7;proto=https")], "https"),
        ([(FOR, "192.0.2.7")], "http"),
    ],
)
def test_whether_the_client_came_over_tls(headers, scheme):
    assert seen("10.0.0.1", headers, "10.0.0.1")[1] == scheme


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        ([], "inside:9000"),
        ([("X-Forwarded-Host", "ocpp.example.com")], "ocpp.example.com"),
        ([("X-Forwarded-Host", "claimed.example, ocpp.example.com:8443")], "ocpp.example.com:8443"),
        ([("Forwarded", 'for=192.0.2.7;host="ocpp.example.com:8443"')], "ocpp.example.com:8443"),
    ],
)
def test_by_which_name_the_client_called(headers, host):
    headers = [("Host", "inside:9000"), *headers]
    request = make_mocked_request(
        "GET", "/soap", CIMultiDict(headers), transport=Transport("10.0.0.1")
    )
    assert Proxies(("10.0.0.1",)).seen(request).host == host
    assert Proxies(("10.0.0.2",)).seen(request).host == "inside:9000"


@pytest.fixture
def guarded(tmp_path):
    path = tmp_path / "credentials"
    Credentials.load(path, missing_ok=True).save()
    return {"auth": "basic", "credentials": str(path), "max_unauthenticated_per_address": 2}


async def knock(rig, client: str) -> int:
    """The status of a login that fails, on a connection that stays open."""
    station = await rig.raw()
    status, _, _ = await station.request("/ocpp/CP1", OFFER, f"{FOR}: {client}")
    return status


async def test_strangers_behind_a_proxy_are_counted_by_client(guarded):
    async with running(stations={**guarded, "trusted_proxies": [PROXY]}) as rig:
        assert [await knock(rig, "192.0.2.7") for _ in range(3)] == [401, 401, 503]
        assert await knock(rig, "192.0.2.8") == 401


async def test_a_client_cannot_make_itself_another_by_a_header(guarded):
    async with running(stations=guarded) as rig:
        assert [await knock(rig, f"192.0.2.{n}") for n in range(2)] == [401, 401]
        third = await rig.raw()
        async with asyncio.timeout(10):
            assert await third.reader.read() == b""


@pytest.mark.parametrize(("proto", "status"), [("https", 101), ("http", 403)])
async def test_tls_that_ends_at_a_trusted_proxy_counts_for_the_security_profile(
    tmp_path, proto, status
):
    path = tmp_path / "credentials"
    credentials = Credentials.load(path, missing_ok=True)
    credentials.add("CP1", b"0123456789abcdef")
    credentials.save()
    config = {"auth": "basic", "credentials": str(path), "security_profile": 2}
    async with running(stations={**config, "trusted_proxies": [PROXY]}) as rig:
        station = await rig.raw()
        login = "Authorization: Basic Q1AxOjAxMjM0NTY3ODlhYmNkZWY="
        told = (f"{FOR}: 192.0.2.7", f"X-Forwarded-Proto: {proto}")
        assert (await station.request("/ocpp/CP1", OFFER, login, *told))[0] == status
