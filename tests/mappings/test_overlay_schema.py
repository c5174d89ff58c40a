"""schemas/overlay.schema.json, which editors complete from, agrees with the overlay reader."""

import re
from typing import get_args

import jsonschema
import pytest
from referencing import Registry, Resource

from gateway import resources
from gateway.config.model import Profile
from gateway.core.mapping import codecs, key_loader, overlay_reader
from gateway.core.mapping.key_values import CONVERTERS
from gateway.core.mapping.overlay import FACTS
from gateway.core.mapping.overlay_reader import Known, read_overlays
from gateway.core.yamltree import plain, read
from gateway.revision import REPAIRS
from tests.support.mapping import library, texts

SCHEMA = resources.own_schema("overlay")
MAP = Resource.from_contents(resources.own_schema("map"))
VALIDATOR = jsonschema.Draft202012Validator(
    SCHEMA, registry=Registry().with_resource("map.schema.json", MAP)
)
HEAD = "overlay: Acme\nmatch: {vendor: Acme}\n"
DEFINITIONS = SCHEMA["$defs"]
README = (resources.folder("mappings") / "README.md").read_text("utf-8")


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_it_refers_to_the_schema_of_maps_by_the_name_of_its_file():
    assert resources.own_schema("map")["$id"] == "map.schema.json"
    assert SCHEMA["$id"] == "overlay.schema.json"


@pytest.mark.parametrize("path", [path for path in texts() if path.startswith("vendors/")])
def test_the_shipped_files_are_valid(path):
    VALIDATOR.validate(plain(read(texts()[path], path)))


def test_the_overlay_that_is_taught_is_valid():
    section = README.partition("\n## Vendor overlays\n")[2].partition("\n## ")[0]
    shown = re.findall(r"```yaml\n(overlay:.*?)```", section, re.S)
    first, finished = (plain(read(text, "acme.yaml")) for text in shown)
    assert not VALIDATOR.is_valid(first)
    VALIDATOR.validate(finished)


def test_schema_and_reader_know_the_same_words():
    reader = overlay_reader
    assert set(SCHEMA["properties"]) == set(reader._KEYS)
    assert set(SCHEMA["properties"]["match"]["anyOf"][1]["properties"]) == set(FACTS)
    assert set(SCHEMA["properties"]["samples"]["items"]["properties"]) == set(reader._SAMPLE_KEYS)
    assert set(DEFINITIONS["members"]["properties"]) == set(reader._SAMPLE_MEMBERS)
    assert set(DEFINITIONS["field"]["properties"]) == set(reader._FIELD_KEYS)
    assert set(DEFINITIONS["field"]["properties"]["type"]["enum"]) == set(reader.JSON_TYPES)
    assert set(DEFINITIONS["codec"]["properties"]) == set(reader._CODEC_KEYS)
    assert set(DEFINITIONS["item"]["properties"]) == set(reader._ITEM_KEYS)
    assert set(DEFINITIONS["item"]["properties"]["type"]["enum"]) == set(codecs.TYPES)


def test_schema_reader_and_configuration_know_the_same_repairs():
    assert set(DEFINITIONS["repair"]["enum"]) == REPAIRS
    assert set(get_args(Profile)) - {"xml_recover"} == REPAIRS


def test_keys_are_written_as_in_the_table_of_keys():
    key = DEFINITIONS["key"]["properties"]
    assert set(key) == set(key_loader._ROW)
    assert set(key["v16"]["properties"]) == set(key["v201"]["properties"]) == set(key_loader._DATA)
    assert set(key["v16"]["properties"]["type"]["enum"]) == set(key_loader.TYPES16)
    assert set(key["v201"]["properties"]["type"]["enum"]) == set(key_loader.TYPES201)
    assert set(key["via"]["enum"]) == set(CONVERTERS)
    assert set(key["gateway"]["enum"]) == set(key_loader.GATEWAY_VALUES)
    assert set(key["tells"]["enum"]) == set(key_loader.TOLD)
    table = plain(read(texts()["configuration/keys.yaml"], "keys.yaml"))["keys"]
    VALIDATOR.validate({"overlay": "all keys", "match": "named", "keys": table})


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "colour: red",
        "match: {vendor: Acme}",
        "overlay: Acme",
        "overlay: Acme\nmatch: {}",
        "overlay: Acme\nmatch: {vndor: Acme}",
        "overlay: Acme\nmatch: everybody",
        "overlay: Acme\nmatch: {vendor: ''}",
        HEAD + "evidence: [a]",
        HEAD + "profiles: [enum_falback]",
        HEAD + "values: {errorCode: OtherError}",
        HEAD + "values: {errorCode: {Error: 5}}",
        HEAD + "names: {Heartbeat: {a: b}}",
        HEAD + "names: {Heartbeat.request: {a: 5}}",
        HEAD + "missing: {Heartbeat.reqest: {a: 5}}",
        HEAD + "samples: [{seen: {unit: W}}]",
        HEAD + "samples: [{seen: {}, meant: {unit: W}}]",
        HEAD + "samples: [{seen: {unt: W}, meant: {unit: W}}]",
        HEAD + "fields: {Heartbeat: []}",
        HEAD + "fields: {Heartbeat.request: [{name: x, type: text}]}",
        HEAD + "fields: {Heartbeat.request: [{type: any}]}",
        HEAD + "fields: {Heartbeat.request: [{name: x, maxlength: 5}]}",
        HEAD + "measurands: {Soh: {unit: Percent}}",
        HEAD + "measurands: {Soh: drop}",
        HEAD + "maps: {Heartbeat: {reqest: []}}",
        HEAD + "maps: {Heartbeat: {request: [{v16: a, v202: b}]}}",
        HEAD + "enums: {UnlockStatus: {summary: s, to_v202: {}}}",
        HEAD + "codecs: {c: {json: []}}",
        HEAD + "codecs: {c: {summary: s}}",
        HEAD + "codecs: {c: {summary: s, list: [], separator: ab}}",
        HEAD + "codecs: {c: {summary: s, json: [{name: a, type: int}]}}",
        HEAD + "codecs: {c: {summary: s, json: [{nme: a}]}}",
        HEAD + "keys: {K: {}}",
        HEAD + "keys: {K: {legacy: K, vie: integer}}",
        HEAD + "keys: {K: {legacy: K, v16: {type: int}}}",
    ],
)
def test_what_the_reader_refuses_the_editor_marks(text):
    known = Known((), REPAIRS, library().maps)
    assert read_overlays({"vendors/acme.yaml": text}, {}, known)[1]
    assert not VALIDATOR.is_valid(plain(read(text, "acme.yaml")))
