"""One of several messages; conversations: tests/conversations/{firmware,log,cert}-*."""

from typing import Any

from gateway.core.dialects import Side, Version


def test_an_answer_that_breaks_its_schema_is_a_failure(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V201)
    payload = {"certificateType": "ManufacturerRootCertificate", "certificate": "PEM"}
    s.csms(2, "c1", "InstallCertificate", payload)
    ((_, message_id, _, _),) = s.sent(Side.STATION)
    s.station(3, message_id, {"status": "Perhaps"})
    assert s.sent(Side.CSMS) == [[3, "c1", {"status": "Failed"}]]


def test_a_refused_request_is_not_the_newest(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V201, preset={"current_log_request": 3})
    log = {"logType": "DiagnosticsLog", "requestId": 4, "log": {"remoteLocation": "ftp://a.org"}}
    s.csms(2, "c1", "GetLog", log)
    ((_, message_id, action, _),) = s.sent(Side.STATION)
    assert action == "GetDiagnostics"
    s.station(4, message_id, "InternalError", "", {})
    assert s.sent(Side.CSMS) == [[3, "c1", {"status": "Rejected"}]]
    s.station(2, "s1", "DiagnosticsStatusNotification", {"status": "Idle"})
    assert s.sent(Side.CSMS)[0][3] == {"status": "Idle", "requestId": 3}


def test_what_the_old_message_loses_is_on_record(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V201)
    s.csms(
        2,
        "c1",
        "UpdateFirmware",
        {
            "requestId": 1,
            "firmware": {
                "location": "https://a.org/b",
                "retrieveDateTime": "2026-03-02T01:00:00Z",
                "installDateTime": "2026-03-02T02:00:00Z",
            },
        },
    )
    ((_, message_id, _, _),) = s.sent(Side.STATION)
    s.station(3, message_id, {})
    lost = [name for effect in s.effects for name in getattr(effect, "losses", ())]
    assert "UpdateFirmware.request:firmware.installDateTime" in lost
