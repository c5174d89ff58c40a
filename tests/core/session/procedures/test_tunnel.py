"""The gateway's tunnel over restarts; its conversations: tests/conversations/tunnel-*."""

from typing import Any

from gateway.core.dialects import Side

TUNNEL = {"tunnel": {"enabled": True}}
LIMIT = {"chargingLimitSource": "EMS"}


def cleared(s: Any, number: int) -> list[Any]:
    s.station(2, f"s{number}", "ClearedChargingLimit", LIMIT)
    return s.sent(Side.CSMS)


def test_a_new_link_of_the_station_does_not_re_open_the_tunnel(script: Any) -> None:
    s = script(translation={**TUNNEL, "station_grace_s": 60})
    ((_, message_id, action, _),) = cleared(s, 1)
    assert action == "DataTransfer"
    s.csms(3, message_id, {"status": "UnknownVendorId"})
    s.down(Side.STATION)
    s.up(Side.STATION)
    assert cleared(s, 2) == []
    s.down(Side.CSMS)
    s.up(Side.CSMS)
    assert [frame[2] for frame in cleared(s, 3)] == ["DataTransfer"]


def test_an_error_of_the_csms_does_not_close_the_tunnel(script: Any) -> None:
    s = script(translation=TUNNEL)
    ((_, message_id, _, _),) = cleared(s, 1)
    s.csms(4, message_id, "NotImplemented", "", {})
    assert [frame[2] for frame in cleared(s, 2)] == ["DataTransfer"]


def test_what_answered_is_recorded(script: Any) -> None:
    s = script()
    cleared(s, 1)
    assert "answered_here" in s.outcomes()
