"""The times that logs write, as seconds since the epoch and as RFC 3339.

2024-02-26 09:10:45,446   2024-02-26T09:10:45.446Z   2023/03/19 14:17:59
30.11.2024, 11:23:18      01:56:47:162 (no day: that of the first known time, or 1970)
Nov 30 11:23:18           (no year: likewise)
11/30/2024 1:23:18 PM     (month first, 30/11 day first: whichever a time before it has proved)
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

_LONGEST = 64
_ISO = re.compile(
    r"(\d{4})[-/](\d\d)[-/](\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?\s*"
    r"(Z|z|[+-]\d\d(?::?\d\d)?)?"
)
_DOTTED = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4}),? (\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?")
_SLASHED = re.compile(
    r"(\d\d?)/(\d\d?)/(\d{4}),? (\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?: ?([AaPp])\.?[Mm])?"
)
_NO_DAY = re.compile(r"(\d\d):(\d\d):(\d\d)(?:[:.,](\d+))?")
_NO_YEAR = re.compile(r"([A-Z][a-z]{2}) ([ \d]?\d) (\d\d):(\d\d):(\d\d)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBER = re.compile(r"\d{9,16}(?:\.\d+)?")
_MONTHS_IN_YEAR = 12
_HALF_DAY_H = 12
_MINUTE = len("2025-06-01T09:02:")
_SECONDS = re.compile(r"[0-5][0-9](?:\.(?!000)[0-9]{3})?Z").fullmatch
_DATE = len("2025-06-01")
_DAY_S = 86400
_TIME_OF_DAY = re.compile(
    r"[T ]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:[.,]([0-9]{3}))?(Z?)"
).fullmatch
_new = tuple.__new__
_YEAR_UNTOLD = 1970
_MILLISECONDS = 1e11
"""Numbers above this are no seconds of our age, but milliseconds."""


class Moment(NamedTuple):
    """seconds: since the epoch, UTC; text: the same as RFC 3339 in UTC."""

    seconds: float
    text: str


EPOCH = Moment(0.0, "1970-01-01T00:00:00Z")


class LogClock:
    """zone: of times that name none. Raises KeyError of zoneinfo for a name that is no zone."""

    def __init__(self, zone: str = "UTC") -> None:
        self._zone: tzinfo = UTC if zone == "UTC" else ZoneInfo(zone)
        self._minute, self._base = "", 0.0
        self._date, self._midnight = "", 0
        self._day: datetime | None = None
        # Whether the month stands before the day, as times have proved that leave no choice.
        self._month_first: set[bool] = set()

    def is_plain(self, text: str) -> bool:
        """Whether text is its own `Moment.text`; False says nothing."""
        return text[:_MINUTE] == self._minute and _SECONDS(text, _MINUTE) is not None

    def are_plain(self, one: str, other: str) -> bool:
        """The same of two texts, in one call for most exchanges of most logs."""
        return (
            one[:_MINUTE] == other[:_MINUTE] == self._minute
            and _SECONDS(one, _MINUTE) is not None
            and _SECONDS(other, _MINUTE) is not None
        )

    def read(self, text: str) -> Moment | None:
        """None for what is no time."""
        if text[:_MINUTE] == self._minute and _SECONDS(text, _MINUTE):
            return _new(Moment, (self._base + float(text[_MINUTE:-1]), text))
        found = self._on_same_date(text) or self._moment(text[:_LONGEST])
        if found is not None and text[10:11] == "T":
            self._minute = found.text[:_MINUTE]
            self._base = found.seconds - float(found.text[_MINUTE:-1])
        return found

    def _on_same_date(self, text: str) -> Moment | None:
        """A time in UTC of the date that was read last."""
        found = _TIME_OF_DAY(text, _DATE) if text[:_DATE] == self._date else None
        if found is None or not (found[5] or self._zone is UTC):
            return None
        hour, minute, second, millis, _ = found.groups()
        whole = self._midnight + 3600 * int(hour) + 60 * int(minute) + int(second)
        if millis is None or millis == "000":
            return Moment(float(whole), f"{self._date}T{hour}:{minute}:{second}Z")
        text = f"{self._date}T{hour}:{minute}:{second}.{millis}Z"
        return Moment((1000 * whole + int(millis)) / 1000, text)

    def _moment(self, text: str) -> Moment | None:
        try:
            when = self._parsed(text)
        except (ValueError, OverflowError):
            return None
        if when is None:
            return None
        self._day = self._day or when
        found = moment(when)
        self._date = found.text[:_DATE]
        self._midnight = int(found.seconds // _DAY_S) * _DAY_S
        return found

    def _parsed(self, text: str) -> datetime | None:
        if found := _ISO.match(text):
            *parts, fraction, zone = found.groups()
            return self._made([int(part) for part in parts], fraction, _zone(zone))
        if found := _DOTTED.match(text):
            day, month, year, *rest = (int(part) for part in found.groups()[:6])
            return self._made([year, month, day, *rest], found[7], None)
        if found := _SLASHED.match(text):
            return self._with_slashes(found)
        if found := _NO_DAY.match(text):
            *hours, fraction = found.groups()
            day_ = self._day or datetime(1970, 1, 1, tzinfo=UTC)
            date = [day_.year, day_.month, day_.day]
            return self._made([*date, *(int(part) for part in hours)], fraction, None)
        if found := _NO_YEAR.match(text):
            name, *parts = found.groups()
            year = self._day.year if self._day else _YEAR_UNTOLD
            date = [year, _MONTHS.index(name) + 1]
            return self._made([*date, *(int(part) for part in parts)], None, None)
        if _NUMBER.fullmatch(text):
            number = float(text)
            return datetime.fromtimestamp(
                number / 1000 if number > _MILLISECONDS else number, tz=UTC
            )
        return None

    def could_be_two(self, text: str) -> bool:
        """Whether it is the time of one of two days, and none before it has proved which."""
        found = _SLASHED.match(text[:_LONGEST])
        return found is not None and self._order(int(found[1]), int(found[2])) is None

    def _with_slashes(self, found: re.Match[str]) -> datetime | None:
        first, second, year, hour, minute, seconds = (int(part) for part in found.groups()[:6])
        month_first = self._order(first, second)
        if month_first is None:
            return None
        month, day = (first, second) if month_first else (second, first)
        if half := found[8]:
            if not 1 <= hour <= _HALF_DAY_H:
                return None
            hour = hour % _HALF_DAY_H + (_HALF_DAY_H if half in "Pp" else 0)
        made = self._made([year, month, day, hour, minute, seconds], found[7], None)
        if max(first, second) > _MONTHS_IN_YEAR:
            self._month_first.add(month_first)
        return made

    def _order(self, first: int, second: int) -> bool | None:
        """Whether the month stands first; None where that cannot be told."""
        if max(first, second) > _MONTHS_IN_YEAR or first == second:
            return second >= first
        return next(iter(self._month_first)) if len(self._month_first) == 1 else None

    def _made(self, parts: list[int], fraction: str | None, zone: tzinfo | None) -> datetime:
        year, month, day, hour, minute, second = parts
        micro = int(f"{fraction or '0':0<6.6}")
        leap = timedelta(seconds=1) if second == 60 else timedelta()
        zone = zone or self._zone
        when = datetime(
            year, month, day, hour, minute, 59 if second == 60 else second, micro, tzinfo=zone
        )
        return when + leap


def moment(when: datetime) -> Moment:
    """The same time in UTC; milliseconds only where there are any."""
    when = when.astimezone(UTC)
    text = when.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    if when.microsecond:
        text += f".{when.microsecond // 1000:03}"
    return Moment(when.timestamp(), text + "Z")


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:]) if len(text) > 3 else 0
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(offset if text[0] == "+" else -offset)
