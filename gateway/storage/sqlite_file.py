"""The SQLite file itself: its lock, its mode, its tables, and whether it is fit to be used.

Tables of reliability 4.1. `station`, `auth_cache`, `tx_map` and `counter` wait for a verb that
needs them: boot, tokens, transactions and counters are bindings, written in the same Save as what
they belong to. What an outbox row is about to become (attempts, next try, payload as sent) is in
its value, which only its session reads.
"""

import fcntl
import os
import sqlite3
from contextlib import suppress
from urllib.parse import quote

from gateway.core.errors import ConfigError

SCHEMA_VERSION = 1
BUSY_TIMEOUT_MS = 5000
_APPLICATION_ID = 0x4F435050  # "OCPP", so that a file of another program is never taken for ours

# A commit costs what its pages cost, 4 KiB of checksum and log for each. So the outbox is a log:
# rows go to its end, whatever their station, and only unfinished ones stand in an index by station.
# That a seq or an open dedupe key comes but once is for the book to see (`book.py`).
# Bindings are a rowid table, though they have a natural key: they come back in the order of first
# writing, and WITHOUT ROWID would move values of over a kilobyte to overflow pages, at twice the
# cost.
_SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE replica(id TEXT PRIMARY KEY, url TEXT, last_seen REAL NOT NULL);
CREATE TABLE lease(
    station TEXT PRIMARY KEY, owner TEXT, epoch INTEGER NOT NULL,
    purged_seq INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE binding(
    station TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY(station, kind, key)
);
CREATE TABLE outbox(
    id INTEGER PRIMARY KEY, station TEXT NOT NULL, seq INTEGER NOT NULL, dedupe_key TEXT NOT NULL,
    action TEXT NOT NULL, value BLOB NOT NULL, state TEXT NOT NULL, created REAL NOT NULL,
    finished REAL
);
CREATE UNIQUE INDEX outbox_pending ON outbox(station, seq) WHERE state = 'pending';
CREATE INDEX outbox_finished ON outbox(state, finished) WHERE finished IS NOT NULL;
CREATE TABLE journal(
    id INTEGER PRIMARY KEY, station TEXT NOT NULL, ts REAL NOT NULL, dir TEXT NOT NULL,
    action TEXT NOT NULL, raw_redacted BLOB NOT NULL, outcome TEXT NOT NULL
);
CREATE INDEX journal_station ON journal(station, id);
CREATE INDEX journal_ts ON journal(ts);
"""


def lock(path: str) -> int:
    """Take the lock file beside path for life and return its descriptor; make both if need be.

    The kernel drops the lock with the process, so one that was killed leaves nothing to clean up.
    Raises ConfigError: another process has it, or path cannot be written.
    """
    lock_path = f"{path}.lock"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigError(f"state: {error.strerror}: {error.filename}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise ConfigError(
            f"state: {path} is in use by process {holder}, which holds {lock_path}",
            cure="stop that process, or give this one a `state` of its own",
        ) from error
    os.ftruncate(descriptor, 0)
    os.write(descriptor, b"%d\n" % os.getpid())
    return descriptor


def open_for_writing(path: str, busy_timeout_ms: int) -> sqlite3.Connection:
    """The writer's connection to a checked file, with the tables in it. Raises ConfigError."""
    try:
        _create(path)
        db = connect(path, busy_timeout_ms)
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(f"state: {path}: {error}") from error
    try:
        _prepare(db, path)
    except sqlite3.Error as error:
        db.close()
        raise ConfigError(f"state: {path}: {error}", cure=_RESTORE) from error
    except ConfigError:
        db.close()
        raise
    return db


def connect(path: str, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> sqlite3.Connection:
    """A connection to a file that exists. May be used by one thread at a time, whichever."""
    uri = f"file:{quote(path)}?mode=rw"
    timeout_s = busy_timeout_ms / 1000
    return sqlite3.connect(
        uri, uri=True, timeout=timeout_s, isolation_level=None, check_same_thread=False
    )


def copy(path: str, target: str) -> None:
    """An online copy of the file at path, of mode 0600; target is replaced once it is complete."""
    part = f"{target}.part"
    with suppress(FileNotFoundError):
        os.unlink(part)
    _create(part)
    source, copied = connect(path), connect(part)
    try:
        source.backup(copied)
    finally:
        copied.close()
        source.close()
    _sync(part)
    os.replace(part, target)
    _sync(os.path.dirname(os.path.abspath(target)))


def _create(path: str) -> None:
    """Make an empty file of mode 0600; SQLite gives its -wal and -shm the mode of the file."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.fchmod(descriptor, 0o600)
    os.close(descriptor)


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


_RESTORE = "restore a copy made by `ocpp-gateway db backup`, or move the file away to start afresh"


def _prepare(db: sqlite3.Connection, path: str) -> None:
    """Settings, tables, version and integrity. Spec: reliability R19."""
    fresh = _is_fresh(db, path)
    if db.execute("PRAGMA journal_mode=WAL").fetchone()[0] != "wal":
        raise ConfigError(f"state: {path}: this file system cannot keep a write-ahead log")
    db.execute("PRAGMA synchronous=FULL")
    db.execute(f"PRAGMA journal_size_limit={64 << 20}")
    if fresh:
        db.executescript(f"""
            BEGIN EXCLUSIVE; {_SCHEMA}
            INSERT INTO meta VALUES('schema_version', {SCHEMA_VERSION}),
                ('accepted', 0), ('delivered', 0);
            PRAGMA application_id={_APPLICATION_ID};
            COMMIT""")
        _sync(os.path.dirname(path))
    check_version(db, path)
    verdict = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        raise ConfigError(f"state: {path} is damaged: {verdict}", cure=_RESTORE)


def _is_fresh(db: sqlite3.Connection, path: str) -> bool:
    """Whether the file has nothing in it yet. Raises ConfigError: it is another program's."""
    if db.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION_ID:
        return False
    if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise ConfigError(
            f"state: {path} belongs to another program", cure="give the gateway a file of its own"
        )
    return True


def check_version(db: sqlite3.Connection, path: str) -> None:
    """Raises ConfigError: the file was written by a later version of the gateway, or is damaged."""
    row = db.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    if row is None or not isinstance(version := row[0], int):
        raise ConfigError(f"state: {path} is damaged: it has no schema version", cure=_RESTORE)
    if version > SCHEMA_VERSION:
        raise ConfigError(
            f"state: {path} has schema version {version}, this gateway knows {SCHEMA_VERSION}",
            cure="run the newer gateway, or restore a copy made before the upgrade",
        )
