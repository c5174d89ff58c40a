"""The options that commands reading message logs share, and what they lead to."""

import argparse
import errno
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

import yaml

from gateway.cli.config_option import usable_config
from gateway.config import Config
from gateway.core.codec.soap_read import ReadSettings
from gateway.core.dialects import Side, Version
from gateway.core.errors import ConfigError
from gateway.core.mapping.forms import nearest
from gateway.core.session.desk import Revision
from gateway.logs import records
from gateway.logs.envelopes import Decoding, Envelopes
from gateway.logs.inputs import READERS, Reading
from gateway.logs.opening import STDIN
from gateway.logs.tls_keys import KeyLog
from gateway.revision import profile_names
from gateway.soap_files import configured_soap


def add_log_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="IN",
        help="message logs, also gzip or zstd; - for standard input",
    )
    parser.add_argument(
        "--from",
        dest="reader",
        choices=READERS,
        default=READERS[0],
        help="the shape of the lines; auto finds out line by line",
    )
    parser.add_argument(
        "--map", metavar="FILE", help="names of members or columns that are not known by themselves"
    )
    parser.add_argument(
        "--perspective",
        choices=[str(side) for side in Side],
        help="who wrote a log that says sent and received; found out where it is not given",
    )
    parser.add_argument(
        "--version",
        choices=[str(version) for version in Version],
        help="of the frames; found out where it is not given",
    )
    parser.add_argument(
        "--leg",
        choices=[str(side) for side in Side],
        default=str(Side.STATION),
        help="of what `serve --record` wrote: the leg that is read (station)",
    )
    parser.add_argument(
        "--tls-keylog",
        metavar="FILE",
        help="keys of TLS connections in packet captures, as SSLKEYLOGFILE has them written",
    )
    parser.add_argument(
        "--profile",
        action="append",
        default=[],
        metavar="NAME",
        help="a repair, or a vendor's overlay, beside what a boot tells; may be given again",
    )
    parser.add_argument(
        "--timezone", default="UTC", metavar="ZONE", help="of times that name none (UTC)"
    )


def add_jobs_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jobs",
        type=int,
        default=1,
        metavar="N",
        help="processes, each for its share of the stations; the output stays the same",
    )


def jobs_of(args: argparse.Namespace) -> int:
    """How many processes. Raises ConfigError where the inputs can be read only once."""
    if args.jobs < 1:
        raise ConfigError("--jobs takes a number from 1")
    for name in args.inputs:
        if args.jobs > 1 and (name == STDIN or not Path(name).is_file()):
            what = "standard input" if name == STDIN else f"{name} is no file and"
            raise ConfigError(f"{what} can be read by one process only", cure="leave out --jobs")
    return int(args.jobs)


def check_inputs(args: argparse.Namespace) -> None:
    """Raises ConfigError for an input that is not there, before a long run over the others."""
    for name in args.inputs:
        if name == STDIN:
            continue
        try:
            if stat.S_ISDIR(os.stat(name).st_mode):
                raise ConfigError(f"{name} cannot be read: it is a folder")
            if not os.access(name, os.R_OK):
                raise ConfigError(f"{name} cannot be read: {os.strerror(errno.EACCES)}")
        except OSError as error:
            raise ConfigError(f"{name} cannot be read: {error.strerror}") from error


def check_outputs(args: argparse.Namespace, *outputs: str | None) -> None:
    """Raises ConfigError for an output that would be written over an input or another output."""
    read = (*args.inputs, args.map, args.tls_keylog, args.config)
    taken = {_file(str(name), sys.stdin): "is read" for name in read if name is not None}
    for name in outputs:
        file = _file(name or STDIN, sys.stdout)
        if file is not None and file in taken:
            what = "standard output" if name in (None, STDIN) else name
            raise ConfigError(f"{what} {taken[file]} as well", cure="name another file for it")
        if name not in (None, STDIN):
            taken[file] = "is written"


def _file(name: str, standard: IO[str]) -> str | tuple[int, int] | None:
    """What tells one file from another by whatever name; None for what is no file."""
    try:
        found = os.fstat(standard.fileno()) if name == STDIN else os.stat(name)
    except (OSError, ValueError):
        return None if name == STDIN else os.path.realpath(name)
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def reading(args: argparse.Namespace) -> Reading:
    """How the inputs are to be read. Raises ConfigError for what cannot be used."""
    names = records.DEFAULT if args.map is None else _names(args.map)
    try:
        ZoneInfo(args.timezone)
    except (KeyError, ValueError, OSError) as error:
        raise ConfigError(f"{args.timezone} is no time zone", cure="for example UTC") from error
    keys = None if args.tls_keylog is None else KeyLog.load(args.tls_keylog)
    return Reading(args.reader, names, Envelopes(lambda: _decoding(args)), keys, Side(args.leg))


def version_of(args: argparse.Namespace) -> Version | None:
    return None if args.version is None else Version(args.version)


def profiles_of(
    args: argparse.Namespace, config: Config, revision: Revision | None
) -> Callable[[str], tuple[str, ...]]:
    """Repairs and overlays that are asked for, by a station's name: those of its route and those of
    the command. revision: needed where the command names one. Raises ConfigError for a name that
    means nothing."""
    given = tuple(args.profile)
    known = frozenset[str]() if revision is None else profile_names(revision)
    for name in given:
        if name not in known:
            text = f"--profile: there is no repair and no overlay {name!r}"
            raise ConfigError(text, cure=nearest(name, known))

    def asked(station: str) -> tuple[str, ...]:
        return (*config.route(station).profiles, *given)

    return asked


def perspective_of(args: argparse.Namespace) -> Side | None:
    return None if args.perspective is None else Side(args.perspective)


def _decoding(args: argparse.Namespace) -> Decoding:
    config = usable_config(args)
    profiles = {*config.profiles, *args.profile}
    settings = ReadSettings(
        recover="xml_recover" in profiles,
        opened=True,
        zone=args.timezone,
    )
    return Decoding(configured_soap(config), settings)


def _names(file: str) -> records.Names:
    try:
        document = yaml.safe_load(Path(file).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error
    return records.names_from(document, file)
