"""Several inputs one after the other, each by the reader that fits it."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from gateway.logs import pcap, records
from gateway.logs.capture import is_capture
from gateway.logs.entry import Item
from gateway.logs.opening import Source
from gateway.logs.reader import AUTO, LineReader
from gateway.logs.shapes import GENERIC, SHAPES

READERS = (AUTO, *dict.fromkeys(s.name for s in SHAPES), "jsonl", "csv", GENERIC.name, "raw")
"""What `--from` takes."""


class Reading(NamedTuple):
    """How inputs are read. only: one of READERS; names: of members that tools give their own."""

    only: str = AUTO
    names: records.Names = records.DEFAULT


def items(
    inputs: Sequence[str], how: Reading, begun: Callable[[Source], None] = lambda source: None
) -> Iterator[Item]:
    """Everything in all inputs, in order. begun: told of each input when it is opened.

    Raises ConfigError if an input cannot be opened.
    """
    for name in inputs:
        with Source(name) as source:
            begun(source)
            if is_capture(source.head):
                yield from pcap.items(source)
            else:
                yield from LineReader(source, how.names, how.only).items()
