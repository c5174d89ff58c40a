"""Why a 1.6 station booted; the firmware's part is in tests/conversations/firmware-boot-reason."""

from typing import Any

from gateway.core.dialects import Side, Version

BOOT = {"chargePointVendor": "Example", "chargePointModel": "CP-1"}


def reason(s: Any, number: int, firmware: str) -> str:
    s.station(2, f"s{number}", "BootNotification", {**BOOT, "firmwareVersion": firmware})
    ((_, message_id, _, payload),) = s.sent(Side.CSMS)
    answer = {"status": "Accepted", "currentTime": "2025-06-01T08:00:00Z", "interval": 300}
    s.csms(3, message_id, answer)
    s.sent(Side.STATION)
    return str(payload["reason"])


def installed(s: Any) -> None:
    s.station(2, "f1", "FirmwareStatusNotification", {"status": "Installed"})
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.csms(3, message_id, {})
    s.sent(Side.STATION)


def test_a_reset_explains_a_boot_before_an_update_does(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V201, preset={"registration": "none"})
    assert reason(s, 1, "1.0") == "Unknown"
    installed(s)
    s.csms(2, "c1", "Reset", {"type": "Immediate"})
    ((_, message_id, _, _),) = s.sent(Side.STATION)
    s.station(3, message_id, {"status": "Accepted"})
    s.sent(Side.CSMS)
    assert reason(s, 2, "1.1") == "RemoteReset"
    assert reason(s, 3, "1.2") == "FirmwareUpdate"


def test_a_first_boot_is_no_update(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V201)
    installed(s)
    assert reason(s, 1, "1.1") == "Unknown"


def test_an_unknown_station_that_goes_is_not_asked_for_its_boot(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V201, preset={"registration": "none"})
    s.station(2, "s1", "Heartbeat", {})
    s.down(Side.STATION)
    assert s.sent(Side.STATION) == []
