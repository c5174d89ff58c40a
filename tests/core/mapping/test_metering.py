"""Quantities, units and signed values (translation-station 4)."""

import json
from base64 import b64encode
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.mapping import metering
from gateway.core.mapping.metering import quantity16, quantity201
from tests.support.mapping import context

REGISTER = "Energy.Active.Import.Register"


@pytest.mark.parametrize(
    ("value", "unit", "multiplier", "measurand", "made"),
    [
        (1, "Wh", None, None, ("1", "Wh")),
        (1, "kWh", None, REGISTER, ("1", "kWh")),
        (12.5, "kvarh", 0, "Energy.Reactive.Import.Register", ("12.5", "kvarh")),
        (1, "MWh", None, REGISTER, ("1000000", "Wh")),
        (0.5, "MW", None, "Power.Active.Import", ("500000", "W")),
        (16000, "mA", None, "Current.Import", ("16", "A")),
        (230100, "mV", None, "Voltage", ("230.1", "V")),
        (12.6, "Wh", 3, None, ("12600", "Wh")),
        (1, "MWh", -3, REGISTER, ("1000", "Wh")),
        (50, "Hz", None, "Frequency", ("50", None)),
        (20, "Celcius", None, "SoC", ("20", "Celsius")),
        (5, None, None, None, ("5", "Wh")),
        (5, "", None, REGISTER, ("5", "Wh")),
        (5, None, None, "Energy.Reactive.Export.Interval", ("5", "varh")),
        (5, None, None, "Power.Factor", ("5", None)),
        (5, "dB", None, "Power.Factor", ("5", None)),
        (5, "J", None, REGISTER, None),
        (5, "J", None, None, None),
        (5, "Wh", 400, None, None),
        (16.0, "A", None, "Current.Import", ("16", "A")),
        (1e-7, "A", None, "Current.Import", ("0.0000001", "A")),
        (1e22, "Wh", None, None, ("10000000000000000000000", "Wh")),
        (-0.0, "W", None, "Power.Active.Import", ("0", "W")),
    ],
)
def test_a_number_with_unit_and_multiplier_becomes_text_and_unit(
    value, unit, multiplier, measurand, made
):
    assert quantity16(value, unit, multiplier, measurand) == made


@pytest.mark.parametrize(
    ("text", "unit", "measurand", "made"),
    [
        ("13.2", "kWh", REGISTER, (13200, "Wh")),
        ("7360", "W", "Power.Active.Import", (7360, "W")),
        ("16,5", "A", "Current.Import", (16.5, "A")),
        ("2e+01", "A", "Current.Import", (20, "A")),
        ("41.5", "Celcius", "SoC", (41.5, "Celsius")),
        ("50", "Hertz", "Frequency", (50, "Hz")),
        ("0.001", "kvar", "Power.Reactive.Import", (1, "var")),
        ("5", None, None, (5, "Wh")),
        ("5", None, "Energy.Reactive.Export.Interval", (5, "varh")),
        ("5", None, "Frequency", (5, None)),
        ("21.40", "A", "Current.Import", (21.4, "A")),
        ("-0", "W", "Power.Active.Import", (0, "W")),
    ],
)
def test_text_and_unit_become_a_number_in_base_units(text, unit, measurand, made):
    assert quantity201(text, unit, measurand) == (*made, None)


@pytest.mark.parametrize("text", ["", "n/a", "1.2.3", "0x10", "1e999", "NaN", "Infinity"])
def test_text_that_is_no_number_cannot_be_expressed(text):
    assert quantity201(text, "Wh", None) is None


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63 - 1))
def test_text_of_a_number_is_plain_and_exact(value):
    made = quantity16(value, "W", None, "Power.Active.Import")
    assert made is not None
    assert set(made[0]) <= set("-0123456789.")
    assert Decimal(made[0]) == Decimal(repr(value))
    assert not made[0].endswith((".", ".0", "-0"))


