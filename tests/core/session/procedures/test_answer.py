"""What the gateway answers by itself; conversations: tests/conversations/{tunnel,data}-*."""

from typing import Any

from gateway.core.dialects import Side, Version

LONG = {"idToken": "A-TOKEN-THAT-IS-TOO-LONG-FOR-16", "type": "Central"}


def start(s: Any, number: int) -> str:
    """The idTag by which the station is told of the long token."""
    payload = {"remoteStartId": number, "evseId": 1, "idToken": LONG}
    s.csms(2, f"c{number}", "RequestStartTransaction", payload)
    ((_, message_id, _, told),) = s.sent(Side.STATION)
    s.station(3, message_id, {"status": "Rejected"})
    s.sent(Side.CSMS)
    return str(told["idTag"])


def authorized(s: Any, number: int, tag: str) -> Any:
    """The token by which the CSMS is asked about an idTag."""
    s.station(2, f"s{number}", "Authorize", {"idTag": tag})
    ((_, message_id, _, asked),) = s.sent(Side.CSMS)
    s.csms(3, message_id, {"idTokenInfo": {"status": "Accepted"}})
    return asked["idToken"]


def test_a_cleared_token_is_forgotten(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V201, translation={"topology": [[1, 1]]})
    tag = start(s, 1)
    assert authorized(s, 1, tag) == LONG
    clear = {"requestId": 5, "report": False, "clear": True, "idToken": LONG}
    s.csms(2, "c2", "CustomerInformation", {**clear, "clear": False})
    s.sent(Side.CSMS)
    assert authorized(s, 2, tag) == LONG
    s.csms(2, "c3", "CustomerInformation", clear)
    s.sent(Side.CSMS)
    assert authorized(s, 3, tag) == {"idToken": tag, "type": "ISO14443"}


def test_the_answer_says_that_the_gateway_made_it(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V201)
    s.csms(2, "c1", "SetMonitoringLevel", {"severity": 4})
    (record,) = [e for e in s.effects if getattr(e, "answered_by", "")]
    assert (record.answered_by, record.outcome) == ("gateway", "answered_here")


def test_an_item_of_a_variable_that_is_not_shown_is_told_so(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V201, translation={"topology": [[1, 1]]})
    power = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
    other = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Colour"}}
    kept = {"value": 1, "type": "Delta", "severity": 1, "id": 7}
    items = [{**kept, **power}, {**kept, **other}]
    s.csms(2, "c1", "SetVariableMonitoring", {"setMonitoringData": items})
    ((_, _, answer),) = s.sent(Side.CSMS)
    results = answer["setMonitoringResult"]
    assert [r["status"] for r in results] == ["UnsupportedMonitorType", "UnknownVariable"]
    assert [r["id"] for r in results] == [7, 7]
