"""What a session does with frames, legs and time, whatever the message (session.py's tables)."""

from typing import Any

import orjson
import pytest

from gateway.core.dialects import Side, Version
from gateway.core.session.desk import QUARANTINED_AT_MOST
from gateway.core.session.effects import Ack, Append, Record, Save

HEARTBEAT = [2, "s1", "Heartbeat", {}]
ALIVE = {"currentTime": "2025-01-01T00:00:00Z"}
TX = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
STARTED = {
    "eventType": "Started",
    "timestamp": "2025-06-01T14:00:00Z",
    "triggerReason": "Authorized",
    "seqNo": 0,
    "transactionInfo": {"transactionId": TX},
    "evse": {"id": 1, "connectorId": 1},
    "idToken": {"idToken": "04A2B3C4", "type": "ISO14443"},
}
START = {
    "connectorId": 1,
    "idTag": "04A2B3C4",
    "meterStart": 0,
    "timestamp": "2025-06-01T14:00:00Z",
}
B = {"station": Version.V16, "csms": Version.V201}


def ask(script: Any) -> str:
    """Send a Heartbeat and return the id that its call has at the CSMS."""
    script.station(*HEARTBEAT)
    ((_, message_id, action, payload),) = script.sent(Side.CSMS)
    assert (action, payload) == ("Heartbeat", {})
    return str(message_id)


# -- the way there and back -------------------------------------------------------------------


def test_a_call_is_answered_under_the_id_of_its_sender(script: Any) -> None:
    s = script()
    message_id = ask(s)
    assert message_id != "s1"
    s.csms(3, message_id, {"currentTime": "2025-01-01T02:00:00+02:00"})
    assert s.sent(Side.STATION) == [[3, "s1", ALIVE]]


def test_what_a_frame_relies_on_is_saved_before_it(script: Any) -> None:
    s = script()
    s.station(2, "s1", "TransactionEvent", STARTED)
    assert s.shape() == ["Save", "Send csms"]
    ((_, message_id, action, payload),) = s.sent(Side.CSMS)
    assert (action, payload) == ("StartTransaction", START)
    s.effects.clear()
    s.csms(3, message_id, {"transactionId": 7, "idTagInfo": {"status": "Accepted"}})
    assert s.shape()[:2] == ["Save", "Send station"]


def test_a_message_that_changes_nothing_saves_nothing(script: Any) -> None:
    s = script()
    s.csms(3, ask(s), ALIVE)
    assert "Save" not in s.shape()


def test_calls_of_one_peer_are_served_one_after_the_other(script: Any) -> None:
    s = script()
    first = ask(s)
    s.station(2, "s2", "DataTransfer", {"vendorId": "x"})
    s.station(2, "s3", "Heartbeat", {})
    assert s.sent(Side.CSMS) == []
    s.csms(3, first, ALIVE)
    ((_, second, action, _),) = s.sent(Side.CSMS)
    assert action == "DataTransfer"
    s.csms(3, second, {"status": "Accepted"})
    assert [frame[1] for frame in s.sent(Side.STATION)] == ["s1", "s2"]
    assert len(s.sent(Side.CSMS)) == 1


def test_both_sides_may_call_at_once_under_the_same_id(script: Any) -> None:
    s = script()
    s.station(2, "1", "Heartbeat", {})
    s.csms(2, "1", "DataTransfer", {"vendorId": "x"})
    ((_, to_csms, _, _),) = s.sent(Side.CSMS)
    ((_, to_station, action, _),) = s.sent(Side.STATION)
    assert action == "DataTransfer"
    s.station(3, to_station, {"status": "Rejected"})
    s.csms(3, to_csms, ALIVE)
    assert s.sent(Side.CSMS) == [[3, "1", {"status": "Rejected"}]]
    assert s.sent(Side.STATION) == [[3, "1", ALIVE]]


def test_reading_stops_while_too_many_calls_wait(script: Any) -> None:
    s = script(station_queue=2)
    message_id = ask(s)
    s.station(2, "s2", "Heartbeat", {})
    assert s.session.accepting(Side.STATION)
    s.station(2, "s3", "Heartbeat", {})
    assert not s.session.accepting(Side.STATION)
    s.csms(3, message_id, ALIVE)
    assert s.session.accepting(Side.STATION)


