"""What a session does with frames that are not right, and with answers that are none."""

from typing import Any

import orjson
import pytest

from gateway.core.dialects import Side, Version
from gateway.core.session.desk import QUARANTINED_AT_MOST
from gateway.core.session.effects import Ack, Append, Record, Save

ALIVE = {"currentTime": "2025-01-01T00:00:00Z"}
B = {"station": Version.V16, "csms": Version.V201}
EVENT = {
    "eventType": "Started",
    "timestamp": "2025-06-01T14:00:00Z",
    "triggerReason": "Authorized",
    "transactionInfo": {"transactionId": "7c9e6679-7425-40de-944b-e07fc1f90ae7"},
}


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
    message_id = s.heartbeat()
    s.station(2, "s1", "Heartbeat", {})
    s.csms(3, message_id, ALIVE)
    assert len(s.sent(Side.STATION)) == 1
    assert s.sent(Side.CSMS) == []


def test_an_answered_id_that_comes_again_is_a_new_call(script: Any) -> None:
    s = script()
    s.csms(3, s.heartbeat(), ALIVE)
    s.effects.clear()
    assert s.heartbeat()
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
    s.csms(kind, s.heartbeat(), *rest)
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


def test_what_an_error_may_quote_is_recorded_with_it(script: Any) -> None:
    s = script()
    token = {"idToken": "04A2B3C4", "type": "ISO14443"}
    s.station(2, "s1", "Authorize", {"idToken": token})
    ((_, message_id, *_),) = s.sent(Side.CSMS)
    s.effects.clear()
    s.csms(4, message_id, "GenericError", "there is no 04A2B3C4", {})
    came, went = (e for e in s.effects if isinstance(e, Record))
    assert all("04A2B3C4" in record.text for record in (came, went))
    assert (came.payload, came.quoted) == (None, {"idTag": "04A2B3C4"})
    assert (went.payload, went.quoted) == (None, {"idToken": token})


def test_what_a_csms_does_not_support_is_absorbed_where_the_station_cannot_help_it(
    script: Any,
) -> None:
    s = script()
    s.csms(4, s.heartbeat(), "NotImplemented", "", {})
    ((kind, message_id, payload),) = s.sent(Side.STATION)
    assert (kind, message_id, list(payload)) == (3, "s1", ["currentTime"])


def test_a_station_is_told_that_nobody_knows_its_vendor(script: Any) -> None:
    s = script()
    s.station(2, "s1", "DataTransfer", {"vendorId": "x"})
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.csms(4, message_id, "NotSupported", "", {})
    assert s.sent(Side.STATION) == [[3, "s1", {"status": "UnknownVendorId"}]]


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
        s.station(2, message_id, "TransactionEvent", {**EVENT, "seqNo": "x"})
    s.station(2, "s3", "Heartbeat", {"x": None, "currentTime": 5})
    s.station(2, "s4", "BootNotification", {})
    assert [action for action, _, _ in kept(s)] == ["TransactionEvent"]


def test_a_station_cannot_fill_the_store_with_nonsense(script: Any) -> None:
    s = script()
    for number in range(QUARANTINED_AT_MOST + 5):
        event = {**EVENT, "seqNo": f"x{number}"}
        s.station(2, f"s{number}", "TransactionEvent", event)
    assert len(kept(s)) == QUARANTINED_AT_MOST
