"""`ocpp-gateway check`: configuration, maps, stylesheets, schemas, and everything wrong with them.

Exit code 0: nothing; 1: something is wrong; 2: could not run, nothing can be said.
"""

import argparse
import os
import socket
import sys
from pathlib import Path

import yaml

from gateway.cli.config_option import WHOLE, add_config_option, read_checked, without_csms
from gateway.config import Checked, Config, address
from gateway.config.model import Resources
from gateway.core.errors import ConfigError, OperatorError
from gateway.core.mapping.rows import MapProblems
from gateway.io.credentials import Credentials
from gateway.observe.redaction import Redactor
from gateway.revision import load_revision, schema_warnings, wrong_names
from gateway.soap_files import soap_problems


def arguments(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser, WHOLE)
    parser.add_argument(
        "--print-config", action="store_true", help="print what is in force, secrets masked"
    )


def run(args: argparse.Namespace) -> int:
    checked = read_checked(args)
    if args.print_config and checked.config is not None:
        print(_in_force(checked.config), end="")
    problems = [
        *_of_config(args, checked),
        *map(checked.located, (*_of_maps(checked.config), *_of_sheets(checked.config))),
    ]
    passwords, locked_out = _of_passwords(checked)
    problems += passwords
    # What is in force is meant to be kept as a file, so nothing else stands in it.
    out = sys.stderr if args.print_config else sys.stdout
    nowhere = map(checked.located, (*_of_listener(checked), *locked_out))
    for warning in (*checked.warnings, *nowhere, *schema_warnings()):
        print(f"warning: {warning}", file=out)
    for problem in problems:
        print(problem, file=out)
    print(_counted(len(problems)), file=out)
    return 1 if problems else 0


def _of_config(args: argparse.Namespace, checked: Checked) -> tuple[OperatorError, ...]:
    """A run without a file may be told its CSMS later, by CSMS_URL; a file must name one."""
    if args.config is None:
        return checked.problems
    return (*checked.problems, *without_csms(checked.config))


def _of_listener(checked: Checked) -> tuple[OperatorError, ...]:
    """An address that stations cannot be listened for at. No mistake of the file: it may be meant
    for another machine, or the gateway that it is for holds the port already."""
    if checked.config is None or checked.problems:
        return ()
    listen = checked.config.stations.listen
    host, port = address(listen)
    try:
        family, kind, number, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, number) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        text = f"nobody can listen at {listen} here and now: {error.strerror}"
        return (ConfigError(text, key=("stations", "listen")),)
    return ()


def _of_passwords(checked: Checked) -> tuple[list[OperatorError], list[OperatorError]]:
    """What is wrong with the file of passwords, and what is odd about it."""
    stations = checked.config.stations if checked.config is not None else None
    if stations is None or stations.auth != "basic" or not stations.credentials:
        return [], []
    if not os.path.isfile(stations.credentials):
        return [], []  # said already
    try:
        names = Credentials.load(Path(stations.credentials)).unusable()
    except OperatorError as error:
        return [error], []
    text = f"{', '.join(names)}: HTTP Basic ends the user name at the first colon"
    cure = "such stations cannot log in: use stations.auth: mtls"
    return [], [ConfigError(text, None, cure, ("stations", "credentials"))] if names else []


def _of_maps(config: Config | None) -> tuple[OperatorError, ...]:
    try:
        revision = load_revision(config.resources if config else Resources())
    except MapProblems as found:
        return found.problems
    except OperatorError as error:
        return (error,)
    if config is None:
        return ()
    return wrong_names(config, revision)


def _of_sheets(config: Config | None) -> tuple[OperatorError, ...]:
    resources = config.resources if config else Resources()
    return soap_problems(
        Path(resources.xslt) if resources.xslt else None,
        Path(resources.schemas) if resources.schemas else None,
        tuple(Path(directory) for directory in resources.xslt_overlays),
        resources.xslt_parameters,
    )


def _counted(problems: int) -> str:
    return {0: "nothing wrong", 1: "1 problem"}.get(problems, f"{problems} problems")


def _in_force(config: Config) -> str:
    whole = config.model_dump(mode="json")
    # A route changes what it names, and nothing else.
    whole["routes"] = [route.model_dump(mode="json", exclude_unset=True) for route in config.routes]
    plain = Redactor(b"", tokens=frozenset()).payload(whole)
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)
