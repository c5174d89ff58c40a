"""The shipped vendor overlays: their examples run, for their stations and no others."""

import json
import re

import pytest
import yaml

from gateway import resources
from gateway.config import Config
from gateway.core.dialects import Version
from gateway.core.mapping.codecs import JSON
from gateway.core.mapping.overlay import Facts
from gateway.core.schema.repair import repair
from gateway.core.settings import ExtensionSettings
from gateway.revision import wrong_names
from tests.support.map_examples import cases
from tests.support.mapping import library
from tests.support.vendors import of_vendor

FOLDER = resources.folder("mappings") / "vendors"
BOOTS = {
    "alfen": ("Alfen BV", "NG910-60123"),
    "enplus": ("EN+", "AC7000-AE-45"),
    "etrel": ("Etrel", "INCH"),
    "evbox": ("EV-BOX", "G4E-WBW-M7500E"),
    "evpower": ("EVPOWER", "EVC32NK"),
    "grizzl-e": ("United Chargers", "GRS-1"),
    "heliox": ("Heliox", "Flex 180"),
    "huawei": ("Huawei", "FusionCharge"),
    "legrand": ("Legrand", "Green'Up"),
    "lge": ("LG Electronics", "EVD011SK"),
    "siemens": ("Siemens AG", "VersiCharge"),
    "uniev": ("UNIEV", "U1"),
}
"""What stations of that vendor say at boot."""

NAMED = {"ocpp15-words", "terse", "underscored", "yinhe"}
"""In force only where a route names them."""


def test_every_file_is_listed_and_every_vendor_boots_somewhere():
    files = {path.stem for path in FOLDER.glob("*.yaml")}
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert files == set(BOOTS) | NAMED
    assert {name for name in files if f"| `{name}.yaml` |" in readme} == files


def test_every_file_says_where_its_quirks_were_seen(revision):
    overlays = revision.variants.overlays.by_name.values()
    assert [overlay.name for overlay in overlays if not overlay.evidence] == []


@pytest.mark.parametrize("name", BOOTS)
def test_its_stations_get_the_overlay(revision, name):
    found = revision.variants.overlays.chosen(Facts("CP", *BOOTS[name]))
    assert [overlay.name for overlay in found] == [name]


@pytest.mark.parametrize("name", sorted(NAMED))
def test_what_is_only_named_comes_with_no_boot(revision, name):
    overlays = revision.variants.overlays
    by_boot = {o.name for boot in BOOTS.values() for o in overlays.chosen(Facts("CP", *boot))}
    assert name not in by_boot
    found = overlays.chosen(Facts("CP", *BOOTS["evpower"]), ["string_to_number", name])
    assert [overlay.name for overlay in found] == ["evpower", name]


def test_any_file_can_lie_on_any_other(revision):
    """A route may name whichever it likes, for whichever station."""
    names = sorted(revision.variants.overlays.by_name)
    for boot in [*BOOTS.values(), (None, None)]:
        facts = Facts("CP", *boot)
        for named in [*((name,) for name in names), names]:
            found = revision.variants.fitting(revision, facts, ExtensionSettings(), named)
            assert set(found.name.split("+")[1:]) >= set(named)


TIME = "2025-06-01T17:00:00Z"
NOW = 1748797200.0
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
STOP = {"transactionId": 5, "meterStop": 7, "timestamp": TIME}
BOOTED = {"status": "Accepted", "currentTime": TIME}
START = {"connectorId": 1, "idTag": "A", "meterStart": 0}
SECURITY = {"type": "FirmwareUpdated"}


def metered(sample):
    return {"connectorId": 1, "meterValue": [{"timestamp": TIME, "sampledValue": [sample]}]}


REPAIRS = [
    (
        "alfen",
        "MeterValues.request",
        metered({"value": "6", "unit": "A", "context": "Odd"}),
        metered({"value": "6", "unit": "A", "context": "Other", "measurand": "Current.Import"}),
        {"alfen.current_measurand", "alfen.enum_fallback"},
    ),
    (
        "heliox",
        "MeterValues.request",
        metered({"value": "49.9", "measurand": "Frequency", "unit": "W"}),
        metered({"value": "49.9", "measurand": "Frequency", "unit": "Hertz"}),
        {"heliox.own_sample"},
    ),
    (
        "heliox",
        "StopTransaction.request",
        STOP
        | {
            "transactionData": metered({"value": "5", "measurand": "Frequency", "unit": "W"})[
                "meterValue"
            ]
        },
        STOP | {"transactionData": metered({"value": "5", "measurand": "Frequency"})["meterValue"]},
        {"heliox.own_sample"},
    ),
    (
        "huawei",
        "MeterValues.request",
        metered({"value": "1"}) | {"meterValue": metered({"value": "1"})["meterValue"][0]},
        metered({"value": "1"}),
        {"huawei.scalar_to_list"},
    ),
    (
        "legrand",
        "StatusNotification.request",
        STATUS | {"errorCode": "Error", "status": "Faulted"},
        STATUS | {"errorCode": "OtherError", "status": "Faulted"},
        {"legrand.own_value"},
    ),
    (
        "siemens",
        "StopTransaction.request",
        STOP | {"transactionData": [{"sampledValue": [], "timestamp": ""}] * 2},
        STOP,
        {"siemens.empty_items"},
    ),
    (
        "underscored",
        "StopTransaction.request",
        STOP
        | {"transactionData": metered({"value": "1", "context": "Sample_Clock"})["meterValue"]},
        STOP
        | {"transactionData": metered({"value": "1", "context": "Sample.Clock"})["meterValue"]},
        {"underscored.own_value"},
    ),
    (
        "ocpp15-words",
        "BootNotification.response",
        BOOTED | {"heartbeatInterval": 300},
        BOOTED | {"interval": 300},
        {"ocpp15-words.own_name"},
    ),
    (
        "terse",
        "StatusNotification.request",
        {"connectorId": 1, "status": "Available"},
        STATUS,
        {"terse.own_default"},
    ),
    (
        "terse",
        "StopTransaction.request",
        {"transactionId": 5, "meterStop": 7},
        STOP,
        {"terse.own_default"},
    ),
    (
        "terse",
        "StartTransaction.request",
        START,
        START | {"timestamp": TIME},
        {"terse.own_default"},
    ),
    (
        "terse",
        "SecurityEventNotification.request",
        SECURITY,
        SECURITY | {"timestamp": TIME},
        {"terse.own_default"},
    ),
]


