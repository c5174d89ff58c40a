"""`ocpp-gateway print-schema` publishes every key, for editors and for other checkers."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from gateway.cli.main import main
from gateway.core.yamltree import plain, read

MAPPINGS = Path(__file__).parents[2] / "mappings"
EXAMPLE = Path(__file__).parents[2] / "deploy" / "gateway.yaml"


def printed(capsys, *what: str) -> dict:
    assert main(["print-schema", *what]) == 0
    return json.loads(capsys.readouterr().out)


def test_it_is_a_json_schema(capsys):
    jsonschema.Draft202012Validator.check_schema(printed(capsys))


def test_the_example_configuration_is_valid_by_it(capsys):
    text = EXAMPLE.read_text("utf-8").replace("[/ocpp/{station}]", "['/ocpp/{station}']")
    jsonschema.validate(yaml.safe_load(text), printed(capsys))


def test_it_knows_no_other_keys(capsys):
    validator = jsonschema.Draft202012Validator(printed(capsys))
    assert not validator.is_valid({"stations": {"listn": "x"}})
    assert validator.is_valid({"translation": {"a": {"orphan_stop": "drop"}}})


@pytest.mark.parametrize("what", ["config", "map", "overlay"])
def test_all_that_it_prints_are_json_schemas(capsys, what):
    jsonschema.Draft202012Validator.check_schema(printed(capsys, what))


def test_the_configuration_is_what_is_meant_without_a_word(capsys):
    assert printed(capsys) == printed(capsys, "config")


def test_maps_are_valid_by_the_printed_schema(capsys):
    validator = jsonschema.Draft202012Validator(printed(capsys, "map"))
    heartbeat = plain(read((MAPPINGS / "ocpp16-ocpp201/Heartbeat.yaml").read_text("utf-8"), ""))
    assert validator.is_valid(heartbeat)
    assert not validator.is_valid({**heartbeat, "reqest": []})


def test_overlays_are_valid_by_the_printed_schema_alone(capsys):
    """Rows are in it too: it refers to nothing that the reader has not."""
    validator = jsonschema.Draft202012Validator(printed(capsys, "overlay"))
    evpower = plain(read((MAPPINGS / "vendors/evpower.yaml").read_text("utf-8"), ""))
    assert validator.is_valid(evpower)
    evpower["maps"]["BootNotification"]["request"][0]["v202"] = "x"
    assert not validator.is_valid(evpower)
