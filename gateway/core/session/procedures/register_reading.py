"""Import register readings in 2.0.1 meter values, and the Wh that 1.6 wants at start and stop.

Spec: translation-station 5.9. Everything here is pure: meterValue lists in, decimals out.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from gateway.core.frames import JsonObject
from gateway.core.numbers import decimal, scaled, whole
from gateway.core.timestamps import parse

BEGIN, END = "Transaction.Begin", "Transaction.End"
_REGISTER = "Energy.Active.Import.Register"
_INTERVAL = "Energy.Active.Import.Interval"
_PHASES = (("L1", "L2", "L3"), ("L1-N", "L2-N", "L3-N"))
_WH_AT_MOST = Decimal(10**15)
"""No meter counts that far."""
_MULTIPLIERS = range(-300, 301)
_WH_IN = {"Wh": Decimal(1), "kWh": Decimal(1000), "MWh": Decimal(1_000_000)}


class Reading(NamedTuple):
    """One candidate of 5.9: the import register, all phases together.

    timestamp: as the station wrote it. outlet: measured where the car is charged, which wins over
    other places. place: (index of its meterValue, index of its sample); None for a sum of phases.
    """

    wh: Decimal
    timestamp: str
    context: str | None
    outlet: bool
    place: tuple[int, int] | None


class MeterStart(NamedTuple):
    """chosen: the reading of the event itself that became meterStart, if it was one of those.

    earlier: it was a reading of an earlier event. estimated: nothing was known (rule 5).
    """

    wh: int
    chosen: Reading | None = None
    earlier: bool = False
    estimated: bool = False


class MeterStop(NamedTuple):
    """lowered: the reading was below meterStart, which stands in its place."""

    wh: int
    lowered: bool = False


def readings(meter_values: Sequence[JsonObject]) -> list[Reading]:
    """All candidates in the order they were sent; sums of phases where none is without phase."""
    found = []
    phased = False
    for i, value in enumerate(meter_values):
        for j, sample in enumerate(value["sampledValue"]):
            if sample.get("measurand", _REGISTER) != _REGISTER:
                continue
            if "phase" in sample:
                phased = True
                continue
            wh = _wh(sample)
            if wh is not None:
                context, outlet = sample.get("context"), _is_outlet(sample)
                found.append(Reading(wh, value["timestamp"], context, outlet, (i, j)))
    return found if found or not phased else _phase_sums(meter_values)


def latest(found: Sequence[Reading], zone: str = "UTC") -> Reading | None:
    """The newest one, at equal times the one of the outlet. zone: of timestamps without one."""
    if len(found) < 2:
        return found[0] if found else None

    def rank(reading: Reading) -> tuple[datetime, bool]:
        return parse(reading.timestamp, zone), reading.outlet

    return max(found, key=rank)


def earliest(found: Sequence[Reading], zone: str = "UTC") -> Reading | None:
    """The oldest one, at equal times the one of the outlet."""
    if len(found) < 2:
        return found[0] if found else None

    def rank(reading: Reading) -> tuple[datetime, bool]:
        return parse(reading.timestamp, zone), not reading.outlet

    return min(found, key=rank)


def meter_start(
    found: Sequence[Reading], earlier: Decimal | None, register: Decimal | None, zone: str = "UTC"
) -> MeterStart:
    """meterStart of a transaction that starts with an event, rules 1 to 5.

    found: of that event; earlier: newest reading of the transaction before it; register: last one
    known of the connector.
    """
    reading = earliest([r for r in found if r.context == BEGIN], zone) or latest(found, zone)
    return _start(reading, earlier, register)


def meter_start_at_end(
    found: Sequence[Reading], first: Decimal | None, register: Decimal | None, zone: str = "UTC"
) -> MeterStart:
    """meterStart of a transaction that is rebuilt when it ends (5.5).

    first: oldest reading of the transaction before its last event. Where `meter_start` takes the
    newest reading, the oldest counts here: the newest is meterStop, and nothing would be billed.
    """
    reading = earliest([r for r in found if r.context == BEGIN], zone)
    if reading is None and first is None:
        reading = earliest(found, zone)
    return _start(reading, first, register)


def meter_stop(
    stop: Decimal | None,
    start: int,
    *,
    first: Decimal | None = None,
    estimated: bool = False,
    intervals: Decimal | None = None,
) -> MeterStop:
    """meterStop, never below meterStart.

    stop: the reading that ends the transaction, by rules 1 to 3 (`stop_reading`, else the last one
    known); start: meterStart; first: first reading of the transaction, which counts where
    meterStart was estimated; intervals: sum of Energy.Active.Import.Interval.
    """
    if stop is None:
        return MeterStop(start + whole(intervals) if intervals is not None else start)
    wh = start + whole(stop - (stop if first is None else first)) if estimated else whole(stop)
    return MeterStop(start, lowered=True) if wh < start else MeterStop(wh)


def stop_reading(found: Sequence[Reading], zone: str = "UTC") -> Reading | None:
    """The reading of an Ended event that ends the transaction, rules 1 and 2."""
    return latest([r for r in found if r.context == END], zone) or latest(found, zone)


def interval_sum(meter_values: Sequence[JsonObject]) -> Decimal | None:
    """Energy of all intervals reported, Wh; None if there is none."""
    total: Decimal | None = None
    for value in meter_values:
        for sample in value["sampledValue"]:
            if sample.get("measurand") == _INTERVAL and "phase" not in sample:
                wh = _wh(sample)
                if wh is not None:
                    total = wh if total is None else total + wh
    return total


def without(meter_values: Sequence[JsonObject], reading: Reading) -> list[JsonObject]:
    """The meter values less one sample; a meterValue that has nothing left goes with it."""
    if reading.place is None:
        return list(meter_values)
    i, j = reading.place
    value = meter_values[i]
    rest = [sample for k, sample in enumerate(value["sampledValue"]) if k != j]
    middle = [{**value, "sampledValue": rest}] if rest else []
    return [*meter_values[:i], *middle, *meter_values[i + 1 :]]


def with_context(
    meter_values: Sequence[JsonObject], context: str, *, keep: bool
) -> list[JsonObject]:
    """The samples of that context (keep), or all others; empty meterValues are left out."""
    result = []
    for value in meter_values:
        samples = [s for s in value["sampledValue"] if (s.get("context") == context) is keep]
        if samples:
            result.append({**value, "sampledValue": samples})
    return result


def _start(
    reading: Reading | None, earlier: Decimal | None, register: Decimal | None
) -> MeterStart:
    if reading is not None:
        return MeterStart(whole(reading.wh), chosen=reading)
    if earlier is not None:
        return MeterStart(whole(earlier), earlier=True)
    if register is not None:
        return MeterStart(whole(register))
    return MeterStart(0, estimated=True)


def _wh(sample: JsonObject) -> Decimal | None:
    """A sample's energy in Wh; None for a unit that is none of energy, or beyond any meter."""
    try:
        value = decimal(sample["value"])
    except ValueError:
        return None
    measure = sample.get("unitOfMeasure") or {}
    factor, multiplier = _WH_IN.get(measure.get("unit", "Wh")), measure.get("multiplier", 0)
    if factor is None or multiplier not in _MULTIPLIERS:
        return None
    if multiplier:
        factor = scaled(Decimal(10) ** multiplier, factor)
    wh = value if factor == 1 else scaled(value, factor)
    return wh if abs(wh) <= _WH_AT_MOST else None


