"""`serve --record`: what the gateway translated live is what `convert` makes of its recording.

Sessions run over real sockets. The file holds both legs: converting the station's leg into the
version of the CSMS must give what is recorded of the CSMS's leg, but for the ids that each made by
itself.
"""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.main import main
from tests.sockets.test_nine_pairs import SCRIPT, Play

Record = dict[str, Any]


async def recorded(
    station: str, csms: str, folder: Path, monkeypatch: pytest.MonkeyPatch, content: str = "full"
) -> list[Record]:
    """Play a session with a recording; its records."""
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("OCPPGW__RECORD__FILE", str(folder / "traffic.jsonl"))
    monkeypatch.setenv("OCPPGW__RECORD__CONTENT", content)
    monkeypatch.setenv("OCPPGW__SHUTDOWN__ACCEPT_S", "0")
    async with Play(station, csms, folder) as play:
        for step in SCRIPT["steps"][station.removesuffix("-soap")]:
            await play.step(step)
        # What still waits to be written is lost with a gateway that is killed.
        assert await play.gateway.stop() == 0
    return records(folder / "traffic.jsonl")


def records(file: Path) -> list[Record]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def converted(folder: Path, to: str) -> list[Record]:
    out, report = folder / "converted.jsonl", folder / "report.json"
    arguments = ["--to", to, "-o", str(out), "--report", str(report)]
    code = main(["convert", str(folder / "traffic.jsonl"), *arguments])
    assert code == 0, report.read_text()
    return [record for record in records(out) if "untranslated" not in record.get("meta", {})]


def of_leg(found: list[Record], leg: str) -> list[Record]:
    return [record for record in found if record["meta"]["leg"] == leg]


def calls(found: list[Record]) -> list[tuple[str, str, Record]]:
    """The calls of a conversation, with the answers that the station gives; made-up ids alike.

    What the CSMS answers is told to the station only as far as its version has words for it.
    """
    answers = {(r["direction"], r["messageId"]): r for r in found if r["messageType"] != "CALL"}
    names: dict[Any, str] = {}
    told = []
    for call in found:
        if call["messageType"] == "CALL":
            said = {"asked": call["payload"]}
            if call["direction"] == "csms-to-cp":
                said["answered"] = answers["cp-to-csms", call["messageId"]]["payload"]
            told.append((call["direction"], call["action"], named(said, names)))
    return told


def named(value: Any, names: dict[Any, str]) -> Any:
    """The value with the ids of transactions by the order in which they come; times of the clock of
    the gateway may differ by a second."""
    if isinstance(value, list):
        return [named(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    told = {name: named(item, names) for name, item in value.items()}
    if "transactionId" in value:
        told["transactionId"] = names.setdefault(value["transactionId"], f"tx{len(names)}")
    if "timestamp" in value:
        told["timestamp"] = "now"
    return told


PAIRS = [("1.6", "2.0.1"), ("2.0.1", "1.6"), ("1.6-soap", "2.0.1"), ("2.0.1", "1.6-soap")]


@pytest.mark.parametrize(("station", "csms"), PAIRS)
async def test_a_recording_converts_to_what_the_gateway_sent(
    station: str, csms: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await recorded(station, csms, tmp_path, monkeypatch)
    live = of_leg(found, "csms")
    assert {r["transport"] for r in live} == {"soap" if "soap" in csms else "json"}
    assert calls(converted(tmp_path, csms.removesuffix("-soap"))) == calls(live)


async def test_a_masked_recording_shows_nothing_and_converts_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await recorded("1.6", "2.0.1", tmp_path, monkeypatch, "masked")
    file = tmp_path / "traffic.jsonl"
    assert "04A2B7C91E5580" not in file.read_text()
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    live = [(direction, action) for direction, action, _ in calls(of_leg(found, "csms"))]
    assert [call[:2] for call in calls(converted(tmp_path, "2.0.1"))] == live


async def test_either_leg_of_a_recording_is_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await recorded("1.6-soap", "2.0.1", tmp_path, monkeypatch)
    for leg in ("station", "csms"):
        out = tmp_path / f"{leg}.json"
        arguments = ["--strict", "--leg", leg, "--format", "json", "-o", str(out)]
        assert main(["validate", str(tmp_path / "traffic.jsonl"), *arguments]) == 0
        totals = json.loads(out.read_text())["totals"]
        assert totals["frames"] > 10
        assert totals["rules"] == {"other_leg": 1}