@given(st.lists(st.floats(-1e18, 1e18, allow_nan=False) | st.integers(-(10**12), 10**12)))
def test_many_numbers_at_once_read_as_each_alone(values):
    assert metering.number_texts(values) == [*map(metering.number_text, values)]


PLAIN_OR_NOT = (
    st.decimals(-(10**12), 10**12, places=3).map(str)
    | st.integers(-(10**14), 10**14).map(str)
    | st.sampled_from(["16,5", "", "5e3", "true", "null", " 5", "1.0", "-0", "[1]", "1,2,3", "٣"])
)


@given(st.lists(PLAIN_OR_NOT, min_size=1))
def test_many_texts_at_once_are_the_numbers_that_each_is_alone(texts):
    numbers = metering.plain_numbers(texts)
    assert len(numbers) == len(texts)
    for number, text in zip(numbers, texts, strict=True):
        if number is not None:
            alone, _, _ = quantity201(text, "Wh", None)
            assert (number, type(number)) == (alone, type(alone))


@pytest.mark.parametrize("text", ["16,5", "", "5e3", "true", "null", " 5", "[1]", "1,2,3", "٣"])
def test_a_text_that_is_no_plain_number_is_left_to_the_call(text):
    assert metering.plain_numbers(["1", text, "2.5"]) == [1, None, 2.5]


@given(st.decimals(-(10**9), 10**9, places=3), st.sampled_from(["Wh", "A", "V", "W", "Percent"]))
def test_there_and_back_a_base_unit_keeps_its_value(value, unit):
    measurand = "Power.Active.Import"
    number, made_unit, _ = quantity201(str(value), unit, measurand)
    text, _ = quantity16(number, made_unit, None, measurand)
    assert Decimal(text) == value


SIGNED = {
    "signedMeterData": "T0NNRnx7fQ==",
    "signingMethod": "ECDSA-secp256r1-SHA256",
    "encodingMethod": "OCMF",
    "publicKey": "MFkwEwYH",
}
PLAIN = {"value": "12.5", "context": "Sample.Clock", "unit": "kWh"}


def test_a_signed_value_becomes_a_sample_of_its_own():
    made = metering.split_signed(SIGNED, PLAIN, context())
    assert made == {**PLAIN, "format": "SignedData", "value": orjson.dumps(SIGNED).decode()}


def test_signed_values_can_go_raw_or_not_at_all():
    raw = metering.split_signed(SIGNED, PLAIN, context({"a": {"signed": "raw"}}))
    assert raw == {**PLAIN, "format": "SignedData", "value": "T0NNRnx7fQ=="}
    assert metering.split_signed(SIGNED, PLAIN, context({"a": {"signed": "drop"}})) is None


def joined(value, plain, **sample):
    made = [dict(p) for p in plain]
    left = metering.join_signed([{"value": value, "format": "SignedData", **sample}], made, None)
    return made, left


def test_a_signed_sample_joins_the_plain_one_of_the_same_reading():
    other, mine = {"value": 1, "context": "Trigger"}, {"value": 2, "measurand": REGISTER}
    made, left = joined(orjson.dumps(SIGNED).decode(), [other, mine], context="Sample.Periodic")
    assert made == [other, {**mine, "signedMeterValue": SIGNED}]
    assert left == []


def test_two_signed_samples_do_not_join_one_plain_sample():
    made, left = joined("a", [{"value": 1, "signedMeterValue": SIGNED}])
    assert made == [{"value": 1, "signedMeterValue": SIGNED}]
    assert [sample["value"] for sample in left] == ["a"]


@pytest.mark.parametrize(
    ("value", "data", "encoding"),
    [
        ("OCMF|{}|{}", "OCMF|{}|{}", "OCMF"),
        ("AABBCC", "AABBCC", ""),
        ('{"signedMeterValue":"x"}', "x", ""),
        ('{"other":"x"}', '{"other":"x"}', ""),
        ("[1]", "[1]", ""),
    ],
)
def test_whatever_the_signed_text_is_it_is_kept(value, data, encoding):
    made, left = joined(value, [{"value": 1}])
    assert left == []
    signed = made[0]["signedMeterValue"]
    assert (signed["signedMeterData"], signed["encodingMethod"]) == (data, encoding)
    assert (signed["signingMethod"], signed["publicKey"]) == ("", "")


