"""The shipped vendor overlays: their examples run, for their stations and no others."""

import json
import re

import pytest
import yaml

from gateway import resources
from gateway.config import Config
from gateway.core.mapping.codecs import JSON
from gateway.core.mapping.examples import cases
from gateway.core.mapping.overlay import Facts
from gateway.revision import unknown_codecs
from tests.support.mapping import library
from tests.support.vendors import of_vendor

FOLDER = resources.folder("mappings") / "vendors"
BOOTS = {
    "alfen": ("Alfen BV", "NG910-60123"),
    "enplus": ("EN+", "AC7000-AE-45"),
    "etrel": ("Etrel", "INCH"),
    "evbox": ("EV-BOX", "G4E-WBW-M7500E"),
    "evpower": ("EVPOWER", "EVC32NK"),
    "heliox": ("Heliox", "Flex 180"),
    "lge": ("LG Electronics", "EVD011SK"),
}
"""What stations of that vendor say at boot."""


def test_every_file_is_listed_and_every_vendor_boots_somewhere():
    files = {path.stem for path in FOLDER.glob("*.yaml")}
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert files == set(BOOTS)
    assert {name for name in files if f"| `{name}.yaml` |" in readme} == files


@pytest.mark.parametrize("name", BOOTS)
def test_its_stations_get_the_overlay(revision, name):
    found = revision.variants.overlays.chosen(Facts("CP", *BOOTS[name]))
    assert [overlay.name for overlay in found] == [name]


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
    for vendor, model in BOOTS.values():
        found = of_vendor(revision, vendor, model=model)
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


def test_the_routes_that_are_shown_are_sound(revision):
    (text,) = re.findall(r"```yaml\n(.*?)```", (FOLDER / "README.md").read_text("utf-8"), re.S)
    config = Config.model_validate(yaml.safe_load(text))
    assert len(config.extensions.data_transfer) == 3
    assert unknown_codecs(config, revision) == ()


def test_every_overlay_with_rows_shows_an_example(revision):
    for overlay in revision.variants.overlays.by_name.values():
        assert all(rows.examples for rows in overlay.maps.values()), overlay.name
        assert all(codec.examples for codec in overlay.codecs.values()), overlay.name
