"""Recorded conversations: what becomes of the exchanges of a log, both ways."""

from itertools import count

import pytest

from gateway.config.model import Resources
from gateway.core.dialects import Side, Version
from gateway.core.frames import Call, CallError, CallResult
from gateway.core.session.recorded import CLOSED_KEPT, Fate, Recording
from gateway.core.settings import SessionSettings
from gateway.revision import load_revision

STATION, CSMS = Side.STATION, Side.CSMS
V16, V201 = Version.V16, Version.V201
T = "2025-06-01T09:02:00Z"
NOW = 1748768520.0
ACCEPTED = {"status": "Accepted"}


@pytest.fixture(scope="module")
def revision():
    return load_revision(Resources())


class Log:
    """A station's log: exchanges go in, what becomes of them comes out."""

    def __init__(self, revision, source, target, **translation):
        config = SessionSettings.model_validate({"translation": translation})
        ids = (f"made-up-{number}" for number in count(1))
        self.revision, self.target = revision, target
        self.recording = Recording("CP", source, target, revision, config, ids, NOW)
        self.number = 0

    def __call__(self, side, action, payload, answer):
        self.number += 1
        message_id = f"m{self.number}"
        if isinstance(answer, dict):
            answer = CallResult(message_id, answer)
        call = Call(message_id, action, payload)
        done = self.recording.recorded(side, call, answer, NOW + self.number)
        for made in done.made:
            self._conforms(made)
        return done

    def _conforms(self, made):
        """Whatever is put out is valid in the target version."""
        is_valid = self.revision.catalog.is_valid
        assert is_valid(self.target, made.call.action, "request", made.call.payload)
        if isinstance(made.answer, CallResult):
            assert made.answer.message_id == made.call.message_id
            assert is_valid(self.target, made.call.action, "response", made.answer.payload)


@pytest.fixture
def from_v16(revision):
    return Log(revision, V16, V201)


@pytest.fixture
def from_v201(revision):
    return Log(revision, V201, V16)


def actions(done):
    return [made.call.action for made in done.made]


def start16(log, number=77, answer=True):
    started = {"connectorId": 1, "idTag": "ABC", "meterStart": 10, "timestamp": T}
    info = {"transactionId": number, "idTagInfo": ACCEPTED}
    return log(STATION, "StartTransaction", started, info if answer else None)


def meter16(log, number=77, value="20"):
    values = [{"timestamp": T, "sampledValue": [{"value": value}]}]
    payload = {"connectorId": 1, "transactionId": number, "meterValue": values}
    return log(STATION, "MeterValues", payload, {})


def event201(log, kind, seq, answer, **more):
    event = {"eventType": kind, "timestamp": T, "triggerReason": "Authorized", "seqNo": seq}
    event |= {"transactionInfo": {"transactionId": "tx-1"}, **more}
    return log(STATION, "TransactionEvent", event, answer)


START201 = {
    "evse": {"id": 1, "connectorId": 1},
    "idToken": {"idToken": "ABC", "type": "ISO14443"},
}


def test_one_call_passes_with_its_answer_and_its_id(from_v16):
    done = from_v16(STATION, "Heartbeat", {}, {"currentTime": T})
    (made,) = done.made
    assert done.fate is Fate.PASSES
    assert made.call == Call("m1", "Heartbeat", {})
    assert made.answer == CallResult("m1", {"currentTime": T})
    assert made.answered_by == ""


def test_a_transaction_is_told_under_the_id_that_the_log_has(from_v16):
    started = start16(from_v16, 77).made[0]
    info = started.call.payload["transactionInfo"]
    assert started.answer.payload == {"idTokenInfo": ACCEPTED}
    metered = meter16(from_v16, 77).made[0].call.payload
    assert metered["transactionInfo"]["transactionId"] == info["transactionId"]
    assert metered["seqNo"] == 1
    stop = {"transactionId": 77, "meterStop": 30, "timestamp": T}
    ended = from_v16(STATION, "StopTransaction", stop, {}).made[0].call.payload
    assert ended["eventType"] == "Ended"
    assert ended["transactionInfo"]["transactionId"] == info["transactionId"]


