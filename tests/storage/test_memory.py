"""What the store that forgets does apart from the contract."""

from pathlib import Path

import pytest

from gateway.storage.port import StoreError
from tests.storage.conftest import OpenStore


async def test_it_forgets_with_the_process(opened: OpenStore) -> None:
    store = opened("memory:")
    assert await store.acquire("CP1", "r1") == 1
    assert await opened("memory:").acquire("CP1", "r1") == 1


async def test_there_is_nothing_to_copy(opened: OpenStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        await opened("memory:").backup(str(tmp_path / "copy"))


async def test_reading_an_unknown_station_leaves_no_trace(opened: OpenStore) -> None:
    store = opened("memory:")
    assert await store.bindings("CP9") == ()
    assert await store.journalled("CP9") == ()
    assert await store.stations() == ()


def test_a_commit_finishes_without_waiting(opened: OpenStore) -> None:
    commit = opened("memory:").acquire("CP1", "r1")
    with pytest.raises(StopIteration) as finished:
        commit.send(None)
    assert finished.value.value == 1