# -- frames that are not right ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"hello", [4, "-1", "RpcFrameworkError"]),
        (b'{"a":1}', [4, "-1", "RpcFrameworkError"]),
        (b'[2,5,"Heartbeat",{}]', [4, "-1", "RpcFrameworkError"]),
        (b'[9,"x"]', [4, "x", "MessageTypeNotSupported"]),
        (b'[2,"x","Heartbeat"]', [4, "x", "FormatViolation"]),
        (b'[2,"x","Heartbeat",[]]', [4, "x", "FormatViolation"]),
        (b'[2,"x","NoSuchAction",{}]', [4, "x", "NotImplemented"]),
        (b'[2,"x","Reset",{"type":"Immediate"}]', [4, "x", "NotSupported"]),
        (b'[2,"x","Authorize",{}]', [4, "x", "OccurrenceConstraintViolation"]),
        (b'[2,"x","Authorize",{"idToken":"1"}]', [4, "x", "TypeConstraintViolation"]),
    ],
)
def test_a_wrong_frame_of_a_201_station_gets_its_error(
    script: Any, data: bytes, answer: list[Any]
) -> None:
    s = script()
    s.raw(Side.STATION, data)
    ((*head, _, details),) = s.sent(Side.STATION)
    assert (head, details) == (answer, {})
    assert s.sent(Side.CSMS) == []


@pytest.mark.parametrize(
    ("data", "answers"),
    [
        (b"hello", []),
        (b'[2,5,"Heartbeat",{}]', []),
        (b'[9,"x"]', []),
        (b'[2,"x","Heartbeat"]', [[4, "x", "FormationViolation"]]),
        (b'[2,"x","NoSuchAction",{}]', [[4, "x", "NotImplemented"]]),
        (b'[2,"x","Reset",{"type":"Hard"}]', [[4, "x", "NotSupported"]]),
        (b'[2,"x","Authorize",{}]', [[4, "x", "OccurenceConstraintViolation"]]),
    ],
)
def test_a_wrong_frame_of_a_16_station_gets_its_error_spelled_as_in_16(
    script: Any, data: bytes, answers: list[list[Any]]
) -> None:
    s = script(**B)
    s.raw(Side.STATION, data)
    assert [frame[:3] for frame in s.sent(Side.STATION)] == answers
    assert s.sent(Side.CSMS) == []


@pytest.mark.parametrize(
    "data", [b"hello", b'[9,"x"]', b'[2,"x","NoSuchAction",{}]', b'[2,"x","Authorize",{}]']
)
def test_an_error_that_goes_out_is_recorded_like_any_frame(script: Any, data: bytes) -> None:
    s = script()
    s.raw(Side.STATION, data)
    records = [e for e in s.effects if isinstance(e, Record)]
    ((_, message_id, code, *_),) = s.sent(Side.STATION)
    assert [r.direction for r in records] == ["<", ">"]
    assert (records[1].message_id, records[1].outcome) == (message_id, code)


def test_an_unknown_member_is_taken_away_and_counted(script: Any) -> None:
    s = script()
    s.station(2, "s1", "Heartbeat", {"extra": 1})
    ((_, message_id, _, payload),) = s.sent(Side.CSMS)
    assert payload == {}
    s.csms(3, message_id, ALIVE)
    repairs = [e.repairs for e in s.effects if getattr(e, "repairs", ())]
    assert repairs == [("strip_unknown",)]


def test_an_unknown_member_is_refused_where_schemas_are_enforced(script: Any) -> None:
    s = script(validation="enforce")
    s.station(2, "s1", "Heartbeat", {"extra": 1})
    assert s.sent(Side.STATION)[0][:3] == [4, "s1", "FormatViolation"]


def test_a_string_that_is_too_long_is_refused_where_schemas_are_enforced(script: Any) -> None:
    s = script(validation="enforce")
    s.station(2, "s1", "DataTransfer", {"vendorId": "v" * 256})
    assert s.sent(Side.STATION)[0][:3] == [4, "s1", "PropertyConstraintViolation"]


def test_a_string_that_is_too_long_is_cut_where_it_leaves(script: Any) -> None:
    s = script()
    s.station(2, "s1", "DataTransfer", {"vendorId": "v" * 256})
    ((_, _, _, payload),) = s.sent(Side.CSMS)
    assert payload == {"vendorId": "v" * 255}