def test_a_number_is_never_minted_where_the_log_has_one(from_v16):
    """The counter stays where it is, also when the log's numbers jump about."""
    for number in (500, 3, 9000):
        started = {"connectorId": number, "idTag": "A", "meterStart": 1, "timestamp": T}
        from_v16(
            STATION, "StartTransaction", started, {"transactionId": number, "idTagInfo": ACCEPTED}
        )
    stop = from_v16(CSMS, "RemoteStopTransaction", {"transactionId": 3}, ACCEPTED)
    assert actions(stop) == ["RequestStopTransaction"]
    counter = from_v16.recording._desk.bindings.table.get("counter", "tx16")
    assert counter == 1


def test_a_start_without_answer_goes_on_under_the_number_that_follows(from_v16):
    started = start16(from_v16, answer=False).made[0]
    assert started.answer is None
    (made,) = meter16(from_v16, 4711).made
    metered = made.call.payload
    tx201 = started.call.payload["transactionInfo"]["transactionId"]
    assert metered["transactionInfo"]["transactionId"] == tx201
    stop = {"transactionId": 4711, "meterStop": 30, "timestamp": T}
    (made,) = from_v16(STATION, "StopTransaction", stop, {}).made
    assert made.call.payload["transactionInfo"]["transactionId"] == tx201
    events = [
        payload["eventType"] for payload in (started.call.payload, metered, made.call.payload)
    ]
    assert events == ["Started", "Updated", "Ended"]


def test_a_refused_start_is_refused_in_the_other_version(from_v16):
    error = CallError("m1", "OccurenceConstraintViolation", "no", {})
    started = {"connectorId": 1, "idTag": "X", "meterStart": 1, "timestamp": T}
    (made,) = from_v16(STATION, "StartTransaction", started, error).made
    assert made.answer.code == "OccurrenceConstraintViolation"


def test_what_a_status_says_besides_is_answered_by_the_gateway(from_v16):
    start16(from_v16)
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Charging", "timestamp": T}
    done = from_v16(STATION, "StatusNotification", status, {})
    assert done.fate is Fate.FANS_OUT
    told = [(made.call.action, made.answered_by, made.logged) for made in done.made]
    assert told == [("StatusNotification", "", True), ("TransactionEvent", "gateway", False)]


def test_a_status_that_says_nothing_new_is_answered_by_the_gateway(from_v16):
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Preparing", "timestamp": T}
    from_v16(STATION, "StatusNotification", status, {})
    done = from_v16(STATION, "StatusNotification", {**status, "status": "Finishing"}, {})
    assert (done.fate, done.made) == (Fate.ANSWERED, [])


def test_configuration_crosses_with_the_values_that_were_answered(from_v16):
    row = {"key": "HeartbeatInterval", "readonly": False, "value": "300"}
    answer = {"configurationKey": [row]}
    done = from_v16(CSMS, "GetConfiguration", {"key": ["HeartbeatInterval"]}, answer)
    (result,) = done.made[0].answer.payload["getVariableResult"]
    assert (result["attributeStatus"], result["attributeValue"]) == ("Accepted", "300")
    change = {"key": "HeartbeatInterval", "value": "10"}
    done = from_v16(CSMS, "ChangeConfiguration", change, {"status": "RebootRequired"})
    (result,) = done.made[0].answer.payload["setVariableResult"]
    assert result["attributeStatus"] == "RebootRequired"


def test_all_keys_at_once_become_a_report_of_the_station(from_v16):
    row = {"key": "HeartbeatInterval", "readonly": False, "value": "300"}
    done = from_v16(CSMS, "GetConfiguration", {}, {"configurationKey": [row]})
    assert done.fate is Fate.COLLECTS
    assert done.made[0].call.action == "GetBaseReport"
    assert done.made[0].answer.payload == ACCEPTED
    parts = done.made[1:]
    assert {(made.side, made.call.action, made.answered_by) for made in parts} == {
        (STATION, "NotifyReport", "gateway")
    }
    assert [part.call.payload["tbc"] for part in parts][-1] is False


