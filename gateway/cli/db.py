"""`ocpp-gateway db backup|transactions`: look into the store, also beside a running gateway."""

import argparse
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gateway.cli.config_option import STATE, add_config_option, usable_config
from gateway.config import Config
from gateway.core.errors import ConfigError
from gateway.core.session.state import decode
from gateway.observe.escape import visible
from gateway.observe.installation_key import installation_key
from gateway.observe.redaction import Redactor
from gateway.storage import open_reader, sqlite_path
from gateway.storage.port import Summary
from gateway.storage.sqlite_reader import Reader

_KIND = "transaction"
_BESIDE = ("", "-wal", "-shm", ".lock")
"""Endings of the names of the files that belong to a store."""

_COLUMNS: dict[str, str] = {
    "station": "station",
    "state": "state",
    "tx201": "2.0.1 transaction",
    "tx16": "1.6 id",
    "evse_id": "EVSE",
    "connector16": "conn.",
    "id_tag": "token",
    "start_time": "started",
    "meter_start": "from Wh",
    "last_wh": "to Wh",
}
"""Members of a record that the table shows, and their headings."""

Row = dict[str, Any]


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    backup = verbs.add_parser("backup", help="copy the store into a file, also while it is used")
    backup.add_argument("target", metavar="FILE", help="the copy; an older one is replaced")
    transactions = verbs.add_parser("transactions", help="what is kept, per station")
    transactions.add_argument("--station", help="of this station only")
    transactions.add_argument("--json", action="store_true", help="everything, as JSON")
    transactions.add_argument("--show-tokens", action="store_true", help="id tags in clear")
    for verb in (backup, transactions):
        add_config_option(verb, STATE)


def run(args: argparse.Namespace) -> int:
    config = usable_config(args)
    kept: list[Summary] = []
    rows: list[Row] = []
    try:
        with open_reader(config.state) as reader:
            if args.verb == "backup":
                _copied(reader, args.target, config.state)
            else:
                kept = [s for s in reader.stations() if args.station in (None, s.station)]
                rows = [row for summary in kept for row in _rows(reader, summary.station)]
    except (sqlite3.Error, OSError) as error:
        raise ConfigError(f"{config.state} cannot be read: {error}") from error
    if args.verb == "backup":
        print(f"{config.state} copied to {args.target}")
    else:
        _show(args, config, kept, rows)
    return 0


def _copied(reader: Reader, target: str, state: str) -> None:
    _check_target(target, state)
    try:
        reader.backup(target)
    except OSError as error:
        text = f"{target} cannot be written: {error.strerror or error}"
        raise ConfigError(text, cure="name another file") from error


def _check_target(target: str, state: str) -> None:
    """A copy replaces what is there; that may be an older copy, and nothing else."""
    path = Path(target)
    if path.exists() and not path.is_file():
        raise ConfigError(f"{target} is no file", cure="name a file that may be replaced")
    store = sqlite_path(state)
    if os.path.realpath(target) in {os.path.realpath(store + suffix) for suffix in _BESIDE}:
        raise ConfigError(f"{target} is one of the store's own files", cure="name another file")


def _show(args: argparse.Namespace, config: Config, kept: list[Summary], rows: list[Row]) -> None:
    if not args.show_tokens:
        rows = Redactor(installation_key(config.state)).payload(rows)
    if args.json:
        print(json.dumps(list(_documents(kept, rows)), indent=1))
    else:
        print("\n".join(_table(kept, rows)))


def _rows(reader: Reader, station: str) -> Iterator[Row]:
    for kind, _, value in reader.bindings(station):
        if kind == _KIND:
            yield {"station": station, **asdict(decode(kind, value))}


def _documents(kept: Iterable[Summary], rows: list[Row]) -> Iterator[Row]:
    for summary in kept:
        mine = [row for row in rows if row["station"] == summary.station]
        yield {**summary._asdict(), "transactions": mine}


def _table(kept: list[Summary], rows: list[Row]) -> Iterator[str]:
    cells = [list(_COLUMNS.values())]
    cells += [[_cell(row[name]) for name in _COLUMNS] for row in rows]
    widths = [max(len(line[n]) for line in cells) for n in range(len(_COLUMNS))]
    for line in cells:
        yield "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
    yield ""
    for summary in kept:
        yield (
            f"{visible(summary.station)}: {summary.pending} calls to the CSMS unfinished, "
            f"{summary.dead_letter} given up"
        )
    yield f"{len(rows)} transactions of {len(kept)} stations"


def _cell(value: Any) -> str:
    return "-" if value is None else visible(str(value))
