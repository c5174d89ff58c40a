"""The face that dials the CSMS over WebSocket."""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import NamedTuple

from gateway.config.model import Csms
from gateway.core.dialects import SUBPROTOCOLS, Encoding, Side, Version
from gateway.core.errors import TransportError
from gateway.io import deflate, handshake
from gateway.io.carrier import Carrier
from gateway.io.clock import Clock
from gateway.io.identity import quoted
from gateway.io.link import Link, LinkLimits
from gateway.io.negotiate import BY_SUBPROTOCOL
from gateway.io.pings import PingWheel
from gateway.io.rate import Rate
from gateway.io.sockets import watch_tcp
from gateway.io.tls import csms_context
from gateway.io.upgrade import Answered, Client, Server
from gateway.io.upgrade import server as server_of

DIAL_QUEUE_S = 10.0
"""A dial that would wait longer than this for its turn fails instead."""


class DialRefused(TransportError):
    """The CSMS answered the handshake with something else than an upgrade.

    status: the HTTP status of its answer.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Login(NamedTuple):
    """What a station showed of itself, for `csms.auth: station`."""

    authorization: str | None = None


class Dialled(NamedTuple):
    """An open CSMS link and the version that was agreed on."""

    link: Carrier
    version: Version
    encoding: Encoding = Encoding.JSON


class CsmsFace:
    """Dials CSMSs, at most so many in a second (reliability R9).

    What routes say alike of pings and of the rate, their stations share.
    """

    def __init__(self, limits: LinkLimits, handshake_s: float, clock: Clock) -> None:
        self._limits = limits
        self._handshake_s = handshake_s
        self._clock = clock
        self._rates: dict[float, Rate] = {}
        self._pings: dict[tuple[float, float], PingWheel] = {}
        self._contexts: dict[str, Callable[[], ssl.SSLContext]] = {}
        self._servers: dict[str, Server] = {}
        self._client = Client(clock)

    def stop(self) -> None:
        for wheel in self._pings.values():
            wheel.stop()

    async def dial(
        self, station: str, csms: Csms, versions: tuple[Version, ...], login: Login
    ) -> Dialled:
        """Open the link of a station to its CSMS.

        versions: what to offer, in order of preference. Raises DialRefused, TransportError.
        """
        per_s = csms.handshakes_per_s
        rate = self._rates.get(per_s)
        if rate is None:
            rate = self._rates[per_s] = Rate(per_s, per_s)
        wait_s = rate.take(self._clock())
        if wait_s > DIAL_QUEUE_S:
            raise TransportError("too many CSMS links are being opened")
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        try:
            async with asyncio.timeout(self._handshake_s):
                return await self._dialled(station, csms, versions, login)
        except (OSError, TimeoutError, ValueError) as error:
            raise unreachable(error) from error

    async def _dialled(
        self, station: str, csms: Csms, versions: tuple[Version, ...], login: Login
    ) -> Dialled:
        assert csms.url is not None
        server = self._servers.get(csms.url)
        if server is None:
            server = self._servers[csms.url] = server_of(csms.url)
        asked = handshake.request(
            tuple(SUBPROTOCOLS[version] for version in versions),
            deflate.OFFER if _compresses(csms, versions) else None,
        )
        answered = await self._client.ask(
            server,
            server.target.replace("{station}", quoted(station)),
            {**asked, **credentials(station, csms, login)},
            self._context(csms) if server.tls else None,
        )
        try:
            return self._taken_over(answered, asked, versions, csms)
        except BaseException:
            answered.abort()
            raise

    def _taken_over(
        self, answered: Answered, asked: dict[str, str], versions: tuple[Version, ...], csms: Csms
    ) -> Dialled:
        """Make the connection a link."""
        status, headers = answered.status, answered.headers
        if status != 101:
            raise DialRefused(f"the CSMS answered {status}", status)
        handshake.check(asked, headers)
        version = BY_SUBPROTOCOL.get(headers.get(handshake.SUBPROTOCOL, ""))
        if version not in versions:
            raise TransportError("the CSMS chose none of the subprotocols offered")
        compression = deflate.answered(headers.get(handshake.EXTENSIONS, ""))
        link = Link(answered.transport, Side.CSMS, self._limits, compression)
        if behind := answered.hand_over(link):
            link.feed_data(behind)
        watch_tcp(answered.transport, self._limits.write_stall_s)
        self._wheel(csms.ping_interval_s, csms.pong_timeout_s).add(link)
        return Dialled(link, version)

    def _wheel(self, interval_s: float, timeout_s: float) -> PingWheel:
        key = interval_s, timeout_s
        if key not in self._pings:
            self._pings[key] = PingWheel(interval_s, timeout_s, self._clock)
        return self._pings[key]

    def _context(self, csms: Csms) -> ssl.SSLContext:
        key = csms.tls.model_dump_json()
        if key not in self._contexts:
            self._contexts[key] = csms_context(csms.tls)
        return self._contexts[key]()


def unreachable(error: OSError | ValueError) -> TransportError:
    """What kept a connection from being made, in a sentence."""
    said = getattr(error, "strerror", None) or str(error) or "no answer in time"
    return TransportError(f"the CSMS cannot be reached: {said}")


def credentials(station: str, csms: Csms, login: Login) -> Mapping[str, str]:
    """The header that tells the CSMS who dials (reliability S13)."""
    if csms.auth == "basic":
        user = station if csms.username is None else csms.username
        pair = f"{user}:{csms.password or ''}".encode()
        return {"Authorization": "Basic " + b64encode(pair).decode()}
    if csms.auth == "station" and login.authorization is not None:
        return {"Authorization": login.authorization}
    return {}


def _compresses(csms: Csms, versions: tuple[Version, ...]) -> bool:
    # Compression is agreed on before it is known which version the CSMS takes; so "auto" offers
    # it where 2.0.1 is all that is offered (design/README.md decision 16).
    if csms.compression == "auto":
        return versions == (Version.V201,)
    return csms.compression == "on"
