"""schemas/map.schema.json, which editors complete from, agrees with the loader."""

import json

import jsonschema
import pytest

from gateway import resources
from gateway.core.mapping.loader import _BLOCK_KEYS, _KINDS, _MAP_KEYS, _ROW_KEYS, load
from gateway.core.yamltree import plain, read
from tests.support.mapping import texts

SCHEMA = json.loads((resources.folder("schemas") / "map.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
HEAD = 'message: {v16: A, v201: B}\nfrom: station\nspec: {v16: "1", v201: "2"}\n'


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


FILES = [path for path in texts() if not path.startswith(("configuration/", "vendors/"))]


@pytest.mark.parametrize("path", FILES)
def test_the_shipped_files_are_valid(path):
    VALIDATOR.validate(plain(read(texts()[path], path)))


def test_schema_and_loader_know_the_same_keys():
    definitions = SCHEMA["$defs"]
    assert set(definitions["map"]["properties"]) == set(_MAP_KEYS)
    assert set(definitions["row"]["properties"]) == set(_ROW_KEYS)
    assert set(definitions["block"]["properties"]) == {*_BLOCK_KEYS, *_KINDS}


@pytest.mark.parametrize(
    "text",
    [
        "reqest: []",
        "entry: [v15]",
        "only: v16",
        "absorb: maybe",
        "replies: {to_v16: {failed: 1}}",
        "request: {v16: a}",
        "request: [{via: tag}]",
        "request: [{v16: 'a..b', lose: x}]",
        "request: [{v16: a, fill: {constant: 1}, lose: x}]",
        "request: [{v16: a, lose: 5}]",
        "request: [{each: {v16: a, v201: b}}]",
        "request: [{use: enums}]",
        "examples: [{request: {v16: {}, v201: {}}}]",
        "examples: [{name: n, request: {v16: {}}}]",
    ],
)
def test_what_the_loader_refuses_the_editor_marks(text):
    assert load({"x/A.yaml": HEAD + text})[1]
    assert not VALIDATOR.is_valid(plain(read(HEAD + text, "A.yaml")))
