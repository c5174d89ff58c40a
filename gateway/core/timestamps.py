"""Timestamps: what is accepted, what is tolerated, and the one form that maps put out.

Spec: RFC 3339, 5.6; rules: translation-station 1.3.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

# A UTC date and time. The days are spelled out but for 29 February, so that a match needs no look
# at the calendar.
_DATE_TIME = (
    r"(?!0000)[0-9]{4}-"
    r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)"
    r"|(?:0[13578]|1[02])-31)"
    r"[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
)
# What already is in the form that maps put out, and what needs cutting and padding only.
_DONE = re.compile(_DATE_TIME.replace("[Tt]", "T") + r"(?:\.[0-9]{3})?Z").fullmatch
_UTC = re.compile(_DATE_TIME + r"(?:\.([0-9]+))?(?:[Zz]|[+-]00:00)").fullmatch

# RFC 3339, and beside it what the repair `timestamps` tolerates; ranges are checked later.
_TOLERANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})([Tt ])([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
).fullmatch

_OFFSET = re.compile(r"[+-][0-9]{2}(?::?[0-9]{2})?").fullmatch

_OLDEST = "0001-01-01T00:00:00Z"
_NEWEST = "9999-12-31T23:59:59Z"
_LEAP_SECOND = 60


def strict(text: str) -> bool:
    """Whether text is an RFC 3339 timestamp.

    Lower-case t and z and any number of fraction digits are; second 60, year 0000 and a blank in
    place of the T are not.
    """
    if _DONE(text):
        return True
    found = _TOLERANT(text)
    if found is None or found[4] == " " or not found[9] or len(found[9]) in (3, 5):
        return False
    if found[5] == "24" or found[7] == "60":
        return False
    try:
        _read(found, "UTC")
    except ValueError:
        return False
    return True


def is_normal(text: str) -> bool:
    """Whether text is what `normalise` makes of it."""
    return _DONE(text) is not None


def normalise(text: str, zone: str = "UTC") -> str:
    """The form of version maps: UTC with Z, no fraction if text had none, else three digits.

    Takes RFC 3339 and what the repair `timestamps` tolerates: no zone (read as being in `zone`), a
    blank for the T, `+0200`, `+02`, second 60 (becomes 59), 24:00:00 (the next day's 00:00:00).
    A time that falls outside the years 1 to 9999 in UTC becomes the nearest one inside.
    zone: as of `tz`. Raises ValueError for anything else (the sender's fault).
    """
    if _DONE(text):
        return text
    if found := _UTC(text):
        return _output(f"{text[:10]}T{text[11:19]}", found[1])
    found = _match(text)
    try:
        whole = _read(found, zone).astimezone(UTC)
    except OverflowError:
        return _OLDEST if found[1] == "0001" else _NEWEST
    return _output(whole.isoformat()[:19], found[8])


def parse(text: str, zone: str = "UTC") -> datetime:
    """The instant, in UTC, to the microsecond; accepts and raises as `normalise` does."""
    if _DONE(text):
        return datetime.fromisoformat(text)
    found = _match(text)
    try:
        whole = _read(found, zone).astimezone(UTC)
    except OverflowError:
        return datetime.fromisoformat(normalise(text, zone))
    return whole.replace(microsecond=int(f"{(found[8] or '')[:6]:0<6}"))


def utc_text(now: float) -> str:
    """`YYYY-MM-DDThh:mm:ssZ`. now: seconds since the epoch, UTC; parts of a second are cut off."""
    return _second_text(int(now))


@lru_cache(maxsize=64)
def tz(zone: str) -> tzinfo:
    """The zone that a name of `timezone_default` stands for: `UTC`, an IANA name, or `+02:00`.

    Raises ValueError if there is no such zone (the operator's fault).
    """
    if zone in ("UTC", "Z"):
        return UTC
    if _OFFSET(zone):
        return _offset(zone)
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {zone!r}") from error


@lru_cache(maxsize=8)
def _second_text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()[:19] + "Z"


def _output(second: str, fraction: str | None) -> str:
    """second: `YYYY-MM-DDThh:mm:ss` in UTC; fraction: the digits after the point, if any."""
    return f"{second}.{fraction[:3]:0<3}Z" if fraction else second + "Z"


def _match(text: str) -> re.Match[str]:
    found = _TOLERANT(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is not a timestamp")
    return found


def _read(found: re.Match[str], zone: str) -> datetime:
    """The whole second that was matched; raises ValueError for a date or time that is none."""
    year, month, day, _, hour, minute, second, fraction, offset = found.groups()
    midnight = hour == "24"
    if midnight and (minute + second != "0000" or (fraction or "").strip("0")):
        raise ValueError(f"hour 24 in {found[0][:40]!r}")
    whole = datetime(
        int(year),
        int(month),
        int(day),
        0 if midnight else int(hour),
        int(minute),
        59 if int(second) == _LEAP_SECOND else int(second),
        tzinfo=_offset(offset) if offset else tz(zone),
    )
    return whole + timedelta(days=1) if midnight else whole


def _offset(text: str) -> tzinfo:
    """The zone of `Z`, `z`, `+hh:mm`, `+hhmm` or `+hh`; raises ValueError beyond 23:59."""
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 23 or minutes > 59:
        raise ValueError(f"{text} is not a zone offset")
    east = timedelta(hours=hours, minutes=minutes)
    return timezone(-east if text[0] == "-" else east)
