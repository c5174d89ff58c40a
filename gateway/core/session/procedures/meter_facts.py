"""What 1.6 meter values say beyond their samples: why they were sent, whether they are a repeat.

Spec: translation-station 7.4, translation-csms 3.9.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import orjson

from gateway.core.frames import JsonObject
from gateway.core.session.exchange import Exchange
from gateway.core.session.state import Transaction


def fingerprint(content: Any) -> str:
    """What makes a message a repeat of another one: a digest of its content, member order aside."""
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def trigger_reason(meter_values: Iterable[JsonObject]) -> str:
    """triggerReason of the event that 1.6 meterValues become (translation-station 7.4)."""
    clock = False
    for value in meter_values:
        for sample in value["sampledValue"]:
            context = sample.get("context")
            if context == "Trigger":
                return "Trigger"
            clock = clock or context == "Sample.Clock"
    return "MeterValueClock" if clock else "MeterValuePeriodic"


def are_asked_for(x: Exchange, record: Transaction) -> bool:
    """Whether a TriggerMessage made the station send its values, which need not say so themselves
    (translation-csms 3.9). Values that name another context were not asked for."""
    bindings, meter_values = x.desk.bindings, x.payload["meterValue"]
    place = (record.evse_id, record.connector_id)
    for trigger in bindings.triggers(x.call.action, x.desk.now):
        asked = (trigger.evse_id, trigger.connector_id)
        if asked in (place, (None, None)):
            samples = (sample for value in meter_values for sample in value["sampledValue"])
            if any(sample.get("context", "Trigger") != "Trigger" for sample in samples):
                return False
            if asked == place:
                bindings.consume_trigger(trigger)
            return True
    return False
