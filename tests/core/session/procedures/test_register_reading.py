"""meterStart, meterStop and the register readings they come from (translation-station 5.9)."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.core.frames import JsonObject
from gateway.core.session.procedures.register_reading import (
    earliest,
    interval_sum,
    latest,
    meter_start,
    meter_start_at_end,
    meter_stop,
    readings,
    stop_reading,
    with_context,
    without,
)

NINE, TEN, ELEVEN = (f"2025-06-01T{hour:02}:00:00Z" for hour in (9, 10, 11))


def value(timestamp: str, *samples: JsonObject) -> JsonObject:
    return {"timestamp": timestamp, "sampledValue": list(samples)}


def register(wh: float, context: str | None = None, **members: Any) -> JsonObject:
    sample = {"value": wh, "measurand": "Energy.Active.Import.Register", **members}
    return sample if context is None else {**sample, "context": context}


POWER = {"value": 7000, "measurand": "Power.Active.Import"}


def wh_of(*values: JsonObject) -> list[Decimal]:
    return [reading.wh for reading in readings(values)]


@pytest.mark.parametrize(
    ("measure", "wh"),
    [
        ({}, "12.5"),
        ({"unitOfMeasure": {"unit": "kWh"}}, "12500"),
        ({"unitOfMeasure": {"unit": "MWh"}}, "12500000"),
        ({"unitOfMeasure": {"unit": "Wh", "multiplier": 3}}, "12500"),
        ({"unitOfMeasure": {"multiplier": -1}}, "1.25"),
    ],
)
def test_a_register_is_read_in_wh_whatever_its_unit(measure: JsonObject, wh: str) -> None:
    assert wh_of(value(TEN, register(12.5, **measure))) == [Decimal(wh)]


def test_a_sample_without_measurand_is_the_import_register() -> None:
    assert wh_of(value(TEN, {"value": 7})) == [Decimal(7)]


@pytest.mark.parametrize(
    "sample",
    [
        POWER,
        register(1, measurand="Energy.Active.Export.Register"),
        register(1, measurand="Energy.Active.Net"),
        register(1, unitOfMeasure={"unit": "varh"}),
        register(1, phase="L1"),
        register(1, unitOfMeasure={"multiplier": 2**31}),
        register(1, unitOfMeasure={"unit": "MWh", "multiplier": 300}),
    ],
)
def test_no_other_sample_is_a_candidate(sample: JsonObject) -> None:
    assert wh_of(value(TEN, sample)) == []


@pytest.mark.parametrize("names", [("L1", "L2", "L3"), ("L1-N", "L2-N", "L3-N")])
def test_three_phases_of_one_time_and_context_are_summed(names: tuple[str, ...]) -> None:
    samples = [register(n + 0.1, phase=name) for n, name in enumerate(names)]
    assert wh_of(value(TEN, *samples)) == [Decimal("3.3")]


def test_phases_of_different_contexts_make_no_sum() -> None:
    samples = [
        register(1, "Transaction.Begin", phase="L1"),
        register(1, "Sample.Clock", phase="L2"),
        register(1, "Sample.Clock", phase="L3"),
    ]
    assert wh_of(value(TEN, *samples)) == []


def test_a_register_without_phase_makes_sums_needless() -> None:
    phases = [register(5, phase=name) for name in ("L1", "L2", "L3")]
    assert wh_of(value(TEN, *phases, register(20))) == [Decimal(20)]


def test_the_latest_and_the_earliest_go_by_time_and_not_by_order() -> None:
    found = readings(
        [value(ELEVEN, register(3)), value(NINE, register(1)), value(TEN, register(2))]
    )
    assert (latest(found).wh, earliest(found).wh) == (3, 1)  # type: ignore[union-attr]


def test_times_compare_as_instants() -> None:
    found = readings([value("2025-06-01T12:30:00+02:00", register(1)), value(ELEVEN, register(2))])
    assert latest(found).wh == 2  # type: ignore[union-attr]


def test_at_one_time_the_outlet_counts_before_other_places() -> None:
    found = readings([value(TEN, register(1, location="Inlet"), register(2, location="Outlet"))])
    assert (latest(found).wh, earliest(found).wh) == (2, 2)  # type: ignore[union-attr]


def test_meter_start_prefers_the_reading_of_the_beginning() -> None:
    found = readings([value(NINE, register(100.5, "Transaction.Begin")), value(TEN, register(200))])
    assert meter_start(found, Decimal(50), Decimal(40)).wh == 101


@pytest.mark.parametrize(
    ("values", "earlier", "known", "wh"),
    [
        ([value(NINE, register(100)), value(TEN, register(200))], 50, 40, 200),
        ([], 50, 40, 50),
        ([], None, 40, 40),
    ],
)
def test_meter_start_goes_on_searching(
    values: list[JsonObject], earlier: int | None, known: int | None, wh: int
) -> None:
    found = meter_start(
        readings(values),
        None if earlier is None else Decimal(earlier),
        None if known is None else Decimal(known),
    )
    assert (found.wh, found.estimated) == (wh, False)


def test_meter_start_is_estimated_where_nothing_is_known() -> None:
    assert meter_start([], None, None) == (0, None, False, True)


@pytest.mark.parametrize(
    ("values", "first", "wh"),
    [
        ([value(NINE, register(100, "Transaction.Begin")), value(TEN, register(900))], 50, 100),
        ([value(TEN, register(900, "Transaction.End"))], 50, 50),
        ([value(NINE, register(100)), value(TEN, register(900))], None, 100),
        ([value(TEN, register(900, "Transaction.End"))], None, 900),
    ],
)
def test_a_start_rebuilt_at_the_end_takes_the_oldest_reading(
    values: list[JsonObject], first: int | None, wh: int
) -> None:
    known = None if first is None else Decimal(first)
    assert meter_start_at_end(readings(values), known, Decimal(1)).wh == wh


@pytest.mark.parametrize(("wh", "rounded"), [(10.5, 11), (10.4, 10), (0.5, 1), (18750.6, 18751)])
def test_wh_are_rounded_half_up(wh: float, rounded: int) -> None:
    assert meter_start(readings([value(TEN, register(wh))]), None, None).wh == rounded
    assert meter_stop(readings([value(TEN, register(wh))])[0].wh, 0).wh == rounded


def test_meter_stop_prefers_the_reading_of_the_end() -> None:
    found = readings([value(TEN, register(900, "Transaction.End")), value(ELEVEN, register(950))])
    assert stop_reading(found).wh == 900  # type: ignore[union-attr]


def test_meter_stop_below_meter_start_is_meter_start() -> None:
    assert meter_stop(Decimal(90), 100) == (100, True)
    assert meter_stop(Decimal(100), 100) == (100, False)


def test_meter_stop_keeps_the_difference_where_the_start_was_estimated() -> None:
    assert meter_stop(Decimal(5400), 0, first=Decimal(5000), estimated=True).wh == 400


def test_meter_stop_adds_intervals_where_no_register_was_reported() -> None:
    assert meter_stop(None, 100, intervals=Decimal("30.5")).wh == 131
    assert meter_stop(None, 100).wh == 100


def test_intervals_are_summed_without_phases() -> None:
    interval = {"measurand": "Energy.Active.Import.Interval"}
    values = [
        value(NINE, {"value": 1.5, **interval}, {"value": 9, "phase": "L1", **interval}),
        value(TEN, {"value": 2, "unitOfMeasure": {"unit": "kWh"}, **interval}),
    ]
    assert interval_sum(values) == Decimal("2001.5")
    assert interval_sum([value(TEN, register(5))]) is None


def test_one_sample_is_left_out_and_an_empty_value_goes_with_it() -> None:
    values = [value(NINE, register(1)), value(TEN, register(2), POWER)]
    first, second = readings(values)
    assert without(values, first) == [values[1]]
    assert without(values, second) == [values[0], value(TEN, POWER)]


def test_a_sum_of_phases_leaves_every_sample_where_it_is() -> None:
    values = [value(TEN, *(register(1, phase=name) for name in ("L1", "L2", "L3")))]
    assert without(values, readings(values)[0]) == values


def test_samples_are_parted_by_context() -> None:
    begin = register(1, "Transaction.Begin")
    values = [value(NINE, begin, POWER), value(TEN, POWER)]
    assert with_context(values, "Transaction.Begin", keep=True) == [value(NINE, begin)]
    assert with_context(values, "Transaction.Begin", keep=False) == [
        value(NINE, POWER),
        value(TEN, POWER),
    ]
