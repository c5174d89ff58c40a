"""Mends payloads that break their schema in ways known from the field (translation-station 1.2).

Driven by what the schema says, never by the message. On in `repair`: strip_unknown, cut_strings,
timestamps, drop_null; soap_values where a leg speaks SOAP. The rest only where a route or an
overlay names them: `PROFILES`. What a vendor's overlay says of its own words (`own_words.py`) is
done for its stations: own_measurand, own_value, own_name, own_default, own_sample.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import orjson

from gateway.core import numbers, timestamps
from gateway.core.addresses import escaped
from gateway.core.dialects import Version
from gateway.core.frames import JsonObject
from gateway.core.schema.bench import Bench, at
from gateway.core.schema.catalog import Catalog
from gateway.core.schema.extended import MEASURAND
from gateway.core.schema.fields import DATE_TIME, URI, Field
from gateway.core.schema.own_words import NOW
from gateway.core.schema.readings import (
    CURRENT_MEASURAND,
    OWN_MEASURAND,
    OWN_SAMPLE,
    name_currents,
    name_measurands,
    own_measurand,
    put_samples_right,
)
from gateway.core.schema.violations import (
    ENUM,
    FORMAT,
    MAX_LENGTH,
    MULTIPLE_OF,
    REQUIRED,
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
EMPTY_ITEMS = "empty_items"
UNSET_CLOCK = "unset_clock"
SOAP_VALUES = "soap_values"
"""Asked for where a leg speaks SOAP: addresses and decimals that soap.md 8 says how to write."""
OWN_VALUE = "own_value"
OWN_NAME = "own_name"
OWN_DEFAULT = "own_default"

PROFILES = frozenset(
    {
        SCALAR_TO_LIST,
        STRING_TO_NUMBER,
        NUMBER_TO_STRING,
        ENUM_FALLBACK,
        CURRENT_MEASURAND,
        EMPTY_ITEMS,
        UNSET_CLOCK,
    }
)
UNPROMPTED = frozenset({CURRENT_MEASURAND, UNSET_CLOCK, OWN_SAMPLE, OWN_MEASURAND})
"""Repairs that change payloads which are valid: with these, `repair` is called for every one."""

_UNCOVERING = (OWN_NAME, SCALAR_TO_LIST)
"""Repairs that show samples where none could be seen before."""
# A mended list shows its items, a mended object its members: each round may uncover more.
_MOST_ROUNDS = 8
_TIME = "timestamp"
"""The member that says when something happened, by the sender's clock, in both versions."""
_CLOCK_IS_SET = "2000"


def repair(
    catalog: Catalog,
    version: Version,
    action: str,
    part: str,
    payload: JsonObject,
    profiles: Collection[str] = (),
    zone: str = "UTC",
    now: float = 0.0,
) -> tuple[JsonObject, tuple[str, ...]]:
    """(a mended copy, names of the repairs done, each once); (payload itself, ()) if none was.

    profiles: further repairs by name. zone: of timestamps without one (`timezone_default`); now:
    the time of receipt, seconds since the epoch, which stands in for one that is missing.
    Over-long strings are counted and left as they are: `acceptable` lets them pass, and
    `cut_strings` cuts what is put out. Whether the result is `acceptable` is for the caller to ask.
    """
    fields = catalog.fields(version, action, part)
    bench = Bench(catalog, version, (action, part), profiles, zone, now, fields)
    mended: JsonObject = orjson.loads(orjson.dumps(payload))
    done = dict.fromkeys(put_samples_right(mended, bench))
    for _ in range(_MOST_ROUNDS):
        found = catalog.findings(version, action, part, mended)
        names = [name for step in _FIRST if found for name in step(mended, bench)]
        names = names or [name for finding in found if (name := _mend(mended, finding, bench))]
        done.update(dict.fromkeys(names))
        if not any(name != CUT_STRINGS for name in names):
            break
    if any(name.endswith(_UNCOVERING) for name in done):
        done.update(dict.fromkeys(put_samples_right(mended, bench)))
    done.update(dict.fromkeys(name for step in _AFTER for name in step(mended, bench)))
    return (mended, tuple(map(catalog.own.marked, done))) if done else (payload, ())


