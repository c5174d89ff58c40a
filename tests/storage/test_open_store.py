"""What `state` may say, and which store that is."""

import os
from pathlib import Path

import pytest

from gateway.core.errors import ConfigError
from gateway.storage import open_reader, open_store, sqlite_path
from gateway.storage.memory import MemoryStore
from gateway.storage.sqlite import SqliteStore


@pytest.mark.parametrize("slashes", ["sqlite:///", "sqlite:////"])
def test_a_sqlite_path_is_absolute_with_or_without_its_own_slash(slashes: str) -> None:
    assert sqlite_path(f"{slashes}var/lib/x.db") == "/var/lib/x.db"


async def test_the_url_chooses_the_engine(tmp_path: Path) -> None:
    memory, sqlite = open_store("memory:"), open_store(f"sqlite://{tmp_path}/state.db")
    assert isinstance(memory, MemoryStore)
    assert isinstance(sqlite, SqliteStore)
    await sqlite.close()
    open_reader(f"sqlite://{tmp_path}/state.db").close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://db/gateway", "PostgreSQL is not supported by this version"),
        ("sqlite:///", "names no store"),
        ("sqlite://relative.db", "names no store"),
        ("/var/lib/x.db", "names no store"),
        ("redis://x", "names no store"),
    ],
)
def test_any_other_url_is_the_operators_mistake(url: str, says: str) -> None:
    for open_ in (open_store, open_reader):
        with pytest.raises(ConfigError, match=says) as caught:
            open_(url)
        assert "sqlite:///PATH" in caught.value.cure


def test_memory_has_nothing_to_look_into() -> None:
    with pytest.raises(ConfigError, match="keeps nothing on disk"):
        open_reader("memory:")


def test_a_file_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no"):
        open_reader(f"sqlite://{tmp_path}/state.db")
    assert os.listdir(tmp_path) == []
