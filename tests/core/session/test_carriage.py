"""customData towards a 1.6 peer: what conversations cannot show (tests/conversations/vendor-*)."""

import orjson

from gateway.core.dialects import Side, Version
from gateway.core.session.carriage import Found, found_in
from gateway.core.settings import ExtensionSettings

CARRIED = ExtensionSettings(custom_data_transfer=True)


def test_every_custom_data_is_found_with_its_path():
    payload = {
        "customData": {"vendorId": "a", "customData": {"vendorId": "not looked into"}},
        "list": [
            {"x": 1},
            {"customData": {"vendorId": "b"}, "deep": {"customData": {"vendorId": "c"}}},
        ],
        "odd": {"customData": "no object"},
    }
    assert list(found_in(payload)) == [
        Found("", payload["customData"]),
        Found("list[1]", {"vendorId": "b"}),
        Found("list[1].deep", {"vendorId": "c"}),
    ]


def status(**more):
    custom = {"vendorId": "com.acme", "door": "open"}
    return {
        "timestamp": "2025-01-01T00:00:00Z",
        "connectorStatus": "Available",
        "evseId": 1,
        "connectorId": 1,
        "customData": custom,
        **more,
    }


def test_a_refused_call_carries_nothing(script):
    s = script(extensions=CARRIED, validation="enforce")
    s.station(2, "1", "StatusNotification", status(evseId="one"))
    assert s.sent(Side.CSMS) == []


def test_a_call_that_is_passed_on_as_an_error_carries_nothing(script):
    s = script(extensions=CARRIED)
    token = {"idToken": "T", "type": "ISO14443", "customData": {"vendorId": "com.acme"}}
    s.station(2, "1", "Authorize", {"idToken": token})
    [[_, call_id, _, _]] = s.sent(Side.CSMS)
    s.csms(4, call_id, "SecurityError", "", {})
    assert s.sent(Side.CSMS) == []


def test_it_is_off_unless_the_group_asks_for_it(script):
    s = script()
    s.station(2, "1", "StatusNotification", status())
    [[_, call_id, action, _]] = s.sent(Side.CSMS)
    assert action == "StatusNotification"
    s.csms(3, call_id, {})
    assert s.sent(Side.CSMS) == []


def test_a_command_of_a_2_0_1_csms_tells_the_1_6_transaction(script):
    preset = {
        "transactions": [
            {
                "tx201": "tx",
                "tx16": 7,
                "state": "ACTIVE",
                "evseId": 1,
                "connectorId": 1,
                "idTag": "T",
            }
        ]
    }
    s = script(station=Version.V16, csms=Version.V201, preset=preset, extensions=CARRIED)
    custom = {"vendorId": "com.acme", "why": "late"}
    s.csms(2, "c1", "RequestStopTransaction", {"transactionId": "tx", "customData": custom})
    [[_, call_id, action, _]] = s.sent(Side.STATION)
    assert action == "RemoteStopTransaction"
    s.station(3, call_id, {"status": "Accepted"})
    [[_, _, action, payload]] = s.sent(Side.STATION)
    assert (action, payload["vendorId"]) == ("DataTransfer", "com.acme")
    assert orjson.loads(payload["data"]) == {
        "action": "RequestStopTransaction",
        "path": "",
        "transaction": 7,
        "customData": custom,
    }
