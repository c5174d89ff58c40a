"""The times that logs write."""

import pytest

from gateway.logs.clock import LogClock


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-26 09:10:45,446", "2024-02-26T09:10:45.446Z"),
        ("2024-02-26T09:10:45Z", "2024-02-26T09:10:45Z"),
        ("2024-02-26T09:10:45.4+02:00", "2024-02-26T07:10:45.400Z"),
        ("2024-02-26T09:10:45+02", "2024-02-26T07:10:45Z"),
        ("2023/03/19 14:17:59", "2023-03-19T14:17:59Z"),
        ("04.03.2025, 08:00:03", "2025-03-04T08:00:03Z"),
        ("04.03.2025 08:00:03.25", "2025-03-04T08:00:03.250Z"),
        ("2025-03-04 08:00:03 +0100", "2025-03-04T07:00:03Z"),
        ("Mar  4 08:00:03", "1970-03-04T08:00:03Z"),
        ("08:00:03", "1970-01-01T08:00:03Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("08:00:02:125", "1970-01-01T08:00:02.125Z"),
        ("11/22/2026 7:05:03 PM", "2026-11-22T19:05:03Z"),
        ("11/22/2026, 12:05:03.5 am", "2026-11-22T00:05:03.500Z"),
        ("22/11/2026 19:05:03", "2026-11-22T19:05:03Z"),
        ("5/5/2026 12:00:00 PM", "2026-05-05T12:00:00Z"),
        ("1709025045", "2024-02-27T09:10:45Z"),
        ("1709025045250", "2024-02-27T09:10:45.250Z"),
    ],
)
def test_what_tools_write_is_read(text, expected):
    assert LogClock().read(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2024-13-01 00:00:00",
        "99:99:99:999",
        "2024-02-26T09:10:99Z",
        "9" * 40,
        "Foo 4 08:00:03",
        "11/12/2026 7:05:03 PM",
        "11/22/2026 13:05:03 PM",
        "13/13/2026 07:05:03",
    ],
)
def test_what_is_no_time_is_none(text):
    assert LogClock().read(text) is None


def test_which_of_two_days_a_time_means_is_known_from_the_times_before_it():
    clock = LogClock()
    assert clock.read("11/12/2026 7:05:03 PM") is None
    assert clock.could_be_two("11/12/2026 7:05:03 PM")
    clock.read("11/13/2026 7:05:03 PM")
    assert clock.read("12/11/2026 7:05:03 AM").text == "2026-12-11T07:05:03Z"
    clock.read("13/11/2026 19:05:03")
    assert clock.read("12/11/2026 7:05:03 AM") is None
    assert not clock.could_be_two("12/13/2026 7:05:03 AM")
    assert not clock.could_be_two("yesterday")


def test_the_zone_of_times_without_one_can_be_told():
    assert LogClock("Europe/Berlin").read("2024-07-01 12:00:00").text == "2024-07-01T10:00:00Z"


def test_times_within_a_minute_are_read_alike():
    clock = LogClock()
    first = clock.read("2024-02-26T09:10:45.446Z")
    second = clock.read("2024-02-26T09:10:46Z")
    assert second.seconds - first.seconds == pytest.approx(0.554)
    assert second.text == "2024-02-26T09:10:46Z"
    assert clock.read("2024-02-26T09:10:46.000Z") == second
    assert clock.read("2024-02-26T09:10:4xZ") is None


@pytest.mark.parametrize("end", ["47Z", "47.5Z", "47.000Z", "60Z", "47", "47.446Z"])
def test_a_plain_time_is_its_own_text(end):
    clock, known, text = LogClock(), "2024-02-26T09:10:45.446Z", f"2024-02-26T09:10:{end}"
    assert not clock.is_plain(known)
    clock.read(known)
    assert clock.is_plain(known)
    assert clock.is_plain(text) == (end in ("47Z", "47.446Z"))
    assert clock.are_plain(known, text) == clock.are_plain(text, known) == clock.is_plain(text)
    assert not clock.are_plain(known, "2024-02-26T09:11:00.446Z")


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
@pytest.mark.parametrize("day", ["2024-02-26", "2024-03-31", "1969-12-31"])
def test_times_of_a_date_are_read_as_the_first_one_is(zone, day):
    clock = LogClock(zone)
    clock.read(f"{day}T12:00:00Z")
    times = ("00:00:00", "23:59:59.999", "09:10:45,250", "10:00:00.000", "08:07:06.5", "24:00:00")
    for time in times:
        for text in (f"{day}T{time}Z", f"{day} {time}", f"{day} {time}Z", f"{day}T{time}+02:00"):
            assert clock.read(text) == LogClock(zone).read(text)


def test_a_time_without_a_year_takes_that_of_the_first_time():
    clock = LogClock()
    clock.read("2025-03-03T23:00:00Z")
    assert clock.read("Mar 04 00:00:01").text == "2025-03-04T00:00:01Z"


def test_a_time_without_a_day_takes_that_of_the_first_time():
    clock = LogClock()
    clock.read("2024-02-26 09:10:45")
    assert clock.read("09:11:00.000").text == "2024-02-26T09:11:00Z"
