"""Several inputs one after the other, each by the reader that fits it."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from gateway.core.codec.templates import Templates
from gateway.core.dialects import Side
from gateway.logs import pcap, records
from gateway.logs.capture import is_capture
from gateway.logs.entry import Entry, Item, Remark
from gateway.logs.envelopes import Envelopes
from gateway.logs.heads import Heads
from gateway.logs.opening import Source
from gateway.logs.quick import Found, runs_of
from gateway.logs.reader import AUTO, LineReader
from gateway.logs.shapes import GENERIC, SHAPES
from gateway.logs.tls_keys import KeyLog

_NO_FRAME = "no_frame"

READERS = (
    AUTO,
    *dict.fromkeys(s.name for s in SHAPES),
    "jsonl",
    "csv",
    "soap",
    GENERIC.name,
    "raw",
)
"""What `--from` takes."""


class Reading(NamedTuple):
    """How inputs are read. only: one of READERS; names: of members that tools give their own;
    envelopes: what reads SOAP, None: as installed; keys: of TLS connections in captures;
    leg: of recordings that hold both legs of a gateway; templates: of payloads that need not be
    read, None: all are."""

    only: str = AUTO
    names: records.Names = records.DEFAULT
    envelopes: Envelopes | None = None
    keys: KeyLog | None = None
    leg: Side = Side.STATION
    templates: Templates | None = None


def runs(
    inputs: Sequence[str], how: Reading, begun: Callable[[Source], None] = lambda source: None
) -> Iterator[Item | list[Entry]]:
    """Everything in all inputs, in order; entries that nothing stands between come by the list.

    begun, raises: see `found`.
    """
    return runs_of(found(inputs, how, begun))


def found(
    inputs: Sequence[str], how: Reading, begun: Callable[[Source], None] = lambda source: None
) -> Iterator[Found]:
    """The same; records of Open OCPP Trace that were read at a glance come as what they say.

    begun: told of each input when it is opened.

    Raises ConfigError if an input cannot be opened.
    """
    envelopes = how.envelopes or Envelopes()
    heads = None if how.templates is None else Heads(how.templates)
    for name in inputs:
        with Source(name) as source:
            begun(source)
            if is_capture(source.head):
                all_in_it: Iterator[Found] = pcap.items(source, envelopes, how.keys)
            else:
                reader = LineReader(source, how.names, how.only, envelopes, how.leg, heads)
                all_in_it = reader.found()
            empty = True
            for one in all_in_it:
                empty = empty and isinstance(one, Remark) and one.rule == _NO_FRAME
                yield one
            if empty:
                yield Remark(source.name, 0, "empty", "there is no frame in this file")
