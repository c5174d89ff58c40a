"""Repairs of overlays in a running session: by what the boot says or by the route, and counted."""

from dataclasses import replace

import orjson
import pytest

from gateway.core.dialects import Side, Version
from gateway.core.mapping.overlay import Overlays
from gateway.core.mapping.patterns import Pattern
from gateway.core.session.desk import Revision
from gateway.core.session.effects import Record
from gateway.core.session.variants import Variants

BOOT = {"chargePointVendor": "United Chargers", "chargePointModel": "GRS"}
CUT = b'{"configurationKey":[]'


@pytest.fixture
def asked(script):
    """A session of a 1.6 station that has booted and was asked for a key; the id of that call."""

    def begin(boot=None, **settings):
        s = script(station=Version.V16, csms=Version.V201, **settings)
        if boot:
            s.station(2, "boot", "BootNotification", boot)
            [[_, call_id, *_]] = s.sent(Side.CSMS)
            answer = {"status": "Accepted", "currentTime": "2025-01-01T00:00:00Z", "interval": 60}
            s.csms(3, call_id, answer)
            s.sent(Side.STATION)
        wanted = {
            "component": {"name": "OCPPCommCtrlr"},
            "variable": {"name": "WebSocketPingInterval"},
        }
        s.csms(2, "get", "GetVariables", {"getVariableData": [wanted]})
        [[_, call_id, action, _]] = s.sent(Side.STATION)
        assert action == "GetConfiguration"
        return s, f'[3,"{call_id}",'.encode()

    return begin


def repairs(s) -> list[str]:
    return [name for e in s.effects if isinstance(e, Record) for name in e.repairs]


def test_the_last_brackets_are_added_for_a_station_that_booted_so(asked):
    s, head = asked(BOOT)
    s.raw(Side.STATION, head + CUT)
    [[kind, message_id, payload]] = s.sent(Side.CSMS)
    assert (kind, message_id) == (3, "get")
    assert payload["getVariableResult"][0]["attributeStatus"] == "UnknownVariable"
    assert repairs(s) == ["grizzl-e.close_brackets"]


def test_they_are_added_where_the_route_says_so(asked):
    for name, counted in (("grizzl-e", "grizzl-e.close_brackets"), ("close_brackets",) * 2):
        s, head = asked(profiles=(name,))
        s.raw(Side.STATION, head + CUT)
        assert len(s.sent(Side.CSMS)) == 1
        assert repairs(s) == [counted]


@pytest.mark.parametrize("settings", [{}, {"profiles": ("grizzl-e",), "validation": "enforce"}])
def test_for_others_the_frame_stays_unreadable(asked, settings):
    s, head = asked(**settings)
    s.raw(Side.STATION, head + CUT)
    assert s.outcomes()[-1] == "unreadable"
    assert repairs(s) == []


def test_a_cut_frame_of_the_csms_is_not_completed(script):
    s = script(station=Version.V16, csms=Version.V201, profiles=("grizzl-e",))
    s.raw(Side.CSMS, b'[2,"1","Reset",{"type":"Immediate"}')
    assert "unreadable" in s.outcomes()


def test_the_time_of_receipt_stands_in_for_a_missing_one(script):
    s = script(station=Version.V16, csms=Version.V201, profiles=("terse",))
    s.station(2, "1", "StatusNotification", {"connectorId": 1, "status": "Available"})
    [[_, call_id, _, payload]] = s.sent(Side.CSMS)
    assert payload["timestamp"] == "2025-01-01T00:00:00Z"
    s.csms(3, call_id, {})
    assert [e.repairs for e in s.records() if e.repairs] == [("terse.own_default",)]


def test_a_mended_answer_is_counted_too(script):
    s = script(station=Version.V201, csms=Version.V16, profiles=("ocpp15-words",))
    s.station(
        2,
        "1",
        "BootNotification",
        {"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}},
    )
    [[_, call_id, *_]] = s.sent(Side.CSMS)
    answer = {"status": "Accepted", "currentTime": "2025-01-01T00:00:00Z", "heartbeatInterval": 60}
    s.csms(3, call_id, answer)
    [_, _, payload] = s.sent(Side.STATION)[0]
    assert payload["interval"] == 60
    assert repairs(s) == ["ocpp15-words.own_name"]


def test_nobody_elses_overlay_is_in_force(script, revision: Revision):
    s = script(station=Version.V16, csms=Version.V201, profiles=("string_to_number",))
    s.station(2, "1", "StatusNotification", {"connectorId": "1", "status": "Available"})
    [[kind, *_]] = s.sent(Side.STATION)
    assert kind == 4
    assert orjson.dumps(s.sent(Side.CSMS)) == b"[]"


def test_a_boot_counts_as_mended_as_it_does_after_a_restart(script, revision: Revision):
    own = replace(revision.variants.overlays.by_name["legrand"], name="seven")
    seven = replace(own, match={**own.match, "model": (Pattern("7"),)})
    variants = Variants(revision.variants.library, Overlays({"seven": seven}))
    s = script(
        station=Version.V16,
        csms=Version.V201,
        revision=replace(revision, variants=variants),
        profiles=("number_to_string",),
    )
    s.station(2, "b", "BootNotification", {"chargePointVendor": "Legrand", "chargePointModel": 7})
    [[_, call_id, *_]] = s.sent(Side.CSMS)
    s.csms(3, call_id, {"status": "Accepted", "currentTime": "2025-01-01T00:00:00Z", "interval": 9})
    fault = {"connectorId": 1, "errorCode": "Error", "status": "Available"}
    s.station(2, "s", "StatusNotification", fault)
    assert [frame[2] for frame in s.sent(Side.CSMS)] == ["StatusNotification"]