def test_without_a_plain_sample_an_ocmf_record_gives_its_last_reading():
    record = 'OCMF|{"RD":[{"RV":1.0,"RU":"kWh"},{"RV":2935.6,"RU":"kWh"}]}|{"SD":"00"}'
    made, left = joined(record, [], context="Transaction.End", measurand=REGISTER)
    assert left == []
    assert made[0]["value"] == 2935600
    assert made[0]["unitOfMeasure"] == {"unit": "Wh"}
    assert made[0]["context"] == "Transaction.End"


OCMF = 'OCMF|{"RD":[{"RV":1.5,"RU":"kWh"}]}|{"SD":"00"}'


@pytest.mark.parametrize("encoded", [bytes.hex, lambda record: b64encode(record).decode()])
@pytest.mark.parametrize("record", [OCMF, json.dumps({"signedMeterData": OCMF})])
def test_an_encoded_ocmf_record_gives_its_reading_and_goes_on_as_it_came(encoded, record):
    data = encoded(record.encode())
    made, left = joined(data, [], context="Transaction.End", measurand=REGISTER)
    assert left == []
    assert made[0]["value"] == 1500
    assert made[0]["signedMeterValue"]["signedMeterData"] == data
    assert made[0]["signedMeterValue"]["encodingMethod"] == ""


@pytest.mark.parametrize(
    "value",
    [
        "not OCMF",
        "4f434d46",
        "OCMF|not json|{}",
        'OCMF|{"RD":[]}|{}',
        'OCMF|{"RD":[{"RV":1,"RU":"bananas"}]}|{}',
        'OCMF|{"RD":[{"RV":null,"RU":"Wh"}]}|{}',
        "OCMF|[]|{}",
        "OCMF|",
    ],
)
def test_a_signed_sample_without_place_is_left_over(value):
    made, left = joined(value, [])
    assert (made, [sample["value"] for sample in left]) == ([], [value])


@pytest.mark.parametrize(
    "member",
    [
        {"signedMeterData": "x" * 2501},
        {"signedMeterData": "x", "publicKey": "x" * 2501},
        {"signedMeterData": "x", "signingMethod": "x" * 51},
        {"signedMeterData": "x", "encodingMethod": "x" * 51},
        {"signedMeterData": 7},
        {"signedMeterData": "x", "publicKey": None},
    ],
)
def test_a_signed_value_that_does_not_fit_is_left_over(member):
    made, left = joined(orjson.dumps(member).decode(), [{"value": 1}])
    assert made == [{"value": 1}]
    assert len(left) == 1


def reading(**sample):
    return [{"timestamp": "2025-06-01T10:00:00Z", "sampledValue": [{"value": "1", **sample}]}]


END = reading(context="Transaction.End")


@pytest.mark.parametrize(
    ("meter_values", "lacking"),
    [
        (None, True),
        ([], True),
        (END, False),
        (reading(context="Transaction.End", measurand=REGISTER, format="Raw"), False),
        (reading(context="Transaction.End", measurand="Voltage"), True),
        (reading(context="Transaction.End", phase="L1"), True),
        (reading(context="Transaction.End", format="SignedData"), True),
        (reading(context="Sample.Periodic"), True),
        (reading(context="Transaction.End", value="n/a"), True),
    ],
)
def test_the_register_at_the_end_is_found_in_transaction_data(meter_values, lacking):
    assert metering.no_end_reading(meter_values) is lacking


@pytest.mark.parametrize(
    ("mode", "kept"),
    [("all", END + reading(context="Trigger")), ("end", END), ("none", [])],
)
def test_transaction_data_is_filtered_as_configured(mode, kept):
    given_values = END + reading(context="Trigger")
    settings = context({"a": {"transaction_data": mode}})
    assert metering.transaction_data(given_values, settings) == kept
