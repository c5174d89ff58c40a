"""JSON in text: what is read, and what stays text."""

import pytest

from gateway.core.json_text import DEEPEST, value_in


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ('{"a": [1, "x"]}', {"a": [1, "x"]}),
        ('"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["', "[" * 30),
        ("18446744073709551615", 18446744073709551615),
        ('"12345678901234567890123"', "12345678901234567890123"),
        ("0.1234567890123456789", 0.1234567890123456789),
    ],
)
def test_a_value_is_read(text, value):
    assert value_in(text) == value


def test_as_deep_as_a_frame_may_be():
    assert value_in(nested(DEEPEST)) is not None
    with pytest.raises(ValueError, match="deeper"):
        value_in(nested(DEEPEST + 1))
    with pytest.raises(ValueError, match="deeper"):
        value_in('{"a":' * 29 + "1" + "}" * 29)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "NaN",
        "1e999",
        nested(5000),
        '{"a": 18446744073709551616}',
        "-9223372036854775809",
        "9" * 5000,
        '"\\u0000"',
        "[" + "1," * 20_000 + "1]",
    ],
)
def test_what_no_frame_may_hold_stays_text(text):
    with pytest.raises(ValueError, match=r".+"):
        value_in(text)
