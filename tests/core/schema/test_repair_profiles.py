"""Repairs that are only done where a route or an overlay names them."""

from typing import Any

import pytest

from gateway.core.dialects import Version
from gateway.core.schema.repair import PROFILES, repair
from tests.core.schema.test_repair import EVENT, STATUS, TIME, V16, V201, meter
from tests.support.payloads import catalog


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
