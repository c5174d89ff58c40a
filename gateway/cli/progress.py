"""A line on the terminal that says how far a long run has come; nothing where nobody looks."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence

from gateway.logs.opening import STDIN, Source

_EVERY = 256
"""Frames between two looks at the clock."""
_PERIOD_S = 0.2
_MEGABYTE = 1e6
_WIDEST_BAR, _NARROWEST_BAR = 30, 5
_CLEAR = "\r\x1b[K"


class Progress:
    """Bytes read, frames a second, time left; on stderr, only if that is a terminal.

    clock: seconds, from any beginning.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        *,
        shown: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shown = shown and sys.stderr.isatty()
        self._total = sum(os.path.getsize(name) for name in inputs if _is_file(name))
        self._whole = all(_is_file(name) for name in inputs)
        self._before = 0
        self._source: Source | None = None
        self._frames = self._unseen = 0
        self._clock = clock
        self._start = self._last = clock()

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
            now = self._clock()
            if now - self._last >= _PERIOD_S:
                self._last = now
                self._show(now - self._start)

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            print(_CLEAR, end="", file=sys.stderr, flush=True)

    def _show(self, elapsed: float) -> None:
        done = self._before + (self._source.consumed if self._source else 0)
        width = shutil.get_terminal_size().columns - 1
        text = f"{done / _MEGABYTE:.1f} MB"
        if self._whole and self._total and done:
            share = min(1.0, done / self._total)
            text = (
                f"{100 * share:3.0f} %  {done / _MEGABYTE:.1f} of {self._total / _MEGABYTE:.1f} MB"
            )
            text += (
                f"  {self._frames / elapsed:,.0f} frames/s  {_time(elapsed / share - elapsed)} left"
            )
            text = _bar(share, width - len(text) - 1) + text
        else:
            text += f"  {self._frames / elapsed:,.0f} frames/s"
        print(f"{_CLEAR}{text[:width]}", end="", file=sys.stderr, flush=True)


def _bar(share: float, room: int) -> str:
    """[#####.....] and a space, as wide as there is room for; nothing if that is too little."""
    width = min(_WIDEST_BAR, room - 2)
    if width < _NARROWEST_BAR:
        return ""
    full = round(share * width)
    return f"[{'#' * full}{'.' * (width - full)}] "


def _time(seconds: float) -> str:
    """h:mm:ss, without the hours where there are none."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _is_file(name: str) -> bool:
    return name != STDIN and os.path.isfile(name)
