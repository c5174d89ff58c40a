"""The option -c, and the configuration that it leads to."""

import argparse
import os
import sys
from pathlib import Path

from gateway.config import Checked, Config, read_config
from gateway.core.errors import ConfigError, Problems

WHOLE = "configuration; without it: loopback, no authentication, state in your state folder"
STATE = "configuration, which names the store; without it: the one in your state folder"
TRANSLATION = "configuration, of which counts what translates: maps, overlays, profiles, options"


def add_config_option(parser: argparse.ArgumentParser, what: str) -> None:
    """what: of a configuration counts for the command."""
    parser.add_argument("-c", "--config", type=Path, metavar="FILE", help=what)


def read_checked(args: argparse.Namespace) -> Checked:
    """The configuration with everything that is wrong with it. Raises ConfigUnreadable."""
    return read_config(args.config, os.environ)


def servable(args: argparse.Namespace) -> Checked | None:
    """The configuration if it can be served; else None, its mistakes are on stderr then."""
    checked = read_checked(args)
    problems = (*checked.problems, *without_csms(checked.config))
    for problem in problems:
        print(problem, file=sys.stderr)
    return None if problems else checked


def usable_config(args: argparse.Namespace) -> Config:
    """The configuration for commands that need a key or two of it and open no network.

    Raises Problems only if it cannot be read: unknown keys, values of another kind.
    """
    checked = read_checked(args)
    if checked.config is None or checked.misread:
        raise Problems(checked.misread)
    return checked.config


def without_csms(config: Config | None) -> tuple[ConfigError, ...]:
    """The mistake of naming no CSMS."""
    if config is None or config.csms.url is not None:
        return ()
    cure = "set csms.url, or CSMS_URL=ws://... in the environment"
    return (ConfigError("no CSMS to connect to", None, cure),)
