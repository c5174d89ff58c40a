"""Meter values of a running transaction on record: most of most logs, so without a run.

The rules are those of the procedure `transaction_meter`, by its own functions. Only the plain case
is taken: new values, an empty answer, an event that its schema takes. All else is left as it was,
for the run (`recorded_run.py`) to see to.

Values of a form that is known (`recorded_form.py`) are only written; what they tell of their
transaction is taken in when somebody may ask for it.
"""

from typing import Any

from orjson import dumps, loads

from gateway.core.dialects import STATION
from gateway.core.errors import Untranslatable
from gateway.core.frames import Call, CallResult, JsonObject
from gateway.core.schema.catalog import Check
from gateway.core.session.desk import Desk
from gateway.core.session.procedures import transaction_events as events
from gateway.core.session.procedures.meter_facts import fingerprint
from gateway.core.session.procedures.transaction_to_v201 import meter_event, metered, offline
from gateway.core.session.recorded_exchange import Made, Recorded, Written
from gateway.core.session.recorded_form import Form, Forms, form_of, is_plain_id, numerals
from gateway.core.session.state import Transaction
from gateway.core.timestamps import normalise

METER = "transaction_meter"
"""The procedure whose calls are taken."""

FORMS_KEPT = 64
TIMES_KEPT = 2 * events.METER_EVENTS_KEPT
_SECOND = 19
_MEMBERS = 3
"""Of meter values of a transaction: where, which one, and the values."""

_new = tuple.__new__

_NEVER = "~"
"""Later than any time."""
_UNKNOWN = Form(b"", [], tuple, ())


class Metered:
    """What is known of a transaction's meter values.

    times: of those that may be sent again; with values where the record's events lack them yet.
    latest: by form, the last ones that the record has not taken in yet: time and values; newest:
    the highest of the times since then.
    """

    __slots__ = ("latest", "newest", "record", "times")

    def __init__(self, record: Transaction) -> None:
        self.record = record
        self.times: dict[str, tuple[bytes, str] | None] = {}
        self.latest: dict[bytes, tuple[str, str]] = {}
        self.newest = ""

    def add(self, key: bytes, time: str, values: str) -> None:
        times = self.times
        times[time] = key, values
        self.latest.pop(key, None)
        self.latest[key] = time, values
        if time > self.newest:
            self.newest = time
        if len(times) > TIMES_KEPT:
            del times[next(iter(times))]


