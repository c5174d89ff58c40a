"""Who sent what, in which version, and which answer belongs to which call."""

import pytest

from gateway.config.model import Resources
from gateway.core.dialects import Side, Version
from gateway.core.frames import Call, CallResult
from gateway.logs.conversation import IDS_REMEMBERED, MOST_OPEN, Conversations
from gateway.logs.entry import IN, OUT, Entry
from gateway.revision import load_catalog

STATION, CSMS = Side.STATION, Side.CSMS


@pytest.fixture(scope="module")
def catalog():
    return load_catalog(Resources())


class Heard:
    """Conversations and what they found."""

    def __init__(self, catalog, **said):
        self.findings = []
        self.conversations = Conversations(catalog, self.findings.append, **said)
        self.line = 0

    def __call__(self, frame, sender=None, time="", station="CP", version=""):
        self.line += 1
        entry = Entry("log", self.line, time, station, sender, frame, b"", "raw", version)
        return self.conversations.take(entry)

    @property
    def rules(self):
        return [(finding.line, finding.rule) for finding in self.findings]


@pytest.fixture
def heard(catalog):
    return Heard(catalog)


def call(message_id, action="Heartbeat", **payload):
    return Call(message_id, action, payload)


def test_an_answer_belongs_to_the_call_with_its_id(heard):
    asked = heard(call("1", "Authorize", idTag="A"))
    said = heard(CallResult("1", {}))
    assert (said.action, said.side, said.asked) == ("Authorize", CSMS, asked.asked)
    assert heard.rules == []


def test_both_sides_may_use_one_id_at_once(heard):
    heard(call("1", "Authorize", idTag="A"), STATION)
    heard(call("1", "ClearCache"), CSMS)
    of_station = heard(CallResult("1", {"status": "Accepted"}), STATION)
    of_csms = heard(CallResult("1", {}), CSMS)
    assert (of_station.action, of_csms.action) == ("ClearCache", "Authorize")


def test_stations_do_not_share_ids(heard):
    heard(call("1", "Authorize", idTag="A"), station="A")
    heard(CallResult("1", {}), station="B")
    assert heard.rules == [(2, "answer_without_call")]


def test_a_call_that_one_side_sends_comes_from_it_whatever_the_line_says(heard):
    assert heard(call("1", "Authorize", idTag="A"), CSMS).side is STATION
    assert heard.rules == [(1, "role")]


@pytest.mark.parametrize(("word", "writer"), [(IN, CSMS), (OUT, STATION)])
def test_such_a_call_teaches_who_wrote_the_log(heard, word, writer):
    heard(call("1", "Authorize", idTag="A"), word)
    said = heard(call("2", "DataTransfer", vendorId="x"), OUT)
    assert said.side is writer


def test_a_perspective_that_was_told_counts(catalog):
    heard = Heard(catalog, perspective=STATION)
    assert heard(call("2", "DataTransfer", vendorId="x"), OUT).side is STATION


def test_calls_of_the_other_side_are_told_where_the_perspective_was(catalog):
    heard = Heard(catalog, perspective=CSMS)
    for number in range(3):
        heard(call(f"a{number}", "Authorize", idTag="A"), IN)
        assert heard(call(f"b{number}", "Authorize", idTag="A"), OUT).side is STATION
    assert heard.rules == [(2, "role"), (4, "role"), (6, "role")]


def test_an_action_of_one_version_decides_until_one_of_the_other_comes(heard):
    heard(call("1", "StartTransaction"))
    assert heard(call("2", "Heartbeat")).version is Version.V16
    heard(call("3", "TransactionEvent"))
    assert heard(call("4", "Heartbeat")).version is Version.V201


def test_what_words_meant_is_forgotten_with_the_version(heard):
    heard(call("1", "StartTransaction"), STATION)
    for message_id in ("2", "3"):
        assert heard(call(message_id, "Heartbeat"), STATION).version is Version.V16
    heard(call("4", "TransactionEvent"), STATION)
    for message_id in ("5", "6"):
        assert heard(call(message_id, "Heartbeat"), STATION).version is Version.V201


def test_where_nothing_decides_the_schema_does(heard):
    heard(call("1", "Heartbeat"))
    boot = {"reason": "PowerUp", "chargingStation": {"model": "m", "vendorName": "v"}}
    assert heard(call("2", "BootNotification", **boot)).version is Version.V201


def test_where_no_schema_is_met_the_nearest_one_decides(heard):
    boot = {"reason": "PowerUp", "chargingStation": {"model": "m", "vendorName": "v"}, "own": 1}
    assert heard(call("1", "BootNotification", **boot)).version is Version.V201
    boot = {"chargePointVendor": "v", "chargePointModel": "m", "own": 1}
    assert heard(call("2", "BootNotification", **boot)).version is Version.V16


def test_the_log_may_name_the_version(heard):
    assert heard(call("1"), version="ocpp2.0.1").version is Version.V201


def test_ids_used_again_are_told_apart(heard):
    heard(call("1"))
    heard(call("1"))
    heard(CallResult("1", {}))
    heard(CallResult("1", {}))
    heard(call("1"))
    assert heard.rules == [(2, "duplicate_id"), (4, "duplicate_answer"), (5, "repeated_id")]


def test_a_clock_that_jumps_back_is_told_and_one_that_jitters_is_not(heard):
    heard(call("1"), time="2025-03-04T08:00:01.500Z")
    heard(call("2"), time="2025-03-04T08:00:01.200Z")
    heard(call("3"), time="2025-03-04T07:00:00.000Z")
    assert heard.rules == [(3, "clock_back")]


def test_a_clock_that_jumps_back_is_told_whatever_digits_it_writes(heard):
    heard(call("1"), time="2025-03-04T08:00:10.500Z")
    heard(call("2"), time="2025-03-04T08:00:05Z")
    heard(call("3"), time="2025-03-04T08:00:06.1Z")
    heard(call("4"), time="")
    assert heard.rules == [(2, "clock_back")]


def test_calls_without_answer_are_told_in_the_end(heard):
    heard(call("1"))
    heard(call("2"))
    heard(CallResult("2", {}))
    assert list(heard.conversations.finish()) == ["CP"]
    assert heard.rules == [(1, "no_answer")]


def test_what_is_remembered_is_bounded(heard):
    for number in range(MOST_OPEN + 10):
        heard(call(f"open{number}"))
    assert heard.rules == [(line, "no_answer") for line in range(1, 11)]
    heard.findings.clear()
    for number in range(2 * IDS_REMEMBERED):
        heard(call(f"{number}"))
        heard(CallResult(f"{number}", {}))
    heard(CallResult("0", {}))
    assert heard.rules[-1][1] == "answer_without_call"
