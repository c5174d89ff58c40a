"""Who calls where a proxy stands before the gateway (`stations.trusted_proxies`, reliability S13).

A proxy that is trusted says in headers for whom it calls, whether that was over TLS, and by which
name it was called; anybody else's headers of that kind are as good as absent. Each proxy on the way
appends the address it was called from, so the list is read from its end: the first address that is
no trusted proxy's is the client's, and what stands before it is only what that client claims.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator

from aiohttp import web

FORWARDED, FORWARDED_FOR, FORWARDED_PROTO = "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto"
FORWARDED_HOST = "X-Forwarded-Host"
_TLS = frozenset({"https", "wss"})
_PAIR = re.compile(r'(?i)(for|proto|host)\s*=\s*("[^"]*"|[^;,"\s]*)')
_WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([^:]+):\d+").fullmatch


class Proxies:
    """networks: addresses or CIDR networks of the proxies. Raises ValueError for anything else."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = tuple(ipaddress.ip_network(network) for network in networks)

    def trusts(self, address: str) -> bool:
        """Whether what calls from that address is one of the proxies."""
        if not self._networks:
            return False
        try:
            known = _address(address)
        except ValueError:
            return False
        return any(known in network for network in self._networks)

    def seen(self, request: web.BaseRequest) -> web.BaseRequest:
        """The request with the `remote`, `scheme` and `host` of the client that it was made for.

        Where a proxy names no client that can be read, the nearest hop known stands for it.
        """
        peer = request.remote
        if peer is None or not self.trusts(peer):
            return request
        schemes = list(_schemes(request))
        scheme = request.scheme
        if schemes:
            scheme = "https" if all(name in _TLS for name in schemes) else "http"
        # Several proxies list their names as they do addresses; the nearest one's is the newest.
        host = next(reversed(list(_hosts(request))), request.host)
        client = self._client(peer, _hops(request))
        return request.clone(remote=client, scheme=scheme, host=host)

    def _client(self, peer: str, hops: list[str]) -> str:
        """hops: as listed, the newest one last."""
        client = peer
        for hop in reversed(hops):
            try:
                client = str(_address(hop))
            except ValueError:
                return client
            if not self.trusts(client):
                return client
        return client


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address of a hop, with or without a port. Raises ValueError."""
    found = _WITH_PORT(text)
    address = ipaddress.ip_address((found[1] or found[2]) if found else text)
    inside = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return inside or address


def _hops(request: web.BaseRequest) -> list[str]:
    """X-Forwarded-For, which most proxies write; else Forwarded. Spec: RFC 7239, 5.2."""
    listed = request.headers.getall(FORWARDED_FOR, ())
    if listed:
        return [hop.strip() for line in listed for hop in line.split(",")]
    return list(_forwarded(request, "for"))


def _schemes(request: web.BaseRequest) -> Iterator[str]:
    listed = request.headers.getall(FORWARDED_PROTO, ())
    if listed:
        yield from (name.strip().lower() for line in listed for name in line.split(","))
    else:
        yield from (name.lower() for name in _forwarded(request, "proto"))


def _hosts(request: web.BaseRequest) -> Iterator[str]:
    listed = request.headers.getall(FORWARDED_HOST, ())
    if listed:
        yield from (name.strip() for line in listed for name in line.split(","))
    else:
        yield from _forwarded(request, "host")


def _forwarded(request: web.BaseRequest, wanted: str) -> Iterator[str]:
    for line in request.headers.getall(FORWARDED, ()):
        for name, value in _PAIR.findall(line):
            if name.lower() == wanted:
                yield value.strip('"')
