"""A changed password: remembered before the station hears of it, in no record, rolled back."""

from typing import Any

import orjson
import pytest

from gateway.core.dialects import Side, Version
from gateway.core.session.effects import Drop, Put, Record, Save, Send
from gateway.observe.redaction import Redactor

HEX = "43414E4152592D6F662D31362D6368722E"
TEXT = "CANARY-of-16-chr."
OTHER = "another-password-16"
A = {"station": Version.V201, "csms": Version.V16}
B = {"station": Version.V16, "csms": Version.V201}
VARIABLE = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}


def change_a(s: Any, value: str = HEX) -> str:
    s.csms(2, "c1", "ChangeConfiguration", {"key": "AuthorizationKey", "value": value})
    return str(s.sent(Side.STATION)[0][1])


def change_b(s: Any) -> None:
    data = [{**VARIABLE, "attributeValue": TEXT}]
    s.csms(2, "c1", "SetVariables", {"setVariableData": data})


def settled(s: Any, message_id: str, status: str) -> None:
    result = {**VARIABLE, "attributeStatus": status}
    s.station(3, message_id, {"setVariableResult": [result]})


def rows(s: Any) -> list[Any]:
    """What was written under the credential, in order; None: dropped."""
    ops = [op for e in s.effects if isinstance(e, Save) for op in e.ops]
    return [
        orjson.loads(op.value) if isinstance(op, Put) else None
        for op in ops
        if isinstance(op, Put | Drop) and op.kind == "credential"
    ]


def test_it_is_saved_before_the_station_hears_of_it(script: Any) -> None:
    s = script(**A)
    s.csms(2, "c1", "ChangeConfiguration", {"key": "AuthorizationKey", "value": HEX})
    kinds = [type(e) for e in s.effects if isinstance(e, Save | Send)]
    assert kinds == [Save, Send]
    (row,) = rows(s)
    assert row == {"password": HEX.lower(), "state": "pending", "since": s.now, "csms": HEX}


@pytest.mark.parametrize("status", ["Accepted", "RebootRequired"])
def test_accepted_it_waits_for_the_first_login(script: Any, status: str) -> None:
    s = script(**A)
    message_id = change_a(s)
    settled(s, message_id, status)
    assert rows(s)[-1]["state"] == "accepted"


@pytest.mark.parametrize("status", ["Rejected", "UnknownVariable"])
def test_refused_it_is_dropped(script: Any, status: str) -> None:
    s = script(**A)
    message_id = change_a(s)
    settled(s, message_id, status)
    assert rows(s)[-1] is None


def test_an_error_drops_it(script: Any) -> None:
    s = script(**A)
    message_id = change_a(s)
    s.station(4, message_id, "InternalError", "", {})
    assert rows(s)[-1] is None


def test_without_an_answer_both_stay_valid_until_a_late_one(script: Any) -> None:
    s = script(**A)
    message_id = change_a(s)
    s.after(30)
    assert [row["state"] for row in rows(s)] == ["pending"]
    settled(s, message_id, "Accepted")
    assert rows(s)[-1]["state"] == "accepted"


def test_a_station_that_is_gone_may_have_taken_it(script: Any) -> None:
    s = script(**A)
    change_a(s)
    s.down(Side.STATION)
    assert [row["state"] for row in rows(s)] == ["pending"]


def kept(s: Any) -> list[tuple[str, str]]:
    """What is remembered in the end, in order: (state, as the CSMS sent it)."""
    found: dict[str, Any] = {}
    for op in (op for e in s.effects if isinstance(e, Save) for op in e.ops):
        if isinstance(op, Put) and op.kind == "credential":
            found[op.key] = orjson.loads(op.value)
        elif isinstance(op, Drop) and op.kind == "credential":
            found.pop(op.key)
    return [(row["state"], row["csms"]) for row in found.values()]


def test_a_second_one_that_is_refused_leaves_the_first(script: Any) -> None:
    s = script(**A)
    settled(s, change_a(s), "Accepted")
    settled(s, change_a(s, OTHER), "Rejected")
    assert kept(s) == [("accepted", HEX)]


def test_a_second_one_without_an_answer_leaves_the_first(script: Any) -> None:
    s = script(**A)
    settled(s, change_a(s), "RebootRequired")
    change_a(s, OTHER)
    s.down(Side.STATION)
    assert kept(s) == [("accepted", HEX), ("pending", OTHER)]


def test_a_late_answer_is_about_the_password_that_it_answers(script: Any) -> None:
    s = script(**A)
    first = change_a(s)
    s.after(30)
    second = change_a(s, OTHER)
    settled(s, first, "Accepted")
    settled(s, second, "Rejected")
    assert kept(s) == [("accepted", HEX)]


def test_a_refused_repeat_of_an_accepted_one_changes_nothing(script: Any) -> None:
    s = script(**A)
    settled(s, change_a(s), "Accepted")
    settled(s, change_a(s), "Rejected")
    assert kept(s) == [("accepted", HEX)]


def test_no_more_are_remembered_than_a_station_may_need(script: Any) -> None:
    s = script(**A)
    values = [f"password-number-{number:02}" for number in range(20)]
    for value in values:
        settled(s, change_a(s, value), "Accepted")
    assert [csms for _, csms in kept(s)] == values[-8:]


def test_a_1_6_station_logs_in_with_the_bytes_of_its_key(script: Any) -> None:
    s = script(**B)
    change_b(s)
    (call,) = s.sent(Side.STATION)
    assert call[3] == {"key": "AuthorizationKey", "value": HEX}
    (row,) = rows(s)
    assert (row["password"], row["csms"]) == (HEX.lower(), TEXT)
    s.station(3, call[1], {"status": "Rejected"})
    assert rows(s)[-1] is None


@pytest.mark.parametrize("way", [A, B])
def test_no_record_shows_it(script: Any, way: Any) -> None:
    s = script(**way)
    redactor = Redactor(b"k" * 32)
    if way is A:
        settled(s, change_a(s), "Accepted")
        s.csms(2, "c2", "ChangeConfiguration", {"key": "AuthorizationKey", "value": "CANARY"})
        s.csms(
            2,
            "c3",
            "ChangeConfiguration",
            {"key": "SecurityCtrlr.BasicAuthPassword", "value": TEXT},
        )
        s.csms(2, "c4", "GetConfiguration", {"key": ["AuthorizationKey"]})
    else:
        change_b(s)
        s.station(3, s.sent(Side.STATION)[0][1], {"status": "Accepted"})
        legacy = {"component": {"name": "OCPP16LegacyCtrlr"}}
        data = [{**legacy, "variable": {"name": "AuthorizationKey"}, "attributeValue": TEXT}]
        s.csms(2, "c2", "SetVariables", {"setVariableData": data})
    records = [e for e in s.effects if isinstance(e, Record)]
    shown = orjson.dumps([[r.text, redactor.payload(r.payload)] for r in records]).decode()
    assert len(records) > 5
    assert "CANARY" not in shown
    assert HEX not in shown
