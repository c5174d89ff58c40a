"""Whose words count in a log: by the boot in it, by the station's route, by the command."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.main import main


def said(station: str, *frame: Any) -> str:
    return f"INFO:ocpp:{station}: receive message {json.dumps(frame)}\n"


def boot(station: str, vendor: str, message_id: str = "b") -> str:
    told = {"chargePointVendor": vendor, "chargePointModel": "M"}
    answer = {"status": "Accepted", "currentTime": "2025-06-01T09:00:00Z", "interval": 60}
    sent = f"INFO:ocpp:{station}: send {json.dumps([3, message_id, answer])}\n"
    return said(station, 2, message_id, "BootNotification", told) + sent


def fault(station: str, message_id: str) -> str:
    payload = {"connectorId": 1, "errorCode": "Error", "status": "Faulted"}
    return said(station, 2, message_id, "StatusNotification", payload)


ASKED = 'INFO:ocpp:CP1: send [2,"g","GetConfiguration",{"key":["WebSocketPingInterval"]}]\n'
CUT = 'INFO:ocpp:CP1: receive message [3,"g",{"configurationKey":[]\n'
AFTER = said("CP1", 2, "h", "Heartbeat", {})


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs a command on a log; gives exit code and findings; what is put out stands in `out`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    def running(log: str, command: str, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
        Path("a.log").write_text(log)
        where = ["--format", "json", "-o", "report.json"]
        if command == "convert":
            where = ["--to", "2.0.1", "-o", "out", "--report", "report.json"]
        code = main([command, "a.log", *where, *arguments])
        if code == 2:
            return code, [{"sentence": capsys.readouterr().err}]
        found = json.loads(Path("report.json").read_text())["findings"]
        return code, [f for f in found if f["level"] != "note"]

    return running


def told(findings: list[dict[str, Any]]) -> list[tuple[int, str, str]]:
    return [(f["line"], f["level"], f.get("repair", "")) for f in findings]


BOTH = pytest.mark.parametrize("command", ["validate", "convert"])


@BOTH
def test_an_overlay_is_in_force_from_the_boot_on_that_it_matches(run, command):
    log = (
        fault("CP1", "1")
        + boot("CP1", "Legrand")
        + fault("CP1", "2")
        + fault("CP2", "3")
        + boot("CP1", "Other", "c")
        + fault("CP1", "4")
    )
    code, findings = run(log, command)
    assert code == 1
    assert sorted(told(findings)) == [
        (1, "error", ""),
        (4, "warning", "legrand.own_value"),
        (5, "error", ""),
        (8, "error", ""),
    ]


@BOTH
def test_the_command_names_overlays_and_repairs_for_all_stations(run, command):
    log = fault("CP1", "1") + fault("CP2", "2")
    code, findings = run(log, command, "--profile", "legrand", "--profile", "string_to_number")
    assert (code, told(findings)) == (
        0,
        [(1, "warning", "legrand.own_value"), (2, "warning", "legrand.own_value")],
    )
    _, findings = run(log, command, "--profile", "enum_fallback")
    assert {repair for _, _, repair in told(findings)} == {"enum_fallback"}


@BOTH
def test_a_route_names_them_for_its_stations(run, command):
    routes = 'routes: [{match: "CP1", profiles: [legrand]}]\nprofiles: [enum_fallback]\n'
    Path("gateway.yaml").write_text(routes)
    _, findings = run(fault("CP1", "1") + fault("CP2", "2"), command, "-c", "gateway.yaml")
    assert told(findings) == [
        (1, "warning", "legrand.own_value"),
        (2, "warning", "enum_fallback"),
    ]


@BOTH
def test_a_name_that_means_nothing_is_told(run, command):
    code, [error] = run(AFTER, command, "--profile", "legrnad")
    assert code == 2
    assert (
        "there is no repair and no overlay 'legrnad' (did you mean 'legrand'?)"
        in (error["sentence"])
    )


@BOTH
def test_a_frame_without_its_last_brackets_is_completed_for_its_model(run, command):
    log = boot("CP1", "United Chargers") + ASKED + CUT + AFTER
    code, [finding] = run(log, command)
    assert code == 0
    assert told([finding]) == [(4, "warning", "grizzl-e.close_brackets")]
    assert finding["rule"] == "mended"


@BOTH
def test_for_other_models_it_stays_cut(run, command):
    code, findings = run(boot("CP1", "Other") + ASKED + CUT + AFTER, command)
    assert code == 1
    assert [(f["line"], f["rule"]) for f in findings] == [(4, "incomplete")]


def test_the_completed_answer_is_translated(run):
    run(ASKED + CUT + AFTER, "convert", "--profile", "grizzl-e")
    lines = [json.loads(line) for line in Path("out").read_text().splitlines()]
    answers = [line["payload"] for line in lines if line["messageId"] == "g"]
    assert answers[-1]["getVariableResult"][0]["attributeStatus"] == "UnknownVariable"


@BOTH
def test_several_processes_find_the_same(run, command):
    log = "".join(
        boot(f"CP{n}", "United Chargers") + (ASKED + CUT).replace("CP1", f"CP{n}") for n in range(9)
    )
    one = run(log, command)
    assert len(one[1]) == 9
    assert run(log, command, "--jobs", "2") == one


def test_under_strict_nothing_is_mended(run):
    log = boot("CP1", "United Chargers") + ASKED + CUT + AFTER
    code, [finding] = run(log, "validate", "--strict")
    assert (code, finding["rule"]) == (1, "incomplete")


def test_members_that_an_overlay_knows_are_named_with_it(run):
    told = {"chargePointVendor": "EVPOWER", "chargePointModel": "M", "chargerId": "1"}
    code, [finding] = run(said("CP1", 2, "1", "BootNotification", told), "validate")
    assert (code, finding["path"], finding["repair"]) == (0, "$.chargerId", "evpower.fields")


@BOTH
def test_a_finding_tells_which_profile_would_mend_it(run, command):
    payload = {"connectorId": "1", "errorCode": "Odd", "info": ["x"]}
    _, findings = run(said("CP1", 2, "1", "StatusNotification", payload), command)
    sentences = {f["path"]: f["sentence"] for f in findings}
    assert sentences["$.connectorId"] == (
        "must be an integer, is a string; mended by --profile string_to_number"
        " --profile enum_fallback"
    )
    assert sentences["$.status"] == "is missing"
    assert sentences["$.info"] == "must be a string, is a list"
    _, findings = run(
        said("CP1", 2, "1", "StatusNotification", payload),
        command,
        *("--profile", "string_to_number", "--profile", "enum_fallback"),
    )
    assert [f["path"] for f in findings if f["level"] == "error"] == ["$.info", "$.status"]
