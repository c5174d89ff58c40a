"""Field tables say of each field what its schema says."""

import pytest

from gateway.core.dialects import Version
from gateway.core.schema.fields import Field, field_table
from tests.support.payloads import catalog, messages

V16, V201 = Version.V16, Version.V201


@pytest.mark.parametrize(
    ("version", "action", "part", "field"),
    [
        (V16, "Authorize", "request", Field("idTag", "string", True, max_length=20)),
        (V16, "MeterValues", "request", Field("meterValue", "array", True, min_items=1)),
        (V16, "MeterValues", "request", Field("meterValue[]", "object", True)),
        (
            V16,
            "MeterValues",
            "request",
            Field("meterValue[].timestamp", "string", True, format="date-time"),
        ),
        (
            V16,
            "SetChargingProfile",
            "request",
            Field(
                "csChargingProfiles.chargingSchedule.chargingSchedulePeriod[].limit",
                "number",
                True,
                multiple_of=0.1,
            ),
        ),
        (
            V201,
            "TransactionEvent",
            "request",
            Field("meterValue[].sampledValue", "array", True, min_items=1),
        ),
        (
            V201,
            "Authorize",
            "request",
            Field("iso15118CertificateHashData", "array", False, min_items=1, max_items=4),
        ),
        (
            V201,
            "NotifyEVChargingNeeds",
            "request",
            Field(
                "chargingNeeds.dcChargingParameters.stateOfCharge",
                "integer",
                False,
                minimum=0,
                maximum=100,
            ),
        ),
        (V201, "TransactionEvent", "request", Field("offline", "boolean", False)),
        (V201, "DataTransfer", "request", Field("data", "any", False)),
        (V201, "DataTransfer", "request", Field("customData", "object", False, open=True)),
        (
            V201,
            "DataTransfer",
            "response",
            Field(
                "status",
                "string",
                True,
                enum=("Accepted", "Rejected", "UnknownMessageId", "UnknownVendorId"),
            ),
        ),
    ],
)
def test_a_field_is_as_its_schema_says(
    version: Version, action: str, part: str, field: Field
) -> None:
    assert catalog().fields(version, action, part)[field.path] == field


def test_an_empty_message_has_no_fields() -> None:
    assert catalog().fields(V16, "Heartbeat", "request") == {}


def test_a_list_of_lists_has_items_of_items() -> None:
    schema = {"properties": {"a": {"type": "array", "items": {"type": "array", "items": {}}}}}

    assert list(field_table(schema)) == ["a", "a[]", "a[][]"]


@pytest.mark.parametrize("message", messages(), ids="-".join)
def test_every_field_stands_after_its_parent(message: tuple[Version, str, str]) -> None:
    seen = {""}
    for path, field in catalog().fields(*message).items():
        parent = path[:-2] if path.endswith("[]") else path.rpartition(".")[0]
        assert field.path == path
        assert parent in seen
        seen.add(path)