def test_a_201_transaction_gets_numbers_and_says_that_they_are_made_up(from_v201):
    done = event201(from_v201, "Started", 0, {"idTokenInfo": ACCEPTED}, **START201)
    assert done.minted == 1
    started = done.made[0]
    assert started.call.action == "StartTransaction"
    assert started.answer.payload == {"transactionId": 1, "idTagInfo": ACCEPTED}
    values = [{"timestamp": T, "sampledValue": [{"value": 20}]}]
    metered = event201(from_v201, "Updated", 1, {}, meterValue=values)
    assert metered.minted is None
    assert metered.made[-1].call.payload["transactionId"] == 1


def test_numbers_begin_where_the_configuration_says(revision):
    log = Log(revision, V201, V16, b={"first_transaction_id": 5000})
    assert event201(log, "Started", 0, {"idTokenInfo": ACCEPTED}, **START201).minted == 5000


def test_variables_fan_out_and_each_gets_its_own_result(from_v201):
    places = [("OCPPCommCtrlr", "HeartbeatInterval"), ("AlignedDataCtrlr", "Interval")]
    named = [{"component": {"name": c}, "variable": {"name": v}} for c, v in places]
    data = [{**place, "attributeValue": "30"} for place in named]
    results = [
        {**named[0], "attributeStatus": "Accepted"},
        {**named[1], "attributeStatus": "Rejected"},
    ]
    done = from_v201(
        CSMS, "SetVariables", {"setVariableData": data}, {"setVariableResult": results}
    )
    assert done.fate is Fate.FANS_OUT
    assert [made.answer.payload["status"] for made in done.made] == ["Accepted", "Rejected"]


def test_a_report_folds_into_the_answer_of_the_call_that_asked(from_v201):
    asked = from_v201(
        CSMS, "GetBaseReport", {"requestId": 9, "reportBase": "FullInventory"}, ACCEPTED
    )
    assert actions(asked) == ["GetConfiguration"]
    assert asked.made[0].answer is None
    assert asked.faults == []
    row = {
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": "HeartbeatInterval"},
        "variableAttribute": [{"value": "300", "mutability": "ReadWrite"}],
    }
    part = {"requestId": 9, "generatedAt": T, "seqNo": 0, "tbc": True, "reportData": [row]}
    first = from_v201(STATION, "NotifyReport", part, {})
    assert (first.fate, first.made) == (Fate.FOLDS, [])
    last = from_v201(STATION, "NotifyReport", {**part, "seqNo": 1, "tbc": False}, {})
    (made,) = last.made
    assert made.late
    assert made.call is asked.made[0].call
    rows = {row["key"]: row["value"] for row in made.answer.payload["configurationKey"]}
    assert rows["HeartbeatInterval"] == "300"


def test_what_the_gateway_answers_by_itself_is_shown_with_its_rule(from_v201):
    event201(from_v201, "Started", 0, {"idTokenInfo": ACCEPTED}, **START201)
    done = from_v201(
        CSMS, "GetTransactionStatus", {"transactionId": "tx-1"}, {"messagesInQueue": True}
    )
    assert done.fate is Fate.ANSWERED
    assert done.made == []
    assert done.answer.rule == "transaction_status"


@pytest.mark.parametrize("status", ["Accepted", "Occupied"])
def test_nobody_is_asked_whether_a_station_of_a_log_takes_a_reservation(from_v201, status):
    token = {"idToken": "AB", "type": "ISO14443"}
    asked = {"id": 4, "expiryDateTime": T, "idToken": token}
    done = from_v201(CSMS, "ReserveNow", asked, {"status": status})
    (made,) = done.made
    reserved = {"connectorId": 0, "reservationId": 4, "expiryDate": T, "idTag": "AB"}
    assert (done.fate, made.call.action, made.call.payload) == (Fate.PASSES, "ReserveNow", reserved)
    assert made.answer.payload == {"status": status}


def test_what_is_no_message_of_the_version_is_refused(from_v16):
    done = from_v16(STATION, "TransactionEvent", {}, {})
    assert (done.fate, done.answer.code) == (Fate.REFUSED, "NotImplemented")


