"""A CSMS that wants a boot first gets the stored one (soap.md 5, rule 6)."""

from typing import Any

import pytest

from gateway.core.dialects import Side, Version

BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}
BOOT201 = {
    "reason": "Unknown",
    "chargingStation": {"model": "M", "vendorName": "V"},
}
ACCEPTED = {"status": "Accepted", "currentTime": "2025-01-01T00:00:00Z", "interval": 300}


def booted(s: Any) -> None:
    s.station(2, "b", "BootNotification", BOOT)
    s.csms(3, s.sent(Side.CSMS)[0][1], ACCEPTED)
    for frame in s.sent(Side.CSMS):
        s.csms(3, frame[1], {})
    s.sent(Side.STATION)


@pytest.mark.parametrize(("csms", "boot"), [(Version.V16, BOOT), (Version.V201, BOOT201)])
def test_the_boot_goes_first_then_the_refused_call(script: Any, csms: Version, boot: Any) -> None:
    s = script(station=Version.V16, csms=csms, soap=(Side.STATION,))
    booted(s)
    s.station(2, "h", "Heartbeat", {})
    s.csms(4, s.sent(Side.CSMS)[0][1], "SecurityError", "boot first", {})
    ((_, message_id, action, payload),) = s.sent(Side.CSMS)
    assert (action, payload) == ("BootNotification", boot)
    s.csms(3, message_id, ACCEPTED)
    ((_, message_id, action, _),) = s.sent(Side.CSMS)
    assert action == "Heartbeat"
    s.csms(3, message_id, {"currentTime": "2025-01-01T00:00:01Z"})
    assert s.sent(Side.STATION) == [[3, "h", {"currentTime": "2025-01-01T00:00:01Z"}]]


def test_once_a_link_and_then_the_refusal_is_passed_on(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V16, soap=(Side.STATION,))
    booted(s)
    s.station(2, "h", "Heartbeat", {})
    for _ in range(3):
        s.csms(4, s.sent(Side.CSMS)[0][1], "SecurityError", "never", {})
    assert s.sent(Side.STATION)[0][:3] == [4, "h", "SecurityError"]
    s.down(Side.CSMS)
    s.up(Side.CSMS)
    s.station(2, "i", "Heartbeat", {})
    s.csms(4, s.sent(Side.CSMS)[0][1], "SecurityError", "again", {})
    assert s.sent(Side.CSMS)[0][2] == "BootNotification"


def test_without_a_stored_boot_the_refusal_is_passed_on(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V16, soap=(Side.STATION,))
    s.station(2, "h", "Heartbeat", {})
    s.csms(4, s.sent(Side.CSMS)[0][1], "SecurityError", "boot first", {})
    assert s.sent(Side.STATION)[0][:3] == [4, "h", "SecurityError"]


def test_a_station_with_a_connection_boots_by_itself(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V16)
    booted(s)
    s.station(2, "h", "Heartbeat", {})
    s.csms(4, s.sent(Side.CSMS)[0][1], "SecurityError", "boot first", {})
    assert s.sent(Side.STATION)[0][:3] == [4, "h", "SecurityError"]
