"""Which addresses a station may make the gateway call (soap.md 5 and 9, reliability S10).

A name is resolved once, what comes of it is checked, and the connection goes to that very address:
a name that changes its mind between check and use gains nothing.
"""

import asyncio
import ipaddress
import re
import socket
from urllib.parse import urlsplit, urlunsplit

from gateway.config.model import StationSoap
from gateway.core.codec.soap_head import callback
from gateway.core.errors import TransportError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PUBLIC, PRIVATE = "public", "private"
METADATA = ("169.254.0.0/16", "fd00:ec2::/32", "100.100.100.200/32", "168.63.129.16/32")
"""Where clouds tell machines their secrets; only a network named in so many digits opens them."""

_SHARED = ipaddress.ip_network("100.64.0.0/10")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_METADATA = tuple(ipaddress.ip_network(network) for network in METADATA)
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?").fullmatch


class Forbidden(TransportError):
    """The address is none that the gateway may call."""


class Guard:
    """networks: `public`, `private` or networks in CIDR notation; ports: `80,8000-8999`.

    Raises ValueError for what is neither.
    """

    def __init__(self, networks: tuple[str, ...], ports: str) -> None:
        self._kinds = frozenset(networks) & {PUBLIC, PRIVATE}
        self._networks: tuple[_Network, ...] = tuple(
            ipaddress.ip_network(network) for network in networks if network not in self._kinds
        )
        self._ports = tuple(_range(part.strip()) for part in ports.split(","))

    def allows(self, address: IPAddress) -> bool:
        """Whether that address may be connected to."""
        address = _meant(address)
        if any(address in network for network in self._networks):
            return True
        if any(address in network for network in _METADATA):
            return False
        if _is_special(address):
            return False
        # Mobile carriers give out shared addresses: for us they are private ones.
        if address.is_private or address in _SHARED:
            return PRIVATE in self._kinds
        return PUBLIC in self._kinds and address.is_global

    def accepts(self, url: str) -> bool:
        """Whether a callback URL may be kept: its port, and its host where that is an address."""
        try:
            parts = urlsplit(url)
            port, host = parts.port, parts.hostname
        except ValueError:
            return False
        port = port or (443 if parts.scheme.lower() == "https" else 80)
        if host is None or not any(low <= port <= high for low, high in self._ports):
            return False
        try:
            return self.allows(ipaddress.ip_address(host))
        except ValueError:
            return True

    async def resolved(self, url: str) -> str:
        """An address of the URL's host that may be connected to. Raises Forbidden."""
        if not self.accepts(url):
            raise Forbidden("the callback address is none of those allowed")
        host = urlsplit(url).hostname or ""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, None, type=socket.SOCK_STREAM
            )
        except OSError as error:
            raise TransportError(f"the callback host is unknown: {error}") from error
        addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
        allowed = next((address for address in addresses if self.allows(address)), None)
        if allowed is None:
            raise Forbidden("the callback host has no address of those allowed")
        return str(allowed)


def learned(address: str | None, peer: str | None, settings: StationSoap) -> str | None:
    """The callback URL that follows from a request's From, byte for byte; None if none does.

    peer: IP address that the request came from, for `callback_host: peer`. Guarding comes later.
    """
    if not settings.learn_callback or not address:
        return None
    if settings.callback_host == "peer" and peer is not None:
        address = _with_host(address, peer)
    return callback(address)


def _with_host(address: str, host: str) -> str:
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return address
    shown = f"[{host}]" if ":" in host else host
    return urlunsplit(parts._replace(netloc=f"{shown}{port}")) if parts.scheme else address


def _meant(address: IPAddress) -> IPAddress:
    """The IPv4 address inside one of IPv6, where there is one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inside = address.ipv4_mapped or address.sixtofour
    if inside is None and address in _NAT64:
        inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return inside or address


def _is_special(address: IPAddress) -> bool:
    return (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address.is_reserved
    )


def _range(text: str) -> tuple[int, int]:
    found = _PORTS(text)
    if found is None:
        raise ValueError(f"{text!r} is no range of ports")
    low = int(found[1])
    return low, int(found[2] or low)
