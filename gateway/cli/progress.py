"""A line on the terminal that says how far a long run has come; nothing where nobody looks."""

import os
import sys
import time
from collections.abc import Sequence

from gateway.logs.opening import STDIN, Source

_EVERY = 4096
"""Frames between two looks at the clock."""
_PERIOD_S = 0.2
_MEGABYTE = 1e6


class Progress:
    """Bytes read, frames a second, time left; on stderr, only if that is a terminal."""

    def __init__(self, inputs: Sequence[str], *, shown: bool = True) -> None:
        self._shown = shown and sys.stderr.isatty()
        self._total = sum(os.path.getsize(name) for name in inputs if _is_file(name))
        self._whole = all(_is_file(name) for name in inputs)
        self._before = 0
        self._source: Source | None = None
        self._frames = self._unseen = 0
        self._start = self._last = time.monotonic()

    def begun(self, source: Source) -> None:
        """Another input is open."""
        if self._source is not None:
            self._before += self._source.consumed
        self._source = source

    def step(self, frames: int) -> None:
        """So many frames more."""
        self._frames += frames
        self._unseen += frames
        if self._unseen >= _EVERY and self._shown:
            self._unseen = 0
            now = time.monotonic()
            if now - self._last >= _PERIOD_S:
                self._last = now
                self._show(now)

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def _show(self, now: float) -> None:
        elapsed = now - self._start
        done = self._before + (self._source.consumed if self._source else 0)
        text = f"{done / _MEGABYTE:.1f} MB"
        if self._whole and self._total and done:
            left = elapsed * (self._total - done) / done
            text += f" of {self._total / _MEGABYTE:.1f} MB ({100 * done // self._total} %)"
            text += f", {left:.0f} s left"
        text += f", {self._frames / elapsed:.0f} frames/s"
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _is_file(name: str) -> bool:
    return name != STDIN and os.path.isfile(name)
