"""The file behind -c: what cannot be read in it is told by every command that takes one."""

import pytest

from gateway.cli.main import main

MISSPELT = "stations: {listn: 127.0.0.1:0}\ntranslatoin: {}\n"
TOLD = [
    "gateway.yaml:1:12: unknown key stations.listn (did you mean listen?)",
    "gateway.yaml:2:1: unknown key translatoin (did you mean translation?)",
]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gateway.yaml").write_text(MISSPELT)
    (tmp_path / "log.jsonl").write_text('[2,"1","Heartbeat",{}]\n')
    return tmp_path


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("convert log.jsonl --to 2.0.1", 2),
        ("convert log.jsonl --to 2.0.1 --jobs 2", 2),
        ("validate log.jsonl", 2),
        ("explain Heartbeat", 1),
        ("explain --all", 1),
        ("scenario .", 2),
        ("db transactions", 1),
        ("db backup copy.db", 1),
        ("credentials add CS1", 1),
    ],
)
def test_unknown_keys_are_mistakes_for_every_command(command, code, capsys):
    assert main([*command.split(), "-c", "gateway.yaml"]) == code
    assert capsys.readouterr().err.splitlines() == TOLD


def test_what_only_serve_needs_is_no_mistake_for_the_others(folder, capsys):
    (folder / "gateway.yaml").write_text("stations: {auth: basic}\ncsms: {}\n")
    assert main(["explain", "Heartbeat", "-c", "gateway.yaml"]) == 0
