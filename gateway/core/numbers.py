"""Numbers: decimal arithmetic on what the decoder read, and the text of the result.

A JSON number is never computed with as a binary float. Rules: translation-station 1.6.
"""

import re
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from math import isfinite, isinf

# Every digit of the longest numeral is kept, also after scaling.
_CONTEXT = Context(prec=800)
_NUMERAL = re.compile(
    r"[+-]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,4})?"
).fullmatch
_LONGEST_NUMERAL = 400
_LARGEST_EXPONENT = 330
# What a JSON integer may be (reliability S17).
_INTEGERS = range(-(1 << 63), 1 << 64)


def decimal(value: int | float | str) -> Decimal:
    """The decimal that a JSON number or the text of a 1.6 value stands for.

    Text may have a decimal comma and an exponent (`2e+01`), and blanks around it. Raises ValueError
    for text that is no number, and for magnitudes beyond those of a JSON number (the sender's
    fault).
    """
    if (value.__class__ is float and isfinite(value)) or (
        value.__class__ is int and value in _INTEGERS
    ):
        return Decimal(repr(value))
    text = value if isinstance(value, str) else repr(value)
    text = text.strip()
    if len(text) > _LONGEST_NUMERAL or not _NUMERAL(text):
        raise ValueError(f"{text[:40]!r} is not a number")
    result = Decimal(text.replace(",", "."))
    if result and abs(result.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError(f"{text[:40]!r} is out of range")
    return result


def scaled(value: Decimal, factor: Decimal | int) -> Decimal:
    """value x factor, exactly."""
    return _CONTEXT.multiply(value, Decimal(factor))


def quotient(value: Decimal, divisor: Decimal) -> Decimal:
    """value / divisor, to more digits than anybody looks at."""
    return _CONTEXT.divide(value, divisor)


def truncated(value: Decimal, places: int) -> Decimal:
    """value with that many decimal places, rounded towards zero."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_DOWN, _CONTEXT)


def plain(value: Decimal) -> str:
    """Plain notation: no exponent, no trailing zeros or point, `-0` is `0`."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def json_number(value: Decimal) -> int | float:
    """An integer if value is integral and fits 64 bits, else the nearest float.

    Raises ValueError if a JSON number cannot be that large.
    """
    if value == value.to_integral_value() and int(value) in _INTEGERS:
        return int(value)
    number = float(value)
    if isinf(number):
        raise ValueError(f"{plain(value)[:40]} is out of range")
    return number


def whole(value: Decimal) -> int:
    """Rounded half up (away from zero) to an integer: Wh for meterStart and meterStop."""
    return int(value.to_integral_value(rounding=ROUND_HALF_UP))
