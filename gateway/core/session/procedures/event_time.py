"""When a 1.6 message happened, as its 2.0.1 event says it: latest time, offline or not."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from gateway.core.frames import JsonObject
from gateway.core.timestamps import normalise, parse

_SECOND = 19
"""Letters of a time up to its second; in normal form they are in the order of time."""
_NORMAL = (20, 24)


def latest_time(meter_values: Sequence[JsonObject], zone: str) -> str:
    """The latest timestamp of 1.6 meterValues, in normal form (translation-station 7.4).

    meter_values: at least one. zone: of timestamps without one.
    Raises ValueError for a timestamp that cannot be read (the station's fault).
    """
    texts = [value["timestamp"] for value in meter_values]
    latest = texts[0] if len(texts) == 1 else max(texts, key=lambda text: parse(text, zone))
    return normalise(latest, zone)


def later(time: str, known: str | None) -> str:
    """The later of two times in normal form, whose last letter would sort before a fraction."""
    return time if known is None or time[:-1] > known[:-1] else known


def is_earlier(time: str, known: str | None) -> bool:
    """Whether a time lies before the other one, both in normal form; never before None."""
    return known is not None and time[:-1] < known[:-1]


def is_offline(timestamp: str, opened: float, tolerance_s: float, zone: str) -> bool:
    """Whether something happened before the station's present connection (translation-station 7.3).

    opened: of that connection, seconds since the epoch, UTC; tolerance_s: how far the station's
    clock may be behind. Raises as `latest_time` does for a time that is not in normal form.
    """
    limit = _limit(opened - tolerance_s)
    second = timestamp[:_SECOND]
    normal = len(timestamp) in _NORMAL and timestamp[-1] == "Z" and timestamp[10] == "T"
    if normal and second != limit[:_SECOND]:
        return second < limit
    return parse(timestamp, zone) < datetime.fromisoformat(limit)


@lru_cache(maxsize=256)
def _limit(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()
