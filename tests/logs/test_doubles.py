"""What a text says that reading it loses, told by both commands in every kind of line (S17)."""

import csv
import io
import json
from pathlib import Path

import pytest

from gateway.cli.main import main

DOUBLE = (
    '{"connectorId":1,"connectorId":2,"idTag":"A","meterStart":9,'
    '"timestamp":"2025-06-01T09:00:00Z"}'
)
LARGE = (
    '{"connectorId":1,"idTag":"A","meterStart":99999999999999999999,'
    '"timestamp":"2025-06-01T09:00:00Z"}'
)
SOUND = (
    '{"connectorId":1,"idTag":"89430000000000000001","meterStart":9,'
    '"timestamp":"2025-06-01T09:00:00Z"}'
)
KNOWN = {
    "schemaVersion": "1.1",
    "timestamp": "2025-06-01T09:00:00Z",
    "transport": "json",
    "direction": "cp-to-csms",
    "messageType": "CALL",
    "ocppVersion": "1.6",
    "chargePointId": "CP1",
    "messageId": "1",
    "action": "StartTransaction",
}


def trace(payload: str) -> str:
    head = json.dumps(KNOWN, separators=(",", ":"))
    return f'{head[:-1]},"payload":{payload}}}\n'


def spaced(payload: str) -> str:
    return f'{json.dumps(KNOWN)[:-1]}, "payload" : {payload} }}\n'


def escaped(payload: str) -> str:
    return json.dumps({**KNOWN, "payload": payload}) + "\n"


def frame(payload: str) -> str:
    return f'[2,"1","StartTransaction",{payload}]\n'


def framed(payload: str) -> str:
    """A record with the whole frame in it, as a list."""
    return f'{{"timestamp":"2025-06-01T09:00:00Z","station":"CP1","frame":{frame(payload)[:-1]}}}\n'


def row(payload: str) -> str:
    cells = {
        "timestamp": "2025-06-01T09:00:00Z",
        "charge_point_id": "CP1",
        "direction": "cp-to-csms",
        "message_type": "CALL",
        "message_id": "1",
        "ocpp_action": "StartTransaction",
        "payload_json": payload,
    }
    out = io.StringIO()
    csv.writer(out).writerows((cells, cells.values()))
    return out.getvalue()


@pytest.fixture(params=["validate", "convert"])
def told(request, tmp_path, monkeypatch):
    """Runs the command on a log; its findings as (rule, text)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    def run(text: str) -> list[tuple[str, str]]:
        Path("a.log").write_text(text)
        if request.param == "validate":
            main(["validate", "a.log", "--format", "json", "-o", "report.json"])
        else:
            main(["convert", "a.log", "--to", "2.0.1", "-o", "out", "--report", "report.json"])
        findings = json.loads(Path("report.json").read_text())["findings"]
        unanswered = ("no_answer", "minted_id", "no_time")
        return [(f["rule"], f["sentence"]) for f in findings if f["rule"] not in unanswered]

    return run


LINES = pytest.mark.parametrize("line", [trace, spaced, escaped, frame, framed, row])


@LINES
def test_a_member_that_is_there_twice(told, line):
    assert told(line(DOUBLE)) == [
        ("duplicate_member", "'connectorId' is there twice; the last one counts")
    ]


@LINES
def test_an_integer_that_loses_digits(told, line):
    assert told(line(LARGE)) == [("unreadable", "an integer beyond 64 bits")]


@LINES
def test_digits_in_a_text_are_no_integer(told, line):
    assert told(line(SOUND)) == []
