"""Reports of a job over restarts; conversations: tests/conversations/{firmware,log}-*."""

from typing import Any

from gateway.core.dialects import Side, Version


def status(s: Any, number: int, **payload: Any) -> list[Any]:
    s.station(2, f"s{number}", "FirmwareStatusNotification", payload)
    frames = s.sent(Side.CSMS)
    for frame in frames:
        s.csms(3, frame[1], {})
    return [frame[2:] for frame in frames]


def test_a_status_that_was_sent_is_remembered_over_a_lost_link(script: Any) -> None:
    s = script(translation={"csms_grace_s": 60})
    downloading = [["FirmwareStatusNotification", {"status": "Downloading"}]]
    assert status(s, 1, status="Downloading", requestId=9) == downloading
    s.down(Side.CSMS)
    s.up(Side.CSMS)
    s.sent(Side.CSMS)
    assert status(s, 2, status="DownloadPaused", requestId=9) == []


def test_the_newest_request_is_the_one_a_16_station_speaks_of(script: Any) -> None:
    preset = {"current_firmware_request": 7}
    s = script(station=Version.V16, csms=Version.V201, preset=preset)
    expected = {"status": "Installed", "requestId": 7}
    assert status(s, 1, status="Installed") == [["FirmwareStatusNotification", expected]]
