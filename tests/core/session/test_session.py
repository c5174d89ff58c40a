"""What a session does with calls, legs and time, whatever the message (session.py's tables)."""

from typing import Any

import pytest

from gateway.core.dialects import Side, Version

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


# -- the way there and back -------------------------------------------------------------------


def test_a_call_is_answered_under_the_id_of_its_sender(script: Any) -> None:
    s = script()
    message_id = s.heartbeat()
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
    s.csms(3, s.heartbeat(), ALIVE)
    assert "Save" not in s.shape()


def test_calls_of_one_peer_are_served_one_after_the_other(script: Any) -> None:
    s = script()
    first = s.heartbeat()
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
    message_id = s.heartbeat()
    s.station(2, "s2", "Heartbeat", {})
    assert s.session.accepting(Side.STATION)
    s.station(2, "s3", "Heartbeat", {})
    assert not s.session.accepting(Side.STATION)
    s.csms(3, message_id, ALIVE)
    assert s.session.accepting(Side.STATION)


# -- registration -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_a_station_that_is_not_accepted_may_only_boot(script: Any, status: str) -> None:
    s = script(preset={"registration": status})
    s.station(2, "s1", "Heartbeat", {})
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
    s.csms(3, s.heartbeat(), ALIVE)
    answer, call = s.sent(Side.STATION)
    assert answer == [3, "s1", ALIVE]
    assert call[2:] == ["TriggerMessage", {"requestedMessage": "BootNotification"}]
    s.station(3, call[1], {"status": "Accepted"})
    s.csms(3, s.heartbeat(), ALIVE)
    assert [frame[0] for frame in s.sent(Side.STATION)] == [3]
    assert s.sent(Side.CSMS) == []


# -- time and legs ----------------------------------------------------------------------------


def test_a_csms_that_does_not_answer_gives_internal_error_in_time(script: Any) -> None:
    s = script()
    message_id = s.heartbeat()
    s.after(24.9)
    assert s.sent(Side.STATION) == []
    s.after(0.2)
    assert s.sent(Side.STATION) == [[4, "s1", "InternalError", "upstream timeout", {}]]
    s.csms(3, message_id, ALIVE)
    assert s.sent(Side.STATION) == []
    assert s.outcomes()[-1] == "late"


def test_after_a_timeout_the_next_call_goes_out(script: Any) -> None:
    s = script()
    s.heartbeat()
    s.after(26)
    assert s.heartbeat()


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
    s.heartbeat()
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
    s.station(2, "s1", "Heartbeat", {})
    assert s.sent(Side.CSMS) == []
    s.station(3, message_id, {"status": "Accepted"})
    answer, call = s.sent(Side.CSMS)
    assert answer == [3, "c1", {"status": "Accepted"}]
    assert call[2] == "Heartbeat"


# -- the end of the gateway -------------------------------------------------------------------


def test_who_winds_up_sees_open_calls_through_and_leaves_later_ones_alone(script: Any) -> None:
    s = script()
    message_id = s.heartbeat()
    s.station(2, "s2", "Heartbeat", {})
    s.session.wind_up()
    assert not s.session.idle
    s.csms(3, message_id, ALIVE)
    assert s.sent(Side.STATION) == [[3, "s1", ALIVE]]
    s.station(2, "s3", "Heartbeat", {})
    s.csms(2, "c1", "ClearCache", {})
    assert s.session.idle
    assert s.sent(Side.CSMS) == s.sent(Side.STATION) == []


def test_a_command_that_waits_for_the_station_is_seen_through(script: Any) -> None:
    s = script()
    s.csms(2, "c1", "GetConfiguration", {})
    ((_, asked, action, payload),) = s.sent(Side.STATION)
    assert action == "GetBaseReport"
    s.session.wind_up()
    s.station(3, asked, {"status": "Accepted"})
    part = {"requestId": payload["requestId"], "generatedAt": STARTED["timestamp"], "seqNo": 0}
    s.station(2, "s1", "NotifyReport", part)
    assert s.sent(Side.STATION) == [[3, "s1", {}]]
    assert [frame[:2] for frame in s.sent(Side.CSMS)] == [[3, "c1"]]
    assert s.session.idle
