"""Looking into the file beside the process that writes it."""

import os
import sqlite3
from pathlib import Path

import pytest

from gateway.core.session.effects import Ack, Append, Put
from gateway.storage import open_reader
from gateway.storage.port import Binding
from tests.storage.conftest import OpenStore


async def test_it_sees_what_a_running_gateway_has_committed(
    opened: OpenStore, tmp_path: Path
) -> None:
    url = f"sqlite://{tmp_path}/state.db"
    store = opened(url)
    epoch = await store.acquire("CP1", "r1")
    assert epoch is not None
    row = Append(1, "key", "A", b"x")
    await store.commit("CP1", epoch, (Put("tx", "t1", b"1"), row))
    with open_reader(url) as reader:
        assert reader.stations() == await store.stations()
        assert list(reader.each("tx")) == [Binding("CP1", "tx", "t1", b"1")]
        await store.commit("CP1", epoch, (Ack(1), Put("tx", "t2", b"2")))
        assert [binding.key for binding in reader.each("tx")] == ["t1", "t2"]
        assert reader.totals() == await store.totals() == (1, 1, 0, 0, 0)
        reader.backup(str(tmp_path / "copy.db"))
    with open_reader(f"sqlite://{tmp_path}/copy.db") as reader:
        assert reader.bindings("CP1") == (("tx", "t1", b"1"), ("tx", "t2", b"2"))


async def test_it_sees_the_file_of_a_gateway_that_has_ended_and_leaves_nothing_behind(
    opened: OpenStore, tmp_path: Path
) -> None:
    url = f"sqlite://{tmp_path}/state.db"
    store = opened(url)
    await store.acquire("CP1", "r1")
    await store.close()
    with open_reader(url) as reader:
        assert [summary.station for summary in reader.stations()] == ["CP1"]
    assert sorted(os.listdir(tmp_path)) == ["state.db", "state.db.lock"]


async def test_it_cannot_write(opened: OpenStore, tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/state.db"
    opened(url)
    with open_reader(url) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._db.execute("DELETE FROM meta")
