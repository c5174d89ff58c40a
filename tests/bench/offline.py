"""The offline commands on a generated log: `python -m tests.bench.offline`.

The bench log of design/README.md section 4: 60 % MeterValues of 4 samples, 25 % StatusNotification,
10 % Heartbeat, 5 % transactions, each with its answer, several stations, every line distinct. The
yardstick is `orjson.dumps(orjson.loads(line))` of the same lines, in the same process.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from tests.bench.figures import Figure, spread, table
from tests.bench.offline_pieces import pieces
from tests.bench.paths import Scale

STATIONS = 50
CYCLE = 20
"""Calls of a station from one transaction to the next."""
BEGIN = datetime(2025, 6, 1, tzinfo=UTC)
GOALS = {"convert": 6.0, "validate": 2.5}
MOST_MEGABYTES = 150
"""Of memory, whatever the size of the log."""
LONGEST_S = 1800.0
"""For one run of a command."""
MEGABYTE = 1e6

Frame = list[Any]


def frames() -> Iterator[tuple[datetime, str, bool, Frame]]:
    """(time, station, from the station, frame), without end."""
    number = 0
    while True:
        for index in range(STATIONS):
            now = BEGIN + timedelta(milliseconds=37 * number)
            action, payload, answer = _exchange(index, number // STATIONS, now)
            message_id = f"{number:08x}-0000-4000-8000-{index:012x}"
            station = f"CP{index:04}"
            yield now, station, True, [2, message_id, action, payload]
            later = now + timedelta(milliseconds=11)
            yield later, station, False, [3, message_id, answer]
            number += 1


def _exchange(index: int, turn: int, now: datetime) -> tuple[str, Frame | Any, Any]:
    """A station's call and its answer: per 20 calls 12 readings, 5 statuses, 2 heartbeats and the
    end of one transaction or the beginning of the next."""
    time_, step, transaction = _text(now), turn % CYCLE, 1 + turn // (2 * CYCLE) * STATIONS + index
    odd = turn // CYCLE % 2
    register = 1000 * index + 17 * turn
    if step == 0 and not odd:
        start = {"connectorId": 1, "idTag": f"TAG{index:05}{turn % 997:03}"}
        start |= {"meterStart": register, "timestamp": time_}
        told = {"transactionId": transaction, "idTagInfo": {"status": "Accepted"}}
        return "StartTransaction", start, told
    if step == 0:
        stop = {"transactionId": transaction, "meterStop": register, "timestamp": time_}
        return "StopTransaction", stop, {}
    if step % 4 == 2:
        status = ("Charging", "SuspendedEV")[turn // 4 % 2]
        told = {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": time_}
        return "StatusNotification", told, {}
    if step in (7, 17):
        return "Heartbeat", {}, {"currentTime": time_}
    return "MeterValues", _reading(transaction, register, turn, time_), {}


def _reading(transaction: int, register: int, turn: int, time_: str) -> dict[str, Any]:
    samples = (
        (str(register), "Energy.Active.Import.Register", "Wh"),
        (f"{7000 + turn % 400}", "Power.Active.Import", "W"),
        (f"{10 + turn % 60 / 10:.1f}", "Current.Import", "A"),
        (f"{228 + turn % 40 / 10:.1f}", "Voltage", "V"),
    )
    sampled = [
        {"value": value, "context": "Sample.Periodic", "measurand": measurand, "unit": unit}
        for value, measurand, unit in samples
    ]
    value = {"timestamp": time_, "sampledValue": sampled}
    return {"connectorId": 1, "transactionId": transaction, "meterValue": [value]}


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def traced(now: datetime, station: str, up: bool, frame: Frame) -> bytes:
    """A line of Open OCPP Trace 1.1."""
    record = {
        "schemaVersion": "1.1",
        "timestamp": _text(now),
        "transport": "json",
        "direction": "cp-to-csms" if up else "csms-to-cp",
        "messageType": "CALL" if up else "CALLRESULT",
        "ocppVersion": "1.6",
        "chargePointId": station,
        "messageId": frame[1],
    }
    if up:
        record["action"] = frame[2]
    record["payload"] = frame[-1]
    return orjson.dumps(record)


def steve(now: datetime, station: str, up: bool, frame: Frame) -> bytes:
    """A line as SteVe logs it."""
    head = f"[INFO ] {now:%Y-%m-%d %H:%M:%S},{now.microsecond // 1000:03} "
    head += f"de.rwth.idsg.steve.ocpp.ws.WebSocketLogger - [chargeBoxId={station}, "
    head += f"sessionId=0-0] {'Received' if up else 'Sending'}: "
    return head.encode() + orjson.dumps(frame)


def raw(now: datetime, station: str, up: bool, frame: Frame) -> bytes:
    """The frame and nothing else."""
    return orjson.dumps(frame)


SHAPES: dict[str, Callable[[datetime, str, bool, Frame], bytes]] = {
    "jsonl": traced,
    "steve": steve,
    "raw": raw,
}


def write(file: Path, size: int, shape: str) -> int:
    """Write a log of about that many bytes; returns the number of its lines."""
    line, written, lines = SHAPES[shape], 0, 0
    with file.open("wb") as out:
        for item in frames():
            data = line(*item) + b"\n"
            out.write(data)
            written += len(data)
            lines += 1
            if written >= size:
                return lines
    raise AssertionError("frames end")


def yardstick(file: Path) -> float:
    """CPU seconds for l+d of each line's JSON."""
    data = [line[max(0, _json_at(line)) :] for line in file.read_bytes().splitlines()]
    begin = time.process_time()
    for line in data:
        orjson.dumps(orjson.loads(line))
    return time.process_time() - begin


