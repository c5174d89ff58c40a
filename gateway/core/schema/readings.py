"""Repairs of readings: what a sample measures is said in the standard's words.

A sample whose measurand is lost would read as energy, so what its vendor means comes first.
"""

from collections.abc import Iterator
from typing import Any

from gateway.core.dialects import Version
from gateway.core.frames import JsonObject
from gateway.core.schema.bench import Bench, at
from gateway.core.schema.extended import MEASURAND

CURRENT_MEASURAND = "current_measurand"
OWN_MEASURAND = "own_measurand"
OWN_SAMPLE = "own_sample"

_SAMPLES = "sampledValue[]"


def put_samples_right(payload: JsonObject, bench: Bench) -> list[str]:
    """Say of a sample what the vendor's overlay says that it is."""
    if not bench.own.samples or bench.version is not Version.V16:
        return []
    return [
        name
        for path in bench.fields
        if path.endswith(_SAMPLES)
        for sample in at(payload, path)
        for name in _put_right(sample, path, bench)
    ]


def _put_right(sample: JsonObject, path: str, bench: Bench) -> Iterator[str]:
    """A word that this message has not, as some have for hertz, is left out."""
    for seen, meant in bench.own.samples:
        if all(sample.get(name) == value for name, value in seen.items()):
            for name, value in meant.value.items():
                sample.pop(name, None)
                known = bench.fields[f"{path}.{name}"].enum
                if value is not None and (not known or value in known):
                    sample[name] = value
            yield meant.marked(OWN_SAMPLE)


def own_measurand(sample: JsonObject, bench: Bench) -> str:
    """Say a measurand of the vendor's own in the standard's words. Returns the name of the repair,
    "" if it is none."""
    said = bench.own.measurands.get(sample[MEASURAND])
    if said is None:
        return ""
    sample.update({**said.value, **{k: v for k, v in sample.items() if k != MEASURAND}})
    return said.marked(OWN_MEASURAND)


def name_measurands(payload: JsonObject, bench: Bench) -> list[str]:
    """Where samples may have any measurand none of the vendor's own breaks the schema."""
    if OWN_MEASURAND not in bench.profiles:
        return []
    return [
        name
        for path in bench.fields
        if path.endswith(_SAMPLES) and not bench.fields[f"{path}.{MEASURAND}"].enum
        for sample in at(payload, path)
        if isinstance(sample.get(MEASURAND), str) and (name := own_measurand(sample, bench))
    ]


def name_currents(payload: JsonObject, bench: Bench) -> list[str]:
    """A sample in ampere that names no measurand would read as energy: name it."""
    if CURRENT_MEASURAND not in bench.profiles:
        return []
    named = []
    for path in bench.fields:
        if path.endswith(_SAMPLES):
            for sample in at(payload, path):
                if "measurand" not in sample and _unit(sample) == "A":
                    sample["measurand"] = "Current.Import"
                    named.append(CURRENT_MEASURAND)
    return named


def _unit(sample: JsonObject) -> Any:
    measure = sample.get("unitOfMeasure")
    return measure.get("unit") if isinstance(measure, dict) else sample.get("unit")
