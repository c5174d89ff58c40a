"""The book of one leg's calls: what ledger.py owes an answer to."""

import pytest

from gateway.core.dialects import Side
from gateway.core.errors import UnknownMessageId
from gateway.core.session.ledger import IDS_REMEMBERED, Ledger, Outgoing


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(Side.CSMS)


def send(ledger: Ledger, message_id: str) -> Outgoing:
    outgoing = Outgoing("Heartbeat", {})
    ledger.sent(outgoing, message_id, 0.0, 25.0)
    return outgoing


def test_an_answer_frees_the_lane(ledger: Ledger) -> None:
    outgoing = send(ledger, "a")
    assert ledger.answered("a") == (outgoing, False)
    assert ledger.open is None


def test_an_answer_to_nothing_is_the_peers_fault(ledger: Ledger) -> None:
    send(ledger, "a")
    with pytest.raises(UnknownMessageId):
        ledger.answered("b")
    assert ledger.open is not None


def test_an_answer_counts_once(ledger: Ledger) -> None:
    send(ledger, "a")
    ledger.answered("a")
    with pytest.raises(UnknownMessageId):
        ledger.answered("a")


def test_an_answer_too_late_is_known_as_such(ledger: Ledger) -> None:
    outgoing = send(ledger, "a")
    ledger.abandon()
    assert ledger.open is None
    assert ledger.answered("a") == (outgoing, True)


def test_abandoned_calls_are_forgotten_in_the_end(ledger: Ledger) -> None:
    for number in range(IDS_REMEMBERED + 1):
        send(ledger, str(number))
        ledger.abandon()
    assert len(ledger.abandoned) == IDS_REMEMBERED
    with pytest.raises(UnknownMessageId):
        ledger.answered("0")


def test_an_id_used_twice_is_told_within_its_time(ledger: Ledger) -> None:
    assert not ledger.repeated("x", 0.0, 600)
    assert ledger.repeated("x", 600.0, 600)
    assert not ledger.repeated("x", 1201.0, 600)


def test_ids_are_remembered_in_bounds(ledger: Ledger) -> None:
    for number in range(IDS_REMEMBERED * 3):
        ledger.repeated(str(number), float(number), 600)
    assert len(ledger.seen) == IDS_REMEMBERED


def test_unsolicited_frames_are_counted_over_a_minute(ledger: Ledger) -> None:
    assert [ledger.count_unsolicited(t) for t in (0.0, 30.0, 59.0, 61.0)] == [1, 2, 3, 3]


def test_a_lost_leg_hands_back_its_open_call_and_keeps_the_queue(ledger: Ledger) -> None:
    outgoing = send(ledger, "a")
    ledger.queue.append(Outgoing("Authorize", {}))
    assert ledger.lost() is outgoing
    assert ledger.open is None
    assert len(ledger.queue) == 1