def _phase_sums(meter_values: Sequence[JsonObject]) -> list[Reading]:
    """The register summed over phases, for each time and context that has all three."""
    groups: dict[tuple[str, str | None], dict[tuple[str, bool], Decimal]] = {}
    for value in meter_values:
        for sample in value["sampledValue"]:
            if sample.get("measurand", _REGISTER) == _REGISTER and "phase" in sample:
                wh = _wh(sample)
                if wh is not None:
                    key = (value["timestamp"], sample.get("context"))
                    phase = (sample["phase"], _is_outlet(sample))
                    groups.setdefault(key, {}).setdefault(phase, wh)
    found = []
    for (timestamp, context), phases in groups.items():
        total = _three(phases)
        if total is not None:
            found.append(Reading(total, timestamp, context, True, None))
    return found


def _three(phases: Mapping[tuple[str, bool], Decimal]) -> Decimal | None:
    """The sum over three phases, each at the outlet if it is measured there; None without all."""
    for names in _PHASES:
        each = [phases.get((name, True), phases.get((name, False))) for name in names]
        known = [wh for wh in each if wh is not None]
        if len(known) == len(names):
            return sum(known, Decimal(0))
    return None


def _is_outlet(sample: JsonObject) -> bool:
    return bool(sample.get("location", "Outlet") == "Outlet")
