"""`ocpp-gateway scenario`: play scripted conversations through the core, offline.

The format is that of tests/vectors (its README). Exit code 0: all as expected; 1: a difference, and
a diff of it is printed; 2: a script, the maps or the configuration could not be used.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.cli.config_option import TRANSLATION, add_config_option, usable_config
from gateway.config.sentences import complaints
from gateway.core.errors import ConfigError, OperatorError, Place
from gateway.core.session.desk import Revision
from gateway.core.session.scenario import Result, play
from gateway.core.settings import Translation
from gateway.revision import load_revision


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="FILE|DIR",
        help="conversations as JSON, or folders of them",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print differences only")
    add_config_option(parser, TRANSLATION)


def run(args: argparse.Namespace) -> int:
    config = usable_config(args)
    revision = load_revision(config.resources)
    files = list(_files(args.paths))
    codes = [_play(file, revision, config.profiles, args.quiet) for file in files]
    print(f"{codes.count(0)} of {len(codes)} as expected")
    return max(codes)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        found = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        if not found:
            raise ConfigError(f"{path} holds no .json file")
        yield from found


def _play(file: Path, revision: Revision, profiles: tuple[str, ...], quiet: bool) -> int:
    try:
        result = _result(file, revision, profiles)
    except OperatorError as error:
        print(f"{error}" if error.place else f"{file}: {error}", file=sys.stderr)
        return 2
    if not result.ok:
        print(f"different  {file}\n{result.text}\n")
        return 1
    if not quiet:
        print(f"ok         {file}")
    return 0


def _result(file: Path, revision: Revision, profiles: tuple[str, ...]) -> Result:
    script = _script(file)
    try:
        return play(script, revision, profiles=profiles)
    except ValidationError as error:
        errors = error.errors()
        told = complaints(Translation, errors, [one["loc"] for one in errors])
        sentences = "; ".join(f"{c.message} ({c.cure})" if c.cure else c.message for c in told)
        raise ConfigError(f"config: {sentences}", Place(str(file), 1)) from error
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"not a script that can be played: {type(error).__name__}: {error}",
            Place(str(file), 1),
            "the format is described in tests/vectors/README.md",
        ) from error


def _script(file: Path) -> dict[str, Any]:
    try:
        script = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(error.strerror or str(error)) from error
    except json.JSONDecodeError as error:
        raise ConfigError(error.msg, Place(str(file), error.lineno, error.colno)) from error
    except UnicodeDecodeError as error:
        raise ConfigError("the file is not UTF-8 text", Place(str(file), 1)) from error
    if not isinstance(script, dict) or not {"name", "direction", "steps"} <= script.keys():
        raise ConfigError(
            "not a conversation: name, direction and steps are needed", Place(str(file), 1)
        )
    if not isinstance(script["steps"], list):
        raise ConfigError("steps must be a list", Place(str(file), 1))
    for number, step in enumerate(script["steps"], 1):
        if not isinstance(step, dict):
            raise ConfigError(f"step {number} must be an object", Place(str(file), 1))
    return script
