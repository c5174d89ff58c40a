"""Violations: where, which code, which words (translation-station 1.2)."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.dialects import (
    FORMAT_VIOLATION,
    OCCURRENCE_VIOLATION,
    PROPERTY_VIOLATION,
    TYPE_VIOLATION,
    Version,
)
from gateway.core.errors import Violation
from gateway.core.schema.fields import Field
from gateway.core.schema.violations import describe, json_path, worst
from tests.support.payloads import catalog, full, json_values, messages

V16, V201 = Version.V16, Version.V201
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
BOOT = {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}}
EVENT = {
    "eventType": "Updated",
    "timestamp": "2025-06-01T17:00:00Z",
    "triggerReason": "MeterValuePeriodic",
    "seqNo": 1,
    "transactionInfo": {"transactionId": "t"},
}
SAMPLE = {"timestamp": "2025-06-01T17:00:00Z", "sampledValue": [{"value": 1}]}
PROFILE = {
    "chargingProfileId": 1,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Absolute",
    "chargingSchedule": {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 21.45}],
    },
}


def found(version: Version, action: str, payload: Any) -> tuple[Violation, ...]:
    return catalog().violations(version, action, "request", payload)


@pytest.mark.parametrize(
    ("version", "action", "payload", "path", "code", "words"),
    [
        (
            V16,
            "StatusNotification",
            {"connectorId": 1, "status": "Available"},
            "$.errorCode",
            OCCURRENCE_VIOLATION,
            "is missing",
        ),
        (
            V201,
            "BootNotification",
            BOOT | {"chargingStation": {"model": "M"}},
            "$.chargingStation.vendorName",
            OCCURRENCE_VIOLATION,
            "is missing",
        ),
        (
            V201,
            "TransactionEvent",
            EVENT | {"meterValue": []},
            "$.meterValue",
            OCCURRENCE_VIOLATION,
            "needs 1 items or more, has 0",
        ),
        (
            V201,
            "Authorize",
            {
                "idToken": {"idToken": "A", "type": "Central"},
                "iso15118CertificateHashData": [
                    {
                        "hashAlgorithm": "SHA256",
                        "issuerNameHash": "a",
                        "issuerKeyHash": "b",
                        "serialNumber": "c",
                        "responderURL": "d",
                    }
                ]
                * 5,
            },
            "$.iso15118CertificateHashData",
            OCCURRENCE_VIOLATION,
            "may have 4 items, has 5",
        ),
        (
            V16,
            "StatusNotification",
            STATUS | {"connectorId": "1"},
            "$.connectorId",
            TYPE_VIOLATION,
            "must be an integer, is a string",
        ),
        (
            V16,
            "StatusNotification",
            STATUS | {"connectorId": True},
            "$.connectorId",
            TYPE_VIOLATION,
            "must be an integer, is a boolean",
        ),
        (
            V16,
            "StatusNotification",
            STATUS | {"info": None},
            "$.info",
            TYPE_VIOLATION,
            "must be a string, is null",
        ),
        (
            V16,
            "StatusNotification",
            STATUS | {"status": {}},
            "$.status",
            TYPE_VIOLATION,
            "must be a string, is an object",
        ),
        (
            V201,
            "TransactionEvent",
            EVENT | {"meterValue": [SAMPLE, SAMPLE | {"sampledValue": [{"value": "1"}]}]},
            "$.meterValue[1].sampledValue[0].value",
            TYPE_VIOLATION,
            "must be a number, is a string",
        ),
        (
            V201,
            "TransactionEvent",
            EVENT | {"meterValue": SAMPLE},
            "$.meterValue",
            TYPE_VIOLATION,
            "must be a list, is an object",
        ),
        (
            V201,
            "TransactionEvent",
            EVENT | {"evse": [1]},
            "$.evse",
            TYPE_VIOLATION,
            "must be an object, is a list",
        ),
        (
            V16,
            "StatusNotification",
            STATUS | {"status": "Broken"},
            "$.status",
            PROPERTY_VIOLATION,
            "must be one of Available, Preparing, Charging, SuspendedEVSE, SuspendedEV, Finishing, "
            'Reserved, Unavailable or 1 more, is "Broken"',
        ),
        (
            V201,
            "BootNotification",
            {**BOOT, "reason": "x" * 99},
            "$.reason",
            PROPERTY_VIOLATION,
            "must be one of ApplicationReset, FirmwareUpdate, LocalReset, PowerUp, RemoteReset, "
            f'ScheduledReset, Triggered, Unknown or 1 more, is "{"x" * 38}…',
        ),
        (
            V16,
            "Authorize",
            {"idTag": "SECRET-TOKEN-OF-21-CH"},
            "$.idTag",
            PROPERTY_VIOLATION,
            "may have 20 characters, has 21",
        ),
        (
            V16,
            "StatusNotification",
            STATUS | {"timestamp": "now"},
            "$.timestamp",
            PROPERTY_VIOLATION,
            'must be an RFC 3339 timestamp, is "now"',
        ),
        (
            V16,
            "StatusNotification",
            STATUS | {"timestamp": "2016-12-31T23:59:60Z"},
            "$.timestamp",
            PROPERTY_VIOLATION,
            'must be an RFC 3339 timestamp, is "2016-12-31T23:59:60Z"',
        ),
        (
            V16,
            "GetDiagnostics",
            {"location": "remote"},
            "$.location",
            PROPERTY_VIOLATION,
            "must be of the format uri",
        ),
        (
            V16,
            "SetChargingProfile",
            {"connectorId": 1, "csChargingProfiles": PROFILE},
            "$.csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0].limit",
            PROPERTY_VIOLATION,
            "must be a multiple of 0.1, is 21.45",
        ),
        (
            V16,
            "StatusNotification",
            STATUS | {"unheardOf": {"a": 1}},
            "$.unheardOf",
            FORMAT_VIOLATION,
            "is not a member of this object",
        ),
        (
            V201,
            "BootNotification",
            BOOT | {"chargingStation": {"vendorName": "V", "model": "M", "a b": 1}},
            '$.chargingStation["a b"]',
            FORMAT_VIOLATION,
            "is not a member of this object",
        ),
        (V16, "Heartbeat", [], "$", FORMAT_VIOLATION, "must be an object, is a list"),
        (V16, "Heartbeat", None, "$", FORMAT_VIOLATION, "must be an object, is null"),
    ],
)
def test_each_broken_rule_is_told(
    version: Version,
    action: str,
    payload: Any,
    path: str,
    code: str,
    words: str,
) -> None:
    violations = found(version, action, payload)

    assert [(v.path, v.code, v.message) for v in violations] == [(path, code, words)]
    assert worst(violations) == code
    assert describe(violations) == f"{path} {words}"[:255]


def test_limits_of_numbers_are_told() -> None:
    violations = found(
        V201,
        "NotifyEVChargingNeeds",
        {
            "evseId": 0,
            "chargingNeeds": {
                "requestedEnergyTransfer": "DC",
                "dcChargingParameters": {
                    "evMaxCurrent": 1,
                    "evMaxVoltage": 1,
                    "stateOfCharge": 101,
                    "fullSoC": -1,
                },
            },
        },
    )
    told = {v.path.rpartition(".")[2]: (v.code, v.message) for v in violations}

    assert told == {
        "stateOfCharge": (PROPERTY_VIOLATION, "must be 100 or less, is 101"),
        "fullSoC": (PROPERTY_VIOLATION, "must be 0 or more, is -1"),
    }


def test_all_violations_come_in_document_order_and_what_is_missing_last() -> None:
    violations = found(
        V16,
        "StatusNotification",
        {"info": "x" * 51, "zzz": 1, "status": 7, "timestamp": "?", "aaa": 1, "connectorId": 1},
    )

    assert [v.path for v in violations] == [
        "$.info",
        "$.zzz",
        "$.status",
        "$.timestamp",
        "$.aaa",
        "$.errorCode",
    ]


def test_a_member_of_the_wrong_type_breaks_no_other_rule() -> None:
    assert [v.rule for v in found(V16, "StatusNotification", STATUS | {"status": 7})] == ["type"]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"zzz": 1, "status": 7, "timestamp": "?"}, OCCURRENCE_VIOLATION),
        (STATUS | {"zzz": 1, "status": 7, "timestamp": "?"}, TYPE_VIOLATION),
        (STATUS | {"zzz": 1, "timestamp": "?"}, PROPERTY_VIOLATION),
        (STATUS | {"zzz": 1}, FORMAT_VIOLATION),
    ],
)
def test_of_several_codes_one_is_answered(payload: Any, code: str) -> None:
    assert worst(found(V16, "StatusNotification", payload)) == code


def test_the_description_begins_with_what_the_code_is_for_and_is_cut() -> None:
    violations = found(V16, "StatusNotification", {"zzz": 1, "info": "x" * 51, "status": "Broken"})

    assert describe(violations).startswith(
        "$.connectorId is missing; $.errorCode is missing; $.zzz"
    )
    assert len(describe(violations)) == 255
    assert describe(violations).endswith("…")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), "$"),
        (("a", 0, 1, "b"), "$.a[0][1].b"),
        (("a b",), '$["a b"]'),
        (('"',), '$["\\""]'),
        (("ü",), '$["ü"]'),
        (("x" * 100,), f'$["{"x" * 38}…]'),
    ],
)
def test_paths_are_json_paths(path: tuple[str | int, ...], text: str) -> None:
    assert json_path(path) == text


@settings(max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from(["meterValue", "evse", "eventType", "timestamp", "seqNo", "x"])
        | st.text(max_size=5),
        json_values() | st.just([SAMPLE]) | st.just([SAMPLE | {"timestamp": 7, "x": {}}]),
    )
)
def test_whatever_the_payload_every_violation_has_words(payload: dict[str, Any]) -> None:
    violations = found(V201, "TransactionEvent", payload)

    assert violations
    assert len(describe(violations)) <= 255
    assert len({v.path for v in violations}) == len(violations)


def test_of_very_many_violations_the_first_thousand_are_told() -> None:
    violations = found(V16, "Heartbeat", {f"x{number}": 1 for number in range(5000)})

    assert len(violations) == 1000
    assert violations[-1].path == "$.x999"


def places(payload: Any, path: str) -> Iterator[tuple[Any, str | int]]:
    """(holder, name or index) of everything at a path of a field table."""
    steps = [step for part in path.split(".") for step in re.findall(r"[^\[]+|\[\]", part)]
    holders = [payload]
    for step in steps[:-1]:
        holders = [holder[0 if step == "[]" else step] for holder in holders]
    for holder in holders:
        yield holder, 0 if steps[-1] == "[]" else steps[-1]


def faults(field: Field) -> Iterator[tuple[str, Callable[[Any], Any], str]]:
    """Everything that can be wrong with one field: name, what becomes of its value, code."""
    if field.type != "any":
        yield "null", lambda value: None, TYPE_VIOLATION
        yield "wrong type", lambda value: "17" if field.type != "string" else 17, TYPE_VIOLATION
    if field.type in ("integer", "number"):
        yield "boolean", lambda value: True, TYPE_VIOLATION
    if field.type == "integer":
        yield "fraction", lambda value: 1.5, TYPE_VIOLATION
    if field.max_length is not None:
        longest = field.max_length
        yield "too long", lambda value: "x" * (longest + 1), PROPERTY_VIOLATION
    if field.enum:
        yield "unknown value", lambda value: "Unheard-Of", PROPERTY_VIOLATION
        yield "empty value", lambda value: "", PROPERTY_VIOLATION
    if field.format == "date-time":
        for text in ("222222017-10-27T10:00:00Z", "2025-06-01T17:00:00", "2025-06-01", ""):
            yield f"timestamp {text!r}", lambda value, text=text: text, PROPERTY_VIOLATION
    if field.minimum is not None:
        yield "too small", lambda value: int(field.minimum or 0) - 1, PROPERTY_VIOLATION
    if field.maximum is not None:
        yield "too large", lambda value: int(field.maximum or 0) + 1, PROPERTY_VIOLATION
    if field.multiple_of is not None:
        yield "no multiple", lambda value: 21.45, PROPERTY_VIOLATION
    if field.min_items:
        yield "too few", lambda value: [], OCCURRENCE_VIOLATION
    if field.max_items is not None:
        most = field.max_items
        yield "too many", lambda value: value[:1] * (most + 1), OCCURRENCE_VIOLATION


@pytest.mark.parametrize("message", messages(), ids="-".join)
def test_each_fault_of_each_field_is_refused_with_its_code(
    message: tuple[Version, str, str],
) -> None:
    """The negative suite of reliability S18: one fault at a time, in a payload that has it all."""
    assert catalog().violations(*message, full(*message)) == ()
    for path, field in catalog().fields(*message).items():
        for name, spoil, code in faults(field):
            payload = full(*message)
            for holder, key in places(payload, path):
                holder[key] = spoil(holder[key])
            violations = catalog().violations(*message, payload)
            assert not catalog().is_valid(*message, payload), (path, name)
            assert {violation.code for violation in violations} == {code}, (path, name)


@pytest.mark.parametrize("message", messages(), ids="-".join)
def test_each_missing_and_each_unknown_member_is_refused(message: tuple[Version, str, str]) -> None:
    fields = catalog().fields(*message)
    for path, field in fields.items():
        if field.required and not path.endswith("[]"):
            payload = full(*message)
            for holder, key in places(payload, path):
                del holder[key]
            violations = catalog().violations(*message, payload)
            assert {violation.code for violation in violations} == {OCCURRENCE_VIOLATION}, path
        if field.type == "object" and not field.open:
            payload = full(*message)
            for holder, key in places(payload, path):
                holder[key]["unheardOf"] = 1
            violations = catalog().violations(*message, payload)
            assert {violation.code for violation in violations} == {FORMAT_VIOLATION}, path
    unknown = catalog().violations(*message, full(*message) | {"unheardOf": 1})
    assert [violation.code for violation in unknown] == [FORMAT_VIOLATION]