@pytest.mark.parametrize(("name", "message", "broken", "mended", "counted"), REPAIRS)
def test_a_quirk_is_mended_for_its_stations_and_counted_under_the_files_name(
    revision, name, message, broken, mended, counted
):
    found, message = fitted(revision, name), (Version.V16, *message.split("."))
    made, names = repair(found.catalog, *message, broken, found.profiles, now=NOW)
    assert made == mended
    assert set(names) == counted
    assert found.catalog.is_valid(*message, mended)
    assert repair(revision.catalog, *message, broken)[0] != mended


def test_every_repair_of_a_file_is_shown(revision):
    """Frames that are cut short are no payloads: tests/core/session/test_session_own_words.py."""
    kinds = {"values": "own_value", "names": "own_name", "missing": "own_default"}
    shown = {mark for *_, counted in REPAIRS for mark in counted} | {"grizzl-e.close_brackets"}
    for name, overlay in revision.variants.overlays.by_name.items():
        repairs = {*overlay.profiles, *(kinds[word.kind] for word in overlay.words)}
        repairs |= {"own_sample"} if overlay.samples else set()
        assert {mark for mark in shown if mark.startswith(name + ".")} == {
            f"{name}.{repair}" for repair in repairs
        }


def fitted(revision, name):
    """The revision for a station that gets this overlay."""
    boot, named = (BOOTS[name], ()) if name in BOOTS else ((None, None), (name,))
    facts = Facts("CP", *boot)
    return revision.variants.fitting(revision, facts, ExtensionSettings(), named)


CODECS = ["enplus_parameters", "etrel_command", "evb_status", "heliox_meter_values"]


def test_every_codec_is_tried(revision):
    assert sorted(revision.variants.overlays.codecs) == CODECS


@pytest.mark.parametrize("name", CODECS)
def test_a_codec_does_what_its_examples_show(revision, name):
    codec = revision.variants.overlays.codecs[name]
    numbers = of_vendor(revision, None).numbers
    assert codec.examples
    for text, data in codec.examples:
        assert codec.to_v201(text, numbers) == data
        back = codec.to_v16(data, numbers)
        assert json.loads(back) == json.loads(text) if codec.kind == JSON else back == text


def test_examples_of_rows_come_out_as_they_say(revision):
    ran = 0
    ways = [((*boot,), ()) for boot in BOOTS.values()] + [((None, None), (n,)) for n in NAMED]
    for (vendor, model), named in ways:
        found = of_vendor(revision, vendor, model=model, named=named)
        standard = {name: len(source.examples) for name, source in library().maps.items()}
        for name, source in found.library.maps.items():
            for case in cases(source, found.catalog.fields):
                if case.place not in {e.place for e in source.examples[standard[name] :]}:
                    continue
                translate = getattr(found.maps.named(name).to(case.towards), case.part)
                context = found.context(case.towards)
                assert translate(case.payload, context, case.state, []) == case.expected
                ran += 1
    assert ran > 2


def test_the_settings_that_are_shown_are_sound(revision):
    shown = re.findall(r"```yaml\n(.*?)```", (FOLDER / "README.md").read_text("utf-8"), re.S)
    configs = [Config.model_validate(yaml.safe_load(text)) for text in shown]
    assert [len(config.extensions.data_transfer) for config in configs] == [3, 0]
    assert [len(config.profiles) for config in configs] == [0, 2]
    for config in configs:
        assert wrong_names(config, revision) == ()


def test_every_overlay_with_rows_shows_an_example(revision):
    for overlay in revision.variants.overlays.by_name.values():
        assert all(rows.examples for rows in overlay.maps.values()), overlay.name
        assert all(codec.examples for codec in overlay.codecs.values()), overlay.name