def test_what_cannot_be_mended_is_refused_with_what_is_wrong(from_v16):
    done = from_v16(STATION, "StatusNotification", {"connectorId": 1}, {})
    assert done.fate is Fate.REFUSED
    assert "$.errorCode is missing" in done.answer.description


def test_repairs_are_named_and_a_broken_answer_is_left_out(from_v16):
    done = from_v16(STATION, "Heartbeat", {"extra": 1}, {"currentTime": 5})
    assert done.repairs == ("strip_unknown",)
    assert done.made[0].answer is None
    assert [fault.rule for fault in done.faults] == ["answer_left_out"]


def test_a_call_without_an_answer_is_shown_without_one(from_v16):
    (made,) = from_v16(STATION, "Authorize", {"idTag": "A"}, None).made
    assert made.answer is None


def test_the_same_version_passes_mended(revision):
    log = Log(revision, V16, V16)
    done = log(STATION, "Heartbeat", {"extra": 1}, {"currentTime": T})
    assert done.made[0].call.payload == {}
    assert done.repairs == ("strip_unknown",)


def test_memory_is_bounded(from_v16):
    for number in range(1, 3 * CLOSED_KEPT):
        started = {"connectorId": 1, "idTag": "A", "meterStart": number, "timestamp": T}
        from_v16(
            STATION, "StartTransaction", started, {"transactionId": number, "idTagInfo": ACCEPTED}
        )
        meter16(from_v16, number, str(number))
        stop = {"transactionId": number, "meterStop": number, "timestamp": T}
        from_v16(STATION, "StopTransaction", stop, {})
    table = from_v16.recording._desk.bindings.table
    assert len(table.kind("transaction")) <= 2 * CLOSED_KEPT + 1
    assert len(table.kind("event")) <= 2 * CLOSED_KEPT + 1
    assert not table.dirty


@pytest.mark.parametrize("answer", [ACCEPTED, {"status": "Rejected"}])
def test_a_boot_that_is_asked_for_in_a_log_is_not_sent_by_the_gateway(from_v16, answer):
    boot = {"chargePointVendor": "V", "chargePointModel": "M"}
    registered = {**ACCEPTED, "currentTime": T, "interval": 60}
    from_v16(STATION, "BootNotification", boot, registered)
    done = from_v16(CSMS, "TriggerMessage", {"requestedMessage": "BootNotification"}, answer)
    assert [(m.side, m.call.action, m.answer.payload) for m in done.made] == [
        (CSMS, "TriggerMessage", answer)
    ]
    assert (done.fate, done.faults) == (Fate.PASSES, [])


def test_a_start_without_an_answer_is_put_out_behind_the_end_of_the_one_before(from_v16):
    start16(from_v16)
    later = {"connectorId": 1, "idTag": "ABC", "meterStart": 20, "timestamp": T}
    done = from_v16(STATION, "StartTransaction", later, None)
    events = [(made.call.payload["eventType"], made.answered_by) for made in done.made]
    assert events == [("Ended", "gateway"), ("Started", "")]
    assert done.made[1].answer is None
    told = {"transactionId": 78, "idTagInfo": ACCEPTED}
    again = from_v16(STATION, "StartTransaction", later, told)
    assert (actions(again), again.faults) == (["TransactionEvent"], [])


@pytest.mark.parametrize("target", [V201, V16])
def test_a_boot_that_is_refused_changes_no_overlay(revision, target):
    log = Log(revision, V16, target)
    answer = {"status": "Accepted", "currentTime": T, "interval": 300}
    fault = {"connectorId": 1, "errorCode": "Error", "status": "Faulted", "timestamp": T}
    log(
        STATION,
        "BootNotification",
        {"chargePointVendor": "Legrand", "chargePointModel": "X"},
        answer,
    )
    refused = log(STATION, "BootNotification", {"chargePointModel": "X"}, answer)
    assert refused.fate is Fate.REFUSED
    assert log(STATION, "StatusNotification", fault, {}).repairs == ("legrand.own_value",)
    log(STATION, "BootNotification", {"chargePointVendor": "V", "chargePointModel": "X"}, answer)
    assert log(STATION, "StatusNotification", fault, {}).fate is Fate.REFUSED
