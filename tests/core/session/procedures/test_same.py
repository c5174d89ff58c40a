"""One version on both legs: what an outage may and may not become (decision 11)."""

from typing import Any

from gateway.core.dialects import Side, Version

SAME = {"station": Version.V16, "csms": Version.V16}
START = {"connectorId": 1, "idTag": "T", "meterStart": 0, "timestamp": "2025-06-01T14:00:00Z"}
TAKEN = {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}


def test_a_transaction_message_without_an_answer_gets_none(script: Any) -> None:
    s = script(**SAME)
    s.station(2, "s", "StartTransaction", START)
    s.after(25)
    assert s.sent(Side.STATION) == []
    assert s.unanswered() == [Side.STATION]


def test_any_other_message_gets_an_error(script: Any) -> None:
    s = script(**SAME)
    s.station(2, "h", "Heartbeat", {})
    s.after(25)
    assert s.sent(Side.STATION)[0][:3] == [4, "h", "InternalError"]


def test_a_refusal_of_the_csms_is_passed_on(script: Any) -> None:
    s = script(**SAME)
    s.station(2, "s", "StartTransaction", START)
    s.csms(4, s.sent(Side.CSMS)[0][1], "NotSupported", "", {})
    assert s.sent(Side.STATION)[0][:3] == [4, "s", "NotSupported"]


def test_a_refusal_of_the_station_is_passed_on(script: Any) -> None:
    s = script(**SAME)
    s.csms(2, "c", "ClearCache", {})
    s.station(4, s.sent(Side.STATION)[0][1], "NotImplemented", "", {})
    assert s.sent(Side.CSMS)[0][:3] == [4, "c", "NotImplemented"]


def test_a_repeated_transaction_message_joins_the_first(script: Any) -> None:
    s = script(**SAME)
    s.station(2, "s", "StartTransaction", START)
    s.station(2, "t", "StartTransaction", START)
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.csms(3, message_id, TAKEN)
    assert [frame[1] for frame in s.sent(Side.STATION)] == ["t"]


def test_the_boot_and_its_interval_are_kept(script: Any) -> None:
    s = script(**SAME)
    boot = {"chargePointVendor": "V", "chargePointModel": "M"}
    s.station(2, "b", "BootNotification", boot)
    answer = {"status": "Pending", "currentTime": "2025-01-01T00:00:00Z", "interval": 60}
    s.csms(3, s.sent(Side.CSMS)[0][1], answer)
    assert s.sent(Side.STATION) == [[3, "b", answer]]
    registration = s.session._desk.bindings.registration
    assert (registration.boot, registration.interval) == (boot, 60)
    s.station(2, "h", "Heartbeat", {})
    assert s.sent(Side.CSMS)[0][2] == "Heartbeat", "Pending is the CSMS's to enforce"


def test_the_repeat_of_a_message_that_had_no_answer_waits_for_the_late_one(script: Any) -> None:
    s = script(**SAME)
    s.station(2, "s", "StartTransaction", START)
    s.after(25)
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.station(2, "t", "StartTransaction", START)
    s.csms(3, message_id, TAKEN)
    assert s.sent(Side.CSMS) == []
    assert s.sent(Side.STATION) == [[3, "t", TAKEN]]
    s.station(2, "u", "StartTransaction", {**START, "timestamp": "2025-06-01T16:00:00Z"})
    assert s.sent(Side.CSMS)[0][2] == "StartTransaction", "that is another one"


def test_a_late_answer_is_kept_for_the_repeat(script: Any) -> None:
    s = script(**SAME)
    s.station(2, "s", "StartTransaction", START)
    s.after(25)
    s.csms(3, s.sent(Side.CSMS)[0][1], TAKEN)
    s.station(2, "t", "StartTransaction", dict(reversed(START.items())))
    assert s.sent(Side.CSMS) == []
    assert s.sent(Side.STATION) == [[3, "t", TAKEN]]


def test_a_late_refusal_is_the_answer_to_a_repeat_that_waits_alone(script: Any) -> None:
    s = script(**SAME)
    s.station(2, "s", "StartTransaction", START)
    s.after(25)
    first = s.sent(Side.CSMS)[0][1]
    s.station(2, "t", "StartTransaction", START)
    s.csms(4, first, "InternalError", "", {})
    assert s.sent(Side.STATION)[0][:3] == [4, "t", "InternalError"]
    s.station(2, "u", "StartTransaction", START)
    s.after(25)
    s.csms(4, s.sent(Side.CSMS)[0][1], "InternalError", "", {})
    s.station(2, "v", "StartTransaction", START)
    assert s.sent(Side.CSMS)[0][2] == "StartTransaction"


def test_a_repeat_joins_what_an_earlier_link_of_the_station_asked(script: Any) -> None:
    s = script(**SAME, translation={"station_grace_s": 5})
    s.station(2, "s", "StartTransaction", START)
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.down(Side.STATION)
    s.up(Side.STATION)
    s.station(2, "t", "StartTransaction", START)
    s.csms(3, message_id, TAKEN)
    assert s.sent(Side.CSMS) == []
    assert s.sent(Side.STATION) == [[3, "t", TAKEN]]


def test_a_message_that_is_never_answered_goes_out_again_with_a_later_repeat(script: Any) -> None:
    s = script(**SAME, translation={"retry_grace_s": 10})
    s.station(2, "s", "StartTransaction", START)
    s.after(25)
    assert len(s.sent(Side.CSMS)) == 1
    s.station(2, "t", "StartTransaction", START)
    s.after(9)
    assert s.sent(Side.CSMS) == []
    s.after(1)
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.csms(3, message_id, TAKEN)
    assert s.sent(Side.STATION) == [[3, "t", TAKEN]]
