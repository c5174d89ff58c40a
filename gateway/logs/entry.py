"""What a reader finds in a log: entries that carry a frame, and remarks on what carries none."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gateway.core.dialects import Side
from gateway.core.frames import Frame

IN, OUT = "in", "out"
"""Direction words of logs written by one of the peers, without saying by which."""

JSON, SOAP = "json", "soap"
"""Transports, as Open OCPP Trace names them."""

Direction = Side | str | None
"""The sender: a Side where the shape says so, IN or OUT, None where the line says nothing."""


class Entry(NamedTuple):
    """One frame as a log holds it.

    file: its name as the user gave it; line: where its first byte stands, from 1.
    time: as written in the log, "" without one; station: "" where the line names none.
    frame: what the JSON or the envelope says.
    data: the frame's own JSON text; where the log holds its parts, a text that has the payload in
    it, or b""; of an envelope b"".
    version: as the log spells it, "" where it says nothing; shape: which one the line had.
    exact: data is known to hold no member twice.
    """

    file: str
    line: int
    time: str
    station: str
    sender: Direction
    frame: Frame
    data: bytes
    shape: str
    version: str = ""
    transport: str = JSON
    exact: bool = False


class Envelope(NamedTuple):
    """A SOAP envelope as a log holds it; `envelopes.py` makes an Entry of it.

    exchange: equal for a request and its response, "" where the log does not tell; content_type,
    status: of the HTTP message, None and 0 where the log does not tell.
    """

    file: str
    line: int
    time: str
    station: str
    sender: Direction
    data: bytes
    shape: str
    exchange: str = ""
    content_type: str | None = None
    status: int = 0


class Remark(NamedTuple):
    """Something in a file that is no frame, or was mended to become one.

    rule: a name of `rules.RULES`; lines: how many of them, from `line` on. closed: of a frame that
    is cut off, the entry that it would be with its last brackets.
    """

    file: str
    line: int
    rule: str
    text: str
    lines: int = 1
    station: str = ""
    closed: Entry | None = None


Item = Entry | Remark


def one_by_one(runs: Iterable[Item | list[Entry]]) -> Iterator[Item]:
    """What comes by the list, piece by piece."""
    for found in runs:
        if isinstance(found, list):
            yield from found
        else:
            yield found