def acceptable(
    catalog: Catalog, version: Version, action: str, part: str, payload: JsonObject
) -> bool:
    """Whether a repaired payload may go on: valid, but for strings that are cut on output."""
    findings = catalog.findings(version, action, part, payload)
    return all(finding.rule == MAX_LENGTH for finding in findings)


def whole_numbers(fields: Mapping[str, Field], payload: JsonObject) -> JsonObject:
    """The payload with 1.0 read as 1 wherever an integer stands; itself if all are written so.

    fields: of its message. To 2.0.1's schemas both are integers (translation-station 1.6).
    """
    mended: JsonObject = orjson.loads(orjson.dumps(payload))
    changed = False
    for path, field in fields.items():
        if field.type != "integer":
            continue
        parent, _, name = path.rpartition(".")
        for holder in at(mended, parent):
            changed |= _make_whole(holder, name)
    return mended if changed else payload


def _make_whole(holder: JsonObject, name: str) -> bool:
    """Whether the member, or an item of the list, was an integer written as a fraction."""
    value = holder.get(name.removesuffix("[]"))
    if name.endswith("[]") and isinstance(value, list):
        items = [_whole(item) for item in value]
        changed = any(type(new) is not type(old) for new, old in zip(items, value, strict=True))
        value[:] = items
        return changed
    if name not in holder or _whole(value) is value:
        return False
    holder[name] = _whole(value)
    return True


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


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


def _mend(payload: JsonObject, finding: Finding, bench: Bench) -> str:
    """Mend what was found, in place. Returns the name of the repair, "" if there is none."""
    mender = _MENDERS.get(finding.rule)
    if mender is None or not finding.path:
        return ""
    return mender(_holder(payload, finding), finding, bench)


def _use_standard_names(payload: JsonObject, bench: Bench) -> list[str]:
    """Give members that the vendor calls otherwise the name that the standard has for them."""
    renamed = []
    for path, meant in bench.own.names.get(bench.message, {}).items():
        parent, _, own_name = path.rpartition(".")
        for holder in at(payload, parent):
            if own_name in holder and meant.value not in holder:
                holder[meant.value] = holder.pop(own_name)
                renamed.append(meant.marked(OWN_NAME))
    return renamed


def _drop_empty_items(payload: JsonObject, bench: Bench) -> list[str]:
    """Take out list items in which nothing stands, and optional lists of which nothing is left."""
    dropped = EMPTY_ITEMS in bench.profiles and _emptied(payload, "", bench)
    return [EMPTY_ITEMS] if dropped else []


def _emptied(holder: JsonObject, path: str, bench: Bench) -> bool:
    dropped = False
    for name, member in list(holder.items()):
        inside = f"{path}{name}"
        if isinstance(member, dict):
            dropped |= _emptied(member, inside + ".", bench)
        elif isinstance(member, list):
            for item in member:
                if isinstance(item, dict):
                    dropped |= _emptied(item, inside + "[].", bench)
            full = [item for item in member if not isinstance(item, dict) or _says_something(item)]
            if len(full) < len(member):
                dropped = True
                member[:] = full
                if not full and inside in bench.fields and not bench.fields[inside].required:
                    del holder[name]
    return dropped


def _says_something(item: JsonObject) -> bool:
    return any(value not in _NOTHING for value in item.values())


def _strip(holder: Any, finding: Finding, bench: Bench) -> str:
    del holder[finding.path[-1]]
    return STRIP_UNKNOWN


def _fill_in(holder: Any, finding: Finding, bench: Bench) -> str:
    """A member that is missing, where the vendor's overlay says what it would be."""
    meant = bench.own.missing.get(bench.message, {}).get(_path(finding))
    if meant is None:
        return ""
    value = timestamps.utc_text(bench.now) if meant.value == NOW else meant.value
    holder[finding.path[-1]] = value
    return meant.marked(OWN_DEFAULT)


