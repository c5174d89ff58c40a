"""One version on both legs, with frames checked on the way (design/README.md decision 3)."""

from typing import Any

from gateway.core.dialects import Side, Version


def test_frames_are_checked_and_pass_as_they_are(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V16, validation="enforce")
    s.station(2, "s1", "Heartbeat", {"vendor": 1})
    assert s.sent(Side.STATION)[0][:3] == [4, "s1", "FormationViolation"]
    s.station(2, "s2", "Heartbeat", {})
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.csms(3, message_id, {"currentTime": "2025-01-01T02:00:00.5+02:00"})
    assert s.sent(Side.STATION) == [[3, "s2", {"currentTime": "2025-01-01T02:00:00.5+02:00"}]]
