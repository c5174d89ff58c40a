"""Meter values of a running transaction on record: most of most logs, so without a run.

The rules are those of the procedure `transaction_meter`, by its own functions. Only the plain case
is taken: new values, an empty answer, an event that its schema takes. All else is left as it was,
for the run (`recorded_run.py`) to see to.

Values of a form that is known (`recorded_form.py`) are only written; what they tell of their
transaction is taken in when somebody may ask for it.
"""

from orjson import loads

from gateway.core.codec.templates import EMPTY, Filled, Gapped, Template, payload_of
from gateway.core.dialects import STATION
from gateway.core.errors import Untranslatable
from gateway.core.frames import Call, CallResult, JsonObject
from gateway.core.schema.catalog import Check
from gateway.core.session.desk import Desk
from gateway.core.session.procedures import transaction_events as events
from gateway.core.session.procedures.event_time import is_earlier, later
from gateway.core.session.procedures.meter_facts import fingerprint
from gateway.core.session.procedures.transaction_to_v201 import meter_event, metered
from gateway.core.session.recorded_exchange import Fate, Made, Recorded, Written
from gateway.core.session.recorded_form import (
    Form,
    Forms,
    Online,
    form_of,
    is_plain_id,
    numerals,
)
from gateway.core.session.state import Transaction
from gateway.core.timestamps import is_normal

METER = "transaction_meter"
"""The procedure whose calls are taken."""

FORMS_KEPT = 64
TIMES_KEPT = 2 * events.METER_EVENTS_KEPT
_new = tuple.__new__
_PASSES = Fate.PASSES

_UNKNOWN = Form(0, 0, 0, 0, Gapped(("",), ()), (), None)


class Metered:
    """What is known of a transaction's meter values.

    times: of those that may be sent again; with their text where the record's events lack them yet.
    latest: by template, the last ones that the record has not taken in yet; newest: the highest of
    the times since then.
    """

    __slots__ = ("latest", "newest", "record", "times")

    def __init__(self, record: Transaction) -> None:
        self.record = record
        self.times: dict[str, str | None] = {}
        self.latest: dict[Template, Filled] = {}
        self.newest = ""

    def add(self, time: str, values: Filled) -> None:
        times = self.times
        template, _, times[time] = values
        self.latest.pop(template, None)
        self.latest[template] = values
        if time[:-1] > self.newest[:-1]:
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
        self._running: dict[tuple[Template, str], Metered] = {}
        self._online = Online(desk)

    # -- by their form ------------------------------------------------------------------------

    def written(self, call: Filled, answer: Filled) -> Written | None:
        """What becomes of an exchange at which nobody has looked yet; None: it has no form, or
        this is not the plain case."""
        if answer[0] is not EMPTY:
            return None
        template, gaps, _ = call
        form = self._forms.get(template, _UNKNOWN)
        if form is _UNKNOWN:
            form = self._form(template)
        if form is None:
            return None
        number, time, first, last, event, lost, _ = form
        moment, numbers = gaps[time], numerals(gaps[first:last])
        if numbers is None or not is_normal(moment):
            return None
        known = self._running.get((template, gaps[number])) or self._find(template, gaps[number])
        if known is None or moment in known.times or not self._online.at(moment):
            return None
        record = known.record
        if is_earlier(moment, later(known.newest, record.last_event_time)):
            return None
        text = event.filled((moment, str(record.next_seq), record.tx201, *numbers))
        record.next_seq += 1
        known.add(moment, call)
        return _PASSES, (("", events.EVENT, text, "{}", "", lost),), None, lost

    def _find(self, template: Template, number: str) -> Metered | None:
        record = metered(self._desk, {**template.sample, "transactionId": int(number)})
        if record is None or record.start_failed or not is_plain_id(record.tx201):
            return None
        known = self._running[template, number] = self._of(record)
        return known

    def _of(self, record: Transaction) -> Metered:
        known = self._known.get(record.tx201)
        if known is None:
            known = self._known[record.tx201] = Metered(record)
        return known

    def _form(self, template: Template) -> Form | None:
        if len(self._forms) >= FORMS_KEPT:
            self._forms.clear()
        form = form_of(self._desk, template, self._takes, self._accepts) if self._plain else None
        self._forms[template] = form
        return form

    # -- what they tell -----------------------------------------------------------------------

    def settle(self) -> None:
        """Let the records know what has been written of them; somebody is about to look there. Of
        closed ones nobody asks what was measured."""
        for known in self._running.values():
            record, newest = known.record, known.newest
            if known.latest and record.is_open:
                # None of them came late, whatever has been told of the record since.
                last, record.last_event_time = record.last_event_time, None
                for values in known.latest.values():
                    self._take_in(record, values)
                record.last_event_time = later(newest, last)
            known.latest.clear()
            known.newest = ""
        self._running.clear()

    def _take_in(self, record: Transaction, values: Filled) -> None:
        template, gaps, _ = values
        form = self._forms.get(template)
        numbers = () if form is None else gaps[form.first : form.last]
        if form is None or form.told is None or numerals(numbers) is not numbers:
            meter_event(self._desk, record, payload_of(values), [])
        else:
            form.told.take(record, self._desk.bindings.measured, gaps[form.time], numbers)

    def told(self, payload: JsonObject) -> None:
        """Let the events be known that such meter values may be a repeat of. They are settled."""
        record = metered(self._desk, payload)
        if record is None:
            return
        known = self._of(record)
        for time, text in known.times.items():
            if text is not None:
                key = fingerprint(loads(text)["meterValue"])
                events.delivered(self._desk.bindings, record.tx201, key)
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
