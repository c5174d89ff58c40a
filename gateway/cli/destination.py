"""Where a command's text goes: a file, or standard output."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from gateway.core.errors import ConfigError


@contextmanager
def opened(name: str | None) -> Iterator[IO[str]]:
    """name: None or - for standard output. Raises ConfigError if the file cannot be written."""
    if name in (None, "-"):
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        with Path(name or "").open("w", encoding="utf-8", newline="\n") as out:
            yield out
    except OSError as error:
        raise ConfigError(f"{name} cannot be written: {error.strerror or error}") from error
