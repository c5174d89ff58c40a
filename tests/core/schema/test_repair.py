"""Repairs: what is mended, what is not, and what each is called (translation-station 1.2, 1.3)."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.dialects import Version
from gateway.core.schema.repair import PROFILES, UNPROMPTED, acceptable, cut_strings, repair
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


@pytest.mark.parametrize(
    ("profile", "version", "action", "broken", "mended"),
    [
        (
            "scalar_to_list",
            V16,
            "MeterValues",
            {"connectorId": 1, "meterValue": {"timestamp": TIME, "sampledValue": {"value": "1"}}},
            meter([{"value": "1"}]),
        ),
        (
            "string_to_number",
            V16,
            "StatusNotification",
            STATUS | {"connectorId": " 1"},
            STATUS,
        ),
        (
            "string_to_number",
            V201,
            "TransactionEvent",
            EVENT | {"meterValue": [{"timestamp": TIME, "sampledValue": [{"value": "21.40"}]}]},
            EVENT | {"meterValue": [{"timestamp": TIME, "sampledValue": [{"value": 21.4}]}]},
        ),
        (
            "number_to_string",
            V16,
            "MeterValues",
            meter([{"value": 2e-7}, {"value": 16}, {"value": 21.0}]),
            meter([{"value": "0.0000002"}, {"value": "16"}, {"value": "21"}]),
        ),
        (
            "enum_fallback",
            V16,
            "StatusNotification",
            STATUS | {"errorCode": "Error"},
            STATUS | {"errorCode": "OtherError"},
        ),
        (
            "enum_fallback",
            V16,
            "StopTransaction",
            {"transactionId": 1, "meterStop": 1, "timestamp": TIME, "reason": "Bored"},
            {"transactionId": 1, "meterStop": 1, "timestamp": TIME, "reason": "Other"},
        ),
        (
            "enum_fallback",
            V201,
            "TransactionEvent",
            EVENT | {"transactionInfo": {"transactionId": "t", "stoppedReason": "Bored"}},
            EVENT | {"transactionInfo": {"transactionId": "t", "stoppedReason": "Other"}},
        ),
        (
            "enum_fallback",
            V16,
            "MeterValues",
            meter([{"value": "1", "context": "CurrentMax"}]),
            meter([{"value": "1", "context": "Other"}]),
        ),
        (
            "current_measurand",
            V16,
            "MeterValues",
            meter([{"value": "1", "unit": "A"}, {"value": "2", "unit": "Wh"}, {"value": "3"}]),
            meter(
                [
                    {"value": "1", "unit": "A", "measurand": "Current.Import"},
                    {"value": "2", "unit": "Wh"},
                    {"value": "3"},
                ]
            ),
        ),
        (
            "current_measurand",
            V16,
            "StopTransaction",
            {
                "transactionId": 1,
                "meterStop": 1,
                "timestamp": TIME,
                "transactionData": meter([{"value": "1", "unit": "A"}])["meterValue"],
            },
            {
                "transactionId": 1,
                "meterStop": 1,
                "timestamp": TIME,
                "transactionData": meter(
                    [{"value": "1", "unit": "A", "measurand": "Current.Import"}]
                )["meterValue"],
            },
        ),
        (
            "current_measurand",
            V201,
            "TransactionEvent",
            EVENT
            | {
                "meterValue": [
                    {
                        "timestamp": TIME,
                        "sampledValue": [
                            {"value": 1, "unitOfMeasure": {"unit": "A"}},
                            {
                                "value": 1,
                                "unitOfMeasure": {"unit": "A"},
                                "measurand": "Current.Offered",
                            },
                        ],
                    }
                ]
            },
            EVENT
            | {
                "meterValue": [
                    {
                        "timestamp": TIME,
                        "sampledValue": [
                            {
                                "value": 1,
                                "unitOfMeasure": {"unit": "A"},
                                "measurand": "Current.Import",
                            },
                            {
                                "value": 1,
                                "unitOfMeasure": {"unit": "A"},
                                "measurand": "Current.Offered",
                            },
                        ],
                    }
                ]
            },
        ),
    ],
)
def test_what_a_profile_mends_only_where_it_is_named(
    profile: str, version: Version, action: str, broken: Any, mended: Any
) -> None:
    others = PROFILES - {profile}

    assert repair(catalog(), version, action, "request", broken, {profile}) == (mended, (profile,))
    assert catalog().is_valid(version, action, "request", mended)
    assert repair(catalog(), version, action, "request", broken, others) == (broken, ())


STOP = {"transactionId": 1, "meterStop": 1, "timestamp": TIME}


@pytest.mark.parametrize(
    ("action", "broken", "mended"),
    [
        (
            "StopTransaction",
            STOP | {"transactionData": [{"timestamp": "", "sampledValue": []}]},
            STOP,
        ),
        (
            "MeterValues",
            {
                "connectorId": 1,
                "meterValue": [{"timestamp": ""}, *meter([{"value": "1"}])["meterValue"]],
            },
            meter([{"value": "1"}]),
        ),
    ],
)
def test_items_in_which_nothing_stands_are_taken_out(action: str, broken: Any, mended: Any) -> None:
    mending = repair(catalog(), V16, action, "request", broken, {"empty_items"})

    assert mending == (mended, ("empty_items",))
    assert catalog().is_valid(V16, action, "request", mended)


def test_a_list_that_must_be_there_stays_though_nothing_is_left_in_it() -> None:
    item = {"timestamp": "", "sampledValue": [{"value": ""}]}
    broken = {"connectorId": 1, "meterValue": [item]}
    mended = {"connectorId": 1, "meterValue": []}

    assert repair(catalog(), V16, "MeterValues", "request", broken, {"empty_items"}) == (
        mended,
        ("empty_items",),
    )


def test_an_item_that_says_something_stays_though_it_is_broken() -> None:
    broken = STOP | {"transactionData": [{"timestamp": "", "sampledValue": [{"value": "1"}]}]}

    assert repair(catalog(), V16, "StopTransaction", "request", broken, {"empty_items"}) == (
        broken,
        (),
    )


@pytest.mark.parametrize("unset", ["1970-01-01T00:00:07Z", "0001-01-01T00:00:00Z"])
def test_a_time_of_a_clock_that_nobody_set_is_left_out_or_that_of_the_receipt(unset: str) -> None:
    status = repair(
        catalog(),
        V16,
        "StatusNotification",
        "request",
        STATUS | {"timestamp": unset},
        {"unset_clock"},
    )
    stop = repair(
        catalog(),
        V16,
        "StopTransaction",
        "request",
        STOP | {"timestamp": unset},
        {"unset_clock"},
        now=1748797200.0,
    )

    assert status == (STATUS, ("unset_clock",))
    assert stop == (STOP | {"timestamp": TIME}, ("unset_clock",))


def test_a_clock_that_runs_is_believed_and_so_is_the_begin_of_a_schedule() -> None:
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Recurring",
        "recurrencyKind": "Daily",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "startSchedule": "1970-01-01T00:00:00Z",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6}],
        },
    }
    given = {"connectorId": 0, "csChargingProfiles": profile}

    assert repair(catalog(), V16, "StopTransaction", "request", STOP, {"unset_clock"}) == (STOP, ())
    assert repair(catalog(), V16, "SetChargingProfile", "request", given, {"unset_clock"}) == (
        given,
        (),
    )


@pytest.mark.parametrize(
    ("payload", "profile"),
    [
        (STATUS | {"connectorId": "one"}, "string_to_number"),
        (STATUS | {"connectorId": "1.5"}, "string_to_number"),
        (STATUS | {"connectorId": "1e400"}, "string_to_number"),
        (STATUS | {"info": True}, "number_to_string"),
        (STATUS | {"info": ["x"]}, "number_to_string"),
        (STATUS | {"status": "Broken"}, "enum_fallback"),
        (STATUS | {"connectorId": [1]}, "scalar_to_list"),
    ],
)
def test_a_profile_does_not_guess(payload: Any, profile: str) -> None:
    assert repair(catalog(), V16, "StatusNotification", "request", payload, {profile}) == (
        payload,
        (),
    )


def test_a_fallback_that_the_field_does_not_know_is_not_used() -> None:
    """`reason` of a 2.0.1 boot has no value Other."""
    boot = {"reason": "Bored", "chargingStation": {"vendorName": "V", "model": "M"}}

    assert repair(catalog(), V201, "BootNotification", "request", boot, PROFILES) == (boot, ())


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


def test_output_is_cut_to_what_its_schema_allows() -> None:
    payload = STATUS | {"info": "i" * 49 + " and more", "vendorId": "ü" * 255}

    cut = cut_strings(catalog(), V16, "StatusNotification", "request", payload)

    assert cut == STATUS | {"info": "i" * 49, "vendorId": "ü" * 255}
    assert catalog().is_valid(V16, "StatusNotification", "request", cut)
    assert payload["info"] == "i" * 49 + " and more"


@pytest.mark.parametrize("message", messages(), ids="-".join)
@settings(max_examples=2, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_valid_payload_of_any_message_is_left_as_it_is(
    message: tuple[Version, str, str], data: st.DataObject
) -> None:
    payload = data.draw(payloads(*message))

    mended, names = repair(catalog(), *message, payload, PROFILES - UNPROMPTED)

    assert mended is payload
    assert names == ()


@settings(max_examples=300, deadline=None)
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
