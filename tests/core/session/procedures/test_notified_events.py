"""Faults in more than one message; conversations: tests/conversations/fault-*."""

from typing import Any

from gateway.core.dialects import Side

TOPOLOGY = {"topology": [[1, 1], [2, 1]]}


def event(component: str, value: str, **evse: int) -> dict[str, Any]:
    where = {"name": component, **({"evse": evse} if evse else {})}
    item = {
        "eventId": 1,
        "timestamp": "2025-06-01T08:20:00Z",
        "trigger": "Alerting",
        "actualValue": value,
        "component": where,
        "variable": {"name": "Problem"},
        "eventNotificationType": "HardWiredNotification",
    }
    return {"generatedAt": "2025-06-01T08:20:00Z", "seqNo": 0, "eventData": [item]}


def told(s: Any) -> list[tuple[int, str]]:
    frames = s.sent(Side.CSMS)
    return [(frame[3]["connectorId"], frame[3]["errorCode"]) for frame in frames]


def test_an_evse_named_alone_is_the_connector_that_is_occupied(script: Any) -> None:
    occupied = {"evseId": 1, "connectorId": 2, "connectorStatus": "Occupied"}
    preset = {"connector_status": [{**occupied, "status16": "Preparing"}]}
    s = script(translation={"topology": [[1, 1], [1, 2]]}, preset=preset)
    s.station(2, "s1", "NotifyEvent", event("RCD", "true", id=1))
    assert told(s) == [(2, "GroundFailure")]


def test_a_connector_that_nobody_spoke_of_is_learned(script: Any) -> None:
    s = script()
    s.station(2, "s1", "NotifyEvent", event("RCD", "true", id=3, connectorId=1))
    assert told(s) == [(3, "GroundFailure")]


def test_a_fault_survives_a_new_link_with_the_connector_faulted(script: Any) -> None:
    s = script(translation={**TOPOLOGY, "csms_grace_s": 60})
    s.station(2, "s1", "NotifyEvent", event("TokenReader", "true", id=1, connectorId=1))
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.csms(3, message_id, {})
    s.down(Side.CSMS)
    s.up(Side.CSMS)
    s.sent(Side.CSMS)
    status = {
        "timestamp": "2025-06-01T08:21:00Z",
        "connectorStatus": "Faulted",
        "evseId": 1,
        "connectorId": 1,
    }
    s.station(2, "s2", "StatusNotification", status)
    assert told(s) == [(1, "ReaderFailure")]


def test_the_answer_goes_before_the_statuses(script: Any) -> None:
    s = script(translation=TOPOLOGY)
    s.station(2, "s1", "NotifyEvent", event("RCD", "true", id=1, connectorId=1))
    sends = [line for line in s.shape() if line.startswith("Send")]
    assert sends == ["Send station", "Send csms"]
