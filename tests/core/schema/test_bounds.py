"""What `bounded` admits is valid, and has neither deep nesting nor large integers."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.codec import ocppj
from gateway.core.dialects import Version
from gateway.core.errors import FrameError
from gateway.core.schema.bounds import DEEPEST, DEEPEST_OPEN, LARGEST, bounded
from tests.support.payloads import catalog, full, messages, payloads
from tests.support.vector_frames import VectorPayload, vector_payloads


def nested(depth: int) -> Any:
    value: Any = "leaf"
    for _ in range(depth):
        value = {"inside": value}
    return value


def depth_of(schema: dict[str, Any], definitions: dict[str, Any], seen: int = 0) -> int:
    """How deep the deepest value is nested that the schema admits."""
    assert seen <= 2 * DEEPEST, "the schema has no end"
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/definitions/")
        return depth_of(definitions[name], definitions, seen + 1)
    parts = [*schema.get("properties", {}).values(), *schema.get("allOf", ())]
    parts += [p for key in ("items", "additionalProperties") if (p := schema.get(key))]
    below = max((depth_of(part, definitions, seen + 1) for part in parts), default=0)
    return below + ("array" in schema.get("type", "") or "object" in schema.get("type", ""))


@pytest.mark.parametrize(("version", "action", "part"), messages())
def test_no_schema_admits_more_than_a_frame_may_hold(
    version: Version, action: str, part: str
) -> None:
    schema = bounded(catalog().schema(version, action, part))

    assert 1 + depth_of(schema, schema["definitions"]) <= DEEPEST


@pytest.mark.parametrize(("version", "action", "part"), messages())
def test_a_message_with_every_field_is_admitted(version: Version, action: str, part: str) -> None:
    assert catalog().bounded(version, action, part, full(version, action, part))


@pytest.mark.parametrize("item", vector_payloads(), ids=str)
def test_what_the_vectors_say_is_admitted_where_it_is_valid(item: VectorPayload) -> None:
    message = item.version, item.action, item.part

    assert catalog().bounded(*message, item.payload) == catalog().is_valid(*message, item.payload)


@pytest.mark.parametrize(("version", "action", "part"), messages())
@settings(max_examples=10)
@given(data=st.data())
def test_what_is_admitted_is_valid_and_within_the_limits(
    version: Version, action: str, part: str, data: st.DataObject
) -> None:
    payload = data.draw(payloads(version, action, part))

    if catalog().bounded(version, action, part, payload):
        assert catalog().is_valid(version, action, part, payload)
        ocppj.decode(orjson.dumps([2, "1", action, payload]), version)


@pytest.mark.parametrize(
    ("depth", "admitted"), [(DEEPEST_OPEN - 2, True), (DEEPEST_OPEN, False), (2000, False)]
)
def test_open_data_is_bounded_in_depth(depth: int, admitted: bool) -> None:
    payload = {"vendorId": "v", "data": nested(depth)}
    own = {"customData": {"vendorId": "v", "own": nested(depth)}}

    assert catalog().bounded(Version.V201, "DataTransfer", "request", payload) is admitted
    assert catalog().bounded(Version.V201, "Heartbeat", "request", own) is admitted


@pytest.mark.parametrize("numeral", ["18446744073709551616", "-9223372036854775809", "1" * 30])
@pytest.mark.parametrize(
    ("action", "text"),
    [
        ("DataTransfer", '{"vendorId":"v","data":[NUMERAL]}'),
        ("Heartbeat", '{"customData":{"vendorId":"v","own":NUMERAL}}'),
        ("GetReport", '{"requestId":NUMERAL}'),
        ("CostUpdated", '{"totalCost":NUMERAL,"transactionId":"t"}'),
    ],
)
def test_an_integer_beyond_64_bits_is_never_admitted(action: str, text: str, numeral: str) -> None:
    data = f'[2,"1","{action}",{text.replace("NUMERAL", numeral)}]'.encode()
    call: Any = ocppj.read(data, Version.V201)

    assert not catalog().bounded(Version.V201, action, "request", call.payload)
    with pytest.raises(FrameError, match="beyond 64 bits"):
        ocppj.examine(data, Version.V201)


def test_bounds_of_a_schema_that_are_tighter_stay() -> None:
    schema = bounded({"type": "integer", "minimum": 0, "maximum": 10})

    assert (schema["minimum"], schema["maximum"]) == (0, 10)
    assert bounded({"type": "integer"})["maximum"] == LARGEST


@pytest.mark.parametrize(
    "text", ["2025-06-01T17:00:60Z", "0000-06-01T17:00:00Z", "+025-06-01T17:00:00Z", "today"]
)
def test_what_is_no_timestamp_is_not_admitted(text: str) -> None:
    payload = {"currentTime": text}

    assert not catalog().bounded(Version.V16, "Heartbeat", "response", payload)