def _accept_length(holder: Any, finding: Finding, bench: Bench) -> str:
    return CUT_STRINGS


def _mend_format(holder: Any, finding: Finding, bench: Bench) -> str:
    if finding.allowed == DATE_TIME:
        return _mend_timestamp(holder, finding, bench)
    name = finding.path[-1]
    if finding.allowed != URI or SOAP_VALUES not in bench.profiles:
        return ""
    typed, holder[name] = holder[name], escaped(holder[name])
    return SOAP_VALUES if holder[name] != typed else ""


def _cut_decimals(holder: Any, finding: Finding, bench: Bench) -> str:
    """Towards zero, for a limit may only become smaller (`dec1` of translation-csms)."""
    if SOAP_VALUES not in bench.profiles:
        return ""
    name, step = finding.path[-1], numbers.decimal(finding.allowed)
    exact = numbers.decimal(holder[name])
    holder[name] = numbers.json_number(exact - exact % step)
    return SOAP_VALUES


def _mend_timestamp(holder: Any, finding: Finding, bench: Bench) -> str:
    name = finding.path[-1]
    try:
        holder[name] = timestamps.normalise(holder[name], bench.zone)
    except ValueError:
        if _field(finding, bench).required:
            return ""
        del holder[name]
    return TIMESTAMPS


def _mend_type(holder: Any, finding: Finding, bench: Bench) -> str:
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


def _mend_enum(holder: Any, finding: Finding, bench: Bench) -> str:
    name, own = finding.path[-1], bench.own
    if name == MEASURAND and (said := own_measurand(holder, bench)):
        return said
    meant = own.values.get(name, {}).get(holder[name]) if isinstance(name, str) else None
    if meant is not None and meant.value in finding.allowed:
        holder[name] = meant.value
        return meant.marked(OWN_VALUE)
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


def _set_clock(payload: JsonObject, bench: Bench) -> list[str]:
    """A time before 2000 is that of a clock nobody has set: leave it out, or put the receipt's."""
    if UNSET_CLOCK not in bench.profiles:
        return []
    changed = []
    for path, field in bench.fields.items():
        parent, _, name = path.rpartition(".")
        if name != _TIME:
            continue
        for holder in at(payload, parent):
            year = str(holder.get(name, ""))[:4]
            if year.isdecimal() and year < _CLOCK_IS_SET:
                changed.append(UNSET_CLOCK)
                holder[name] = timestamps.utc_text(bench.now)
                if not field.required:
                    del holder[name]
    return changed


def _holder(payload: JsonObject, finding: Finding) -> Any:
    """The object or list that holds what was found."""
    holder: Any = payload
    for part in finding.path[:-1]:
        holder = holder[part]
    return holder


def _field(finding: Finding, bench: Bench) -> Field:
    return bench.fields[_path(finding)]


def _path(finding: Finding) -> str:
    """Where it was found, as field tables write it."""
    steps = ("[]" if isinstance(part, int) else "." + part for part in finding.path)
    return "".join(steps)[1:]


_NOTHING: tuple[Any, ...] = ("", None, [], {})
_Step = Callable[[JsonObject, Bench], list[str]]
"""Mends the payload in place; names of the repairs done."""
_FIRST: tuple[_Step, ...] = (_use_standard_names, _drop_empty_items)
_AFTER: tuple[_Step, ...] = (name_measurands, name_currents, _set_clock)
_Mender = Callable[[Any, Finding, Bench], str]
_MENDERS: dict[str, _Mender] = {
    UNKNOWN: _strip,
    MAX_LENGTH: _accept_length,
    FORMAT: _mend_format,
    MULTIPLE_OF: _cut_decimals,
    REQUIRED: _fill_in,
    TYPE: _mend_type,
    ENUM: _mend_enum,
}
_CONVERSIONS: tuple[tuple[str, Callable[[Any, tuple[str, ...]], Any]], ...] = (
    (SCALAR_TO_LIST, _as_list),
    (STRING_TO_NUMBER, _as_number),
    (NUMBER_TO_STRING, _as_text),
)
