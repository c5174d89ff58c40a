"""What reaches the page from a run, in one process and in several."""

import json
import re
from pathlib import Path

import pytest

from gateway.cli.main import main

T = "2025-06-01T09:{:02}:{:02}Z"


def line(station: str, second: int, frame: list) -> str:
    told = {
        "schemaVersion": "1.1",
        "timestamp": T.format(second // 60 % 60, second % 60),
        "transport": "json",
        "direction": "cp-to-csms" if frame[0] == 2 else "csms-to-cp",
        "messageType": {2: "CALL", 3: "CALLRESULT", 4: "CALLERROR"}[frame[0]],
        "ocppVersion": "1.6",
        "chargePointId": station,
        "messageId": frame[1],
    }
    if frame[0] == 2:
        told["action"] = frame[2]
    if frame[0] == 4:
        told["error"] = {"code": frame[2], "description": frame[3], "details": frame[4]}
    else:
        told["payload"] = frame[-1]
    return json.dumps(told) + "\n"


def exchange(station: str, number: int, action: str, asked: dict, answer: dict) -> str:
    call, result = [2, f"{number}", action, asked], [3, f"{number}", answer]
    return line(station, number, call) + line(station, number, result)


STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
START = {"connectorId": 1, "idTag": "TAG1", "meterStart": 500, "timestamp": T.format(0, 0)}
STARTED = {"transactionId": 44, "idTagInfo": {"status": "Accepted"}}


@pytest.fixture
def reporting(tmp_path, monkeypatch, capsys):
    """Makes a page of a log; gives the exchanges on it and the page."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    def report(log: str, *arguments: str) -> tuple[list[dict], str]:
        Path("field.jsonl").write_text(log)
        command = arguments or ("convert", "--to", "2.0.1", "-o", "out", "--report", "r.html")
        main([command[0], "field.jsonl", *command[1:]])
        capsys.readouterr()
        page = Path("r.html").read_text()
        found = re.search('id="exchange-data">(.*?)</script>', page, re.S)
        assert found is not None
        return json.loads(found[1]), page

    return report


VALIDATE = ("validate", "--format", "html", "-o", "r.html")


def marked(exchange: dict, row: int, side: str) -> dict[str, str]:
    """Line -> its mark, of a call (0) or an answer (1)."""
    panes = exchange["rows"][row][side]
    return {line[1]: line[2] for pane in panes for line in pane["lines"] if line[2]}


def test_an_exchange_shows_what_came_in_and_what_went_out(reporting):
    [shown], _ = reporting(exchange("CP1", 7, "StartTransaction", START, STARTED))
    assert (shown["station"], shown["id"], shown["time"]) == ("CP1", "7", T.format(0, 7))
    assert (shown["action"], shown["becomes"]) == ("StartTransaction", ["TransactionEvent"])
    assert shown["place"] == "field.jsonl:1"
    assert marked(shown, 0, "in")['"meterStart": 500,'] == "moved"
    assert marked(shown, 1, "out") == {'"status": "Accepted"': "moved"}


def test_what_the_gateway_answers_is_shown_as_its_answer(reporting):
    log = exchange("CP1", 1, "BootNotification", {}, {"status": "Accepted"})
    [shown], _ = reporting(log)
    assert shown["fate"] == "refused"
    assert shown["rows"][0]["out"] == []
    assert "refuses" in shown["rows"][0]["told"]
    [pane] = shown["rows"][1]["out"]
    assert (pane["kind"], pane["by"]) == ("CALLERROR", "gateway")


def test_repairs_are_shown_beside_what_was_logged_when_validating(reporting):
    asked = STATUS | {"timestamp": "2025-06-01 09:00:00"}
    [shown], _ = reporting(exchange("CP1", 1, "StatusNotification", asked, {}), *VALIDATE)
    assert shown["repairs"] == ["timestamps"]
    assert shown["fate"] == ""
    assert marked(shown, 0, "out") == {'"timestamp": "2025-06-01T09:00:00Z"': "changed"}
    assert marked(shown, 0, "in") == {'"timestamp": "2025-06-01 09:00:00"': "changed broken"}
    assert shown["rows"][1]["out"] == []


def test_nothing_is_mended_under_strict(reporting):
    asked = STATUS | {"timestamp": "2025-06-01 09:00:00"}
    log = exchange("CP1", 1, "StatusNotification", asked, {})
    [shown], _ = reporting(log, *VALIDATE, "--strict")
    assert shown["rows"][0]["out"] == []
    assert shown["tags"] == ["error", "rule: format"]


def test_what_is_missing_is_told_where_it_is_missing(reporting):
    [shown], _ = reporting(exchange("CP1", 1, "StatusNotification", {}, {}), *VALIDATE)
    [line] = shown["rows"][0]["in"][0]["lines"]
    assert line[:3] == [0, "{}", "broken"]
    assert "errorCode is missing" in line[3]
    assert "status is missing" in line[3]


def test_findings_on_the_answer_stand_at_the_answer(reporting):
    [shown], _ = reporting(exchange("CP1", 1, "Heartbeat", {}, {"currentTime": 5}), *VALIDATE)
    assert marked(shown, 0, "in") == {}
    assert marked(shown, 1, "in") == {'"currentTime": 5': "broken"}


def test_a_call_without_an_answer_is_shown_without_one(reporting):
    [shown], _ = reporting(line("CP1", 1, [2, "1", "Heartbeat", {}]))
    assert shown["tags"] == ["no answer", "translated"]
    assert shown["rows"][1]["in"] == []


def test_a_refusal_in_the_log_is_shown_as_such(reporting):
    log = line("CP1", 1, [2, "1", "Heartbeat", {}])
    log += line("CP1", 1, [4, "1", "GenericError", "no", {}])
    [shown], _ = reporting(log)
    [pane] = shown["rows"][1]["in"]
    assert pane["kind"] == "CALLERROR"
    assert '"description": "no",' in [line[1] for line in pane["lines"]]


def test_a_lost_field_is_counted_with_the_reason_of_its_map(reporting):
    asked = {"idToken": {"idToken": "T", "type": "ISO14443"}, "customData": {"vendorId": "v"}}
    answer = {"idTokenInfo": {"status": "Accepted"}}
    log = exchange("CP1", 1, "Authorize", asked, answer).replace('"1.6"', '"2.0.1"')
    [shown], page = reporting(log, "convert", "--to", "1.6", "-o", "out", "--report", "r.html")
    assert shown["lost"] == ["Authorize.request:customData"]
    assert marked(shown, 0, "in")['"vendorId": "v"'] == "lost"
    assert "<code>customData</code></td><td class=number>1</td><td>a 1.6 Authorize is the" in page


def test_an_enormous_payload_is_cut(reporting):
    asked = {"vendorId": "V", "data": "x" * 1_000_000, "messageId": "m"}
    [shown], page = reporting(exchange("CP1", 1, "DataTransfer", asked, {"status": "Accepted"}))
    assert len(page) < 100_000
    lines = shown["rows"][0]["in"][0]["lines"]
    assert any("(1,000,002 characters)" in line[1] for line in lines)


@pytest.mark.parametrize("command", [(), VALIDATE])
def test_several_processes_give_the_same_page(reporting, command):
    words = [STATUS, STATUS | {"status": "Odd"}, STATUS | {"timestamp": "2025-06-01 09:00:00"}]
    late = STATUS | {"errorCode": "Rare"}
    log = "".join(
        exchange(
            f"CP{n % 17}", n, "StatusNotification", late if n > 600 else words[n * n % 7 % 3], {}
        )
        for n in range(700)
    )
    first = command or ("convert", "--to", "2.0.1", "-o", "out", "--report", "r.html")
    exchanges, one = reporting(log, *first)
    assert 500 < len(exchanges) < 700
    _, several = reporting(log, *first, "--jobs", "3")
    assert several == one


def test_a_page_changes_nothing_about_the_output(reporting):
    log = exchange("CP1", 7, "StartTransaction", START, STARTED) + "noise\n"
    reporting(log)
    with_page = Path("out").read_bytes()
    main(["convert", "field.jsonl", "--to", "2.0.1", "-o", "plain"])
    assert Path("plain").read_bytes() == with_page
