"""Stations and CSMSs of the npm package `ocpp-rpc`.

Strict mode: the package checks every message of either direction with its own schemas; what it
finds is a complaint.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.interop import npm_process
from tests.interop.npm_process import running
from tests.interop.peer import STATION, Heard, Peer

NAME = "ocpp-rpc"


def missing() -> str:
    """Why the package cannot run here; "" if it can."""
    return npm_process.missing(NAME)


@asynccontextmanager
async def csms(subprotocol: str, heard: Heard) -> AsyncIterator[tuple[str, "asyncio.Future[Peer]"]]:
    async with running(heard, "csms.js", subprotocol) as peer:
        yield f"ws://127.0.0.1:{await peer.port}/csms/{{station}}", peer.ready


@asynccontextmanager
async def station(endpoint: str, subprotocol: str, heard: Heard) -> AsyncIterator[Peer]:
    at, identity = endpoint.rsplit("/", 1)
    assert identity == STATION
    async with running(heard, "station.js", at, identity, subprotocol) as peer:
        yield await peer.ready
