"""When a 1.6 message happened, as its 2.0.1 event says it."""

import pytest

from gateway.core.session.procedures.event_time import is_offline, latest_time

OPENED = 1748772000.0  # 2025-06-01T10:00:00Z


@pytest.mark.parametrize(
    ("texts", "latest"),
    [
        (["2025-06-01T10:00:00Z"], "2025-06-01T10:00:00Z"),
        (["2025-06-01T12:00:00+02:00"], "2025-06-01T10:00:00Z"),
        (["2025-06-01T10:15:00Z", "2025-06-01T10:00:00Z"], "2025-06-01T10:15:00Z"),
        # By instant, not by text: the first one is the later one.
        (["2025-06-01T10:30:00-02:00", "2025-06-01T12:15:00Z"], "2025-06-01T12:30:00Z"),
        (["2025-06-01T10:00:00.5Z", "2025-06-01T10:00:00Z"], "2025-06-01T10:00:00.500Z"),
    ],
)
def test_the_latest_timestamp_of_meter_values_counts(texts: list[str], latest: str) -> None:
    assert latest_time([{"timestamp": text} for text in texts], "UTC") == latest


def test_a_timestamp_without_zone_is_read_in_the_configured_one() -> None:
    assert latest_time([{"timestamp": "2025-06-01T12:00:00"}], "+02:00") == "2025-06-01T10:00:00Z"


@pytest.mark.parametrize(
    ("timestamp", "offline"),
    [
        ("2025-06-01T10:00:00Z", False),
        ("2025-06-01T09:59:50Z", False),
        ("2025-06-01T09:59:49.999Z", True),
        ("2025-06-01T11:59:00+02:00", True),
        ("2025-06-01T12:00:01+02:00", False),
    ],
)
def test_an_event_is_offline_if_it_is_older_than_the_connection_and_the_tolerance(
    timestamp: str, offline: bool
) -> None:
    assert is_offline(timestamp, OPENED, 10, "UTC") is offline
