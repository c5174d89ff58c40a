"""When a 1.6 message happened, as its 2.0.1 event says it: latest time, offline or not."""

from collections.abc import Sequence
from datetime import UTC, datetime

from gateway.core.frames import JsonObject
from gateway.core.timestamps import normalise, parse


def latest_time(meter_values: Sequence[JsonObject], zone: str) -> str:
    """The latest timestamp of 1.6 meterValues, in normal form (translation-station 7.4).

    meter_values: at least one. zone: of timestamps without one.
    Raises ValueError for a timestamp that cannot be read (the station's fault).
    """
    texts = [value["timestamp"] for value in meter_values]
    latest = texts[0] if len(texts) == 1 else max(texts, key=lambda text: parse(text, zone))
    return normalise(latest, zone)


def is_offline(timestamp: str, opened: float, tolerance_s: float, zone: str) -> bool:
    """Whether something happened before the station's present connection (translation-station 7.3).

    opened: of that connection, seconds since the epoch, UTC; tolerance_s: how far the station's
    clock may be behind. Raises as `latest_time` does.
    """
    return parse(timestamp, zone) < datetime.fromtimestamp(opened - tolerance_s, UTC)
