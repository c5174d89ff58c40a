"""What 1.6 meter values say beyond their samples."""

from typing import Any

import pytest

from gateway.core.session.procedures.meter_facts import fingerprint, trigger_reason


def of(*contexts: str | None) -> list[dict[str, Any]]:
    samples = [{"value": "1"} if c is None else {"value": "1", "context": c} for c in contexts]
    return [{"timestamp": "2025-06-01T10:00:00Z", "sampledValue": samples}]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (of(None), "MeterValuePeriodic"),
        (of("Sample.Periodic"), "MeterValuePeriodic"),
        (of("Transaction.Begin", "Other"), "MeterValuePeriodic"),
        (of("Interruption.End"), "MeterValuePeriodic"),
        (of("Sample.Periodic", "Sample.Clock"), "MeterValueClock"),
        (of("Sample.Clock", "Trigger"), "Trigger"),
        (of("Sample.Clock") + of("Trigger"), "Trigger"),
    ],
)
def test_contexts_tell_why_meter_values_were_sent(values: list[Any], reason: str) -> None:
    assert trigger_reason(values) == reason


def test_the_order_of_members_does_not_make_a_message_another_one() -> None:
    assert fingerprint({"a": 1, "b": [1, 2]}) == fingerprint({"b": [1, 2], "a": 1})
    assert fingerprint({"a": 1, "b": [1, 2]}) != fingerprint({"a": 1, "b": [2, 1]})
