"""Which addresses may be called at all (soap.md 9, reliability S10)."""

import ipaddress

import pytest

from gateway.config.model import StationSoap
from gateway.io.callback_guard import Forbidden, Guard, learned

DEFAULT = StationSoap()
GUARD = Guard(DEFAULT.callback_networks, DEFAULT.callback_ports)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("192.88.99.7", "public"),
        ("8.8.8.8", "public"),
        ("2001:4860:4860::8888", "public"),
        ("::ffff:8.8.8.8", "public"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "private"),
        ("fd12::1", "private"),
        ("64:ff9b::a01:203", "private"),
        ("127.0.0.1", ""),
        ("127.9.9.9", ""),
        ("::1", ""),
        ("::ffff:127.0.0.1", ""),
        ("64:ff9b::7f00:1", ""),
        ("2002:7f00:1::", ""),
        ("0.0.0.0", ""),
        ("::", ""),
        ("169.254.169.254", ""),
        ("fe80::1", ""),
        ("224.0.0.1", ""),
        ("ff02::1", ""),
        ("240.0.0.1", ""),
        ("255.255.255.255", ""),
        ("fd00:ec2::254", ""),
        ("100.100.100.200", ""),
        ("168.63.129.16", ""),
    ],
)
def test_an_address_is_public_private_or_neither(address, kind):
    ip = ipaddress.ip_address(address)
    assert GUARD.allows(ip) is bool(kind)
    assert Guard(("public",), "1-65535").allows(ip) is (kind == "public")
    assert Guard(("private",), "1-65535").allows(ip) is (kind == "private")


def test_a_network_in_digits_opens_what_is_closed_otherwise():
    guard = Guard(("127.0.0.0/8", "169.254.169.254/32"), "1-65535")
    assert guard.accepts("http://127.1.1.1/x")
    assert guard.accepts("http://169.254.169.254/x")
    assert not guard.accepts("http://10.0.0.1/x")


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("http://10.0.0.1/x", True),
        ("https://10.0.0.1/x", False),
        ("https://10.0.0.1:8443/x", True),
        ("http://10.0.0.1:8500/x", True),
        ("http://10.0.0.1:9000/x", False),
        ("http://10.0.0.1:99999/x", False),
        ("http://station.example/x", True),
    ],
)
def test_the_port_counts_the_default_one_too(url, accepted):
    assert Guard(("private",), "80, 8443,8500-8600").accepts(url) is accepted


async def test_what_a_name_resolves_to_is_checked():
    with pytest.raises(Forbidden):
        await GUARD.resolved("http://localhost:1/x")
    assert await Guard(("127.0.0.0/8",), "1").resolved("http://localhost:1/x") == "127.0.0.1"


@pytest.mark.parametrize(
    ("host", "address", "url"),
    [
        ("from", "http://10.0.0.1:8080/a/", "http://10.0.0.1:8080/a/"),
        ("from", "http://:8080/a", None),
        ("from", "http://user@10.0.0.1/", None),
        ("from", "cp:8081", None),
        ("from", "", None),
        ("peer", "http://10.0.0.1:8080/a/", "http://192.0.2.9:8080/a/"),
        ("peer", "http://:8080/a", "http://192.0.2.9:8080/a"),
        ("peer", "https://10.0.0.1/a?b=c", "https://192.0.2.9/a?b=c"),
        ("peer", "/a:8080", None),
    ],
)
def test_the_callback_that_follows_from_a_request(host, address, url):
    assert learned(address, "192.0.2.9", StationSoap(callback_host=host)) == url


def test_ports_that_are_none_are_refused():
    with pytest.raises(ValueError, match="range of ports"):
        Guard(("public",), "http")
