"""`ocpp-gateway demo`: a whole session between two simulated peers, told step by step."""

import re
import subprocess
import sys

import pytest

from gateway.cli.demo import DIALECTS
from gateway.cli.main import main


@pytest.fixture(scope="module")
def shown() -> tuple[int, str]:
    """Exit code and output; played once for all tests."""
    return played()


def played(*options: str) -> tuple[int, str]:
    with pytest.MonkeyPatch.context() as patch:
        lines: list[str] = []
        patch.setattr("gateway.cli.demo.say", lambda line="": lines.append(line))
        patch.setenv("COLUMNS", "140")
        code = main(["demo", "--pause", "0", *options])
    return code, "\n".join(lines)


@pytest.mark.parametrize("csms", DIALECTS)
@pytest.mark.parametrize("station", DIALECTS)
def test_any_pair_can_be_shown(station, csms):
    code, text = played("--station", station, "--csms", csms)
    assert code == 0, text
    assert f"charging station, OCPP {station} " in text
    assert f"back office (CSMS), OCPP {csms}" in text
    assert "refusal" not in text


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    code, text = played("--station", "1.6-soap", "--csms", "1.6-soap")
    assert code == 0, text


def test_without_zeep_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "gateway.cli.demo_zeep", None)
    code, _ = played("--station", "1.6-soap")
    assert code == 1
    assert "pip install 'ocpp-gateway[demo]'" in capsys.readouterr().err


@pytest.mark.parametrize("pause", ["nan", "inf", "-1", "1e9", "soon"])
def test_a_pause_is_a_time_that_passes(pause, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["demo", f"--pause={pause}"])
    assert ended.value.code == 2
    assert "argument --pause: " in capsys.readouterr().err


def test_it_ends_by_itself_with_success(shown):
    code, text = shown
    assert code == 0
    assert "one charging session" in text


def test_every_step_has_a_sentence(shown):
    numbers = re.findall(r"^(\d+)\. [A-Z]", shown[1], re.M)
    assert numbers == [str(n) for n in range(1, 12)]


def test_frames_of_both_versions_stand_side_by_side(shown):
    rows = [line.split("  ") for line in shown[1].splitlines() if "-->" in line or "<--" in line]
    beside = [(row[0].split(" (")[0], row[-1].split(" (")[0]) for row in rows]
    assert ("TransactionEvent", "StartTransaction") in beside
    assert ("TransactionEvent", "MeterValues") in beside
    assert ("RequestStopTransaction", "RemoteStopTransaction") in beside
    assert ("TransactionEvent", "StopTransaction") in beside


def test_the_station_never_sees_the_number_nor_the_csms_the_name(shown):
    lines = shown[1].splitlines()
    left, right = "\n".join(line[:55] for line in lines), "\n".join(line[80:] for line in lines)
    assert ("4711" in left, "4711" in right) == (False, True)
    assert ("8f1d7c2e" in left, "8f1d7c2e" in right) == (True, False)


def test_what_the_gateway_did_is_said(shown):
    assert "answered by the gateway" in shown[1]
    assert "lost: numberOfPhasesUsed" in shown[1]


def test_a_reader_that_has_seen_enough_is_no_failure():
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli.main", "demo", "--pause", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 0
