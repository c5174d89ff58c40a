"""Meter values outside transactions (translation-station 4.6, 5.9 rule 4)."""

from typing import Any

import pytest

from gateway.core.dialects import Side
from gateway.core.session.effects import Put, Save

REGISTER = {"value": 12.5, "unitOfMeasure": {"unit": "kWh"}}
POWER = {"value": 5, "measurand": "Power.Active.Import"}


def told(evse_id: int, sample: dict[str, Any]) -> dict[str, Any]:
    value = {"timestamp": "2025-06-01T09:00:00Z", "sampledValue": [sample]}
    return {"evseId": evse_id, "meterValue": [value]}


@pytest.mark.parametrize(
    ("payload", "registers"),
    [
        (told(1, REGISTER), [b'"register_wh":"12500"']),
        (told(0, REGISTER), []),
        (told(1, POWER), []),
    ],
)
def test_a_register_is_kept_with_the_connector_before_it_is_passed_on(
    script: Any, payload: dict[str, Any], registers: list[bytes]
) -> None:
    s = script()
    s.station(2, "s1", "MeterValues", payload)
    ops = [op for e in s.effects if isinstance(e, Save) for op in e.ops]
    kept = [op.value for op in ops if isinstance(op, Put) and op.kind == "connector"]
    assert len(kept) == len(registers)
    assert all(register in value for register, value in zip(registers, kept, strict=True))
    ((_, message_id, action, _),) = s.sent(Side.CSMS)
    assert action == "MeterValues"
    s.csms(3, message_id, {})
    assert s.sent(Side.STATION) == [[3, "s1", {}]]
