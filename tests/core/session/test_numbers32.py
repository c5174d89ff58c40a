"""Transaction ids beyond 32 bits on a leg that cannot carry them (soap.md 8, rule 4)."""

from typing import Any

from gateway.core.dialects import Side, Version

WIDE = (1 << 63) - 1
START = {"connectorId": 1, "idTag": "T", "meterStart": 0, "timestamp": "2025-06-01T14:00:00Z"}
STOP = {"meterStop": 9, "timestamp": "2025-06-01T15:00:00Z"}


def started(s: Any, given: int) -> int:
    s.station(2, "s", "StartTransaction", START)
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.csms(3, message_id, {"transactionId": given, "idTagInfo": {"status": "Accepted"}})
    (answer,) = s.sent(Side.STATION)
    number: int = answer[2]["transactionId"]
    return number


def test_a_long_id_has_a_number_of_its_own_both_ways(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V16, soap=(Side.STATION,))
    number = started(s, WIDE)
    assert 0 < number < 1 << 31
    s.station(2, "e", "StopTransaction", {"transactionId": number, **STOP})
    assert s.sent(Side.CSMS)[0][3]["transactionId"] == WIDE
    s.csms(2, "r", "RemoteStopTransaction", {"transactionId": WIDE})
    assert s.sent(Side.STATION)[0][3] == {"transactionId": number}


def test_deep_inside_a_payload_too(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V16, soap=(Side.STATION,))
    number = started(s, WIDE)
    period = {"startPeriod": 0, "limit": 16.0}
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [period]}
    profile = {
        "chargingProfileId": 1,
        "transactionId": WIDE,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": schedule,
    }
    payload = {"connectorId": 1, "csChargingProfiles": profile}
    s.csms(2, "p", "SetChargingProfile", payload)
    sent = s.sent(Side.STATION)[0][3]
    assert sent == {"connectorId": 1, "csChargingProfiles": {**profile, "transactionId": number}}


def test_an_id_that_fits_stays(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V16, soap=(Side.STATION,))
    assert started(s, 7) == 7
    assert s.session._desk.bindings.table.kind("number32") == {}


def test_legs_that_carry_long_ids_pass_them(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V16)
    assert started(s, WIDE) == WIDE
