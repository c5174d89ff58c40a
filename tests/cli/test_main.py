"""The command line as a person meets it: help, unknown words, a reader that goes away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway import __version__
from gateway.cli.main import COMMANDS, main


def command(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway.cli.main", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )


def test_help_lists_every_command():
    shown = command("--help").stdout
    assert all(f"\n    {name}" in shown for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert COMMANDS[name].split(";")[0][:20] in capsys.readouterr().out


def test_version(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"ocpp-gateway {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["fly"], ["check", "--fast"], ["db"]])
def test_wrong_arguments_end_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: ocpp-gateway" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_is_no_failure():
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli.main", "print-schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="Linux has a device for it")
@pytest.mark.parametrize("arguments", [["print-schema"], ["check"], ["explain", "Heartbeat"]])
def test_a_full_disk_behind_standard_output_is_said(arguments, tmp_path):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "gateway.cli.main", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            env={**os.environ, "HOME": str(tmp_path)},
        )
    assert done.returncode == 2
    assert done.stderr == "standard output cannot be written: No space left on device\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_streams_are_no_failure(closed, tmp_path):
    file = tmp_path / "gateway.yaml"
    file.write_text('stations: {auth: mtls}\nstate: "memory:"\n')
    for arguments, code in (("print-schema", 0), (f"serve -c {file}", 1), ("check -c nowhere", 2)):
        line = f"{sys.executable} -m gateway.cli.main {arguments} {closed}"
        shown = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60)
        assert (shown.returncode, "Traceback" in shown.stderr) == (code, False)
