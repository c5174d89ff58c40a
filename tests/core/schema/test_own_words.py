"""A vendor's own words in payloads: what is put in their place, and under which name."""

from typing import Any

from gateway.core.dialects import Version
from gateway.core.schema.own_words import NOW, Meant, OwnWords
from gateway.core.schema.repair import repair
from tests.support.payloads import catalog

V16, V201 = Version.V16, Version.V201
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
WORDS = OwnWords(
    values={
        "errorCode": {"Fine": Meant("NoError", "acme")},
        "status": {"Fine": Meant("Available", "acme")},
    },
    names={
        ("StatusNotification", "request"): {"text": Meant("info")},
        ("MeterValues", "request"): {"meterValue[].samples": Meant("sampledValue")},
    },
    missing={
        ("StatusNotification", "request"): {
            "errorCode": Meant("NoError", "acme"),
            "timestamp": Meant(NOW, "acme"),
        },
        ("MeterValues", "request"): {"meterValue[].timestamp": Meant(NOW, "acme")},
    },
    samples=(
        (
            {"measurand": None, "unit": "A"},
            Meant({"measurand": "Current.Offered", "unit": None}),
        ),
    ),
    profiles={"enum_fallback": "acme"},
)


def mended(payload: Any, action: str = "StatusNotification", version: Version = V16) -> Any:
    acme = catalog().changed(lambda key, schema: schema, WORDS)
    return repair(acme, version, action, "request", payload, now=1748797200.5)


def meter(sample: Any) -> Any:
    value = {"timestamp": "2025-06-01T17:00:00Z", "sampledValue": [sample]}
    return {"connectorId": 1, "meterValue": [value]}


def test_a_value_that_no_list_has_is_what_it_stands_for() -> None:
    assert mended(STATUS | {"errorCode": "Fine"}) == (STATUS, ("acme.own_value",))
    assert mended(STATUS | {"errorCode": "Odd"}) == (STATUS | {"errorCode": "Odd"}, ())


def test_a_value_stands_only_for_what_the_member_may_be() -> None:
    """`status` of a registration is never Available."""
    answer = {"status": "Fine", "currentTime": "2025-06-01T17:00:00Z", "interval": 1}
    acme = catalog().changed(lambda key, schema: schema, WORDS)
    assert repair(acme, V16, "BootNotification", "response", answer) == (answer, ())


def test_a_member_under_another_name_gets_its_own() -> None:
    assert mended(STATUS | {"text": "hot"}) == (STATUS | {"info": "hot"}, ("own_name",))
    both = STATUS | {"text": "hot", "info": "cold"}
    assert mended(both) == (STATUS | {"info": "cold"}, ("strip_unknown",))
    value = {"timestamp": "2025-06-01T17:00:00Z", "samples": [{"value": "1"}]}
    made, names = mended({"connectorId": 1, "meterValue": [value]}, "MeterValues")
    assert made == meter({"value": "1"})
    assert names == ("own_name",)


def test_what_is_missing_is_put_in_where_it_is_required() -> None:
    without = {"connectorId": 1, "status": "Available"}
    assert mended(without) == (STATUS, ("acme.own_default",))
    made, names = mended(
        {"connectorStatus": "Available", "evseId": 1, "connectorId": 1}, version=V201
    )
    assert made["timestamp"] == "2025-06-01T17:00:00Z"
    assert names == ("acme.own_default",)


def test_what_is_missing_in_an_item_of_a_list_too() -> None:
    broken = {"connectorId": 1, "meterValue": [{"sampledValue": [{"value": "1"}]}]}
    assert mended(broken, "MeterValues") == (meter({"value": "1"}), ("acme.own_default",))


def test_a_sample_is_what_the_overlay_says_though_it_is_valid() -> None:
    made, names = mended(meter({"value": "1", "unit": "A"}), "MeterValues")
    assert made == meter({"value": "1", "measurand": "Current.Offered"})
    assert names == ("own_sample",)
    other = meter({"value": "1", "unit": "A", "measurand": "Current.Import"})
    assert mended(other, "MeterValues") == (other, ())


def test_samples_of_2_0_1_have_other_members_and_stay() -> None:
    value = {"timestamp": "2025-06-01T17:00:00Z", "sampledValue": [{"value": 1}]}
    payload = {"evseId": 1, "meterValue": [value]}
    assert mended(payload, "MeterValues", V201) == (payload, ())


def test_the_upper_of_two_has_the_last_word() -> None:
    upper = OwnWords(values={"errorCode": {"Fine": Meant("OtherError", "upper")}})
    both = upper.over(WORDS)
    assert both.values["errorCode"]["Fine"] == ("OtherError", "upper")
    assert both.values["status"] == WORDS.values["status"]
    assert (both.names, both.missing, both.samples) == (WORDS.names, WORDS.missing, WORDS.samples)
    assert both.marked("enum_fallback") == "acme.enum_fallback"
    assert both.marked("timestamps") == "timestamps"
    assert upper.marked("enum_fallback") == "enum_fallback"
