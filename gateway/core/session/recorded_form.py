"""What meter values of one template become, found once: a text with gaps for numbers and times.

Readings of a transaction differ in their numbers and times, and in little else. So the map is asked
about a payload of a template with marks in its gaps; where the marks come out again is where the
numbers and times of all others of that template go. It is asked twice, with other marks of other
kinds, and a form counts only if both come out alike: then nothing in it depends on what the marks
stand for.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from orjson import dumps

from gateway.core.codec.templates import Gapped, Template, gapped
from gateway.core.errors import Untranslatable
from gateway.core.mapping.metering import plain_numbers
from gateway.core.schema.catalog import Check
from gateway.core.session.bindings import Bindings
from gateway.core.session.desk import Desk
from gateway.core.session.procedures.event_time import later
from gateway.core.session.procedures.transaction_to_v201 import meter_event, offline
from gateway.core.session.state import ACTIVE, Transaction

LONGEST_ID = 36
"""Letters of a transaction's id in 2.0.1."""
_PLACE = (1, 1)
_NUMBER, _TIME, _VALUE = "transactionId", "timestamp", "value"
_MEMBERS = {"connectorId", "meterValue", _NUMBER}

_SECOND = 19
"""Letters of a time up to its second."""
_NEVER = "~"
"""Later than any time."""

_TEXT = r"(?:-?[1-9][0-9]{0,8}+|0|-0(?=\.))(?:\.[0-9]{0,2}[1-9])?+"
_AS_WRITTEN = re.compile(rf"{_TEXT}(?:,{_TEXT})*+").fullmatch
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


Numerals = Sequence[str]
_Measured = dict[tuple[int, int], dict[str, Decimal]]


class Told(NamedTuple):
    """What the record learns of meter values, each by the number of its sample. register: its
    reading, None: none is the register's; measured: what its connector measures."""

    register: int | None
    measured: tuple[tuple[str, int], ...]

    def take(self, record: Transaction, measured: _Measured, time: str, values: Numerals) -> None:
        """Take it in. measured: as in Bindings; values: as JSON writes them."""
        if self.register is not None:
            record.last_wh = values[self.register]
        record.last_event_time = later(time, record.last_event_time)
        if self.measured and record.evse_id is not None and record.connector_id is not None:
            mine = measured.setdefault((record.evse_id, record.connector_id), {})
            mine.update((name, Decimal(values[number])) for name, number in self.measured)


class Form(NamedTuple):
    """number, time: where a template has gaps for the transaction's number and for the time;
    first, last: where it has those for the samples; lost: what of the payload is dropped; told:
    what of it is learned, if no value has to be computed.

    event: as written, to be filled with (time, sequence, tx201, numbers of the samples).
    """

    number: int
    time: int
    first: int
    last: int
    event: Gapped
    lost: tuple[str, ...]
    told: Told | None


Forms = dict[Template, Form | None]
"""None: such payloads have no form."""


class _Lasting(Bindings):
    """Of a station's memory what stays as long as its maps, and nothing else: a map that asks for
    more fails with AttributeError, and to it there are no forms."""

    def __init__(self, bindings: Bindings) -> None:  # without that of all bindings, on purpose
        self.settings = bindings.settings
        self.namespace = bindings.namespace
        self.measured: _Measured = {}


def numerals(values: Numerals) -> Numerals | None:
    """The values of samples as JSON writes them; None where one of them is no plain number."""
    joined = ",".join(values)
    if _AS_WRITTEN(joined) and joined.count(",") == len(values) - 1:
        return values
    numbers = plain_numbers(list(values))
    if not numbers or None in numbers:
        return None
    return dumps(numbers).decode()[1:-1].split(",")


class Online:
    """Whether something happened after the station's connection began."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known = _NEVER

    def at(self, time: str) -> bool:
        """time: in normal form."""
        second = time[:_SECOND]
        if second > self._known:
            return True
        if offline(self._desk, time):
            return False
        self._known = second
        return True


def is_plain_id(tx201: str) -> bool:
    """Whether a transaction's id can stand in an event as it is."""
    return len(tx201) <= LONGEST_ID and dumps(tx201) == b'"%b"' % tx201.encode()


def form_of(desk: Desk, template: Template, takes: Check, accepts: Check) -> Form | None:
    """The form of meter values of one moment of a transaction; None where they have none.

    takes, accepts: whether a payload and an event are what their schemas say.
    """
    payload, names = template.sample, template.names
    samples = names.count(_VALUE)
    if (
        payload.keys() != _MEMBERS
        or not takes(payload)
        or not samples
        or sorted(names) != [_TIME, _NUMBER, *[_VALUE] * samples]
    ):
        return None
    one, other = (_cut(desk, template, takes, accepts, marks) for marks in (_WHOLE, _BROKEN))
    if one is None or one != other:
        return None
    number, time, first = (names.index(name) for name in (_NUMBER, _TIME, _VALUE))
    return Form(number, time, first, first + samples, *one)


def _cut(
    desk: Desk, template: Template, takes: Check, accepts: Check, marks: _Marks
) -> tuple[Gapped, tuple[str, ...], Told | None] | None:
    """The event of a payload with marks in it, cut at the marks."""
    names, samples = template.names, range(template.names.count(_VALUE))
    values = map(marks.value.format, samples)
    told = {_NUMBER: str(marks.tx16), _TIME: marks.time}
    asked = template.payload([told.get(name) or next(values) for name in names])
    scratch = Transaction(marks.tx201, ACTIVE, 0, marks.tx16, *_PLACE, next_seq=marks.sequence)
    real, lost, memory = desk.bindings, list[str](), _Lasting(desk.bindings)
    desk.bindings = memory
    try:
        event = meter_event(desk, scratch, asked, lost)
    except (Untranslatable, AttributeError):
        return None
    finally:
        desk.bindings = real
    text = dumps(event).decode()
    if not (takes(asked) and accepts(event)) or str(marks.tx16) in text:
        return None
    numbers = [marks.numeral.format(number) for number in samples]
    known = [marks.time, str(marks.sequence), marks.tx201, *numbers]
    return gapped(text, known), tuple(lost), _told(scratch, memory.measured, marks.time, numbers)


def _told(record: Transaction, measured: _Measured, time: str, numbers: Numerals) -> Told | None:
    """What a record has learned of marks; None where it is something else than these."""
    found = measured.get(_PLACE, {})
    texts = [record.last_wh or numbers[0], *map(str, found.values())]
    if record.last_event_time != time or not set(texts) <= set(numbers):
        return None
    register, *others = map(numbers.index, texts)
    return Told(
        None if record.last_wh is None else register, tuple(zip(found, others, strict=True))
    )
