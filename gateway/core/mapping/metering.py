"""Named conversions of meter values: quantities, signed values, and what a list keeps.

Spec: translation-station 4.1 to 4.5. All arithmetic is decimal (`core/numbers.py`).
"""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson

from gateway.core import numbers
from gateway.core.frames import JsonObject
from gateway.core.mapping.context import Context
from gateway.core.mapping.functions import V16, V201, Conversion, Example, Shape, Step

ENERGY_REGISTER = "Energy.Active.Import.Register"

# 2.0.1 unit -> (1.6 unit or None, power of ten), translation-station 4.4
_BASE_UNITS = ("Wh", "varh", "W", "VA", "var", "A", "V", "K", "Celsius", "Fahrenheit", "Percent")
_KILO_UNITS = {"kWh": "Wh", "kvarh": "varh", "kW": "W", "kVA": "VA", "kvar": "var"}
_TO_V16: dict[str, tuple[str | None, int]] = {
    **{unit: (unit, 0) for unit in (*_BASE_UNITS, *_KILO_UNITS)},
    "Celcius": ("Celsius", 0),
    "Hz": (None, 0),
    "Hertz": (None, 0),
    "MWh": ("Wh", 6),
    "MW": ("W", 6),
    "mA": ("A", -3),
    "mV": ("V", -3),
}
_TO_V201: dict[str, tuple[str, int]] = {
    **{unit: (unit, 0) for unit in _BASE_UNITS},
    **{kilo: (base, 3) for kilo, base in _KILO_UNITS.items()},
    "Celcius": ("Celsius", 0),
    "Hertz": ("Hz", 0),
    "Hz": ("Hz", 0),
}
SAME_UNIT = {unit: to or "" for unit, (to, power) in _TO_V16.items() if not power}
"""2.0.1 unit -> 1.6 unit, "" for none, where the value stays as it is; the compiled maps look here
first."""

SAME_UNIT_V201 = {unit: to for unit, (to, power) in _TO_V201.items() if not power}
"""The same for the way from 1.6."""

_EXACT = 1e16
_MAX_MULTIPLIER = 300
_MAX_METHOD, _MAX_SIGNED = 50, 2500
_PLAIN_TEXT = r"-?(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,12})?"
_PLAIN = re.compile(_PLAIN_TEXT).fullmatch
_PLAIN_LIST = re.compile(rf"{_PLAIN_TEXT}(?:,{_PLAIN_TEXT})*+").fullmatch


