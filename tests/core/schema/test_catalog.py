"""The catalogue is complete, and its verdicts are those of the standard's schemas."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import resources
from gateway.core import timestamps
from gateway.core.dialects import Side, Version
from gateway.core.errors import ConfigError
from gateway.core.schema.catalog import Catalog
from gateway.core.schema.table import read_table
from tests.support.payloads import catalog, json_values, messages, payloads
from tests.support.vector_frames import VectorPayload, vector_payloads

FILES = resources.schema_files()
TABLE = read_table(resources.catalogue_text())

FORMATS = jsonschema.FormatChecker(formats=())
FORMATS.checks("date-time")(lambda text: not isinstance(text, str) or timestamps.strict(text))
FORMATS.checks("uri")(lambda text: not isinstance(text, str) or is_uri(text))


def is_uri(text: str) -> bool:
    """RFC 3986, as far as the tests need it: a scheme, and no character that it forbids."""
    return bool(
        re.fullmatch(
            r"[A-Za-z][A-Za-z0-9+.-]*:(?:[\w.~:/?#@!$&'()*+,;=-]|%[\da-fA-F]{2})*", text, re.ASCII
        )
    )


def reference_errors(version: Version, action: str, part: str, payload: Any) -> Iterator[Any]:
    """What `jsonschema` finds with the schema file as it comes, but for its known fault.

    Known fault: it divides binary floats, so that 21.4 is no multiple of 0.1.
    """
    schema = json.loads(FILES[version, TABLE.files[version, action, part]].decode("utf-8-sig"))
    draft = jsonschema.validators.validator_for(schema)
    for error in draft(schema, format_checker=FORMATS).iter_errors(payload):
        if error.validator == "multipleOf":
            value, unit = Decimal(repr(error.instance)), Decimal(repr(error.validator_value))
            if value % unit == 0:
                continue
        yield error


def agrees(version: Version, action: str, part: str, payload: Any) -> bool:
    """The verdict, where both validators give the same one."""
    verdict = catalog().is_valid(version, action, part, payload)
    errors = list(reference_errors(version, action, part, payload))
    assert verdict == (not errors), (version, action, part, payload, errors)
    return verdict


def test_every_schema_file_belongs_to_an_action() -> None:
    named = {(version, name) for (version, _, _), name in TABLE.files.items()}

    assert named == FILES.keys()


@pytest.mark.parametrize(("version", "count"), [(Version.V16, 39), (Version.V201, 64)])
def test_every_action_of_a_version_is_there(version: Version, count: int) -> None:
    assert len(catalog().actions(version)) == count


@pytest.mark.parametrize(
    ("version", "action", "sender"),
    [
        (Version.V16, "BootNotification", {Side.STATION}),
        (Version.V16, "RemoteStartTransaction", {Side.CSMS}),
        (Version.V16, "DataTransfer", {Side.STATION, Side.CSMS}),
        (Version.V201, "TransactionEvent", {Side.STATION}),
        (Version.V201, "RequestStartTransaction", {Side.CSMS}),
        (Version.V201, "DataTransfer", {Side.STATION, Side.CSMS}),
        (Version.V16, "TransactionEvent", None),
        (Version.V201, "StartTransaction", None),
        (Version.V201, "", None),
    ],
)
def test_the_sender_of_a_call_is_known(
    version: Version, action: str, sender: set[Side] | None
) -> None:
    assert catalog().sender(version, action) == sender


@pytest.mark.parametrize("version", Version)
def test_versions_agree_on_who_sends_an_action_that_both_have(version: Version) -> None:
    other = Version.V201 if version is Version.V16 else Version.V16
    shared = [a for a in catalog().actions(version) if catalog().sender(other, a)]

    assert len(shared) > 20
    for action in shared:
        assert catalog().sender(version, action) == catalog().sender(other, action)


def test_a_missing_schema_file_stops_the_start() -> None:
    files = {key: data for key, data in FILES.items() if key[1] != "Heartbeat.json"}

    with pytest.raises(ConfigError, match=r"OCPP 1\.6 schema file Heartbeat\.json is missing"):
        Catalog.load(files, resources.catalogue_text())


def test_a_byte_order_mark_before_a_schema_is_skipped() -> None:
    files = {key: b"\xef\xbb\xbf" + data for key, data in FILES.items()}

    marked = Catalog.load(files, resources.catalogue_text())

    assert marked.is_valid(Version.V16, "Heartbeat", "request", {})


@pytest.mark.parametrize(
    ("version", "action", "part", "payload"),
    [
        (
            Version.V16,
            "SetChargingProfile",
            "request",
            {
                "connectorId": 1,
                "csChargingProfiles": {
                    "chargingProfileId": 1,
                    "stackLevel": 0,
                    "chargingProfilePurpose": "TxProfile",
                    "chargingProfileKind": "Absolute",
                    "chargingSchedule": {
                        "chargingRateUnit": "A",
                        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 21.4}],
                    },
                },
            },
        ),
        (
            Version.V16,
            "MeterValues",
            "request",
            {
                "connectorId": 1,
                "meterValue": [
                    {
                        "timestamp": "2025-06-01t17:00:00.123456789z",
                        "sampledValue": [{"value": "20", "unit": "Celcius", "format": "Raw"}],
                    }
                ],
            },
        ),
        (Version.V16, "Authorize", "request", {"idTag": "é" * 20}),
        (Version.V16, "Authorize", "request", {"idTag": "\U0001f600" * 20}),
        (Version.V16, "GetDiagnostics", "request", {"location": "ftp://user:p%20w@host/dir"}),
        (Version.V201, "DataTransfer", "request", {"vendorId": "v", "data": {"a": [1, None]}}),
    ],
)
def test_traps_of_the_schemas_are_valid(
    version: Version, action: str, part: str, payload: Any
) -> None:
    """Decimal multiples, the official misspelling, code points, a URI, any JSON as data."""
    assert agrees(version, action, part, payload)


@pytest.mark.parametrize(
    "timestamp",
    [
        "2025-06-01 17:00:00Z",
        "2025-06-01T17:00:00",
        "2025-06-01T17:00:00+0200",
        "2016-12-31T23:59:60Z",
        "2016-12-31T18:59:60-05:00",
        "0000-01-01T00:00:00Z",
        "20+5-11-10T10:23:58Z",
        "222222017-10-27T17:00:00Z",
        "2025-02-29T00:00:00Z",
        "",
    ],
)
def test_a_timestamp_that_is_not_rfc_3339_is_invalid(timestamp: str) -> None:
    payload = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}

    assert agrees(Version.V16, "StatusNotification", "request", payload)
    assert not agrees(
        Version.V16, "StatusNotification", "request", payload | {"timestamp": timestamp}
    )


@pytest.mark.parametrize("timestamp", ["2025-06-01T17:00:36.704Z", "2025-06-01T17:00:36+02:00"])
def test_only_digits_stand_where_a_timestamp_has_digits(timestamp: str) -> None:
    message = Version.V16, "StatusNotification", "request"
    payload = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
    for at, sign in product(range(len(timestamp)), "*+,-./:;"):
        odd = payload | {"timestamp": timestamp[:at] + sign + timestamp[at + 1 :]}
        assert agrees(*message, odd) >= catalog().bounded(*message, odd)


@pytest.mark.parametrize("location", ["remote", "", "https://host/a file", "ftp://h/\u00fc"])
def test_a_location_that_is_no_uri_is_invalid_in_1_6(location: str) -> None:
    assert not agrees(Version.V16, "GetDiagnostics", "request", {"location": location})


def test_a_21_4_limit_shows_the_known_fault_of_the_reference() -> None:
    """If this fails, `jsonschema` divides decimals now: drop the exception above."""
    assert list(jsonschema.Draft4Validator({"multipleOf": 0.1}).iter_errors(21.4))


@pytest.mark.parametrize("message", messages(), ids="-".join)
@settings(max_examples=4)
@given(data=st.data())
def test_generated_payloads_are_valid_for_both_validators(
    message: tuple[Version, str, str], data: st.DataObject
) -> None:
    payload = data.draw(payloads(*message))

    assert agrees(*message, payload)
    assert catalog().violations(*message, payload) == ()
    assert agrees(*message, orjson.loads(orjson.dumps(payload)))


def spoiled(payload: Any, data: st.DataObject) -> Any:
    """The payload with one member, at any depth, taken away, replaced or added."""
    if isinstance(payload, dict) and payload and data.draw(st.integers(0, 4)):
        name = data.draw(st.sampled_from(sorted(payload)))
        if data.draw(st.booleans()):
            return payload | {name: spoiled(payload[name], data)}
        return {key: value for key, value in payload.items() if key != name}
    if isinstance(payload, list) and payload and data.draw(st.booleans()):
        return [spoiled(payload[0], data), *payload[1:]]
    if isinstance(payload, dict) and data.draw(st.booleans()):
        return payload | {"unheardOf": 1}
    if isinstance(payload, str) and data.draw(st.booleans()):
        return payload + "x"
    return data.draw(json_values())


@pytest.mark.parametrize("message", messages(), ids="-".join)
@settings(max_examples=4)
@given(data=st.data())
def test_both_validators_agree_on_spoiled_payloads(
    message: tuple[Version, str, str], data: st.DataObject
) -> None:
    payload = spoiled(data.draw(payloads(*message)), data)

    verdict = agrees(*message, payload)

    assert verdict == (catalog().violations(*message, payload) == ())


@pytest.mark.parametrize("vector", vector_payloads(), ids=str)
def test_every_payload_of_the_vectors_is_valid(vector: VectorPayload) -> None:
    assert agrees(vector.version, vector.action, vector.part, vector.payload)
