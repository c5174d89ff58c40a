"""A report takes bounded memory, however long and however bad the log is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

MOST_MEGABYTES = 150
GROWTH_MEGABYTES = 10
STATIONS = 60

# A process inherits the peak of the one that started it, so a small one stands between.
WATCHED = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def write(file: Path, calls: int) -> None:
    """Calls without answers, a kilobyte each, broken in many ways."""
    with file.open("w") as out:
        for number in range(calls):
            payload = {"connectorId": "x", f"extra{number % 900}": "<" * 800}
            payload |= {"list": [{"a": n, "b": number} for n in range(6)]}
            told = {
                "schemaVersion": "1.1",
                "timestamp": f"2025-06-{1 + number // 86400:02}T{number // 3600 % 24:02}:00:00Z",
                "transport": "json",
                "direction": "cp-to-csms",
                "messageType": "CALL",
                "ocppVersion": "1.6",
                "chargePointId": f"CP{number % STATIONS}",
                "messageId": f"m{number}",
                "action": ("StatusNotification", "MeterValues", "Heartbeat")[number % 3],
                "payload": payload,
            }
            out.write(json.dumps(told) + "\n")


def peak(log: Path, command: str, *arguments: str) -> float:
    """Megabytes."""
    argv = [sys.executable, "-m", "gateway.cli.main", command, str(log), *arguments]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *argv], check=True, capture_output=True, text=True
    )
    return int(done.stdout) / 1000


@pytest.mark.full
@pytest.mark.parametrize("command", ["convert", "validate"])
def test_a_longer_log_takes_no_more_memory(tmp_path, command):
    page, out = str(tmp_path / "r.html"), str(tmp_path / "out")
    told = {
        "convert": ("--to", "2.0.1", "-o", out, "--report", page),
        "validate": ("--format", "html", "-o", page),
    }[command]
    peaks = []
    for calls in (6_000, 18_000):
        log = tmp_path / f"{calls}.jsonl"
        write(log, calls)
        peaks.append(peak(log, command, *told))
        assert f"<dd>{calls:,}</dd>" in Path(page).read_text()
    assert max(peaks) < MOST_MEGABYTES
    assert peaks[1] - peaks[0] < GROWTH_MEGABYTES, peaks
