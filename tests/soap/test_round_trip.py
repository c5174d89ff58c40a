"""Any payload that its JSON schema accepts goes to SOAP and comes back the same."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core import timestamps
from gateway.core.codec.jsonxml import legal
from gateway.core.codec.soap_service import Service
from gateway.core.dialects import OCCURRENCE_VIOLATION, Version
from gateway.core.errors import PayloadInvalid
from gateway.core.frames import JsonObject
from tests.support.payloads import catalog, payloads
from tests.support.soap import LETTER, soap

MESSAGES = [
    (service, action, part)
    for service in Service
    for action in sorted(soap().actions(service))
    for part in ("request", "response")
]
FEW = settings(max_examples=15, suppress_health_check=list(HealthCheck))


def there_and_back(service: Service, action: str, part: str, payload: JsonObject) -> JsonObject:
    if part == "request":
        data = soap().write.call(service, action, payload, LETTER).data
        reading = soap().read.call(service, data, None)
    else:
        data = soap().write.answer(service, action, payload, LETTER).data
        reading = soap().read.answer(service, action, data, None)
    assert reading.repairs == ()
    # The one request that may be empty in SOAP is never empty in JSON.
    assert reading.payload is not None
    return reading.payload


def plain(value: Any, name: str = "") -> Any:
    """The value as SOAP can say it, told in another way than the codec tells it."""
    if isinstance(value, dict):
        members = {key: plain(member, key) for key, member in value.items()}
        return {key: member for key, member in members.items() if member not in (None, [])}
    if isinstance(value, list):
        return [plain(item, name) for item in value if not is_bare(item)]
    if isinstance(value, str):
        return _text(value, name)
    return value


def _text(value: str, name: str) -> Any:
    if name == "unit":
        return {"Celcius": "Celsius", "Hertz": None}.get(value, value)
    try:
        return timestamps.normalise(value)
    except ValueError:
        return legal(value)


def is_bare(item: Any) -> bool:
    """Whether it is a reading without a sample, which SOAP does not have."""
    return isinstance(item, dict) and item.get("sampledValue") == []


def has_empty_lists(value: Any) -> bool:
    """JSON allows lists without items in places where SOAP wants one."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value == [] or any(has_empty_lists(item) for item in inner)


def within_32_bits(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: within_32_bits(member) for name, member in value.items()}
    if isinstance(value, list):
        return [within_32_bits(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return (value + (1 << 31)) % (1 << 32) - (1 << 31)
    return value


@pytest.mark.parametrize(("service", "action", "part"), MESSAGES)
@FEW
@given(data=st.data())
def test_a_payload_comes_back(service, action, part, data):
    payload = within_32_bits(data.draw(payloads(Version.V16, action, part)))
    try:
        back = there_and_back(service, action, part, payload)
    except PayloadInvalid as error:
        refused = error.violations[0].code
    else:
        refused = ""
    if refused:
        assert (refused, has_empty_lists(payload)) == (OCCURRENCE_VIOLATION, True)
        return
    assert plain(back) == plain(payload)
    assert catalog().is_valid(Version.V16, action, part, back)
    assert there_and_back(service, action, part, back) == back
