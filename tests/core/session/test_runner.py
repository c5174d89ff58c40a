"""Requests of a SOAP peer that come while another one is open.

A station with several connectors posts for each of them without regard to the others. Each request
is given up so long after it came, whether it had to wait its turn or not.
"""

from typing import Any

import orjson
import pytest

from gateway.core.dialects import Side, Version

STATUS = {"connectorId": 2, "status": "Available", "errorCode": "NoError"}
START = {
    "connectorId": 1,
    "idTag": "A",
    "timestamp": "2025-01-01T00:00:00Z",
    "meterStart": 5,
}
STARTED = {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}


@pytest.fixture
def soap(script: Any) -> Any:
    """Of a SOAP station before a CSMS of the given version."""
    return lambda csms=Version.V16: script(station=Version.V16, csms=csms, soap=(Side.STATION,))


def posts(s: Any, message_id: str, action: str, payload: dict[str, Any]) -> None:
    s.station(2, message_id, action, payload)


def test_a_request_that_waited_is_left_unanswered_as_soon_as_any_other(soap: Any) -> None:
    s = soap()
    posts(s, "s1", "StatusNotification", STATUS)
    s.after(10)
    posts(s, "s2", "StartTransaction", START)
    s.after(15)
    assert [f[2] for f in s.sent(Side.CSMS)] == ["StatusNotification", "StartTransaction"]
    assert s.unanswered() == []
    s.after(10)
    assert s.unanswered() == [Side.STATION]


def test_the_late_answer_to_a_request_that_waited_is_its_repeats(soap: Any) -> None:
    s = soap()
    posts(s, "s1", "StatusNotification", STATUS)
    s.after(1)
    posts(s, "s2", "StartTransaction", START)
    s.after(25)
    *_, (_, message_id, action, _) = s.sent(Side.CSMS)
    assert action == "StartTransaction"
    assert s.unanswered() == [Side.STATION]
    s.after(6)
    s.csms(3, message_id, STARTED)
    s.sent(Side.STATION)
    posts(s, "s3", "StartTransaction", START)
    assert s.sent(Side.STATION) == [[3, "s3", STARTED]]
    assert s.sent(Side.CSMS) == []


def test_a_request_whose_time_is_over_when_its_turn_comes_is_not_passed_on(soap: Any) -> None:
    s = soap()
    posts(s, "s1", "StatusNotification", STATUS)
    posts(s, "s2", "StartTransaction", START)
    s.after(25)
    assert [f[2] for f in s.sent(Side.CSMS)] == ["StatusNotification"]
    assert s.unanswered() == [Side.STATION]


@pytest.mark.parametrize("csms", Version)
def test_requests_that_repeat_one_another_are_one_call(soap: Any, csms: Version) -> None:
    s = soap(csms)
    posts(s, "s1", "StatusNotification", STATUS)
    ((_, status_id, _, _),) = s.sent(Side.CSMS)
    posts(s, "s2", "StartTransaction", START)
    posts(s, "s3", "StartTransaction", START)
    posts(s, "s4", "StartTransaction", {**START, "connectorId": 3})
    s.csms(3, status_id, {})
    assert s.sent(Side.STATION) == [[3, "s1", {}]]
    assert s.unanswered() == [Side.STATION]
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.csms(3, message_id, STARTED if csms is Version.V16 else {})
    ((_, answered, _),) = s.sent(Side.STATION)
    assert answered == "s3"
    assert len(s.sent(Side.CSMS)) == 1


def test_a_command_that_waited_is_given_up_as_soon_as_any_other(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V16, soap=(Side.CSMS,))
    s.csms(2, "c1", "ClearCache", {})
    s.after(5)
    s.csms(2, "c2", "Reset", {"type": "Soft"})
    s.after(25)
    assert [f[:3] for f in s.sent(Side.CSMS)] == [
        [4, "c1", "InternalError"],
        [4, "c2", "InternalError"],
    ]


def test_a_call_on_a_websocket_has_its_time_from_when_its_turn_comes(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V16)
    for number, payload in enumerate((STATUS, START)):
        frame = [2, f"s{number}", "StatusNotification" if number == 0 else "StartTransaction"]
        s.raw(Side.STATION, orjson.dumps([*frame, payload]), handle=None)
    s.after(26)
    assert [f[2] for f in s.sent(Side.CSMS)] == ["StatusNotification", "StartTransaction"]
    assert s.unanswered() == []
