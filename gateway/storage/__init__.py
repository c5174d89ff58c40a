"""What outlives a process: leases, bindings and the outbox, behind one contract (`port.Store`).

`open_store` picks the engine that the configuration's `state` names; `open_reader` looks into the
file of a gateway that may be running (`ocpp-gateway db`). Every engine passes tests/storage.
"""

import time
from collections.abc import Callable

from gateway.config.model import Store as StoreSettings
from gateway.core.errors import ConfigError
from gateway.storage.memory import MemoryStore
from gateway.storage.port import Store
from gateway.storage.sqlite import SqliteStore
from gateway.storage.sqlite_reader import Reader

SQLITE = "sqlite:///"


def open_store(
    url: str,
    settings: StoreSettings | None = None,
    *,
    clock: Callable[[], float] = time.time,
    hook: Callable[[str], None] | None = None,
) -> Store:
    """The store that `state` names: `sqlite:///PATH` or `memory:`. Blocks until it is checked.

    PATH is absolute with or without a slash of its own: `sqlite:///var/lib/x.db` and
    `sqlite:////var/lib/x.db` are one file. A relative path would depend on where a service was
    started, so there is no way to write one.
    clock: seconds since the epoch, UTC; stamps rows and heartbeats.
    hook: for tests, called in the writer's thread at `before_commit` and `after_commit`.
    Raises ConfigError: unknown URL, file in use, damaged, not ours, or of a newer version.
    """
    settings = settings or StoreSettings()
    if url == "memory:":
        return MemoryStore(settings, clock)
    return SqliteStore(sqlite_path(url), settings, clock, hook)


def open_reader(url: str) -> Reader:
    """A look into the SQLite file of `state`, whether or not a gateway is running on it.

    Raises ConfigError: no such file, or a store that keeps nothing to look at.
    """
    return Reader(sqlite_path(url))


def sqlite_path(url: str) -> str:
    """The absolute path that a `sqlite:///` URL names. Raises ConfigError for any other URL."""
    path = url.removeprefix(SQLITE).lstrip("/")
    if url.startswith(SQLITE) and path:
        return "/" + path
    if url.startswith("postgresql://"):
        raise ConfigError(
            "state: PostgreSQL is not supported by this version", cure=f"use {SQLITE}PATH"
        )
    if url == "memory:":
        raise ConfigError("state: memory: keeps nothing on disk", cure=f"use {SQLITE}PATH")
    raise ConfigError(f"state: {url!r} names no store", cure=f"write {SQLITE}PATH or memory:")
