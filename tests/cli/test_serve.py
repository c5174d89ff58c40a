"""`ocpp-gateway serve`: refuses what it cannot keep, tells what it does, ends on SIGTERM."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli.main import main

OPEN = "stations: {listen: '127.0.0.1:0', auth: none, allow_unauthenticated: true}\n"


def environment(tmp_path: Path, **changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OCPPGW")}
    return {**kept, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), **changes}


def served(tmp_path: Path, text: str) -> "subprocess.CompletedProcess[str]":
    """Serve a configuration that ends by itself."""
    (tmp_path / "gateway.yaml").write_text(text)
    return subprocess.run(
        [sys.executable, "-m", "gateway.cli.main", "serve", "-c", "gateway.yaml"],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def refused(tmp_path: Path, text: str) -> list[str]:
    """What is said on stderr about a configuration that is not served."""
    done = served(tmp_path, text)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr.splitlines()


def test_it_does_not_start_without_a_csms(tmp_path):
    assert refused(tmp_path, OPEN) == [
        "no CSMS to connect to (set csms.url, or CSMS_URL=ws://... in the environment)"
    ]


def test_it_refuses_every_mistake_with_its_place(tmp_path):
    assert refused(tmp_path, OPEN + "csms: {url: ws://h/x, on_csms_down: buffer}\nfoo: 1\n") == [
        "gateway.yaml:2:37: csms.on_csms_down belongs to the buffer for times when the CSMS is "
        "away, which this release does not have yet (leave it out)",
        "gateway.yaml:3:1: unknown key foo (see `print-schema`)",
    ]


def started(tmp_path, *arguments: str) -> subprocess.Popen[str]:
    """A gateway without a file, its output piped."""
    return subprocess.Popen(
        [sys.executable, "-m", "gateway.cli.main", "serve", *arguments],
        cwd=tmp_path,
        env=environment(
            tmp_path, CSMS_URL="ws://127.0.0.1:9/x", OCPPGW__STATIONS__LISTEN="127.0.0.1:0"
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def running(tmp_path):
    process = started(tmp_path)
    yield process
    process.kill()
    process.communicate()


def said_until(process: subprocess.Popen[str], text: str) -> list[dict]:
    """The JSON lines up to the one that holds text."""
    lines = [json.loads(process.stdout.readline())]
    while text not in lines[-1]["text"]:
        lines.append(json.loads(process.stdout.readline()))
    return lines


def test_csms_url_alone_makes_a_gateway_that_ends_on_sigterm(running, tmp_path):
    lines = said_until(running, "stations connect to ws://")
    assert any("without authentication" in line["text"] for line in lines)
    assert (tmp_path / "state" / "ocpp-gateway" / "state.db").exists()
    running.send_signal(signal.SIGTERM)
    said_until(running, "shutting down")
    running.send_signal(signal.SIGTERM)  # a second one does not wait for stations
    out, err = running.communicate(timeout=60)
    assert running.returncode == 0
    assert err == ""
    assert all(json.loads(line)["level"] == "info" for line in out.splitlines())


def test_sigusr1_asks_for_the_losses_and_ends_nothing(running):
    said_until(running, "stations connect to ws://")
    running.send_signal(signal.SIGUSR1)
    running.send_signal(signal.SIGTERM)
    said_until(running, "shutting down")


def test_sighup_ends_nothing(running):
    said_until(running, "stations connect to ws://")
    running.send_signal(signal.SIGHUP)
    assert said_until(running, "SIGHUP")[-1]["level"] == "warning"
    running.send_signal(signal.SIGTERM)
    said_until(running, "shutting down")


def test_a_recording_is_a_file_for_its_owner_only(tmp_path):
    file = tmp_path / "traffic.jsonl"
    with started(tmp_path, "--record", str(file)) as process:
        said_until(process, "stations connect to ws://")
        assert file.stat().st_mode & 0o777 == 0o600
        process.send_signal(signal.SIGTERM)
        said_until(process, "shutting down")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert (process.returncode, file.read_text()) == (0, "")


def test_a_recording_that_cannot_be_written_refuses_the_start(tmp_path):
    with started(tmp_path, "--record", str(tmp_path / "none" / "x")) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith("--record: there is no folder for ")


def test_a_recording_into_the_state_is_refused(tmp_path, capsys):
    (tmp_path / "state.db").write_bytes(b"")
    config = tmp_path / "gateway.yaml"
    config.write_text(
        f"{OPEN}csms: {{url: 'ws://127.0.0.1:1/x'}}\nstate: sqlite://{tmp_path}/state.db\n"
    )
    state = str(tmp_path / "state.db")
    assert main(["serve", "-c", str(config), "--record", state]) == 1
    assert capsys.readouterr().err == (
        f"--record: {state} is the file of the state (name another file)\n"
    )
    assert (tmp_path / "state.db").read_bytes() == b""


def test_what_is_found_while_it_starts_is_told_with_its_place(tmp_path):
    routes = "csms: {url: ws://h/x}\nroutes: [{match: X, profiles: [nobody]}]\n"
    (tmp_path / "gateway.yaml").write_text(OPEN + f"state: sqlite://{tmp_path}/db\n" + routes)
    with started(tmp_path, "-c", "gateway.yaml") as process:
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "gateway.yaml:4:32: routes[0].profiles[0]: there is no repair" in out


def test_an_address_that_is_taken_is_told_with_its_place(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        stations = OPEN.replace("127.0.0.1:0", f"127.0.0.1:{port}")
        done = served(tmp_path, f"{stations}csms: {{url: ws://h/x}}\nstate: 'memory:'\n")
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1])["text"] == (
        f"gateway.yaml:1:20: nobody can listen at 127.0.0.1:{port}: Address already in use "
        "(choose an address of this machine and a port that is free)"
    )
