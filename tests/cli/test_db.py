"""`ocpp-gateway db`: what the store holds, tokens masked unless asked for."""

import asyncio
import json
import os
import sqlite3

import pytest

from gateway.cli.main import main
from gateway.core.session.effects import Append, Put
from gateway.core.session.state import Transaction, encode
from gateway.observe.installation_key import installation_key
from gateway.observe.redaction import Redactor
from gateway.storage import open_store

RECORD = Transaction(
    "tx-a",
    state="ACTIVE",
    tx16=7,
    evse_id=1,
    connector16=1,
    id_tag="CANARY",
    id_token={"idToken": "CANARY", "type": "ISO14443"},
    start_time="2025-01-01T00:00:00Z",
    meter_start=100,
    last_wh="1500",
)


@pytest.fixture
def state(tmp_path, monkeypatch) -> str:
    url = f"sqlite://{tmp_path}/state.db"
    monkeypatch.setenv("OCPPGW__STATE", url)

    async def fill() -> None:
        store = open_store(url)
        epoch = await store.acquire("CS-1", "test")
        ops = (
            Put("transaction", "tx-a", encode(RECORD)),
            Put("counter", "outbox", b"2"),
            Append(1, "key", "X", b"{}"),
        )
        await store.commit("CS-1", epoch, ops)
        await store.acquire("CS-2", "test")
        await store.close()

    asyncio.run(fill())
    return url


@pytest.mark.parametrize("ending", ["", "-wal", ".lock"])
def test_a_copy_never_takes_the_place_of_the_store(state, tmp_path, capsys, ending):
    (tmp_path / "link").symlink_to(tmp_path / f"state.db{ending}")
    before = (tmp_path / "state.db").stat().st_ino
    for target in (f"state.db{ending}", "link"):
        assert main(["db", "backup", str(tmp_path / target)]) == 1
        assert "is one of the store's own files (name another file)" in capsys.readouterr().err
    assert (tmp_path / "state.db").stat().st_ino == before
    assert main(["db", "backup", str(tmp_path / "state.db.old")]) == 0


def test_a_copy_takes_the_place_of_files_only(state, tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")
    for target in ("pipe", ""):
        assert main(["db", "backup", str(tmp_path / target)]) == 1
        assert "is no file (name a file that may be replaced)" in capsys.readouterr().err
    assert (tmp_path / "pipe").is_fifo()


def test_transactions_are_a_table(state, capsys):
    assert main(["db", "transactions"]) == 0
    lines = capsys.readouterr().out.splitlines()
    token = Redactor(installation_key(state)).token("CANARY")
    assert lines[0].split("  ")[0] == "station"
    assert lines[1].split() == [
        "CS-1", "ACTIVE", "tx-a", "7", "1", "1", token, "2025-01-01T00:00:00Z", "100", "1500",
    ]  # fmt: skip
    assert lines[2:] == [
        "",
        "CS-1: 1 calls to the CSMS unfinished, 0 given up",
        "CS-2: 0 calls to the CSMS unfinished, 0 given up",
        "1 transactions of 2 stations",
    ]


def test_one_station_as_json(state, capsys):
    assert main(["db", "transactions", "--json", "--station", "CS-1"]) == 0
    text = capsys.readouterr().out
    [station] = json.loads(text)
    assert (station["station"], station["pending"]) == ("CS-1", 1)
    assert station["transactions"][0]["tx16"] == 7
    assert "CANARY" not in text


def test_tokens_are_shown_when_asked_for(state, capsys):
    assert main(["db", "transactions", "--show-tokens", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["transactions"][0]["id_tag"] == "CANARY"


def test_backup_is_a_database_of_its_own(state, tmp_path, capsys):
    copy = tmp_path / "copy.db"
    assert main(["db", "backup", str(copy)]) == 0
    assert capsys.readouterr().out == f"{state} copied to {copy}\n"
    with sqlite3.connect(copy) as db:
        assert db.execute("SELECT count(*) FROM binding").fetchone() == (2,)
    db.close()


def test_a_copy_that_cannot_be_written_is_told_of_as_that(state, tmp_path, capsys):
    assert main(["db", "backup", str(tmp_path / "nowhere" / "copy.db")]) == 1
    assert capsys.readouterr().err == (
        f"{tmp_path}/nowhere/copy.db cannot be written: No such file or directory "
        "(name another file)\n"
    )


def test_a_store_that_is_not_there_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("OCPPGW__STATE", f"sqlite://{tmp_path}/none.db")
    assert main(["db", "transactions"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "none.db" in captured.err