class MeterWay:
    """The way of a station's meter values into TransactionEvents.

    takes: whether meter values are what their schema says; accepts: whether an event is what the
    target version says; plain: an empty logged answer is an empty one to an event, and nothing else
    asks for a run. known: transactions by their id; forms: those found so far.
    """

    def __init__(
        self,
        desk: Desk,
        takes: Check,
        accepts: Check,
        known: dict[str, Metered],
        forms: Forms,
        *,
        plain: bool,
    ) -> None:
        self._desk = desk
        self._takes = takes
        self._accepts = accepts
        self._known = known
        self._plain = plain
        self._forms = forms
        self._running: dict[tuple[Any, int], Metered] = {}
        self._online = _NEVER

    # -- by their form ------------------------------------------------------------------------

    def written(self, payload: JsonObject) -> Written | None:
        """What becomes of a call, at which nobody has looked yet, whose logged answer is empty;
        None: it has no form, or this is not the plain case."""
        try:
            place, number = payload["connectorId"], payload["transactionId"]
            (value,) = payload["meterValue"]
            time, samples = value["timestamp"], value["sampledValue"]
            shapes, values = [], []
            for sample in samples:
                shape = sample.copy()
                values.append(shape["value"])
                shape["value"] = None
                shapes.append(shape)
            numbers = numerals(values)
            if numbers is None or normalise(time) is not time or type(number) is not int:
                return None
            known = self._running.get((place, number)) or self._find(place, number, payload)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        if known is None or time in known.times or not self._is_online(time):
            return None
        record, key = known.record, dumps((*payload, *value, place, shapes))
        form = self._forms.get(key, _UNKNOWN)
        if form is _UNKNOWN:
            form = self._form(key, record, payload)
        if form is None:
            return None
        text = form.filled(time, record.next_seq, record.tx201, numbers)
        record.next_seq += 1
        known.add(form.key, time, ",".join(values))
        return _new(Written, (events.EVENT, text, form.lost))

    def _find(self, place: Any, number: int, payload: JsonObject) -> Metered | None:
        record = metered(self._desk, payload)
        if record is None or record.start_failed or not is_plain_id(record.tx201):
            return None
        known = self._running[place, number] = self._of(record)
        return known

    def _of(self, record: Transaction) -> Metered:
        known = self._known.get(record.tx201)
        if known is None:
            known = self._known[record.tx201] = Metered(record)
        return known

    def _is_online(self, time: str) -> bool:
        """Whether that is after the connection began; times are asked about only until one is."""
        second = time[:_SECOND]
        if second > self._online:
            return True
        if offline(self._desk, time):
            return False
        self._online = second
        return True

    def _form(self, key: bytes, record: Transaction, payload: JsonObject) -> Form | None:
        if len(self._forms) >= FORMS_KEPT:
            self._forms.clear()
        plain = self._plain and len(payload) == _MEMBERS
        form = (
            form_of(key, self._desk, record, payload, self._takes, self._accepts) if plain else None
        )
        self._forms[key] = form
        return form

    # -- what they tell -----------------------------------------------------------------------

    def settle(self) -> None:
        """Let the records know what has been written of them; somebody is about to look there. Of
        closed ones nobody asks what was measured."""
        for known in self._running.values():
            record, newest = known.record, known.newest
            if known.latest and record.is_open:
                for key, (time, values) in known.latest.items():
                    meter_event(self._desk, record, _payload(key, time, values), [])
                # Those before the last ones may have been of a later time.
                record.last_event_time = max(newest, record.last_event_time or newest)
            known.latest.clear()
            known.newest = ""
        self._running.clear()

    def told(self, payload: JsonObject) -> None:
        """Let the events be known that such meter values may be a repeat of. They are settled."""
        record = metered(self._desk, payload)
        if record is None:
            return
        known = self._of(record)
        for time, values in known.times.items():
            if values is not None:
                content = _payload(values[0], time, values[1])["meterValue"]
                events.delivered(self._desk.bindings, record.tx201, fingerprint(content))
                known.times[time] = None
        for value in payload["meterValue"]:
            known.times[value["timestamp"]] = None

    # -- one by one ---------------------------------------------------------------------------

    def take(self, call: Call, done: Recorded) -> bool:
        """Put out a call whose logged answer is empty; False: this is not the plain case."""
        if not self._plain:
            return False
        desk, payload, bindings = self._desk, call.payload, self._desk.bindings
        record = metered(desk, payload)
        if record is None or record.start_failed:
            return False
        key = fingerprint(payload["meterValue"])
        if bindings.event(record.tx201, key) is not None:
            return False
        lost: list[str] = []
        try:
            event = meter_event(desk, record, payload, lost)
        except Untranslatable:
            return False
        if not self._accepts(event):
            return False
        record.next_seq += 1
        bindings.keep(record)
        events.delivered(bindings, record.tx201, key)
        made = _new(Call, (call.message_id, events.EVENT, event))
        result = _new(CallResult, (call.message_id, {}))
        done.losses = tuple(lost)
        done.made.append(Made(STATION, made, result, "", True, False, done.losses))
        return True


def _payload(key: bytes, time: str, values: str) -> JsonObject:
    """The payload of a form, for all that its event and its digest tell."""
    *_, place, samples = loads(key)
    for sample, value in zip(samples, values.split(","), strict=True):
        sample["value"] = value
    return {"connectorId": place, "meterValue": [{"timestamp": time, "sampledValue": samples}]}