def _json_at(line: bytes) -> int:
    if line[:1] in (b"{", b"["):
        return 0 if line[:1] == b"{" or line[1:2].isdigit() else line.index(b": [") + 2
    return 0


def command(name: str, file: Path, out: Path, *options: str) -> tuple[float, int]:
    """(CPU seconds, peak bytes) of one run of a command in a process of its own.

    With --jobs the peak is that of the largest process.
    """
    argv = [sys.executable, "-m", "gateway.cli.main", name, str(file), "-o", str(out), *options]
    if name == "convert":
        argv += ["--to", "2.0.1"]
    watched = [sys.executable, "-c", _WATCHED, *argv]
    done = subprocess.run(watched, check=False, capture_output=True, timeout=LONGEST_S)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode() or out.read_text()[:2000])
    cpu, peak = done.stdout.split()[-2:]
    return float(cpu), int(peak) * 1024


# A process inherits the peak of the one that started it, so a small one stands between.
_WATCHED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(code)
"""


def measured(megabytes: int, shape: str, rounds: int) -> tuple[str, list[Figure]]:
    """What the log is, and of each command its time against l+d and its peak of memory."""
    with tempfile.TemporaryDirectory() as folder:
        log, small = Path(folder, "bench.log"), Path(folder, "small.log")
        lines = write(log, megabytes * 1_000_000, shape)
        write(small, 1000, shape)
        size = os.path.getsize(log) / MEGABYTE
        described = f"{shape}: {lines} lines, {size:.0f} MB"
        figures = [
            figure
            for name, goal in GOALS.items()
            for figure in _of_command(name, goal, log, small, size, rounds)
        ]
        if shape == "jsonl":
            figures[0] = figures[0]._replace(note=pieces(log))
    return described, figures


def _of_command(
    name: str, goal: float, log: Path, small: Path, size: float, rounds: int
) -> Iterator[Figure]:
    """size: megabytes of the log; small: a log whose run shows what starting takes."""
    out = log.with_name("out")
    ratios, speeds, peaks = [], [], []
    after = yardstick(log)
    for _ in range(rounds):
        before = after
        starting, _ = command(name, small, out)
        cpu, peak = command(name, log, out)
        # On both sides of the run: a machine that others share is not as fast at all times.
        after = yardstick(log)
        ratios.append((cpu - starting) / ((before + after) / 2))
        speeds.append(size / cpu)
        peaks.append(peak / MEGABYTE)
    of = f"of a log of {size:.0f} MB"
    yield Figure(f"{name} {of}", goal, ratios, "l+d", f"{spread(speeds)} MB/s")
    yield Figure(f"{name} {of}, peak memory", MOST_MEGABYTES, peaks, "MB", "")


def offline(scale: Scale) -> list[Figure]:
    """Both commands on the bench log."""
    return measured(scale.log_megabytes, "jsonl", scale.log_rounds)[1]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.offline", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--shape", choices=SHAPES, default="jsonl")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    described, figures = measured(args.megabytes, args.shape, args.rounds)
    print(described)
    print(table(figures))
    return 0 if all(figure.reached for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