def test_an_open_id_that_comes_again_is_ignored(script: Any) -> None:
    s = script()
    message_id = ask(s)
    s.station(*HEARTBEAT)
    s.csms(3, message_id, ALIVE)
    assert len(s.sent(Side.STATION)) == 1
    assert s.sent(Side.CSMS) == []


def test_an_answered_id_that_comes_again_is_a_new_call(script: Any) -> None:
    s = script()
    s.csms(3, ask(s), ALIVE)
    s.effects.clear()
    assert ask(s)
    assert "repeated_id" in s.outcomes()


def test_an_answer_to_nothing_is_recorded_and_never_answered(script: Any) -> None:
    s = script()
    s.station(3, "zzz", {})
    s.csms(4, "zzz", "InternalError", "", {})
    assert s.sent(Side.STATION) == s.sent(Side.CSMS) == []
    assert s.outcomes() == ["unsolicited", "unsolicited"]


def test_too_many_answers_to_nothing_end_the_link(script: Any) -> None:
    s = script(unsolicited_per_minute=3)
    for _ in range(3):
        s.station(3, "zzz", {})
    s.station(3, "zzz", {})
    assert s.closes() == [(Side.STATION, 1008)]


@pytest.mark.parametrize(
    "answer", [[3, {"currentTime": 5}], [3, {}], [3, "text"], [4, "InternalError"]]
)
def test_an_answer_that_is_none_becomes_internal_error(script: Any, answer: list[Any]) -> None:
    s = script()
    kind, *rest = answer
    s.csms(kind, ask(s), *rest)
    assert s.sent(Side.STATION)[0][:3] == [4, "s1", "InternalError"]
    assert s.sent(Side.CSMS) == []


def test_an_error_of_the_csms_is_passed_on_with_where_it_came_from(script: Any) -> None:
    s = script()
    s.station(2, "s1", "Authorize", {"idToken": {"idToken": "A", "type": "Central"}})
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.csms(4, message_id, "OccurenceConstraintViolation", "no", {"why": 1})
    details = {
        "upstreamAction": "Authorize",
        "upstreamCode": "OccurenceConstraintViolation",
        "upstreamDetails": {"why": 1},
    }
    expected = [4, "s1", "OccurrenceConstraintViolation", "upstream: no", details]
    assert s.sent(Side.STATION) == [expected]


def test_what_a_csms_does_not_support_is_absorbed_where_the_station_cannot_help_it(
    script: Any,
) -> None:
    s = script()
    s.csms(4, ask(s), "NotImplemented", "", {})
    ((kind, message_id, payload),) = s.sent(Side.STATION)
    assert (kind, message_id, list(payload)) == (3, "s1", ["currentTime"])


def test_a_station_is_told_that_nobody_knows_its_vendor(script: Any) -> None:
    s = script()
    s.station(2, "s1", "DataTransfer", {"vendorId": "x"})
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.csms(4, message_id, "NotSupported", "", {})
    assert s.sent(Side.STATION) == [[3, "s1", {"status": "UnknownVendorId"}]]


# -- registration -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_a_station_that_is_not_accepted_may_only_boot(script: Any, status: str) -> None:
    s = script(preset={"registration": status})
    s.station(*HEARTBEAT)
    assert s.sent(Side.STATION)[0][:3] == [4, "s1", "SecurityError"]
    boot = {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}}
    s.station(2, "s2", "BootNotification", boot)
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.csms(3, message_id, {"status": "Accepted", "interval": 300, **ALIVE})
    s.sent(Side.CSMS)
    assert s.sent(Side.STATION)[0][2]["status"] == "Accepted"
    s.station(2, "s3", "Heartbeat", {})
    assert s.sent(Side.STATION) == []


def test_a_station_nobody_knows_is_asked_once_for_its_boot(script: Any) -> None:
    s = script(preset={"registration": "none"})
    s.csms(3, ask(s), ALIVE)
    answer, call = s.sent(Side.STATION)
    assert answer == [3, "s1", ALIVE]
    assert call[2:] == ["TriggerMessage", {"requestedMessage": "BootNotification"}]
    s.station(3, call[1], {"status": "Accepted"})
    s.csms(3, ask(s), ALIVE)
    assert [frame[0] for frame in s.sent(Side.STATION)] == [3]
    assert s.sent(Side.CSMS) == []


