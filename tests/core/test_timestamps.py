"""Timestamps: strict, tolerated, put out (translation-station 1.3)."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core import timestamps

RFC_3339 = [
    ("2025-06-01T17:00:00Z", "2025-06-01T17:00:00Z"),
    ("2025-06-01T17:00:00.123Z", "2025-06-01T17:00:00.123Z"),
    ("2025-06-01t17:00:00z", "2025-06-01T17:00:00Z"),
    ("2025-06-01T17:00:00.1Z", "2025-06-01T17:00:00.100Z"),
    ("2025-06-01T17:00:00.1239999999999Z", "2025-06-01T17:00:00.123Z"),
    ("2025-06-01T17:00:00.000+00:00", "2025-06-01T17:00:00.000Z"),
    ("2025-06-01T17:00:00-00:00", "2025-06-01T17:00:00Z"),
    ("2025-06-01T17:00:00+02:00", "2025-06-01T15:00:00Z"),
    ("2025-01-01T00:00:00.5+05:30", "2024-12-31T18:30:00.500Z"),
    ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"),
    ("2000-02-29T12:00:00.25Z", "2000-02-29T12:00:00.250Z"),
    ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
    ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ("0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00Z"),
    ("9999-12-31T23:59:59-01:00", "9999-12-31T23:59:59Z"),
]
TOLERATED = [
    ("2025-06-01T17:00:00", "2025-06-01T17:00:00Z"),
    ("2025-06-01T17:00:00.12", "2025-06-01T17:00:00.120Z"),
    ("2025-06-01 17:00:00Z", "2025-06-01T17:00:00Z"),
    ("2025-06-01 17:00:00", "2025-06-01T17:00:00Z"),
    ("2025-06-01T17:00:00+0200", "2025-06-01T15:00:00Z"),
    ("2025-06-01T17:00:00+02", "2025-06-01T15:00:00Z"),
    ("2025-06-01T17:00:60Z", "2025-06-01T17:00:59Z"),
    ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
    ("2016-12-31T23:59:60.7Z", "2016-12-31T23:59:59.700Z"),
    ("2024-12-31T24:00:00Z", "2025-01-01T00:00:00Z"),
    ("2024-12-31T24:00:00.000+02:00", "2024-12-31T22:00:00.000Z"),
    ("9999-12-31T24:00:00Z", "9999-12-31T23:59:59Z"),
]
UNPARSABLE = [
    "",
    "now",
    "2025-06-01",
    "17:00:00Z",
    "2025-06-01T17:00Z",
    "2025-06-01T17:00:00 Z",
    "2025-06-01T17:00:00.Z",
    "2025-06-01T17:00:00,5Z",
    "2025-06-01T17:00:00Z\n",
    "2025-06-01T17:00:00+24:00",
    "2025-06-01T17:00:00+02:60",
    "2025-06-01T17:00:00+2",
    "2025-06-01T17:00:00+020",
    "2025-06-01T17:00:00+02:0",
    "2025-06-01T17:00:61Z",
    "2025-06-01T17:60:00Z",
    "2025-06-01T25:00:00Z",
    "2025-06-01T24:00:01Z",
    "2025-06-01T24:00:00.001Z",
    "2025-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2025-13-01T00:00:00Z",
    "2025-04-31T00:00:00Z",
    "2025-00-01T00:00:00Z",
    "2025-01-00T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "222222017-10-27T17:00:00Z",
    "-2025-06-01T17:00:00Z",
    "２025-06-01T17:00:00Z",
    "1748797200",
]


@pytest.mark.parametrize(("text", "output"), RFC_3339 + TOLERATED)
def test_accepted_input_is_put_out_in_utc(text: str, output: str) -> None:
    assert timestamps.normalise(text) == output


@pytest.mark.parametrize("text", [text for text, _ in RFC_3339])
def test_rfc_3339_is_strict(text: str) -> None:
    assert timestamps.strict(text)


@pytest.mark.parametrize("text", [text for text, _ in TOLERATED] + UNPARSABLE)
def test_anything_else_is_not_strict(text: str) -> None:
    assert not timestamps.strict(text)


@pytest.mark.parametrize("text", UNPARSABLE)
def test_what_no_tolerance_covers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        timestamps.normalise(text)
    with pytest.raises(ValueError, match=r"."):
        timestamps.parse(text)


@pytest.mark.parametrize(
    ("zone", "output"),
    [
        ("UTC", "2025-06-01T17:00:00Z"),
        ("Europe/Amsterdam", "2025-06-01T15:00:00Z"),
        ("+02:00", "2025-06-01T15:00:00Z"),
        ("-0330", "2025-06-01T20:30:00Z"),
    ],
)
def test_a_time_without_zone_is_taken_as_the_configured_one(zone: str, output: str) -> None:
    assert timestamps.normalise("2025-06-01T17:00:00", zone) == output
    assert timestamps.normalise("2025-06-01T17:00:00Z", zone) == "2025-06-01T17:00:00Z"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "+99:00", "../../etc/passwd"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        timestamps.tz(zone)


def test_parse_keeps_microseconds() -> None:
    instant = timestamps.parse("2025-06-01T17:00:00.123456789+02:00")

    assert instant == datetime(2025, 6, 1, 15, 0, 0, 123456, tzinfo=UTC)
    assert instant.tzinfo is UTC


def test_the_text_of_now_has_no_fraction() -> None:
    assert timestamps.utc_text(0) == "1970-01-01T00:00:00Z"
    assert timestamps.utc_text(1748797200.999) == "2025-06-01T17:00:00Z"


zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(
    st.datetimes(
        datetime(1, 1, 3),  # noqa: DTZ001  hypothesis wants naive bounds
        datetime(9999, 12, 29),  # noqa: DTZ001
        timezones=zones,
    )
)
def test_the_output_is_the_same_instant_to_the_millisecond(instant: datetime) -> None:
    text = instant.isoformat()
    output = timestamps.normalise(text)

    assert timestamps.strict(text)
    assert timestamps.strict(output)
    assert timestamps.normalise(output) == output
    assert timestamps.parse(text) == instant
    assert timedelta(0) <= instant - timestamps.parse(output) < timedelta(milliseconds=1)


@given(st.text(alphabet="0123456789-T:.Z+ ", max_size=30) | st.text(max_size=30))
def test_any_text_is_put_out_strictly_or_refused(text: str) -> None:
    try:
        output = timestamps.normalise(text)
    except ValueError:
        assert not timestamps.strict(text)
    else:
        assert timestamps.strict(output)
