"""Records by the names that tools use, and by those of a map."""

import pytest

from gateway.core.dialects import Side
from gateway.core.errors import ConfigError, FrameError
from gateway.core.frames import Call, CallError, CallResult
from gateway.logs.entry import OUT
from gateway.logs.records import LeavesOut, known_spelling, names_from, said


def test_a_record_may_hold_the_whole_frame():
    told = said({"time": "t", "chargePointId": "A", "message": '[2,"1","Heartbeat",{}]'})
    assert told.frame == Call("1", "Heartbeat", {})
    assert (told.time, told.station, told.sender) == ("t", "A", None)


def test_a_record_may_hold_its_parts():
    parts = {"message_type": "CALL", "message_id": "1", "ocpp_action": "Reset"}
    told = said({**parts, "payload_json": '{"type":"Soft"}', "direction": "csms-to-cp"})
    assert told.frame == Call("1", "Reset", {"type": "Soft"})
    assert told.sender is Side.CSMS


@pytest.mark.parametrize(
    ("record", "frame"),
    [
        ({"messageType": "CALLRESULT", "payload": {"a": 1}}, CallResult("1", {"a": 1})),
        (
            {"messageType": "CALLERROR", "error": {"code": "NotSupported", "description": "no"}},
            CallError("1", "NotSupported", "no", {}),
        ),
    ],
)
def test_answers_have_their_parts_too(record, frame):
    assert said({"messageId": "1", **record}).frame == frame


@pytest.mark.parametrize(
    ("lacks", "why"),
    [
        ({"messageType": "FRAME"}, "FRAME is none of"),
        ({"messageId": [1]}, "messageId that is no text"),
        ({"action": None}, "no action"),
        ({"payload": []}, "payload that is no object"),
    ],
)
def test_a_trace_record_that_is_no_frame_says_why(lacks, why):
    record = {"schemaVersion": "1.1", "messageType": "CALL", "messageId": "1"}
    with pytest.raises(FrameError, match=why):
        said({**record, "action": "Heartbeat", "payload": {}, **lacks})


@pytest.mark.parametrize("member", ["messageId", "payload"])
def test_a_trace_record_may_leave_out_what_a_frame_is_made_of(member):
    record = {"schemaVersion": "1.1", "messageType": "CALL", "messageId": "1"}
    with pytest.raises(LeavesOut, match=f"tells no {member}"):
        said({**record, "action": "Heartbeat", "payload": {}, member: None})


def test_names_are_known_in_any_case_and_with_any_signs():
    written = ["Time", "Charge Point ID", "message_id", "Vendor"]
    assert known_spelling(written) == ("time", "chargePointId", "message_id", "Vendor")


def test_a_record_without_a_frame_is_none():
    assert said({"event": "connected", "message": "the link is up"}) is None


def test_a_frame_that_is_wrong_is_the_logs_fault():
    with pytest.raises(FrameError):
        said({"message": "[2,"})
    with pytest.raises(FrameError):
        said({"messageType": "CALLRESULT", "messageId": "1", "payload": "{"})


def test_a_map_names_members_and_words():
    names = names_from(
        {"station": "who", "frame": "what", "values": {"direction": {"TX": "csms-to-cp"}}}, "map"
    )
    told = said({"who": "A", "what": '[2,"1","Heartbeat",{}]', "direction": "tx"}, names)
    assert (told.station, told.sender) == ("A", Side.CSMS)


def test_without_a_map_sent_and_received_depend_on_the_writer():
    assert said({"raw": '[2,"1","Heartbeat",{}]', "direction": "TX"}).sender == OUT


@pytest.mark.parametrize("mapping", [[], {"colour": "red"}, {"values": 1}, {"values": {"a": 1}}])
def test_a_map_that_says_something_else_is_refused(mapping):
    with pytest.raises(ConfigError):
        names_from(mapping, "map")


def test_a_refusal_in_a_row_has_its_parts_in_the_payload():
    row = {"message_type": "CALLERROR", "message_id": "1"}
    row["payload_json"] = '{"code":"NotSupported","description":"no","details":{"a":1}}'
    assert said(row).frame == CallError("1", "NotSupported", "no", {"a": 1})


def test_an_envelope_counts_for_more_than_its_parts_and_parts_without_one_do():
    parts = {"transport": "soap", "messageType": "CALL", "messageId": "1", "action": "Heartbeat"}
    envelope = {"payload": {"heartbeatRequest": None}, "raw": "<e:Envelope/>"}
    assert said({**parts, **envelope}).frame is None
    assert said({**parts, "payload": {}}).frame == Call("1", "Heartbeat", {})