# -- time and legs ----------------------------------------------------------------------------


def test_a_csms_that_does_not_answer_gives_internal_error_in_time(script: Any) -> None:
    s = script()
    message_id = ask(s)
    s.after(24.9)
    assert s.sent(Side.STATION) == []
    s.after(0.2)
    assert s.sent(Side.STATION) == [[4, "s1", "InternalError", "upstream timeout", {}]]
    s.csms(3, message_id, ALIVE)
    assert s.sent(Side.STATION) == []
    assert s.outcomes()[-1] == "late"


def test_after_a_timeout_the_next_call_goes_out(script: Any) -> None:
    s = script()
    ask(s)
    s.after(26)
    assert ask(s)


def test_a_transaction_message_without_an_answer_gets_none_and_the_link_closes(
    script: Any,
) -> None:
    s = script()
    s.station(2, "s1", "TransactionEvent", STARTED)
    s.after(26)
    assert s.sent(Side.STATION) == []
    assert s.unanswered() == [Side.STATION]
    s.down(Side.STATION)
    assert s.closes() == []
    s.after(61)
    assert s.closes() == [(Side.CSMS, 1000)]


def test_a_late_answer_to_a_transaction_message_still_counts(script: Any) -> None:
    s = script()
    s.station(2, "s1", "TransactionEvent", STARTED)
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.after(26)
    s.down(Side.STATION)
    s.csms(3, message_id, {"transactionId": 7, "idTagInfo": {"status": "Accepted"}})
    s.up(Side.STATION)
    s.station(2, "s2", "TransactionEvent", {**STARTED, "offline": True})
    assert s.sent(Side.STATION) == [[3, "s2", {"idTokenInfo": {"status": "Accepted"}}]]
    assert [frame[2] for frame in s.sent(Side.CSMS)] in ([], ["StatusNotification"])


def test_calls_wait_while_the_csms_is_dialled_again(script: Any) -> None:
    s = script()
    ask(s)
    s.down(Side.CSMS)
    s.after(5)
    s.up(Side.CSMS)
    ((_, message_id, action, _),) = s.sent(Side.CSMS)
    assert action == "Heartbeat"
    s.csms(3, message_id, ALIVE)
    assert s.sent(Side.STATION) == [[3, "s1", ALIVE]]
    s.after(60)
    assert s.closes() == []


def test_a_csms_that_stays_away_closes_the_station_link(script: Any) -> None:
    s = script()
    s.down(Side.CSMS)
    s.after(9.9)
    assert s.closes() == []
    s.after(0.2)
    assert s.closes() == [(Side.STATION, 1012)]


def test_a_station_that_is_gone_is_seen_offline_by_the_csms_at_once(script: Any) -> None:
    s = script()
    s.down(Side.STATION)
    assert s.closes() == [(Side.CSMS, 1000)]


@pytest.mark.parametrize("first", [Side.CSMS, Side.STATION])
def test_with_both_peers_gone_nothing_is_waited_for(script: Any, first: Side) -> None:
    s = script(translation={"station_grace_s": 5})
    s.down(first)
    assert s.session.next_deadline is not None
    s.down(first.other)
    assert s.session.next_deadline is None


def test_a_command_to_a_station_that_leaves_has_no_known_outcome(script: Any) -> None:
    s = script(translation={"station_grace_s": 5})
    s.csms(2, "c1", "Reset", {"type": "Hard"})
    assert len(s.sent(Side.STATION)) == 1
    s.down(Side.STATION)
    assert s.sent(Side.CSMS) == [[4, "c1", "InternalError", "no answer from the station", {}]]


def test_a_command_is_not_kept_for_a_station_that_has_left(script: Any) -> None:
    s = script(translation={"station_grace_s": 30})
    s.down(Side.STATION)
    s.csms(2, "c1", "ClearCache", {})
    s.csms(2, "c2", "SendLocalList", {"listVersion": 1, "updateType": "Full"})
    lost = ["InternalError", "no answer from the station", {}]
    assert s.sent(Side.CSMS) == [[4, "c1", *lost], [4, "c2", *lost]]
    s.up(Side.STATION)
    assert s.sent(Side.STATION) == []
    s.csms(2, "c3", "ClearCache", {})
    assert len(s.sent(Side.STATION)) == 1


