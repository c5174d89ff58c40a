"""Mends payloads that break their schema in ways known from the field (translation-station 1.2).

Driven by what the schema says, never by the message. On in `repair`: strip_unknown, cut_strings,
timestamps, drop_null, own_measurand (a vendor's, where its overlay says what it means). The rest
only where a route or an overlay names them: `PROFILES`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from gateway.core import numbers, timestamps
from gateway.core.dialects import Version
from gateway.core.frames import JsonObject
from gateway.core.schema.catalog import Catalog
from gateway.core.schema.extended import MEASURAND
from gateway.core.schema.fields import DATE_TIME, Field
from gateway.core.schema.violations import (
    ENUM,
    FORMAT,
    MAX_LENGTH,
    TYPE,
    UNKNOWN,
    Finding,
)

STRIP_UNKNOWN = "strip_unknown"
CUT_STRINGS = "cut_strings"
TIMESTAMPS = "timestamps"
DROP_NULL = "drop_null"
SCALAR_TO_LIST = "scalar_to_list"
STRING_TO_NUMBER = "string_to_number"
NUMBER_TO_STRING = "number_to_string"
ENUM_FALLBACK = "enum_fallback"
CURRENT_MEASURAND = "current_measurand"
OWN_MEASURAND = "own_measurand"

PROFILES = frozenset(
    {SCALAR_TO_LIST, STRING_TO_NUMBER, NUMBER_TO_STRING, ENUM_FALLBACK, CURRENT_MEASURAND}
)
UNPROMPTED = frozenset({CURRENT_MEASURAND})
"""Profiles that change payloads which are valid: with these, `repair` is called for every one."""

# A mended list shows its items, a mended object its members: each round may uncover more.
_MOST_ROUNDS = 8
_SAMPLES = "sampledValue[]"


class _Bench(NamedTuple):
    """What a repair may look at."""

    catalog: Catalog
    profiles: Collection[str]
    zone: str
    fields: Mapping[str, Field]


def repair(
    catalog: Catalog,
    version: Version,
    action: str,
    part: str,
    payload: JsonObject,
    profiles: Collection[str] = (),
    zone: str = "UTC",
) -> tuple[JsonObject, tuple[str, ...]]:
    """(a mended copy, names of the repairs done, each once); (payload itself, ()) if none was.

    profiles: further repairs by name. zone: of timestamps without one (`timezone_default`).
    Over-long strings are counted and left as they are: `acceptable` lets them pass, and
    `cut_strings` cuts what is put out. Whether the result is `acceptable` is for the caller to ask.
    """
    bench = _Bench(catalog, profiles, zone, catalog.fields(version, action, part))
    mended: JsonObject = orjson.loads(orjson.dumps(payload))
    done: dict[str, None] = {}
    for _ in range(_MOST_ROUNDS):
        names = [
            _mend(mended, finding, bench)
            for finding in catalog.findings(version, action, part, mended)
        ]
        done.update(dict.fromkeys(name for name in names if name))
        if not any(name for name in names if name != CUT_STRINGS):
            break
    if CURRENT_MEASURAND in profiles and _name_currents(mended, bench):
        done[CURRENT_MEASURAND] = None
    return (mended, tuple(done)) if done else (payload, ())


def acceptable(
    catalog: Catalog, version: Version, action: str, part: str, payload: JsonObject
) -> bool:
    """Whether a repaired payload may go on: valid, but for strings that are cut on output."""
    findings = catalog.findings(version, action, part, payload)
    return all(finding.rule == MAX_LENGTH for finding in findings)


def cut_strings(
    catalog: Catalog, version: Version, action: str, part: str, payload: JsonObject
) -> JsonObject:
    """A copy whose strings are as short as the schema of the output asks for."""
    cut: JsonObject = orjson.loads(orjson.dumps(payload))
    for finding in catalog.findings(version, action, part, cut):
        if finding.rule == MAX_LENGTH:
            holder = _holder(cut, finding)
            name = finding.path[-1]
            holder[name] = holder[name][: finding.allowed].rstrip()
    return cut


def _mend(payload: JsonObject, finding: Finding, bench: _Bench) -> str:
    """Mend what was found, in place. Returns the name of the repair, "" if there is none."""
    mender = _MENDERS.get(finding.rule)
    if mender is None or not finding.path:
        return ""
    return mender(_holder(payload, finding), finding, bench)


def _strip(holder: Any, finding: Finding, bench: _Bench) -> str:
    del holder[finding.path[-1]]
    return STRIP_UNKNOWN


def _accept_length(holder: Any, finding: Finding, bench: _Bench) -> str:
    return CUT_STRINGS


def _mend_timestamp(holder: Any, finding: Finding, bench: _Bench) -> str:
    if finding.allowed != DATE_TIME:
        return ""
    name = finding.path[-1]
    try:
        holder[name] = timestamps.normalise(holder[name], bench.zone)
    except ValueError:
        if _field(finding, bench).required:
            return ""
        del holder[name]
    return TIMESTAMPS


def _mend_type(holder: Any, finding: Finding, bench: _Bench) -> str:
    name, value = finding.path[-1], holder[finding.path[-1]]
    if value is None:
        if isinstance(holder, list):
            return ""
        del holder[name]
        return DROP_NULL
    for profile, convert in _CONVERSIONS:
        if profile in bench.profiles:
            converted = convert(value, finding.allowed)
            if converted is not None:
                holder[name] = converted
                return profile
    return ""


def _mend_enum(holder: Any, finding: Finding, bench: _Bench) -> str:
    name = finding.path[-1]
    if name == MEASURAND and holder[name] in bench.catalog.own_measurands:
        meant = bench.catalog.own_measurands[holder[name]]
        holder.update({**meant, **{k: v for k, v in holder.items() if k != MEASURAND}})
        return OWN_MEASURAND
    if ENUM_FALLBACK in bench.profiles and isinstance(name, str):
        fallback = bench.catalog.enum_fallback.get(name)
        if fallback in finding.allowed:
            holder[name] = fallback
            return ENUM_FALLBACK
    return ""


def _as_list(value: Any, types: tuple[str, ...]) -> Any:
    return [value] if "array" in types else None


def _as_number(value: Any, types: tuple[str, ...]) -> Any:
    if not isinstance(value, str) or not {"number", "integer"} & set(types):
        return None
    try:
        number = numbers.json_number(numbers.decimal(value))
    except ValueError:
        return None
    return number if "number" in types or isinstance(number, int) else None


def _as_text(value: Any, types: tuple[str, ...]) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float) or "string" not in types:
        return None
    return numbers.plain(numbers.decimal(value))


def _name_currents(payload: JsonObject, bench: _Bench) -> bool:
    """A sample in ampere that names no measurand would read as energy: name it."""
    named = False
    for path in bench.fields:
        if path.endswith(_SAMPLES):
            for sample in _at(payload, path.split(".")):
                if "measurand" not in sample and _unit(sample) == "A":
                    sample["measurand"] = "Current.Import"
                    named = True
    return named


def _unit(sample: JsonObject) -> Any:
    measure = sample.get("unitOfMeasure")
    return measure.get("unit") if isinstance(measure, dict) else sample.get("unit")


def _at(value: Any, path: list[str]) -> Iterator[JsonObject]:
    """Every object at a path of a field table, as far as the payload has its shape."""
    if not isinstance(value, dict):
        return
    if not path:
        yield value
        return
    member = value.get(path[0].removesuffix("[]"))
    if not path[0].endswith("[]"):
        yield from _at(member, path[1:])
    elif isinstance(member, list):
        for item in member:
            yield from _at(item, path[1:])


def _holder(payload: JsonObject, finding: Finding) -> Any:
    """The object or list that holds what was found."""
    holder: Any = payload
    for part in finding.path[:-1]:
        holder = holder[part]
    return holder


def _field(finding: Finding, bench: _Bench) -> Field:
    path = "".join("[]" if isinstance(part, int) else "." + part for part in finding.path)
    return bench.fields[path[1:]]


_Mender = Callable[[Any, Finding, _Bench], str]
_MENDERS: dict[str, _Mender] = {
    UNKNOWN: _strip,
    MAX_LENGTH: _accept_length,
    FORMAT: _mend_timestamp,
    TYPE: _mend_type,
    ENUM: _mend_enum,
}
_CONVERSIONS: tuple[tuple[str, Callable[[Any, tuple[str, ...]], Any]], ...] = (
    (SCALAR_TO_LIST, _as_list),
    (STRING_TO_NUMBER, _as_number),
    (NUMBER_TO_STRING, _as_text),
)
