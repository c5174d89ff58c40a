"""Messages with what a vendor adds; the standard's own stay as they are."""

from typing import NamedTuple

import pytest

from gateway.core.dialects import Version
from gateway.core.schema.extended import has_measurands, opened, with_fields, with_measurands
from gateway.core.schema.own_words import Meant, OwnWords
from gateway.core.schema.repair import repair
from tests.support.payloads import catalog

V16, V201 = Version.V16, Version.V201
METER = (V16, "MeterValues", "request")


class Own(NamedTuple):
    path: str
    type: str = "any"
    max_length: int | None = None
    values: tuple[str, ...] = ()


def changed(key, change):
    return catalog().changed(lambda k, schema: change(schema) if k == key else schema)


def meter(**sample):
    moment = {"timestamp": "2025-06-01T08:00:00Z", "sampledValue": [{"value": "1", **sample}]}
    return {"connectorId": 1, "meterValue": [moment]}


def test_a_field_is_added_with_its_type_and_length():
    key = V16, "Authorize", "request"
    acme = changed(key, lambda s: with_fields(s, [Own("pin", "string", 4)]))
    assert acme.is_valid(*key, {"idTag": "T", "pin": "1234"})
    assert not acme.is_valid(*key, {"idTag": "T", "pin": "12345"})
    assert not acme.is_valid(*key, {"idTag": "T", "pin": 1234})
    assert not acme.is_valid(*key, {"idTag": "T", "other": "x"})
    assert acme.fields(*key)["pin"].max_length == 4
    assert not catalog().is_valid(*key, {"idTag": "T", "pin": "1234"})
    assert "pin" not in catalog().fields(*key)


def test_a_field_below_a_list():
    acme = changed(METER, lambda s: with_fields(s, [Own("meterValue[].sampledValue[].soh")]))
    assert acme.is_valid(*METER, meter(soh={"percent": 97}))
    assert not catalog().is_valid(*METER, meter(soh={"percent": 97}))


def test_a_field_behind_a_reference():
    key = V16, "SignedUpdateFirmware", "request"
    schema = catalog().schema(*key)
    firmware = {
        "location": "ftp://x",
        "retrieveDateTime": "2025-06-01T08:00:00Z",
        "signingCertificate": "c",
        "signature": "s",
    }
    payload = {"requestId": 1, "firmware": {**firmware, "size": 5}}
    assert not catalog().is_valid(*key, payload)
    acme = changed(key, lambda s: with_fields(s, [Own("firmware.size", "integer")]))
    assert acme.is_valid(*key, payload)
    assert catalog().schema(*key) is schema
    assert not catalog().is_valid(*key, payload)


def test_further_values_of_an_enum():
    key = V16, "UnlockConnector", "response"
    acme = changed(key, lambda s: with_fields(s, [Own("status", values=("Stuck",))]))
    assert acme.is_valid(*key, {"status": "Stuck"})
    assert acme.is_valid(*key, {"status": "Unlocked"})
    assert not acme.is_valid(*key, {"status": "Jammed"})


def test_a_path_to_nowhere_changes_nothing():
    assert with_fields(catalog().schema(*METER), [Own("meterValues[].x")]) == catalog().schema(
        *METER
    )


def test_measurands_are_added():
    acme = changed(METER, lambda s: with_measurands(s, ["StateOfHealth"]))
    assert acme.is_valid(*METER, meter(measurand="StateOfHealth"))
    assert acme.is_valid(*METER, meter(measurand="SoC"))
    assert not acme.is_valid(*METER, meter(measurand="Mood"))


@pytest.mark.parametrize(
    ("action", "part", "has"),
    [
        ("MeterValues", "request", True),
        ("StopTransaction", "request", True),
        ("MeterValues", "response", False),
        ("Authorize", "request", False),
    ],
)
def test_which_messages_have_measurands(action, part, has):
    assert has_measurands(catalog().schema(V16, action, part)) is has


def test_an_open_message_takes_further_members_anywhere_and_any_measurand():
    acme = changed(METER, opened)
    assert acme.is_valid(*METER, {**meter(measurand="Mood", soh=1), "site": "north"})
    assert not acme.is_valid(*METER, {"site": "north"})


def test_a_vendors_measurand_is_said_in_the_standards_words():
    own = OwnWords({"BatterySoC": Meant({"measurand": "SoC", "location": "EV"})})
    acme = catalog().changed(lambda key, schema: schema, own)
    payload = meter(measurand="BatterySoC")
    made, repairs = repair(acme, *METER, payload)
    assert made == meter(measurand="SoC", location="EV")
    assert repairs == ("own_measurand",)
    made, _ = repair(acme, *METER, meter(measurand="BatterySoC", location="Body"))
    assert made == meter(measurand="SoC", location="Body")
    assert repair(catalog(), *METER, payload) == (payload, ())


def test_what_is_not_changed_is_shared():
    acme = changed(METER, opened)
    key = V16, "Heartbeat", "request"
    assert acme.schema(*key) is catalog().schema(*key)
    assert acme.checker(*key).__self__ is catalog().checker(*key).__self__
    assert acme.fields(*key) is catalog().fields(*key)
