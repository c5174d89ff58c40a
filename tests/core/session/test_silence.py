"""A station without a connection counts as gone after twice its interval (decision 18)."""

from typing import Any

import pytest

from gateway.core.dialects import Side, Version

BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}


@pytest.fixture
def soap(script: Any) -> Any:
    return lambda **kw: script(station=Version.V16, soap=(Side.STATION,), **kw)


def booted(s: Any, interval: int) -> None:
    s.station(2, "b", "BootNotification", BOOT)
    ((_, message_id, _, _),) = [f for f in s.sent(Side.CSMS) if f[0] == 2]
    answer = {"status": "Accepted", "currentTime": "2025-01-01T00:00:00Z", "interval": interval}
    s.csms(3, message_id, answer)


@pytest.mark.parametrize("csms", Version)
@pytest.mark.parametrize(("interval", "silence_s"), [(10, 120), (100, 200)])
def test_after_twice_its_interval_at_least_two_minutes(
    soap: Any, csms: Version, interval: int, silence_s: int
) -> None:
    s = soap(csms=csms)
    booted(s, interval)
    s.after(silence_s - 1)
    assert (Side.STATION, 1000) not in s.closes()
    s.after(1)
    assert (Side.STATION, 1000) in s.closes()
    assert "silent" in s.outcomes()


def test_each_request_counts_anew(soap: Any) -> None:
    s = soap(csms=Version.V16)
    booted(s, 100)
    s.after(199)
    s.station(2, "h", "Heartbeat", {})
    s.after(199)
    assert s.closes() == []


INTERVAL = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}


def told(s: Any, interval: str) -> None:
    """The CSMS reads the interval that the station has."""
    s.csms(2, f"r{s.now}", "GetVariables", {"getVariableData": [INTERVAL]})
    ((_, message_id, _, payload),) = [f for f in s.sent(Side.STATION) if f[0] == 2]
    (key,) = payload["key"]
    row = {"key": key, "readonly": False, "value": interval}
    s.station(3, message_id, {"configurationKey": [row]})


def test_what_the_station_tells_of_its_interval_counts(soap: Any) -> None:
    s = soap(csms=Version.V201)
    booted(s, 100)
    told(s, "1000")
    s.after(1999)
    assert s.closes() == []
    s.after(1)
    assert (Side.STATION, 1000) in s.closes()


def test_a_later_boot_counts_more_than_what_was_told(soap: Any) -> None:
    s = soap(csms=Version.V201)
    told(s, "100")
    booted(s, 1000)
    s.after(1999)
    assert s.closes() == []


@pytest.mark.parametrize("text", ["0", "", "often", "9" * 30])
def test_what_is_no_interval_changes_nothing(soap: Any, text: str) -> None:
    s = soap(csms=Version.V201)
    booted(s, 1000)
    told(s, text)
    s.after(1999)
    assert s.closes() == []


@pytest.mark.parametrize(("status", "silence_s"), [("Accepted", 2000), ("Rejected", 200)])
def test_an_interval_that_a_1_6_csms_sets_counts(soap: Any, status: str, silence_s: int) -> None:
    s = soap(csms=Version.V16)
    booted(s, 100)
    s.csms(2, "c", "ChangeConfiguration", {"key": "heartbeatInterval", "value": "1000"})
    ((_, message_id, _, _),) = [f for f in s.sent(Side.STATION) if f[0] == 2]
    s.station(3, message_id, {"status": status})
    assert s.sent(Side.CSMS)[-1][2:] == [{"status": status}]
    s.after(silence_s - 1)
    assert s.closes() == []
    s.after(1)
    assert (Side.STATION, 1000) in s.closes()


def test_a_station_that_is_gone_is_not_waited_for(soap: Any) -> None:
    s = soap(csms=Version.V16)
    booted(s, 100)
    s.down(Side.STATION)
    s.down(Side.CSMS)
    assert s.session.next_deadline is None


def test_a_websocket_may_be_silent(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V16)
    booted(s, 10)
    s.after(10_000)
    assert s.closes() == []


def test_bytes_that_pass_untouched_tell_the_interval_too(soap: Any) -> None:
    s = soap(csms=Version.V16, transparent=True)
    s.station(2, "b", "BootNotification", BOOT)
    answer = {"status": "Accepted", "currentTime": "2025-01-01T00:00:00Z", "interval": 100}
    s.csms(3, "b", answer)
    s.after(199)
    s.station(2, "h", "Heartbeat", {})
    s.after(199)
    assert s.closes() == []
    s.after(1)
    assert s.closes() == [(Side.STATION, 1000)]


def test_an_answer_is_no_sign_of_life(soap: Any) -> None:
    """What stands for an answer may be the gateway's own word that none came."""
    s = soap(csms=Version.V16)
    booted(s, 100)
    s.csms(2, "c", "ClearCache", {})
    message_id = s.sent(Side.STATION)[0][1]
    s.after(150)
    error = b'[4,"%s","InternalError","",{}]' % message_id.encode()
    s.raw(Side.STATION, error, handle=None)
    s.after(50)
    assert s.closes() == [(Side.STATION, 1000)]
