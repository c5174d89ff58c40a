"""Posting an envelope to a peer and getting its answer, within bounds (soap.md 2, 9).

A new connection for each request: peers close idle ones after a few seconds, which races with
their reuse. Redirects are never followed.
"""

import ssl
from collections.abc import Mapping
from typing import NamedTuple

import aiohttp
from yarl import URL

from gateway.core.codec.soap_service import SOAP12
from gateway.core.errors import TransportError
from gateway.io.soap_http import CODINGS, TooLong, at_most, content_type, packed

CONNECT_S = 10.0


class Unreachable(TransportError):
    """Nothing was sent: the peer could not be connected to."""


class TimedOut(TransportError):
    """The peer took the request and gave no answer in time."""


class Target(NamedTuple):
    """Where to. address: an IP address to connect to instead of resolving the host of the URL.

    authorization: header; tls: for https, None for the system's own trust.
    """

    url: str
    address: str | None = None
    authorization: str | None = None
    tls: ssl.SSLContext | None = None
    compress: bool = False


class Posted(NamedTuple):
    """An answer, whatever its status."""

    status: int
    content_type: str | None
    body: bytes


class Poster:
    """Our HTTP client. most: bytes of an answer after decompression."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent"),
        )

    async def stop(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def post(self, to: Target, action: str, data: bytes, within_s: float) -> Posted:
        """Raises Unreachable, TimedOut, TransportError."""
        assert self._http is not None
        body, headers = packed(data, to.compress)
        headers["Content-Type"] = content_type(SOAP12, action)
        if to.authorization is not None:
            headers["Authorization"] = to.authorization
        url, named = _connecting(to)
        timeout = aiohttp.ClientTimeout(total=within_s, sock_connect=min(CONNECT_S, within_s))
        try:
            async with self._http.post(
                url,
                data=body,
                headers={**headers, **named},
                ssl=to.tls if to.tls is not None else True,
                server_hostname=URL(to.url, encoded=True).host if to.address else None,
                allow_redirects=False,
                timeout=timeout,
            ) as response:
                coding = response.headers.get("Content-Encoding", "").strip().lower()
                if coding not in CODINGS:
                    raise TransportError(f"the answer is compressed with {coding[:20]!r}")
                answer = await at_most(response.content, self._most, coding)
                return Posted(response.status, response.headers.get("Content-Type"), answer)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unreachable(f"no connection: {type(error).__name__}") from error
        except TimeoutError as error:
            raise TimedOut("no answer in time") from error
        except TooLong as error:
            raise TransportError(f"the answer has {error}") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise TransportError(f"the exchange broke: {type(error).__name__}") from error


def _connecting(to: Target) -> tuple[URL, Mapping[str, str]]:
    """The URL to connect to, and the header that names the host where an address stands for it."""
    url = URL(to.url, encoded=True)
    if to.address is None:
        return url, {}
    named = url.raw_host or ""
    shown = f"[{named}]" if ":" in named else named
    port = "" if url.is_default_port() else f":{url.port}"
    return url.with_host(to.address), {"Host": f"{shown}{port}"}
