"""What a list of meter values says beyond its samples: why it was sent, which register it ends at.

Spec: translation-station 5.9 (candidates), 7.4 (triggerReason, repeats).
"""

from collections.abc import Iterable
from decimal import Decimal
from hashlib import sha256
from typing import Any

import orjson

from gateway.core.frames import JsonObject
from gateway.core.numbers import decimal, plain, scaled

REGISTER = "Energy.Active.Import.Register"
_OUTLET = "Outlet"
_PHASES = (("L1", "L2", "L3"), ("L1-N", "L2-N", "L3-N"))
_KILO = "kWh"


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


def last_register(meter_values: Iterable[JsonObject]) -> str | None:
    """The import register that the latest of 2.0.1 meterValues shows, Wh as decimal text.

    None if none of them shows it. Timestamps are in normal form, so that text order is time order
    but for fractions of one second.
    """
    latest: tuple[str, Decimal] | None = None
    for value in meter_values:
        register = _register(value["sampledValue"])
        if register is not None and (latest is None or value["timestamp"] >= latest[0]):
            latest = (value["timestamp"], register)
    return None if latest is None else plain(latest[1])


def _register(samples: Iterable[JsonObject]) -> Decimal | None:
    """One meterValue's register: without phase, at the outlet first, else the sum of its phases."""
    found: Decimal | None = None
    phases: dict[str, Decimal] = {}
    for sample in samples:
        if sample.get("measurand", REGISTER) != REGISTER:
            continue
        phase = sample.get("phase")
        if phase is not None:
            phases[phase] = _wh(sample)
        elif found is None or sample.get("location", _OUTLET) == _OUTLET:
            found = _wh(sample)
    if found is None:
        for names in _PHASES:
            if all(name in phases for name in names):
                return sum((phases[name] for name in names), Decimal(0))
    return found


def _wh(sample: JsonObject) -> Decimal:
    unit = sample.get("unitOfMeasure", {})
    value = scaled(decimal(sample["value"]), Decimal(10) ** unit.get("multiplier", 0))
    return scaled(value, 1000) if unit.get("unit") == _KILO else value
