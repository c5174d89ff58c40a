"""What every peer of a session can do, whoever wrote it: payloads are JSON as OCPP-J has it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import ModuleType
from typing import Any, Protocol

import pytest

from gateway.app import App, translating
from gateway.config.model import Config, Csms, Stations
from gateway.core.session.desk import Revision
from gateway.core.session.effects import Record
from gateway.core.settings import Translation
from gateway.storage import open_store

Payload = dict[str, Any]
Answer = Payload | Callable[[Payload], Payload]
HEARD_S = 10
STATION = "CP-1"
SITE = Translation(topology=((1, 1), (2, 1)))
OFFERED = {"A": ("ocpp2.0.1", "ocpp1.6"), "B": ("ocpp1.6", "ocpp2.0.1")}
"""Subprotocols of station and CSMS, by direction."""


class Refused(Exception):
    """The other side answered with a CallError."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code


class Heard:
    """What a peer was sent and nobody has looked at yet, and what it answers.

    answers: by action; a test may change them on the way.
    """

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = dict(answers)
        self.calls: list[tuple[str, Payload]] = []
        self._more = asyncio.Event()

    def asked(self, action: str, payload: Payload) -> Payload:
        """Note a call; what it is answered with."""
        self.calls.append((action, payload))
        self._more.set()
        answer = self.answers[action]
        return answer(payload) if callable(answer) else answer

    async def take(self, action: str) -> Payload:
        """The payload of the first call of that action, as soon as there is one."""
        async with asyncio.timeout(HEARD_S):
            while True:
                for number, (name, payload) in enumerate(self.calls):
                    if name == action:
                        del self.calls[number]
                        return payload
                self._more.clear()
                await self._more.wait()


class Peer(Protocol):
    """One end of a link. complaints: what its own validation says of what it got."""

    heard: Heard

    @property
    def complaints(self) -> list[str]: ...

    async def call(self, action: str, payload: Payload) -> Payload:
        """The answer. Raises Refused."""
        ...


class Makers(Protocol):
    """How one package is set up as a CSMS and as a station."""

    def csms(
        self, subprotocol: str, heard: Heard
    ) -> AbstractAsyncContextManager[tuple[str, "asyncio.Future[Peer]"]]:
        """(what goes into `csms.url`, the peer, once the station's link is there)."""
        ...

    def station(
        self, endpoint: str, subprotocol: str, heard: Heard
    ) -> AbstractAsyncContextManager[Peer]: ...


class Session:
    """Both peers of one station, with a gateway between them."""

    def __init__(self, station: Peer, csms: Peer) -> None:
        self.station = station
        self.csms = csms
        self.at_station = station.heard
        self.at_csms = csms.heard

    @property
    def complaints(self) -> list[str]:
        return self.station.complaints + self.csms.complaints

    async def call_station(self, action: str, payload: Payload) -> Payload:
        """A call of the CSMS."""
        async with asyncio.timeout(HEARD_S):
            return await self.csms.call(action, payload)

    async def call_csms(self, action: str, payload: Payload) -> Payload:
        """A call of the station."""
        async with asyncio.timeout(HEARD_S):
            return await self.station.call(action, payload)


@asynccontextmanager
async def session(
    makers: Makers, direction: str, answers: tuple[Mapping[str, Answer], Mapping[str, Answer]],
    revision: Revision,
) -> AsyncIterator[Session]:  # fmt: skip
    """A: 2.0.1 station, 1.6 CSMS; B: the reverse. answers: of the station, of the CSMS."""
    offered, asked = OFFERED[direction]
    at_station, at_csms = (Heard(given) for given in answers)
    async with (
        makers.csms(asked, at_csms) as (url, joined),
        gateway(url, asked.removeprefix("ocpp"), revision) as app,
        makers.station(app.station_url(STATION), offered, at_station) as station,
    ):
        async with asyncio.timeout(HEARD_S):
            csms = await joined
        yield Session(station, csms)


@asynccontextmanager
async def gateway(url: str, version: Any, revision: Revision) -> AsyncIterator[App]:
    stations = Stations(listen="127.0.0.1:0", auth="none", allow_unauthenticated=True)
    config = Config(
        stations=stations, csms=Csms(url=url, version=version), state="memory:", translation=SITE
    )
    app = await App.start(
        config, log, store=open_store("memory:"), sessions=translating(config, revision)
    )
    try:
        yield app
    finally:
        await app.stop()


def log(station: str, record: Record) -> None:
    """Shown by pytest when a test fails."""
    logging.getLogger("gateway.records").info("%s %s", station, record)


def each_of(packages: tuple[ModuleType, ...]) -> list[Any]:
    """Parameters of a test: those that cannot run here are skipped, and say why."""
    return [
        pytest.param(
            package,
            id=package.NAME,
            marks=pytest.mark.skipif(bool(package.missing()), reason=package.missing()),
        )
        for package in packages
    ]


Exchanges = tuple[Callable[[Session], Awaitable[None]], ...]
