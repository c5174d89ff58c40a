"""Hops that change no version (design/README.md decision 3)."""

from typing import Any

from gateway.core.dialects import Side, Version
from gateway.core.session.effects import Save

HEARTBEAT = [2, "s1", "Heartbeat", {}]
ONE = {"station": Version.V16, "csms": Version.V16}


def test_a_transparent_hop_changes_no_byte(script: Any) -> None:
    s = script(**ONE, transparent=True)
    odd = b'[2 , "s1","Heartbeat", {"vendor": 1.50}]'
    s.raw(Side.STATION, odd)
    assert [e.data for e in s.effects if getattr(e, "data", None)] == [odd]
    assert s.outcomes() == ["invalid"]
    s.effects.clear()
    s.raw(Side.CSMS, b'[3,"s1",{ }]')
    assert [e.data for e in s.effects if getattr(e, "data", None)] == [b'[3,"s1",{ }]']


def test_frames_of_a_transparent_hop_wait_for_a_leg_that_is_dialled_again(script: Any) -> None:
    s = script(**ONE, transparent=True)
    s.down(Side.CSMS)
    s.station(*HEARTBEAT)
    assert s.sent(Side.CSMS) == []
    s.up(Side.CSMS)
    assert s.sent(Side.CSMS) == [HEARTBEAT]


def test_what_a_station_tells_at_its_boot_is_kept_once(script: Any) -> None:
    """Routes are chosen by it (configuration.md 8)."""
    s = script(**ONE, transparent=True)
    boot = {"chargePointVendor": "V", "chargePointModel": "M"}
    kept = []
    for number, payload in enumerate([boot, boot, {**boot, "firmwareVersion": "2"}]):
        s.effects.clear()
        s.station(2, f"b{number}", "BootNotification", payload)
        kept.append([op.kind for e in s.effects if isinstance(e, Save) for op in e.ops])
        s.csms(3, f"b{number}", {"currentTime": "x", "interval": 300, "status": "Accepted"})
    assert kept == [["registration"], [], ["registration"]]
