"""`ocpp-gateway explain --all`: the reference page."""

import re

import pytest

from gateway import resources
from gateway.cli.main import main
from gateway.core.dialects import Version
from tests.support.payloads import catalog

REFERENCE = resources.folder("mappings") / "REFERENCE.md"


def written(capsys, *arguments):
    assert main(["explain", "--all", *arguments]) == 0
    return capsys.readouterr().out


def test_the_page_in_the_folder_is_fresh(capsys):
    """Write it anew with: ocpp-gateway explain --all -o mappings/REFERENCE.md"""
    assert written(capsys) == REFERENCE.read_text("utf-8")


def test_the_page_is_the_same_wherever_it_is_written(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert written(capsys) == REFERENCE.read_text("utf-8")


@pytest.mark.parametrize("version", list(Version), ids=str)
def test_every_message_of_both_versions_stands_at_the_top(version):
    top, _, _ = REFERENCE.read_text("utf-8").partition("\n## Maps\n")
    (section,) = re.findall(rf"^### OCPP {version}\n(.*?)(?=^#|\Z)", top, re.M | re.S)
    rows = re.findall(r"^\| (\w+) \| (\w+) \|", section, re.M)
    assert sorted(row for row in rows if row[0] != "message") == sorted(
        (action, side.value)
        for action in catalog().actions(version)
        for side in catalog().sender(version, action)
    )


def test_both_forms_are_written_at_once(capsys, tmp_path):
    text, page = tmp_path / "all.md", tmp_path / "all.html"
    assert written(capsys, "-o", str(text), "-o", str(page)) == ""
    assert text.read_text("utf-8").startswith("# Reference")
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert page.read_text("utf-8").count("<table>") == text.read_text("utf-8").count("| --- |\n")


def test_vendors_are_listed_with_what_they_add():
    _, _, vendors = REFERENCE.read_text("utf-8").partition("\n## Vendor overlays\n")
    assert re.search(
        r"^\| evbox \|.*\| vendor EV-BOX or EVBOX\* \| codecs evb_status \|$", vendors, re.M
    )


def test_a_file_that_cannot_be_written_is_said(capsys, tmp_path):
    assert main(["explain", "--all", "-o", str(tmp_path / "none" / "all.md")]) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_an_output_needs_all(capsys):
    assert main(["explain", "Heartbeat", "-o", "x.md"]) == 1
    assert "-o belongs to --all" in capsys.readouterr().err