def number_text(value: int | float) -> str:
    """Plain decimal text: no exponent, no trailing zeros (translation-station 1.6)."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
    text = repr(value)
    return numbers.plain(numbers.decimal(value)) if "e" in text else text


def number_texts(values: list[int | float]) -> list[str]:
    """`number_text` of each; orjson writes the shortest digits, as `repr` does, in a third of the
    time."""
    written = orjson.dumps(values).decode()
    if not values or "e" in written or "-0.0" in written:
        return [number_text(value) for value in values]
    whole = written.replace(".0,", ",").removesuffix("]").removesuffix(".0")
    return whole[1:].split(",")


def plain_numbers(texts: list[str]) -> list[int | float | None]:
    """The number that each text is, None for one that is none or not a plain one; whole ones are
    integers."""
    joined = ",".join(texts)
    if _PLAIN_LIST(joined) and joined.count(",") == len(texts) - 1:
        return [
            int(n) if n.__class__ is float and n.is_integer() else n
            for n in orjson.loads(f"[{joined}]")
        ]
    return [plain_numbers([text])[0] if _PLAIN(text) else None for text in texts]


def _scaled(value: Decimal, power: int) -> Decimal:
    return numbers.scaled(value, Decimal((0, (1,), power)))


@lru_cache(maxsize=64)
def assumed_unit(measurand: str | None) -> str:
    """The unit that an absent one stands for, "" for none (translation-station 4.4)."""
    if measurand is None or measurand.startswith("Energy.Active."):
        return "Wh"
    return "varh" if measurand.startswith("Energy.Reactive.") else ""


def quantity16(
    value: int | float, unit: str | None, multiplier: int | None, measurand: str | None
) -> tuple[str, str | None] | None:
    """(text, unit) of a 2.0.1 value; None: an energy in a unit that 1.6 has not."""
    known = _TO_V16.get(unit) if unit else (assumed_unit(measurand) or None, 0)
    if known is None:
        if measurand is None or measurand.startswith("Energy."):
            return None
        known = None, 0
    power = (multiplier or 0) + known[1]
    if power == 0:
        return number_text(value), known[0]
    if abs(power) > _MAX_MULTIPLIER:
        return None
    return numbers.plain(_scaled(numbers.decimal(value), power)), known[0]


def quantity201(
    text: str, unit: str | None, measurand: str | None
) -> tuple[int | float, str | None, None] | None:
    """(value, unit, no multiplier) of a 1.6 value; None: text that is no number."""
    known = _TO_V201.get(unit) if unit else (assumed_unit(measurand) or None, 0)
    if known is None:
        return None
    if known[1] == 0 and _PLAIN(text):
        number = float(text)
        return int(number) if number.is_integer() else number, known[0], None
    try:
        value = _scaled(numbers.decimal(text), known[1])
        return numbers.json_number(value), known[0], None
    except ValueError:
        return None


QUANTITY = Conversion(
    "quantity",
    "2.0.1 number, unit and multiplier <-> 1.6 text and unit; 1.6 kilo-units become base units",
    {
        V16: Step(
            quantity16,
            ("number", "string", "integer", "string"),
            (Shape("string"), Shape("string", absent=True)),
            (
                Example((12.6, "Wh", 3, None), ("12600", "Wh")),
                Example((7360.5, "W", None, "Power.Active.Import"), ("7360.5", "W")),
                Example((2, "MWh", 0, ENERGY_REGISTER), ("2000000", "Wh")),
                Example((49.98, "Hz", None, "Frequency"), ("49.98", None)),
                Example((11, None, None, "Energy.Reactive.Import.Register"), ("11", "varh")),
                Example((5, "J", None, ENERGY_REGISTER), None),
            ),
            fails=True,
            inline=(
                "{b} = SAME_UNIT.get({1}) if {1} else assumed_unit({3})",
                "if {b} is not None and not {2}:",
                "    {a} = {t}",
                "else:",
            ),
            together=number_texts,
        ),
        V201: Step(
            quantity201,
            ("string", "string", "string"),
            (
                Shape("number"),
                Shape("string", 20, absent=True),
                Shape("integer", absent=True),
            ),
            (
                Example(("13.2", "kWh", ENERGY_REGISTER), (13200, "Wh", None)),
                Example(("7360", "W", "Power.Active.Import"), (7360, "W", None)),
                Example(("16,5", "A", "Current.Import"), (16.5, "A", None)),
                Example(("50", None, "Frequency"), (50, None, None)),
                Example(("n/a", "Wh", None), None),
            ),
            fails=True,
            inline=(
                "{b} = SAME_UNIT_V201.get({1}) if {1} else assumed_unit({2})",
                "{c} = None",
                "if {b} is not None and {t} is not None:",
                "    {a} = {t}",
                "else:",
            ),
            together=plain_numbers,
        ),
    },
)


# Signed values, translation-station 4.5

_SIGNED_MEMBERS = ("signedMeterData", "signingMethod", "encodingMethod", "publicKey")
_SAME_READING = (
    ("context", "Sample.Periodic"),
    ("measurand", ENERGY_REGISTER),
    ("phase", None),
    ("location", "Outlet"),
)
SIGNED_FORMAT = "SignedData"
_OCMF = "OCMF|"


def split_signed(signed: JsonObject, plain: JsonObject, context: Context) -> JsonObject | None:
    """The second 1.6 sample, beside its plain one; None: `a.signed` is drop."""
    mode = context.settings.a.signed
    if mode == "drop":
        return None
    text = signed["signedMeterData"]
    if mode == "json":
        text = orjson.dumps({name: signed[name] for name in _SIGNED_MEMBERS}).decode()
    return {**plain, "value": text, "format": SIGNED_FORMAT}


def join_signed(
    samples: list[JsonObject], plain: list[JsonObject], context: Context
) -> list[JsonObject]:
    """Put SignedData samples into their plain ones.

    samples: 1.6; plain: the 2.0.1 samples made of the same meterValue, changed in place. Returns
    the samples that found no place. The context is not needed; both ways are called alike.
    """
    left = []
    for sample in samples:
        signed = _signed(sample["value"])
        target = None
        if signed is not None:
            alike = (p for p in plain if _same_reading(p, sample))
            target = min(alike, key=lambda p: _differences(p, sample), default=None)
            if target is None:
                target = _from_ocmf(signed["signedMeterData"], sample)
                if target is not None:
                    plain.append(target)
        if signed is None or target is None:
            left.append(sample)
        else:
            target["signedMeterValue"] = signed
    return left


def _same_reading(target: JsonObject, sample: JsonObject) -> bool:
    if "signedMeterValue" in target:
        return False
    return all(target.get(n, d) == sample.get(n, d) for n, d in _SAME_READING)


def _differences(target: JsonObject, sample: JsonObject) -> int:
    """How many members one of them leaves to the default and the other spells out."""
    return sum(target.get(name) != sample.get(name) for name, _ in _SAME_READING)


def _signed(text: str) -> JsonObject | None:
    """signedMeterValue of a sample's value; None if it does not fit into 2.0.1."""
    members = _signed_members(text)
    if not all(isinstance(member, str) for member in members.values()):
        return None
    if max(len(members["signedMeterData"]), len(members["publicKey"])) > _MAX_SIGNED:
        return None
    if max(len(members["signingMethod"]), len(members["encodingMethod"])) > _MAX_METHOD:
        return None
    return members


