"""What meter values of one form become, found once: a text with gaps for numbers and times.

Readings of a transaction differ in their numbers and times, and in little else. So the map is asked
about a form of them with marks in the place of what differs; where the marks come out again is
where the numbers and times of all others of that form go. It is asked twice, with other marks of
other kinds, and a form counts only if both come out alike: then nothing in it depends on what the
marks stand for.
"""

import re
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from operator import itemgetter
from typing import NamedTuple

from orjson import dumps

from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.mapping.metering import plain_numbers
from gateway.core.schema.catalog import Check
from gateway.core.session.bindings import Bindings
from gateway.core.session.desk import Desk
from gateway.core.session.procedures.transaction_to_v201 import meter_event
from gateway.core.session.state import CLOSED, Transaction

LONGEST_ID = 36
"""Letters of a transaction's id in 2.0.1."""

_TEXT = r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{0,2}[1-9])?"
_AS_WRITTEN = re.compile(rf"(?!-0(?:,|$)){_TEXT}(?:,(?!-0(?:,|$)){_TEXT})*+").fullmatch
"""Numerals that a JSON number is written as, letter for letter."""


class _Marks(NamedTuple):
    """What stands for what differs. value: of a sample, by its number; numeral: the same as JSON
    writes it."""

    time: str
    sequence: int
    tx201: str
    tx16: int
    value: str
    numeral: str


_WHOLE = _Marks(
    "9998-11-30T21:34:51.427Z", 700000001, "<" * LONGEST_ID, 700000002, "80{:03}0007", "80{:03}0007"
)
_BROKEN = _Marks(
    "9997-10-28T20:37:42Z",
    900000005,
    ">" * LONGEST_ID,
    900000004,
    "-60{:03}4.2730",
    "-60{:03}4.273",
)
"""Their values are not written as JSON does: they tell a number from what is text in an event."""


class Form(NamedTuple):
    """key: what its payloads are known by; lost: what of them is dropped.

    text: what the event is written as, every other piece a gap; gaps: what goes into these, of
    (time, sequence, tx201, numbers of the samples).
    """

    key: bytes
    text: list[str]
    gaps: Callable[[tuple[str, ...]], tuple[str, ...]]
    lost: tuple[str, ...]

    def filled(self, time: str, sequence: int, tx201: str, numbers: str) -> bytes:
        """The event. time: in normal form; numbers: of the samples, as `numerals` makes them."""
        pieces = self.text.copy()
        pieces[1::2] = self.gaps((time, str(sequence), tx201, *numbers.split(",")))
        return "".join(pieces).encode()


Forms = dict[bytes, Form | None]
"""By key; None: such payloads have no form."""


class _Lasting:
    """Of a station's memory what stays as long as its maps: to a map that asks for more there are
    no forms."""

    def __init__(self, bindings: Bindings) -> None:
        self.settings = bindings.settings
        self.namespace = bindings.namespace


def numerals(values: list[str]) -> str | None:
    """The values of samples as JSON writes them, with commas between; None where one of them is no
    plain number. Raises TypeError for what is no text."""
    joined = ",".join(values)
    if _AS_WRITTEN(joined) and joined.count(",") == len(values) - 1:
        return joined
    numbers = plain_numbers(values)
    if not numbers or None in numbers:
        return None
    return dumps(numbers).decode()[1:-1]


def is_plain_id(tx201: str) -> bool:
    """Whether a transaction's id can stand in an event as it is."""
    return len(tx201) <= LONGEST_ID and dumps(tx201) == b'"%b"' % tx201.encode()


def form_of(
    key: bytes, desk: Desk, record: Transaction, payload: JsonObject, takes: Check, accepts: Check
) -> Form | None:
    """The form of meter values of one moment; None where they have none.

    takes, accepts: whether a payload and an event are what their schemas say.
    """
    one, other = (_cut(desk, record, payload, takes, accepts, m) for m in (_WHOLE, _BROKEN))
    if one is None or one != other:
        return None
    text, gaps, lost = one
    return Form(key, text, itemgetter(*gaps), lost) if len(gaps) > 1 else None


_Cut = tuple[list[str], list[int], tuple[str, ...]]
"""As in Form; the gaps by the places of what goes into them."""


def _cut(
    desk: Desk,
    record: Transaction,
    payload: JsonObject,
    takes: Check,
    accepts: Check,
    marks: _Marks,
) -> _Cut | None:
    """The event of a payload with marks in it, cut at the marks."""
    (value,) = payload["meterValue"]
    samples = [
        {**sample, "value": marks.value.format(number)}
        for number, sample in enumerate(value["sampledValue"])
    ]
    reading = {**value, "timestamp": marks.time, "sampledValue": samples}
    asked = {**payload, "transactionId": marks.tx16, "meterValue": [reading]}
    # What a closed record takes in, nobody else hears of.
    scratch = replace(record, tx201=marks.tx201, next_seq=marks.sequence, state=CLOSED)
    at, lost = copy(desk), list[str]()
    at.bindings = _Lasting(desk.bindings)  # type: ignore[assignment]
    try:
        event = meter_event(at, scratch, asked, lost)
    except (Untranslatable, AttributeError):
        return None
    text = dumps(event).decode()
    if not (takes(asked) and accepts(event)) or str(marks.tx16) in text:
        return None
    known = [marks.time, str(marks.sequence), marks.tx201]
    known += [marks.numeral.format(number) for number in range(len(samples))]
    pieces = re.split(f"({'|'.join(map(re.escape, known))})", text)
    gaps = [known.index(mark) for mark in pieces[1::2]]
    pieces[1::2] = [""] * len(gaps)
    return pieces, gaps, tuple(lost)
