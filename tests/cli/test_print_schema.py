"""`ocpp-gateway print-schema` publishes every key, for editors and for other checkers."""

import json
from pathlib import Path

import jsonschema
import yaml

from gateway.cli.main import main

EXAMPLE = Path(__file__).parents[2] / "deploy" / "gateway.yaml"


def printed(capsys) -> dict:
    assert main(["print-schema"]) == 0
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
