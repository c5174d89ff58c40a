"""Authorize in both directions: what conversations cannot show (tests/conversations/A-token-*)."""

from typing import Any

from gateway.core.dialects import Side, Version
from gateway.core.session.ledger import IDS_REMEMBERED

TOKEN = {"idToken": "04A2B3C4", "type": "ISO14443"}


def test_a_16_station_is_answered_by_the_201_csms(script: Any) -> None:
    s = script(station=Version.V16, csms=Version.V201)
    s.station(2, "s1", "Authorize", {"idTag": "04A2B3C4"})
    ((_, message_id, action, payload),) = s.sent(Side.CSMS)
    assert (action, payload) == ("Authorize", {"idToken": TOKEN})
    s.csms(3, message_id, {"idTokenInfo": {"status": "NoCredit"}})
    assert s.sent(Side.STATION) == [[3, "s1", {"idTagInfo": {"status": "Blocked"}}]]


def test_without_an_answer_the_station_gets_an_error(script: Any) -> None:
    s = script()
    s.station(2, "s1", "Authorize", {"idToken": TOKEN})
    s.after(26)
    assert s.sent(Side.STATION)[0][:3] == [4, "s1", "InternalError"]


def test_questions_that_stay_open_are_not_remembered_without_end(script: Any) -> None:
    s = script(translation={"topology": [[1, 1], [2, 1]]})
    for number in range(2 * IDS_REMEMBERED):
        started = {
            "eventType": "Started",
            "timestamp": "2025-06-01T09:00:00Z",
            "triggerReason": "Authorized",
            "seqNo": 0,
            "transactionInfo": {"transactionId": f"tx-{number}"},
            "idToken": {"idToken": f"TAG{number}", "type": "ISO14443"},
        }
        s.station(2, f"s{number}", "TransactionEvent", started)
        s.after(26)
    assert len(s.sent(Side.CSMS)) == 2 * IDS_REMEMBERED
    assert len(s.session._desk.late_words) == IDS_REMEMBERED


def test_a_refusal_of_the_csms_is_passed_on_and_not_remembered(script: Any) -> None:
    s = script(translation={"topology": [[1, 1], [2, 1]]})
    s.station(2, "s1", "Authorize", {"idToken": TOKEN})
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.csms(4, message_id, "FormationViolation", "no", {})
    assert s.sent(Side.STATION)[0][:3] == [4, "s1", "FormatViolation"]
    started = {
        "eventType": "Started",
        "timestamp": "2025-06-01T09:00:00Z",
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "tx-1"},
        "idToken": TOKEN,
    }
    s.station(2, "s2", "TransactionEvent", started)
    assert [frame[2] for frame in s.sent(Side.CSMS)] == ["Authorize"]


def test_the_idtag_is_what_is_remembered_whatever_its_case(script: Any) -> None:
    s = script(translation={"topology": [[1, 1], [2, 1]]})
    s.station(2, "s1", "Authorize", {"idToken": TOKEN})
    ((_, message_id, _, _),) = s.sent(Side.CSMS)
    s.csms(3, message_id, {"idTagInfo": {"status": "Blocked"}})
    s.sent(Side.STATION)
    started = {
        "eventType": "Started",
        "timestamp": "2025-06-01T09:00:00Z",
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "tx-1"},
        "idToken": {"idToken": "04a2b3c4", "type": "ISO14443"},
    }
    s.station(2, "s2", "TransactionEvent", started)
    assert s.sent(Side.STATION) == [[3, "s2", {"idTokenInfo": {"status": "Blocked"}}]]
