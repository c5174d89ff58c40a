"""The file of station passwords, hashed: station id -> scrypt parameters, salt, hash.

Format: one JSON object, `{"STATION": "scrypt$N$r$p$SALT$HASH", ...}`, salt and hash in base64.
A password is bytes: 1.6 keys need not be UTF-8 (reliability S6). Written whole and atomically,
readable by its owner only.
"""

import base64
import binascii
import fcntl
import hashlib
import hmac
import json
import logging
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Self

from gateway.core.errors import ConfigError, Place

_N, _R, _P = 1 << 14, 8, 1
_SALT_BYTES, _HASH_BYTES = 16, 32
_MAX_N, _MAX_R, _MAX_P = 1 << 17, 16, 4

logger = logging.getLogger(__name__)

Derive = Callable[[bytes, bytes, int, int, int], bytes]
"""scrypt: of a password, salt, n, r, p. What it costs depends on n, r and p alone."""


class Secret(NamedTuple):
    """One hashed password. n, r, p: scrypt's cost, RFC 7914."""

    n: int
    r: int
    p: int
    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, password: bytes) -> Self:
        salt = secrets.token_bytes(_SALT_BYTES)
        return cls(_N, _R, _P, salt, _scrypt(password, salt, _N, _R, _P))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError."""
        scheme, n, r, p, salt, digest = text.split("$")
        secret = cls(int(n), int(r), int(p), _decode(salt), _decode(digest))
        if scheme != "scrypt" or not secret.bounded():
            raise ValueError("not a scrypt hash of a usable cost")
        return secret

    def bounded(self) -> bool:
        """Whether checking a password against it costs a bounded time and memory."""
        power_of_two = self.n > 1 and self.n & (self.n - 1) == 0
        sizes = self.n <= _MAX_N and 1 <= self.r <= _MAX_R and 1 <= self.p <= _MAX_P
        return power_of_two and sizes and len(self.digest) == _HASH_BYTES

    def fits(self, password: bytes, derive: Derive) -> bool:
        """Whether it is the hash of password; takes as long either way."""
        digest = derive(password, self.salt, self.n, self.r, self.p)
        return hmac.compare_digest(digest, self.digest)

    def __str__(self) -> str:
        return f"scrypt${self.n}${self.r}${self.p}${_encode(self.salt)}${_encode(self.digest)}"


class Credentials:
    """The passwords of one file; read again when the file changes."""

    def __init__(self, path: Path, secrets_by_station: dict[str, Secret], derive: Derive) -> None:
        self.path = path
        self._secrets = secrets_by_station
        self._changes: dict[str, Secret | None] = {}
        self._stamp = _stamp(path)
        self._derive = derive
        self._dummy = Secret.of(b"")

    @classmethod
    def load(cls, path: Path, missing_ok: bool = False, derive: Derive | None = None) -> Self:
        """Read a credentials file. Raises ConfigError (the operator's fault)."""
        found = {} if missing_ok and not path.exists() else _read(path)
        return cls(path, found, derive or _scrypt)

    def verify(self, station: str, password: bytes) -> bool:
        """Whether that is the station's password; about 50 ms of CPU.

        An unknown station takes as long as a wrong password (reliability S2).
        """
        self._refresh()
        known = self._secrets.get(station)
        stand_in = self._stand_in(station)
        fits = (known or stand_in).fits(password, self._derive)
        return known is not None and fits

    def _stand_in(self, station: str) -> Secret:
        """What an unknown station's password is held against: as costly as one that is stored.

        Hashes of another age may cost otherwise; each unknown station takes after the same one.
        """
        costs = [secret[:3] for secret in self._secrets.values()]
        if not costs:
            return self._dummy
        chosen = hashlib.blake2b(station.encode("utf-8", "replace"), key=self._dummy.salt).digest()
        n, r, p = costs[int.from_bytes(chosen) % len(costs)]
        return self._dummy._replace(n=n, r=r, p=p)

    def stored(self, station: str) -> bytes:
        """What is stored for the station, b"" if nothing is; changes when a password does."""
        self._refresh()
        known = self._secrets.get(station)
        return b"" if known is None else known.salt + known.digest

    def add(self, station: str, password: bytes) -> bool:
        """Set a station's password; whether the station was new. Kept only by `save`."""
        new = station not in self._secrets
        self._secrets[station] = self._changes[station] = Secret.of(password)
        return new

    def remove(self, station: str) -> bool:
        """Forget a station; whether it was there. Kept only by `save`."""
        self._changes[station] = None
        return self._secrets.pop(station, None) is not None

    def stations(self) -> Sequence[str]:
        return sorted(self._secrets)

    def unusable(self) -> Sequence[str]:
        """Stations that cannot log in: to HTTP Basic the user ends at the first colon."""
        return [station for station in self.stations() if ":" in station]

    def save(self) -> None:
        """Put what was changed into the file, in one step; owner and mode stay what they were.

        What others have put there meanwhile stays, too. Raises OSError, ConfigError.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with _alone_in(self.path.parent):
            found = _read(self.path) if self.path.exists() else {}
            changes = self._changes.copy()
            changed = {**found, **changes}
            self._secrets = {s: secret for s, secret in changed.items() if secret is not None}
            self._replace()
            # Another thread may have changed more since.
            self._changes = {s: c for s, c in self._changes.items() if changes.get(s) is not c}
            self._stamp = _stamp(self.path)

    def _replace(self) -> None:
        content = {station: str(self._secrets[station]) for station in self.stations()}
        # mkstemp makes the file with mode 0600.
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                self._keep_owner(handle)
                json.dump(content, file, indent=1, ensure_ascii=False)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.path)
        except BaseException:
            os.unlink(name)
            raise

    def _keep_owner(self, handle: int) -> None:
        """Root may set passwords of a gateway that runs as somebody else."""
        with suppress(OSError):
            old = self.path.stat()
            os.fchown(handle, old.st_uid, old.st_gid)
            os.fchmod(handle, old.st_mode & 0o660)

    def _refresh(self) -> None:
        stamp = _stamp(self.path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._secrets = _read(self.path)
        except ConfigError as error:
            # A file that is broken now was good before: its passwords stay in force.
            logger.error("new passwords are not taken over, the last good ones stay: %s", error)


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Two that change a file of the directory at once would each write without the other's."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(path: Path) -> dict[str, Secret]:
    cure = "make the file with `ocpp-gateway credentials add`"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", None, cure) from error
    except json.JSONDecodeError as error:
        place = Place(str(path), error.lineno, error.colno)
        raise ConfigError(f"not a credentials file: {error.msg}", place, cure) from error
    except UnicodeDecodeError as error:
        raise ConfigError("not a credentials file: no UTF-8", Place(str(path), 1), cure) from error
    if not isinstance(content, dict):
        raise ConfigError("not a credentials file: no JSON object", Place(str(path), 1), cure)
    return {station: _secret(path, station, text) for station, text in content.items()}


def _secret(path: Path, station: str, text: object) -> Secret:
    try:
        return Secret.parse(str(text))
    except (ValueError, binascii.Error) as error:
        message = f"the entry of {station!r} is no scrypt hash"
        raise ConfigError(
            message, Place(str(path), 1), "remove the entry and add the station again"
        ) from error


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _scrypt(password: bytes, salt: bytes, n: int, r: int, p: int) -> bytes:
    memory = 128 * r * (n + p + 2) + (1 << 20)
    return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=memory, dklen=_HASH_BYTES)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
