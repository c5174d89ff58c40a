"""Real runs that are interrupted: what they put out until then is whole, and they say so."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CALLS = 6_000
BEGUN = 50_000
"""Bytes put out when the run is interrupted."""


def exchange(number: int) -> str:
    """A call that breaks its schema, and its answer, of one of 40 stations."""
    told = {
        "schemaVersion": "1.1",
        "timestamp": f"2025-06-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z",
        "transport": "json",
        "direction": "cp-to-csms",
        "messageType": "CALL",
        "ocppVersion": "1.6",
        "chargePointId": f"CP{number % 40}",
        "messageId": str(number),
        "action": "Heartbeat",
        "payload": {"odd": number},
    }
    answer = {name: value for name, value in told.items() if name != "action"}
    answer |= {"direction": "csms-to-cp", "messageType": "CALLRESULT"}
    answer |= {"payload": {"currentTime": told["timestamp"]}}
    return f"{json.dumps(told)}\n{json.dumps(answer)}\n"


@pytest.fixture(scope="module")
def log(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("log") / "a.jsonl"
    file.write_text("".join(map(exchange, range(CALLS))))
    return file


def interrupted(log: Path, *arguments: str) -> tuple[int, bytes, str]:
    """Run a command until findings come out, press Ctrl-C; exit code, output, stderr.

    The pipe that nobody reads holds the run up, so that it cannot end before.
    """
    argv = [sys.executable, "-m", "gateway.cli.main", *arguments]
    process = subprocess.Popen(
        argv,
        cwd=log.parent,
        env={**os.environ, "HOME": str(log.parent), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        # Started in the background, the tests ignore Ctrl-C and all their children would.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    begun = b""
    while len(begun) < BEGUN:
        block = process.stdout.read(BEGUN - len(begun))
        assert block, "the run ended too early"
        begun += block
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    return process.returncode, begun + out, err.decode()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_convert_has_put_out_is_whole_and_counted(log, jobs):
    told = ["--to", "2.0.1", "--jobs", jobs, "--report", "r.json"]
    code, out, err = interrupted(log, "convert", log.name, *told)
    assert code == 130
    assert err.startswith("interrupted, the output is that of a part of the input; ")
    assert "Traceback" not in err
    lines = out.splitlines(keepends=True)
    assert all(line.endswith(b"\n") and json.loads(line) for line in lines)
    report = json.loads((log.parent / "r.json").read_text())
    assert report["complete"] is False
    assert 0 < report["totals"]["frames"] < 2 * CALLS
    assert 0 < len(lines) <= report["totals"]["frames"]


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("format_", ["json", "sarif"])
def test_what_validate_has_put_out_is_a_whole_document(log, format_, jobs):
    code, out, err = interrupted(log, "validate", log.name, "--format", format_, "--jobs", jobs)
    assert code == 130
    assert err == "interrupted: the findings are those of a part of the input\n"
    document = json.loads(out)
    if format_ == "json":
        found, complete = document["findings"], document["complete"]
    else:
        (run,) = document["runs"]
        found, complete = run["results"], run["invocations"][0]["executionSuccessful"]
    assert 0 < len(found) < CALLS
    assert complete is False


def test_the_progress_shows_on_a_terminal_and_is_gone_at_the_end(log):
    """stderr is a terminal, stdout is not."""
    ours, theirs = pty.openpty()
    argv = [sys.executable, "-m", "gateway.cli.main", "convert", log.name, "--to", "2.0.1"]
    process = subprocess.Popen(
        argv,
        cwd=log.parent,
        env={**os.environ, "HOME": str(log.parent), "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    try:
        while block := os.read(ours, 4096):
            said += block
    except OSError:  # Linux tells the end of a terminal's other side like this
        pass
    os.close(ours)
    assert process.wait(60) == 0
    *shown, last = said.decode().split("\r\x1b[K")
    assert any("frames/s" in line and " left" in line for line in shown)
    assert last.startswith(f"{2 * CALLS} frames, ")
