"""The options that say how logs are read."""

import json
import os
import ssl
import subprocess
import sys

import pytest

from gateway.cli.main import main
from tests.support.captures import Talk, pcap
from tests.support.golden_captures import GOLDEN, spoken
from tests.support.tls_talks import talked


@pytest.fixture
def validating(tmp_path, monkeypatch, capsys):
    """Validates a file; gives the exit code, rules and stderr."""
    monkeypatch.setenv("HOME", str(tmp_path))
    out = tmp_path / "found.json"

    def validate(file, *arguments):
        code = main(["validate", str(file), *arguments, "--format", "json", "-o", str(out)])
        rules = json.loads(out.read_text())["totals"]["rules"] if code != 2 else {}
        return code, rules, capsys.readouterr().err

    return validate


@pytest.fixture
def secret(tmp_path):
    """A capture of TLS, and the key log of it."""
    talk = Talk()
    conversation = talked(spoken(), ssl.TLSVersion.TLSv1_2)
    for by_client, data in conversation.wire:
        talk.say(by_client, data)
    capture, keys = tmp_path / "capture.pcap", tmp_path / "keys.txt"
    capture.write_bytes(pcap(talk.packets))
    keys.write_text(conversation.key_log)
    return capture, keys


def test_a_key_log_opens_what_is_encrypted(validating, secret):
    capture, keys = secret
    assert validating(capture)[:2] == (0, {"encrypted": 1})
    assert validating(capture, "--strict")[0] == 1
    assert validating(capture, "--tls-keylog", str(keys))[:2] == (0, {})


def test_a_key_log_that_is_none_ends_with_2(validating, secret):
    capture, _ = secret
    code, _, told = validating(capture, "--tls-keylog", str(capture))
    assert (code, "holds no TLS keys" in told) == (2, True)


def test_a_map_names_the_members_of_records(validating):
    log = GOLDEN / "mapped.jsonl"
    assert "answer_without_call" not in validating(log, "--map", f"{log}.map")[1]


@pytest.mark.parametrize("command", [["validate"], ["convert", "--to", "2.0.1"]])
def test_an_input_that_is_not_there_is_told_of_before_the_others_are_read(
    tmp_path, capsys, command
):
    out = tmp_path / "out"
    for name in ("nowhere", tmp_path):
        assert main([*command, str(GOLDEN / "steve.log"), str(name), "-o", str(out)]) == 2
        assert f"{name} cannot be read" in capsys.readouterr().err
    assert not out.exists()


def test_what_is_no_file_is_read_by_one_process(tmp_path, capsys):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert main(["validate", str(pipe), "--jobs", "2"]) == 2
    assert "can be read by one process only" in capsys.readouterr().err


def test_ill_formed_envelopes_are_read_with_the_profile(validating, tmp_path):
    """The configuration has it, as for a gateway."""
    log = tmp_path / "a.log"
    text = (GOLDEN / "soap.log").read_text().splitlines()[0]
    log.write_text(text.replace("</soap:Header>", "") + "\n")
    config = tmp_path / "gateway.yaml"
    config.write_text("profiles: [xml_recover]\n")
    assert validating(log)[1] == {"soap": 1}
    assert validating(log, "-c", str(config))[1] == {"mended": 1, "no_answer": 1}


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "a.log", "-o", "a.log"],
        ["convert", "a.log", "--to", "2.0.1", "-o", "link"],
        ["convert", "a.log", "--to", "2.0.1", "-o", "out", "--report", "./a.log"],
        ["convert", "a.log", "--to", "2.0.1", "-o", "out", "--report", "./out"],
        ["convert", "a.log", "--to", "2.0.1", "--map", "a.map", "-o", "a.map"],
    ],
)
def test_what_is_read_or_written_is_not_written_over(tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    for name in ("a.log", "a.map"):
        (tmp_path / name).write_text('[2,"1","Heartbeat",{}]\n')
    (tmp_path / "link").symlink_to("a.log")
    assert main(arguments) == 2
    assert "as well (name another file for it)" in capsys.readouterr().err
    assert (tmp_path / "a.log").read_text() == '[2,"1","Heartbeat",{}]\n'
    assert (tmp_path / "a.map").read_text() == '[2,"1","Heartbeat",{}]\n'
    assert not (tmp_path / "out").exists()


def test_standard_output_that_is_the_log_is_told_of(tmp_path):
    log = tmp_path / "a.log"
    log.write_text('[2,"1","Heartbeat",{}]\n')
    line = f"{sys.executable} -m gateway.cli.main convert {log} --to 2.0.1 >> {log}"
    shown = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60)
    assert (shown.returncode, shown.stderr) == (
        2,
        "standard output is read as well (name another file for it)\n",
    )
