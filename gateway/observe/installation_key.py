"""The key of one installation under which its logs show tokens; kept beside its state."""

import os
import secrets
from pathlib import Path

from gateway.core.errors import ConfigError

_BYTES = 32
_NAME = "log.key"


def installation_key(state: str) -> bytes:
    """The key, made at the first start and the same ever after; with `memory:` a passing one.

    state: the `state` key of the configuration. Raises ConfigError if the folder cannot be used.
    """
    if not state.startswith("sqlite://"):
        return secrets.token_bytes(_BYTES)
    file = Path(state.removeprefix("sqlite://")).parent / _NAME
    try:
        return _read(file) if file.exists() else _make(file)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{file} cannot be used: {error}",
            cure="choose a state in a folder that the gateway may write to",
        ) from error


def _read(file: Path) -> bytes:
    key = bytes.fromhex(file.read_text("ascii").strip())
    if len(key) != _BYTES:
        raise ValueError(f"it does not hold {_BYTES} bytes in hex")
    return key


def _make(file: Path) -> bytes:
    file.parent.mkdir(parents=True, exist_ok=True)
    key = secrets.token_bytes(_BYTES)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(file)
    with os.fdopen(handle, "w") as out:
        out.write(key.hex() + "\n")
    return key
