"""Findings as text, JSON and SARIF."""

import io
import json

import pytest

from gateway.logs.findings import FORMATS, Totals
from gateway.logs.rules import Finding, Level

FINDINGS = (
    Finding("a.log", 3, Level.ERROR, "enum", "$.type", "must be Soft", "CP1", "Reset", "1"),
    Finding(
        "a.log", 4, Level.WARNING, "format", "$.t", "is bad", "CP1", "Reset", "2", "timestamps"
    ),
    Finding("b\x1b.log", 0, Level.NOTE, "no_frame", "", "no frame on this line"),
)


def put_out(name, *, complete=True, findings=FINDINGS):
    out, totals = io.StringIO(), Totals()
    sink = FORMATS[name](out)
    for finding in findings:
        totals.note(finding)
        sink.take(finding)
    totals.frames = 7
    sink.close(totals, complete=complete)
    return out.getvalue()


def test_text_has_a_line_a_finding_and_totals():
    lines = put_out("text").splitlines()
    assert lines[0] == "a.log:3: error: Reset $.type: must be Soft [enum]"
    assert lines[1].endswith("is bad [format] (repair mends it: timestamps)")
    assert lines[2] == "b\\u001b.log:0: note: no frame on this line [no_frame]"
    assert lines[3] == "7 frames: 1 error, 1 warning, 1 note"
    assert "  CP1: 1 error, 1 warning" in lines
    assert "  Reset: 1 enum, 1 format" in lines


def test_json_is_one_document():
    document = json.loads(put_out("json"))
    assert [finding["rule"] for finding in document["findings"]] == ["enum", "format", "no_frame"]
    assert document["totals"]["levels"] == {"error": 1, "warning": 1, "note": 1}
    assert document["complete"] is True


def test_sarif_names_rule_place_and_level():
    run = json.loads(put_out("sarif"))["runs"][0]
    result = run["results"][0]
    assert (result["ruleId"], result["level"]) == ("enum", "error")
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a.log"}, "region": {"startLine": 3}}
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert rules.keys() >= {"no_frame", "clock_back", "enum"}
    assert rules["no_frame"]["defaultConfiguration"] == {"level": "note"}
    assert all(rule["shortDescription"]["text"] for rule in rules.values())
    assert run["invocations"] == [{"executionSuccessful": True}]


def test_sarif_takes_any_file_name():
    finding = FINDINGS[0]._replace(file="logs/a b%#\u00e9.log")
    result = json.loads(put_out("sarif", findings=(finding,)))["runs"][0]["results"][0]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "logs/a%20b%25%23%C3%A9.log"}


@pytest.mark.parametrize("name", ["json", "sarif"])
@pytest.mark.parametrize("findings", [(), FINDINGS])
def test_documents_are_whole_however_early_the_run_ends(name, findings):
    document = json.loads(put_out(name, complete=False, findings=findings))
    assert "false" in json.dumps(document)


def test_errors_fail_a_run_and_warnings_under_strict():
    totals = Totals()
    totals.note(FINDINGS[2])
    assert not totals.fails(strict=True)
    totals.note(FINDINGS[1])
    assert totals.fails(strict=True)
    assert not totals.fails(strict=False)
    totals.note(FINDINGS[0])
    assert totals.fails(strict=False)
