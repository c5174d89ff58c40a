"""The file: who may use it, whose it is, whether it is whole."""

import asyncio
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from gateway.core.errors import ConfigError
from gateway.core.session.effects import Put
from gateway.storage import open_reader, open_store
from gateway.storage.sqlite_file import SCHEMA_VERSION
from tests.storage.conftest import OpenStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "state.db"


def mode(path: Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


async def _made(path: Path) -> None:
    store = open_store(f"sqlite://{path}")
    epoch = await store.acquire("CP1", "r1")
    assert epoch is not None
    for number in range(200):
        await store.put("CP1", epoch, "k", str(number), os.urandom(500))
    await store.close()


def leave_lock_file(path: Path) -> None:
    """As a process does that was killed, with a longer id than ours."""
    path.parent.mkdir()
    Path(f"{path}.lock").write_text("9999999999\n")


def made(path: Path) -> None:
    """Leaves a file with a station in it, closed."""
    asyncio.run(_made(path))


async def test_only_its_user_may_read_it(opened: OpenStore, path: Path) -> None:
    store = opened(f"sqlite://{path}")
    await store.acquire("CP1", "r1")
    assert mode(path.parent) == 0o700
    names = sorted(os.listdir(path.parent))
    assert names == ["state.db", "state.db-shm", "state.db-wal", "state.db.lock"]
    assert {mode(path.parent / name) for name in names} == {0o600}


def test_a_file_that_others_may_read_is_closed_to_them(path: Path) -> None:
    made(path)
    path.chmod(0o644)
    made(path)
    assert mode(path) == 0o600


async def test_a_second_store_on_one_file_is_refused_until_the_first_is_closed(
    path: Path,
) -> None:
    leave_lock_file(path)
    store = open_store(f"sqlite://{path}")
    with pytest.raises(ConfigError) as caught:
        open_store(f"sqlite://{path}")
    assert caught.value.message == (
        f"state: {path} is in use by process {os.getpid()}, which holds {path}.lock"
    )
    await store.close()
    await _made(path)


def test_a_file_of_a_later_version_is_refused_by_whoever_opens_it(path: Path) -> None:
    made(path)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = value + 1 WHERE key = 'schema_version'")
    db.close()
    later = f"has schema version {SCHEMA_VERSION + 1}, this gateway knows {SCHEMA_VERSION}"
    for open_ in (open_store, open_reader):
        with pytest.raises(ConfigError, match=later) as caught:
            open_(f"sqlite://{path}")
        assert caught.value.cure.startswith("run the newer gateway")


@pytest.mark.parametrize("change", ["DELETE FROM meta", "UPDATE meta SET value = 'x'"])
def test_a_file_that_lost_its_version_is_damaged(path: Path, change: str) -> None:
    made(path)
    with sqlite3.connect(path) as db:
        db.execute(change)
    db.close()
    for open_ in (open_store, open_reader):
        with pytest.raises(ConfigError, match="is damaged") as caught:
            open_(f"sqlite://{path}")
        assert caught.value.cure.startswith("restore a copy")


def test_a_refused_file_is_let_go(path: Path) -> None:
    made(path)
    whole = path.read_bytes()
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(ConfigError, match="not a database"):
        open_store(f"sqlite://{path}")
    path.write_bytes(whole)
    made(path)


def test_a_damaged_file_is_refused(path: Path) -> None:
    made(path)
    damaged = bytearray(path.read_bytes())
    middle = len(damaged) // 2 // 4096 * 4096
    damaged[middle : middle + 8192] = bytes(8192)
    path.write_bytes(damaged)
    with pytest.raises(ConfigError, match=r"damaged|malformed") as caught:
        open_store(f"sqlite://{path}")
    assert "db backup" in caught.value.cure


def test_a_file_of_another_program_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE theirs(x)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="belongs to another program"):
        open_store(f"sqlite://{path}")
    assert path.read_bytes() == before
    with pytest.raises(ConfigError):
        open_reader(f"sqlite://{path}")


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"File exists|Not a directory"):
        open_store(f"sqlite://{tmp_path}/file/state.db")


async def test_every_commit_is_synced_to_a_write_ahead_log(opened: OpenStore, path: Path) -> None:
    store = opened(f"sqlite://{path}")
    settings = {
        pragma: store._db.execute(f"PRAGMA {pragma}").fetchone()[0]  # type: ignore[attr-defined]
        for pragma in ("journal_mode", "synchronous", "busy_timeout")
    }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000}


async def test_a_copy_made_while_stations_write_is_whole(
    opened: OpenStore, path: Path, tmp_path: Path
) -> None:
    store, copy = opened(f"sqlite://{path}"), tmp_path / "copy.db"
    copy.write_bytes(b"an older copy")
    copy.chmod(0o644)
    epoch = await store.acquire("CP1", "r1")
    assert epoch is not None
    for number in range(1, 100):
        await store.commit(
            "CP1", epoch, (Put("k", "a", b"%d" % number), Put("k", "b", b"%d" % number))
        )
    await store.backup(str(copy))
    await store.put("CP1", epoch, "k", "a", b"later")
    assert mode(copy) == 0o600
    assert sorted(os.listdir(tmp_path)) == ["copy.db", "new"]
    restored = opened(f"sqlite://{copy}")
    assert await restored.bindings("CP1") == (("k", "a", b"99"), ("k", "b", b"99"))