def test_a_command_on_a_new_link_waits_for_the_station_that_follows(script: Any) -> None:
    s = script(translation={"station_grace_s": 30})
    s.down(Side.STATION)
    s.down(Side.CSMS)
    s.up(Side.CSMS)
    s.csms(2, "c1", "ClearCache", {})
    assert s.sent(Side.CSMS) == []
    s.up(Side.STATION)
    assert len(s.sent(Side.STATION)) == 1


def test_a_silent_station_is_no_negative_status(script: Any) -> None:
    s = script()
    s.csms(2, "c1", "Reset", {"type": "Hard"})
    s.after(20.1)
    assert s.sent(Side.CSMS) == [[4, "c1", "InternalError", "no answer from the station", {}]]


def test_nothing_is_asked_when_no_time_is_left_for_the_answer(script: Any) -> None:
    s = script(translation={"topology": [[1, 1], [2, 1]], "exchange_timeout_s": 5})
    s.csms(2, "c1", "TriggerMessage", {"requestedMessage": "StatusNotification"})
    s.after(6)
    assert len(s.sent(Side.STATION)) == 1
    assert s.sent(Side.CSMS)[0][:3] == [4, "c1", "InternalError"]


def test_a_retry_on_the_same_link_is_answered_under_its_newest_id(script: Any) -> None:
    s = script()
    s.station(2, "s1", "TransactionEvent", STARTED)
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.station(2, "s2", "TransactionEvent", STARTED)
    s.csms(3, message_id, {"transactionId": 7, "idTagInfo": {"status": "Accepted"}})
    assert s.sent(Side.STATION) == [[3, "s2", {"idTokenInfo": {"status": "Accepted"}}]]


def test_what_a_trigger_causes_follows_the_answer_to_the_trigger(script: Any) -> None:
    s = script()
    s.csms(2, "c1", "TriggerMessage", {"requestedMessage": "Heartbeat"})
    ((_, message_id, _, _),) = s.sent(Side.STATION)
    s.station(*HEARTBEAT)
    assert s.sent(Side.CSMS) == []
    s.station(3, message_id, {"status": "Accepted"})
    answer, call = s.sent(Side.CSMS)
    assert answer == [3, "c1", {"status": "Accepted"}]
    assert call[2] == "Heartbeat"


# -- transaction messages that cannot go on -----------------------------------------------------


def kept(script: Any) -> list[tuple[str, str, bool]]:
    """(action, frame as it came, whether it is a dead letter) of everything put aside so far."""
    ops = [op for e in script.effects if isinstance(e, Save) for op in e.ops]
    dead = {op.seq for op in ops if isinstance(op, Ack) and op.dead}
    return [
        (op.action, orjson.loads(op.value)["payload"]["frame"], op.seq in dead)
        for op in ops
        if isinstance(op, Append)
    ]


def test_an_invalid_transaction_message_is_kept_before_the_error_goes_out(script: Any) -> None:
    s = script(**B)
    frame = b'[2, "s1","StartTransaction",{"connectorId":1,"idTag":"A","meterStart":"x"}]'
    s.raw(Side.STATION, frame)
    assert s.shape() == ["Save", "Send station"]
    assert kept(s) == [("StartTransaction", frame.decode(), True)]
    assert s.sent(Side.STATION)[0][2] == "OccurenceConstraintViolation"


def test_the_same_invalid_message_is_kept_once_and_none_of_another_kind(script: Any) -> None:
    s = script()
    for message_id in ("s1", "s2"):
        s.station(2, message_id, "TransactionEvent", {**STARTED, "seqNo": "x"})
    s.station(2, "s3", "Heartbeat", {"x": None, "currentTime": 5})
    s.station(2, "s4", "BootNotification", {})
    assert [action for action, _, _ in kept(s)] == ["TransactionEvent"]


def test_a_station_cannot_fill_the_store_with_nonsense(script: Any) -> None:
    s = script()
    for number in range(QUARANTINED_AT_MOST + 5):
        event = {**STARTED, "seqNo": f"x{number}"}
        s.station(2, f"s{number}", "TransactionEvent", event)
    assert len(kept(s)) == QUARANTINED_AT_MOST
