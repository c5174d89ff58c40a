"""Prints the demo: the station's frames left, the back office's right, what was done between them.

A row begins with a frame that comes in; what the gateway sends because of it stands beside it.
"""

import textwrap
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

from gateway.core.dialects import Side
from gateway.core.frames import CallError, CallResult, Frame
from gateway.core.session.effects import Record

_MIDDLE = 26
_NARROWEST, _WIDEST = 96, 150
_ARROWS = {Side.STATION: "-->", Side.CSMS: "<--"}


class Page:
    """width: of the terminal; out: takes whole lines."""

    def __init__(self, width: int, out: Callable[[str], None]) -> None:
        total = min(max(width, _NARROWEST), _WIDEST)
        self._side = (total - _MIDDLE - 4) // 2
        self._out = out
        self._origin: Side | None = None
        self._cells: dict[Side, list[str]] = {}
        self._notes: list[str] = []
        self._steps = 0

    def heading(self, station: str, csms: str) -> None:
        self._line(station, "gateway".center(_MIDDLE), csms)
        self._line("-" * self._side, "-" * _MIDDLE, "-" * self._side)

    def step(self, sentence: str) -> None:
        """A new step of the story."""
        self.flush()
        self._steps += 1
        self._out("")
        lines = textwrap.wrap(f"{self._steps}. {sentence}", 2 * self._side + _MIDDLE + 4)
        for line in lines:
            self._out(line)

    def came(self, side: Side, frame: Frame) -> None:
        """A peer sent a frame to the gateway."""
        self.flush()
        self._origin = side
        self._cells[side] = list(self._shown(frame))

    def went(self, side: Side, frame: Frame) -> None:
        """The gateway sent a frame to a peer."""
        if side in self._cells or self._origin is None:
            self.flush()
        self._cells[side] = list(self._shown(frame))

    def happened(self, record: Record) -> None:
        """What the gateway notes of its own doing."""
        for loss in record.losses:
            self._note(f"lost: {loss.rpartition(':')[2]}")
        if record.answered_by:
            self._note("answered by the gateway")
        if record.direction == "=" and record.text and record.action:
            self._note(record.text)

    def flush(self) -> None:
        """Print the row that is being made up."""
        if self._cells:
            notes = [self._arrow().center(_MIDDLE), *self._notes]
            columns = (self._cells.get(Side.STATION, ()), notes, self._cells.get(Side.CSMS, ()))
            for cells in zip_longest(*columns, fillvalue=""):
                self._line(*cells)
        self._cells, self._notes, self._origin = {}, [], None

    def _arrow(self) -> str:
        if self._origin is not None:
            return _ARROWS[self._origin]
        return _ARROWS[Side.CSMS if Side.STATION in self._cells else Side.STATION]

    def _note(self, text: str) -> None:
        self._notes += textwrap.wrap(text, _MIDDLE)

    def _line(self, left: str, middle: str, right: str) -> None:
        line = f"{left:<{self._side}}  {middle:<{_MIDDLE}}  {right}"
        self._out(line.rstrip())

    def _shown(self, frame: Frame) -> Iterator[str]:
        yield _title(frame)
        payload = frame.details if isinstance(frame, CallError) else frame.payload
        for path, value in _leaves("", payload):
            yield _shortened(path, f": {value}", self._side - 2)


def _title(frame: Frame) -> str:
    short = frame.message_id[:8]
    if isinstance(frame, CallResult):
        return f"answer to {short}"
    if isinstance(frame, CallError):
        return f"refusal of {short}: {frame.code} {frame.description}"
    return f"{frame.action} ({short})"


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(f"{path}.{name}" if path else name, item)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(f"{path}[{number}]" if len(value) > 1 else path, item)
    else:
        yield path, value


def _shortened(path: str, value: str, width: int) -> str:
    """The value matters more than the beginning of the path to it."""
    while len(path + value) > width and "." in path.strip("."):
        path = ".." + path.strip(".").split(".", 1)[1]
    return f"  {path}{value}"
