"""The revision that fits a station: by its name, its stored boot, or the boot that comes in."""

import pytest

from gateway.core.dialects import Side, Version
from gateway.core.errors import Place
from gateway.core.mapping.overlay import Facts, Overlay, Overlays
from gateway.core.session.variants import Variants, fitting, namespace
from gateway.core.settings import ExtensionSettings

NOTHING = ExtensionSettings()
BOOT = {"chargePointVendor": "EVPOWER", "chargePointModel": "EVC32NK", "protocolVersion": "1.16"}


def test_a_station_of_nobody_works_by_the_standard(revision):
    for boot in (None, {"chargePointVendor": "Example", "chargePointModel": "X"}):
        assert fitting(revision, "CP", boot, NOTHING) is revision


def test_stations_of_one_vendor_share_what_is_compiled(revision):
    first = fitting(revision, "CP1", BOOT, NOTHING)
    second = fitting(revision, "CP2", {**BOOT, "chargePointModel": "other"}, NOTHING)
    assert first is second
    assert first.name == f"{revision.name}+evpower"
    assert first.maps.named("BootNotification") is not revision.maps.named("BootNotification")
    assert first.maps.named("Heartbeat") is revision.maps.named("Heartbeat")
    assert first.maps.entry(Version.V16, "BootNotification") is first.maps.named("BootNotification")


def test_repairs_come_with_the_overlay(revision):
    boot = {"chargePointVendor": "Alfen BV", "chargePointModel": "NG910"}
    found = fitting(revision, "CP", boot, NOTHING)
    assert found.profiles == ("current_measurand", "enum_fallback")


def test_what_a_group_carries_makes_another_revision(revision):
    extra = fitting(revision, "CP", None, ExtensionSettings(extra_fields="custom_data"))
    both = ExtensionSettings(extra_fields="custom_data", custom_data_transfer=True)
    assert extra is not revision
    assert not extra.carries_custom_data
    assert fitting(revision, "CP", None, both).carries_custom_data


@pytest.mark.parametrize(
    ("vendor", "space"),
    [
        ("EVPOWER", "com.evpower"),
        ("EvPower", "com.evpower"),
        ("Other", "org.ocpp-gateway.extra"),
        (None, "org.ocpp-gateway.extra"),
    ],
)
def test_a_vendor_has_a_namespace(vendor, space):
    boot = None if vendor is None else {"chargePointVendor": vendor}
    assert namespace("org.ocpp-gateway", boot, {"EVPOWER": "com.evpower"}) == space


def test_the_boot_that_comes_in_changes_the_maps_of_a_running_session(script):
    s = script(station=Version.V16, csms=Version.V201)
    s.station(2, "1", "BootNotification", BOOT)
    [[_, _, _, payload]] = s.sent(Side.CSMS)
    assert payload["chargingStation"]["customData"]["protocolVersion"] == "1.16"
    s = script(station=Version.V16, csms=Version.V201)
    s.station(2, "1", "BootNotification", {**BOOT, "chargePointVendor": "Example"})
    [[_, _, _, payload]] = s.sent(Side.CSMS)
    assert "customData" not in payload["chargingStation"]


def test_a_boot_of_another_vendor_takes_the_overlay_away(script):
    s = script(station=Version.V16, csms=Version.V201)
    for number, vendor in enumerate(("EVPOWER", "Example", "EVPOWER")):
        s.station(2, f"s{number}", "BootNotification", {**BOOT, "chargePointVendor": vendor})
        [[_, call_id, _, payload]] = s.sent(Side.CSMS)
        assert ("customData" in payload["chargingStation"]) is (vendor == "EVPOWER")
        answer = {"status": "Accepted", "currentTime": "2025-01-01T00:00:00Z", "interval": 60}
        s.csms(3, call_id, answer)
        assert len(s.sent(Side.STATION)) == 1


def test_a_boot_that_makes_no_sense_is_refused_as_ever(script):
    s = script(station=Version.V16, csms=Version.V201)
    s.station(2, "1", "BootNotification", {"chargePointVendor": {"name": "EVPOWER"}})
    [[kind, _, code, *_]] = s.sent(Side.STATION)
    assert (kind, code) == (4, "OccurenceConstraintViolation")


def test_measurands_are_looked_for_where_samples_may_have_any(revision):
    acme = Overlay("acme", Place("acme.yaml", 1), "", {}, measurands={"Akku": {"measurand": "SoC"}})
    overlays = Overlays({**revision.variants.overlays.by_name, "acme": acme})
    variants = Variants(revision.variants.library, overlays)
    for extra, found in (("drop", ()), ("custom_data", ("own_measurand",))):
        settings = ExtensionSettings(extra_fields=extra)
        assert variants.fitting(revision, Facts("CP"), settings, ["acme"]).profiles == found
