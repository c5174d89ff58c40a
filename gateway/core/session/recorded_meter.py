"""Meter values of a running transaction on record: most of most logs, so without a run.

The rules are those of the procedure `transaction_meter`, by its own functions. Only the plain case
is taken: new values, an empty answer, an event that its schema takes. All else is left as it was,
for the run (`recorded_run.py`) to see to.
"""

from gateway.core.dialects import STATION
from gateway.core.errors import Untranslatable
from gateway.core.frames import Call, CallResult
from gateway.core.schema.catalog import Check
from gateway.core.session.desk import Desk
from gateway.core.session.procedures import transaction_events as events
from gateway.core.session.procedures.meter_facts import fingerprint
from gateway.core.session.procedures.transaction_to_v201 import meter_event, metered
from gateway.core.session.recorded_exchange import Made, Recorded

METER = "transaction_meter"
"""The procedure whose calls are taken."""

_new = tuple.__new__


class MeterWay:
    """The way of a station's meter values into TransactionEvents.

    accepts: whether an event is what the target version says; plain: an empty logged answer is an
    empty one to an event, and nothing else asks for a run.
    """

    def __init__(self, accepts: Check, *, plain: bool) -> None:
        self._accepts = accepts
        self._plain = plain

    def take(self, desk: Desk, call: Call, done: Recorded) -> bool:
        """Put out a call whose logged answer is empty; False: this is not the plain case."""
        if not self._plain:
            return False
        payload, bindings = call.payload, desk.bindings
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
