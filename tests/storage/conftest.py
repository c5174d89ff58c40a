"""Stores of every engine, and a clock that stands until it is moved."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.config.model import Store as StoreSettings
from gateway.storage import open_store
from gateway.storage.port import Store

NOON = 1_760_000_000.0

OpenStore = Callable[..., Store]


class Clock:
    """Seconds since the epoch; moved by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "memory:" if request.param == "memory" else f"sqlite://{tmp_path}/state.db"


@pytest.fixture
async def opened(clock: Clock) -> AsyncIterator[Callable[..., Store]]:
    """Opens stores and closes them after the test."""
    async with AsyncExitStack() as stack:

        def open_(url: str, hook: Any = None, **settings: Any) -> Store:
            store = open_store(url, StoreSettings(**settings), clock=clock, hook=hook)
            stack.push_async_callback(store.close)
            return store

        yield open_


@pytest.fixture
async def store(url: str, opened: OpenStore) -> Store:
    """One store of each engine in turn, with replica `r1` alive."""
    store = opened(url)
    await store.heartbeat("r1", "http://r1")
    return store
