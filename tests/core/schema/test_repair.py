"""Repairs: what is mended, what is not, and what each is called (translation-station 1.2, 1.3)."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.dialects import Version
from gateway.core.schema.repair import (
    PROFILES,
    UNPROMPTED,
    acceptable,
    cut_strings,
    repair,
    whole_numbers,
)
from tests.support.payloads import catalog, json_values, messages, payloads

V16, V201 = Version.V16, Version.V201
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
TIME = "2025-06-01T17:00:00Z"
EVENT = {
    "eventType": "Updated",
    "timestamp": TIME,
    "triggerReason": "MeterValuePeriodic",
    "seqNo": 1,
    "transactionInfo": {"transactionId": "t"},
}


def meter(sampled: Any, timestamp: Any = TIME) -> dict[str, Any]:
    return {
        "connectorId": 1,
        "meterValue": [{"timestamp": timestamp, "sampledValue": sampled}],
    }


@pytest.mark.parametrize(
    ("version", "action", "broken", "mended", "names"),
    [
        (
            V16,
            "StatusNotification",
            STATUS | {"vendor": 1, "x y": {}},
            STATUS,
            ("strip_unknown",),
        ),
        (
            V201,
            "TransactionEvent",
            EVENT | {"evse": {"id": 1, "power": 2}},
            EVENT | {"evse": {"id": 1}},
            ("strip_unknown",),
        ),
        (V16, "StatusNotification", STATUS | {"info": None}, STATUS, ("drop_null",)),
        (
            V16,
            "MeterValues",
            meter([{"value": "1", "unit": None}]),
            meter([{"value": "1"}]),
            ("drop_null",),
        ),
        (
            V16,
            "StatusNotification",
            STATUS | {"timestamp": "2025-06-01 17:00:00+0200"},
            STATUS | {"timestamp": "2025-06-01T15:00:00Z"},
            ("timestamps",),
        ),
        (
            V16,
            "StatusNotification",
            STATUS | {"timestamp": "2016-12-31T23:59:60.5Z"},
            STATUS | {"timestamp": "2016-12-31T23:59:59.500Z"},
            ("timestamps",),
        ),
        (V16, "StatusNotification", STATUS | {"timestamp": ""}, STATUS, ("timestamps",)),
        (
            V16,
            "MeterValues",
            meter([{"value": "1"}], "2025-06-01T17:00:00"),
            meter([{"value": "1"}], "2025-06-01T17:00:00Z"),
            ("timestamps",),
        ),
        (
            V16,
            "Authorize",
            {"idTag": "A-TAG-OF-21-CHARACTERS"},
            {"idTag": "A-TAG-OF-21-CHARACTERS"},
            ("cut_strings",),
        ),
    ],
)
def test_what_repair_mends_without_being_asked(
    version: Version, action: str, broken: Any, mended: Any, names: tuple[str, ...]
) -> None:
    before = copy.deepcopy(broken)

    assert not catalog().is_valid(version, action, "request", broken)
    assert repair(catalog(), version, action, "request", broken) == (mended, names)
    assert acceptable(catalog(), version, action, "request", mended)
    assert broken == before


def test_members_of_an_answer_that_may_have_none_are_removed() -> None:
    mended = repair(catalog(), V16, "SecurityEventNotification", "response", {"a": 1, "b": {}})

    assert mended == ({}, ("strip_unknown",))


def test_several_repairs_are_named_once_each() -> None:
    broken = STATUS | {"a": 1, "b": 2, "info": None, "vendorId": None, "timestamp": "x"}

    mended, names = repair(catalog(), V16, "StatusNotification", "request", broken)

    assert mended == STATUS
    assert sorted(names) == ["drop_null", "strip_unknown", "timestamps"]


def test_a_timestamp_without_zone_is_in_the_configured_one() -> None:
    broken = STATUS | {"timestamp": "2025-06-01T17:00:00"}

    mended, _ = repair(
        catalog(), V16, "StatusNotification", "request", broken, (), "Europe/Amsterdam"
    )

    assert mended["timestamp"] == "2025-06-01T15:00:00Z"


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("StatusNotification", {"connectorId": 1, "status": "Available"}),
        ("StatusNotification", STATUS | {"status": "Broken"}),
        ("StatusNotification", STATUS | {"connectorId": "1"}),
        ("StatusNotification", STATUS | {"errorCode": "Error"}),
        ("StatusNotification", STATUS | {"errorCode": None}),
        ("MeterValues", meter([{"value": "1"}], "never")),
        ("MeterValues", meter([{"value": 1}])),
        ("MeterValues", meter({"value": "1"})),
        ("MeterValues", meter([None])),
        ("GetDiagnostics", {"location": "not a URI"}),
    ],
)
def test_what_repair_leaves_is_not_acceptable(action: str, payload: Any) -> None:
    mended, _ = repair(catalog(), V16, action, "request", payload)

    assert not acceptable(catalog(), V16, action, "request", mended)


def test_repairs_uncover_more_to_repair() -> None:
    broken = {
        "connectorId": "1",
        "extra": None,
        "meterValue": {
            "timestamp": "2025-06-01 17:00:00",
            "sampledValue": {"value": 16, "unit": "A", "context": "CurrentMax", "note": 1},
        },
    }
    profiles = PROFILES - {"empty_items", "unset_clock"}

    mended, names = repair(catalog(), V16, "MeterValues", "request", broken, profiles)

    assert mended == meter(
        [{"value": "16", "unit": "A", "context": "Other", "measurand": "Current.Import"}]
    )
    assert set(names) == profiles | {"strip_unknown", "timestamps"}


def test_integers_are_written_as_such_and_other_numbers_stay() -> None:
    sample = {"value": 5.0, "unitOfMeasure": {"multiplier": 3.0}}
    values = [{"timestamp": TIME, "sampledValue": [sample, {"value": 1.5}]}]
    fields = catalog().fields(V201, "TransactionEvent", "request")
    mended = whole_numbers(fields, EVENT | {"seqNo": 7.0, "meterValue": values})
    measure = mended["meterValue"][0]["sampledValue"][0]["unitOfMeasure"]
    assert [type(n) for n in (mended["seqNo"], measure["multiplier"])] == [int, int]
    assert type(mended["meterValue"][0]["sampledValue"][0]["value"]) is float
    listed = catalog().fields(V201, "Authorize", "response")
    told = whole_numbers(listed, {"idTokenInfo": {"status": "Accepted", "evseId": [1.0, 2]}})
    assert [type(n) for n in told["idTokenInfo"]["evseId"]] == [int, int]
    assert whole_numbers(fields, EVENT) is EVENT


def test_a_number_that_is_no_integer_to_every_draft_is_looked_at() -> None:
    check = catalog().bounded_checker(V201, "TransactionEvent", "request")
    assert check(EVENT)
    assert not check(EVENT | {"seqNo": 1.0})
    assert catalog().is_valid(V201, "TransactionEvent", "request", EVENT | {"seqNo": 1.0})


def test_output_is_cut_to_what_its_schema_allows() -> None:
    payload = STATUS | {"info": "i" * 49 + " and more", "vendorId": "ü" * 255}

    cut = cut_strings(catalog(), V16, "StatusNotification", "request", payload)

    assert cut == STATUS | {"info": "i" * 49, "vendorId": "ü" * 255}
    assert catalog().is_valid(V16, "StatusNotification", "request", cut)
    assert payload["info"] == "i" * 49 + " and more"


@pytest.mark.parametrize("message", messages(), ids="-".join)
@settings(max_examples=2)
@given(data=st.data())
def test_a_valid_payload_of_any_message_is_left_as_it_is(
    message: tuple[Version, str, str], data: st.DataObject
) -> None:
    payload = data.draw(payloads(*message))

    mended, names = repair(catalog(), *message, payload, PROFILES - UNPROMPTED)

    assert mended is payload
    assert names == ()


@settings(max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from(["connectorId", "meterValue", "transactionId", "x"]),
        json_values()
        | st.builds(lambda v, t: meter(v, t)["meterValue"], json_values(), json_values())
        | st.builds(lambda v: meter([{"value": v, "context": v}])["meterValue"], json_values()),
    ),
    st.sets(st.sampled_from(sorted(PROFILES))),
)
def test_repair_copes_with_any_payload_and_is_done_after_one_pass(
    payload: dict[str, Any], profiles: set[str]
) -> None:
    now = 1_750_000_000.0
    mended, _ = repair(catalog(), V16, "MeterValues", "request", payload, profiles, now=now)
    again, names = repair(catalog(), V16, "MeterValues", "request", mended, profiles, now=now)

    assert again == mended
    assert set(names) <= {"cut_strings"}
