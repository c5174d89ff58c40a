"""Numbers keep their decimal digits from text to text (translation-station 1.6)."""

from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core import numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (21.4, "21.4"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (-0.0, "0"),
        (0, "0"),
        (16, "16"),
        (16.0, "16"),
        (100, "100"),
        (-12.50, "-12.5"),
        (9223372036854775807, "9223372036854775807"),
        ("12.500", "12.5"),
        ("12,5", "12.5"),
        ("2e+01", "20"),
        (" 7. ", "7"),
        (".5", "0.5"),
        ("+3", "3"),
        ("-0", "0"),
        ("007", "7"),
    ],
)
def test_a_number_becomes_plain_decimal_text(value: float | str, text: str) -> None:
    assert numbers.plain(numbers.decimal(value)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NaN",
        "inf",
        "1_0",
        "0x1",
        "--1",
        "1e",
        "e1",
        "1.2.3",
        "12 5",
        "١",
        "1" * 401,
        "1e331",
        "1e-9999",
        "1e99999",
    ],
)
def test_text_that_is_no_number_or_beyond_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a number|is out of range"):
        numbers.decimal(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), True])
def test_values_that_are_no_json_number_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        numbers.decimal(value)


@pytest.mark.parametrize(
    ("value", "factor", "text"),
    [(12.6, 1000, "12600"), (0.1, 3, "0.3"), (1.1, Decimal("0.001"), "0.0011")],
)
def test_scaling_is_exact(value: float, factor: Decimal | int, text: str) -> None:
    assert numbers.plain(numbers.scaled(numbers.decimal(value), factor)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20", 20),
        ("20.0", 20),
        ("20.5", 20.5),
        ("-0.0", 0),
        ("9223372036854775807", 9223372036854775807),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", 18446744073709551616.0),
    ],
)
def test_integral_decimals_become_integer_literals_that_fit_64_bits(
    text: str, expected: float
) -> None:
    number = numbers.json_number(Decimal(text))

    assert number == expected
    assert type(number) is type(expected)


def test_a_decimal_too_large_for_a_json_number_is_refused() -> None:
    with pytest.raises(ValueError, match="out of range"):
        numbers.json_number(Decimal("1e309"))


@pytest.mark.parametrize(
    ("text", "expected"), [("0.5", 1), ("1.5", 2), ("2.4999", 2), ("-0.5", -1), ("1e20", 10**20)]
)
def test_registers_are_rounded_half_up(text: str, expected: int) -> None:
    assert numbers.whole(Decimal(text)) == expected


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**64 - 1))
def test_every_json_number_survives_the_way_through_text(value: float) -> None:
    text = numbers.plain(numbers.decimal(value))

    assert float(numbers.json_number(numbers.decimal(text))) == float(value)
    assert "e" not in text.lower()


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-3, 6))
def test_scaling_there_and_back_loses_nothing(value: float, exponent: int) -> None:
    there = numbers.scaled(numbers.decimal(value), Decimal(10) ** exponent)

    assert numbers.scaled(there, Decimal(10) ** -exponent) == numbers.decimal(value)


@given(st.text(alphabet="0123456789+-.,eE ", max_size=12))
def test_whatever_reads_as_a_number_can_be_written_as_json(text: str) -> None:
    try:
        number = numbers.json_number(numbers.decimal(text))
    except ValueError:
        return
    assert orjson.loads(orjson.dumps(number)) == number


@pytest.mark.parametrize(
    ("value", "result"),
    [(15.97, 15.9), (-15.97, -15.9), (21.4, 21.4), (0.05, 0), (-0.05, 0), (1e300, 1e300)],
)
def test_a_limit_loses_decimals_towards_zero(value: float, result: float) -> None:
    assert numbers.json_number(numbers.truncated(numbers.decimal(value), 1)) == result


def test_a_quotient_that_never_ends_is_exact_enough_to_be_cut() -> None:
    third = numbers.quotient(Decimal(100), Decimal(3))

    assert numbers.truncated(third, 3) == Decimal("33.333")
    assert numbers.scaled(third, 3) < 100
