"""`ocpp-gateway credentials add|import|remove`: station passwords into the hashed file.

A password is read from standard input or asked for, never taken from the command line, where every
user of the machine could see it.
"""

import argparse
import csv
import getpass
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gateway.cli.config_option import add_config_option, usable_config
from gateway.config import Config
from gateway.core.errors import ConfigError, Place
from gateway.io.credentials import Credentials
from gateway.io.identity import BadIdentity, StationPaths

_SHORTEST, _LONGEST = 16, 40
"""Bytes of a password: 16 to 20 in 1.6, 16 to 40 in 2.0.1 (reliability S6)."""


class Login(NamedTuple):
    station: str
    password: bytes


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    add = verbs.add_parser("add", help="set the password of a station; it is read from stdin")
    add.add_argument("station", help="its id, which is its user name")
    imported = verbs.add_parser("import", help="set many: lines of `station,password`")
    imported.add_argument("csv", metavar="CSV", help="a file, or - for stdin")
    remove = verbs.add_parser("remove", help="forget a station")
    remove.add_argument("station", help="its id")
    for verb in (add, imported):
        verb.add_argument("--hex", action="store_true", help="passwords are written as hex digits")
    for verb in (add, imported, remove):
        add_config_option(verb, "configuration, which names the credentials file")
        verb.add_argument(
            "-f", "--file", type=Path, help="the credentials file; else stations.credentials"
        )


def run(args: argparse.Namespace) -> int:
    config = usable_config(args)
    credentials = Credentials.load(_file(args, config), missing_ok=args.verb != "remove")
    if args.verb == "remove":
        if not credentials.remove(args.station):
            print(f"{args.station} is not in {credentials.path}", file=sys.stderr)
            return 1
        said = f"{args.station} removed"
    else:
        logins = list((_imported if args.verb == "import" else _typed)(args, config))
        new = sum(credentials.add(*login) for login in logins)
        said = f"{new} added, {len(logins) - new} changed"
    try:
        credentials.save()
    except OSError as error:
        text = f"{credentials.path} cannot be written: {error.strerror or error}"
        raise ConfigError(text, cure="name another file with -f") from error
    print(f"{said} in {credentials.path}")
    return 0


def _file(args: argparse.Namespace, config: Config) -> Path:
    if args.file is not None:
        return Path(args.file)
    if config.stations.credentials is None:
        raise ConfigError(
            "no credentials file", None, "name one with -f, or a configuration with -c that has one"
        )
    return Path(config.stations.credentials)


def _typed(args: argparse.Namespace, config: Config) -> Iterator[Login]:
    if sys.stdin.isatty():
        text = getpass.getpass(f"password of {args.station}: ").encode()
    else:
        text = sys.stdin.buffer.read().removesuffix(b"\n").removesuffix(b"\r")
    yield _checked(Login(args.station, _password(text, args.hex)), config)


def _imported(args: argparse.Namespace, config: Config) -> Iterator[Login]:
    name = "stdin" if args.csv == "-" else args.csv
    try:
        text = sys.stdin.read() if args.csv == "-" else Path(args.csv).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name} cannot be read: {error}") from error
    rows = csv.reader(io.StringIO(text, newline=""))
    for row in rows:
        number = rows.line_num
        if not row or row == ["station", "password"]:
            continue
        if len(row) != 2:
            raise ConfigError(
                f"{len(row)} columns", Place(name, number), "each line is station,password"
            )
        try:
            # Bytes that are no text may come by way of standard input.
            password = row[1].encode(errors="surrogateescape")
            yield _checked(Login(row[0], _password(password, args.hex)), config)
        except ConfigError as error:
            raise ConfigError(error.message, Place(name, number), error.cure) from error


def _password(text: bytes, is_hex: bool) -> bytes:
    if not is_hex:
        return text
    try:
        return bytes.fromhex(text.decode())
    except ValueError as error:
        raise ConfigError("the password is not written as hex digits") from error


def _checked(login: Login, config: Config) -> Login:
    try:
        StationPaths((), config.stations.id_pattern).checked(login.station)
    except BadIdentity as error:
        raise ConfigError(
            f"{login.station!r} cannot be a station id",
            cure=f"{error} stations.id_pattern is {config.stations.id_pattern}",
        ) from error
    if ":" in login.station:
        raise ConfigError(
            f"{login.station} cannot log in with a password",
            cure="HTTP Basic ends the user name at the first colon: use stations.auth: mtls for it",
        )
    if not _SHORTEST <= len(login.password) <= _LONGEST:
        raise ConfigError(
            f"the password of {login.station} has {len(login.password)} bytes",
            cure=f"OCPP asks for {_SHORTEST} to {_LONGEST}, in 1.6 at most 20",
        )
    return login
