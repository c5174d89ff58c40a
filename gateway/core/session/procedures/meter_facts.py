"""What 1.6 meter values say beyond their samples: why they were sent, whether they are a repeat.

Spec: translation-station 7.4.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import orjson

from gateway.core.frames import JsonObject


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