def _signed_members(text: str) -> JsonObject:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, dict):
        data = value.get("signedMeterData", value.get("signedMeterValue"))
        if data is not None:
            found = {name: value.get(name, "") for name in _SIGNED_MEMBERS}
            return found | {"signedMeterData": data}
    members = dict.fromkeys(_SIGNED_MEMBERS, "") | {"signedMeterData": text}
    if text.startswith(_OCMF):
        members["encodingMethod"] = "OCMF"
    return members


def _ocmf_of(data: str) -> str | None:
    """The OCMF record in signed data that is one, or hex or base64 of one, or of JSON text that
    holds one (extensions.md 3).

    It is read for its reading alone; what was signed goes on as it came.
    """
    if data.startswith(_OCMF):
        return data
    for decoded in (bytes.fromhex, b64decode):
        try:
            text = decoded(data).decode()
        except ValueError:
            continue
        inside = str(_signed_members(text)["signedMeterData"])
        if inside.startswith(_OCMF):
            return inside
    return None


def _from_ocmf(data: str, sample: JsonObject) -> JsonObject | None:
    """A plain 2.0.1 sample from the last reading of an OCMF record; None if there is none."""
    record = _ocmf_of(data)
    if record is None:
        return None
    try:
        reading = orjson.loads(record.split("|")[1])["RD"][-1]
        made = quantity201(str(reading["RV"]), reading["RU"], sample.get("measurand"))
    except (orjson.JSONDecodeError, LookupError, TypeError):
        return None
    if made is None:
        return None
    target: JsonObject = {"value": made[0], "unitOfMeasure": {"unit": made[1]}}
    return target | {n: sample[n] for n, _ in _SAME_READING if n in sample}


@dataclass(frozen=True, slots=True)
class Split:
    """One 2.0.1 list item that is two in 1.6.

    split: (the 2.0.1 member, the first 1.6 item, context) -> the second item or None; join: (second
    items, 2.0.1 items made so far, context) -> those that found no place; mark: the value of the
    1.6 field that tells a second item.
    """

    name: str
    summary: str
    split: Callable[[JsonObject, JsonObject, Context], JsonObject | None]
    join: Callable[[list[JsonObject], list[JsonObject], Context], list[JsonObject]]
    mark: str


SPLITS = {
    "signed": Split(
        "signed",
        "a signedMeterValue is a 1.6 sample of its own, format SignedData, beside the plain one",
        split_signed,
        join_signed,
        SIGNED_FORMAT,
    )
}


# What a list keeps


@dataclass(frozen=True, slots=True)
class Keep:
    """A filter of a source list: (list, context) -> list."""

    name: str
    summary: str
    call: Callable[[Sequence[JsonObject], Context], Sequence[JsonObject]]


def transaction_data(meter_values: Sequence[JsonObject], context: Context) -> Sequence[JsonObject]:
    """What `a.transaction_data` lets through of an Ended event's meter values."""
    mode = context.settings.a.transaction_data
    if mode == "all":
        return meter_values
    if mode == "none":
        return []
    kept = []
    for meter_value in meter_values:
        samples = [s for s in meter_value["sampledValue"] if s.get("context") == "Transaction.End"]
        if samples:
            kept.append({**meter_value, "sampledValue": samples})
    return kept


KEEPS = {
    "transaction_data": Keep(
        "transaction_data", "what a.transaction_data lets through", transaction_data
    )
}


# Yes or no


@dataclass(frozen=True, slots=True)
class Check:
    """A named yes/no about one source field (None if it is absent)."""

    name: str
    summary: str
    call: Callable[[Any], bool]


def no_end_reading(meter_values: list[JsonObject] | None) -> bool:
    """Whether 1.6 transactionData lacks the register at the end (translation-station 7.5).

    One that cannot be read is none: the station's meterStop stands in for it.
    """
    return not any(
        sample.get("context") == "Transaction.End"
        and sample.get("measurand", ENERGY_REGISTER) == ENERGY_REGISTER
        and sample.get("format", "Raw") == "Raw"
        and "phase" not in sample
        and quantity201(sample["value"], sample.get("unit"), ENERGY_REGISTER) is not None
        for meter_value in meter_values or ()
        for sample in meter_value["sampledValue"]
    )


CHECKS: Mapping[str, Check] = {
    "no_end_reading": Check(
        "no_end_reading", "transactionData has no register reading at the end", no_end_reading
    )
}
