"""The days of direction_a.py and direction_b.py with a peer of 1.6 that speaks SOAP.

The other peer is one of the `ocpp` package. What SOAP has no messages for is left out.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, Protocol

from gateway.app import App, translating
from gateway.cli.demo_peers import free_port
from gateway.config.model import Config
from gateway.core.dialects import Side
from gateway.core.session.desk import Revision
from gateway.storage import open_store
from tests.interop import direction_a, direction_b, ocpp_package
from tests.interop.peer import HEARD_S, SITE, STATION, Answer, Heard, Payload, Peer, Session, log

OF_THE_SECURITY_EXTENSION = {"certificates", "signed_firmware", "security"}
SCHEMAS = Path(__file__).parents[2] / "schemas" / "soap"
DESCRIPTIONS = {
    Side.CSMS: str(SCHEMAS / "central-system.wsdl"),
    Side.STATION: str(SCHEMAS / "charge-point.wsdl"),
}
PATHS = {Side.STATION: "soap", Side.CSMS: "callback"}
"""Of the service that the gateway hosts for a peer of that side."""

Exchange = Callable[[Session], Awaitable[None]]


@dataclass(frozen=True)
class Place:
    """What a SOAP peer must know. partner: where the gateway's service is."""

    side: Side
    partner: str

    @property
    def hosted(self) -> str:
        """The file that describes its own service."""
        return DESCRIPTIONS[self.side]


class Needs(NamedTuple):
    """What an operator must write because of a peer: in `stations.soap`, and as `profiles` and
    `validation`."""

    stations: Mapping[str, str] = MappingProxyType({})
    profiles: tuple[str, ...] = ()
    validation: str = "auto"


NONE = Needs()


class Made(NamedTuple):
    """A SOAP peer. url: where its own service is."""

    url: str
    peer: Peer
    needs: Needs = NONE


class Maker(Protocol):
    """How one package is set up as either side."""

    def __call__(self, place: Place, heard: Heard) -> AbstractAsyncContextManager[Made]: ...


def exchanges(direction: str) -> tuple[Exchange, ...]:
    """Those of a day that can be had over SOAP, in order."""
    day = {"A": direction_a.EXCHANGES, "B": direction_b.EXCHANGES}[direction]
    return tuple(e for e in day if e.__name__ not in OF_THE_SECURITY_EXTENSION)


@asynccontextmanager
async def session(
    make: Maker, direction: str, answers: tuple[Mapping[str, Answer], Mapping[str, Answer]],
    revision: Revision,
) -> AsyncIterator[Session]:  # fmt: skip
    """A: 2.0.1 station, SOAP CSMS; B: SOAP station, 2.0.1 CSMS."""
    at_station, at_csms = (Heard(given) for given in answers)
    side = Side.CSMS if direction == "A" else Side.STATION
    port = free_port()
    place = _place(side, port)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        soap = await enter(make(place, at_csms if direction == "A" else at_station))
        if direction == "A":
            app = await enter(gateway(port, soap.url, "1.6-soap", revision, soap.needs))
            endpoint = app.station_url(STATION)
            station = await enter(ocpp_package.station(endpoint, "ocpp2.0.1", at_station))
            yield Session(station, soap.peer)
        else:
            url, joined = await enter(ocpp_package.csms("ocpp2.0.1", at_csms))
            await enter(gateway(port, url, "2.0.1", revision, soap.needs))
            yield Session(soap.peer, _Joining(joined, at_csms))


@asynccontextmanager
async def between(
    make_station: Maker, make_csms: Maker,
    answers: tuple[Mapping[str, Answer], Mapping[str, Answer]], revision: Revision,
    validation: str = "auto",
) -> AsyncIterator[Session]:  # fmt: skip
    """Both speak SOAP."""
    port = free_port()
    at_station, at_csms = (Heard(given) for given in answers)
    async with (
        make_station(_place(Side.STATION, port), at_station) as station,
        make_csms(_place(Side.CSMS, port), at_csms) as csms,
        gateway(
            port, csms.url, "1.6-soap", revision, station.needs._replace(validation=validation)
        ),
    ):
        yield Session(station.peer, csms.peer)


def _place(side: Side, port: int) -> Place:
    return Place(side, f"http://127.0.0.1:{port}/{PATHS[side]}/{STATION}")


class _Joining:
    """A CSMS that is there once the station has sent its first request."""

    def __init__(self, joined: "asyncio.Future[Peer]", heard: Heard) -> None:
        self._joined = joined
        self.heard = heard

    @property
    def complaints(self) -> list[str]:
        return self._joined.result().complaints if self._joined.done() else []

    async def call(self, action: str, payload: Payload) -> Payload:
        async with asyncio.timeout(HEARD_S):
            peer = await asyncio.shield(self._joined)
        return await peer.call(action, payload)


@asynccontextmanager
async def gateway(
    port: int, url: str, version: str, revision: Revision, needs: Needs = NONE
) -> AsyncIterator[App]:
    """url, version: of the CSMS."""
    config = Config.model_validate(
        {
            "stations": {
                "listen": f"127.0.0.1:{port}",
                "auth": "none",
                "allow_unauthenticated": True,
                "soap": {"callback_networks": ["127.0.0.0/8"], **needs.stations},
            },
            "csms": {
                "url": url,
                "version": version,
                "callback": f"http://127.0.0.1:{port}/callback",
            },
            "profiles": needs.profiles,
            "validation": needs.validation,
            "state": "memory:",
            "translation": SITE.model_dump(include={"topology"}),
        }
    )
    store = open_store("memory:")
    sessions = translating(config, revision)
    app = await App.start(config, log, store=store, sessions=sessions, revision=revision)
    try:
        yield app
    finally:
        await app.stop()
