"""`ocpp-gateway explain`: every field of a message and what becomes of it; a frame row by row."""

import io
import json
import shutil
import sys

import pytest

from gateway import resources
from gateway.cli.main import main
from gateway.config.model import Resources
from gateway.core.dialects import Version
from gateway.core.schema.fields import Field
from gateway.revision import load_catalog


@pytest.fixture
def explain(monkeypatch, tmp_path, capsys):
    """Runs the command; gives exit code, stdout, stderr."""
    monkeypatch.setenv("HOME", str(tmp_path))

    def explaining(*arguments: str, frames: object = None):
        if frames is not None:
            text = frames if isinstance(frames, str) else json.dumps(frames)
            monkeypatch.setattr(sys, "stdin", io.StringIO(text))
            arguments = (*arguments, "--frame", "-")
        code = main(["explain", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return explaining


def leaves(fields: dict[str, Field]) -> set[str]:
    """Paths of the fields that hold a value themselves."""
    return {
        path for path in fields if not any(p.startswith((f"{path}.", f"{path}[")) for p in fields)
    }


def whole_or_part_of(path: str) -> list[str]:
    """The path and those of the objects it stands in: a row may name an object as a whole."""
    names = path.removesuffix("[]").split(".")
    return [".".join(names[:count]) for count in range(1, len(names) + 1)]


@pytest.mark.parametrize("action", ["TransactionEvent", "StatusNotification", "BootNotification"])
def test_every_field_of_a_message_is_named(explain, action):
    code, out, _ = explain(action)
    assert code == 0
    catalog, named = load_catalog(Resources()), set(out.split())
    for part in ("request", "response"):
        for path in leaves(catalog.fields(Version.V201, action, part)):
            assert named & set(whole_or_part_of(path)), path


def test_both_directions_calls_and_answers_are_told(explain):
    _, out, _ = explain("authorize")
    headings = [line.split(":")[:2] for line in out.splitlines() if " -> Authorize (" in line]
    assert [" ".join(h).strip() for h in headings] == [
        "call  Authorize (2.0.1) -> Authorize (1.6)",
        "answer  Authorize (1.6) -> Authorize (2.0.1)",
        "call  Authorize (1.6) -> Authorize (2.0.1)",
        "answer  Authorize (2.0.1) -> Authorize (1.6)",
    ]
    lost = [line for line in out.splitlines() if line.startswith("    lost       customData ")]
    assert lost[0].split("  ")[-1].startswith("[line ")


def test_a_message_that_becomes_several_shows_each(explain):
    _, out, _ = explain("TransactionEvent")
    for name in ("StartTransaction", "MeterValues", "StopTransaction", "StatusNotification"):
        assert f"call: TransactionEvent (2.0.1) -> {name} (1.6)" in out


def test_a_message_without_a_counterpart_is_explained_by_what_answers_it(explain):
    code, out, _ = explain("SetDisplayMessage")
    assert code == 0
    assert "answer: nothing (1.6) -> SetDisplayMessage (2.0.1): 2 filled" in out


def test_a_message_without_a_map_is_said_to_have_none(explain, tmp_path):
    maps = tmp_path / "maps"
    shutil.copytree(resources.folder("mappings"), maps)
    (maps / "ocpp16-ocpp201" / "SetDisplayMessage.yaml").unlink()
    config = tmp_path / "gateway.yaml"
    config.write_text(f"resources: {{mappings: {maps}}}\n")
    code, out, _ = explain("SetDisplayMessage", "-c", str(config))
    assert code == 0
    assert out.startswith("SetDisplayMessage has no map here")


def test_a_name_that_is_no_message_is_refused_with_the_nearest(explain):
    assert explain("TransactionEvnt") == (
        1,
        "",
        "no version of OCPP has a message TransactionEvnt (did you mean TransactionEvent?)\n",
    )


def test_a_frame_is_told_row_by_row(explain):
    code, out, _ = explain(
        frames=[
            2,
            "1",
            "Authorize",
            {"idToken": {"idToken": "AB", "type": "ISO14443"}, "customData": {"vendorId": "x"}},
        ]
    )
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "stdin:1:1: call Authorize, OCPP 2.0.1 -> 1.6"
    assert any('idToken.idToken = "AB"' in line and '-> idTag = "AB"  [' in line for line in lines)
    assert any(line.startswith("    lost: customData") for line in lines)
    assert '    = {"idTag": "AB"}' in lines


def test_an_answer_is_told_after_its_call(explain):
    code, out, _ = explain(
        frames='[2,"1","Authorize",{"idTag":"AB"}]\n\n[3,"1",{"idTagInfo":{"status":"Blocked"}}]\n'
    )
    assert code == 0
    assert "stdin:3:1: answer to Authorize, OCPP 1.6 -> 2.0.1" in out
    assert '    = {"idTokenInfo": {"status": "Blocked"}}' in out


def test_what_a_procedure_would_compute_stands_by_its_name(explain):
    event = {
        "eventType": "Started",
        "timestamp": "2025-01-01T00:00:00Z",
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "t"},
    }
    _, out, _ = explain(frames=[[2, "1", "TransactionEvent", event]])
    assert "  as StartTransaction (StartTransaction)" in out
    assert 'meterStart = "<meter_start>" (filled)' in out


def test_the_version_may_be_given(explain):
    _, out, _ = explain("--version", "1.6", frames=[2, "1", "Heartbeat", {}])
    assert "call Heartbeat, OCPP 1.6 -> 2.0.1" in out
    _, out, _ = explain(frames=[2, "1", "Heartbeat", {}])
    assert "call Heartbeat, OCPP 2.0.1 -> 1.6" in out


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ([2, "1", "Authorize", {}], "not valid: $"),
        ([2, "1", "Nonsense", {}], "OCPP 2.0.1 has no such message"),
        ([3, "9", {}], "stdin:1:1: answer 9: its call does not stand before it"),
        ([2, "1"], "stdin:1:1: no frame:"),
        ({"a": 1}, "stdin:1:1: no frame:"),
    ],
)
def test_what_cannot_be_told_ends_with_1(explain, frames, said):
    code, out, _ = explain(frames=frames)
    assert code == 1
    assert said in out


def test_text_that_is_no_json_is_said_with_its_line(explain):
    code, _, err = explain(frames='[2,"1","Heartbeat",{}]\n[2,')
    assert code == 1
    assert err.startswith("stdin:2:4: no JSON:")


def test_a_missing_file_is_said(capsys):
    assert main(["explain", "--frame", "nowhere.json"]) == 1
    assert capsys.readouterr().err.startswith("nowhere.json cannot be read")


def test_a_frame_that_breaks_both_schemas_is_of_the_version_that_it_breaks_less(explain):
    boot = {"chargePointVendor": "ACME", "chargePointModel": "M", "colour": "red"}
    code, out, _ = explain(frames=[2, "1", "BootNotification", boot])
    assert code == 1
    assert "call BootNotification, OCPP 1.6 -> 2.0.1" in out
    assert "not valid: $.colour" in out
