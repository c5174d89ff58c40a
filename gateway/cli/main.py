"""Entry point of `ocpp-gateway`: picks the command's module and runs it."""

import argparse
import errno
import importlib
import sys
from collections.abc import Sequence
from typing import Protocol, cast

from gateway import __version__
from gateway.cli.output import abandon, open_what_is_closed
from gateway.core.errors import OperatorError

COMMANDS: dict[str, str] = {
    "serve": "run the gateway",
    "check": "check configuration, maps and schemas; exit code 0, 1 or 2",
    "convert": "message logs in the other version, offline",
    "validate": "frames of message logs against the schemas",
    "explain": "what becomes of a message, field by field, and what is lost",
    "scenario": "play scripted conversations through the core, offline",
    "db": "copy the store; show what it holds",
    "credentials": "passwords of stations, hashed",
    "print-schema": "JSON Schemas of the configuration, of maps and of overlays",
    "demo": "a simulated charging session on this machine, frames side by side",
}
"""Name of each command -> what it does; its module is named alike."""

OK, WRONG, COULD_NOT_RUN = 0, 1, 2
_JUDGES = frozenset({"check", "convert", "validate", "scenario"})
"""Commands whose 1 is their verdict on what they have looked at; that they could not look is 2."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class Command(Protocol):
    """What each module of this package offers."""

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Carry the command out; returns the exit code. Raises OperatorError."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. argv: without the program's name; None: the process's own."""
    open_what_is_closed()
    try:
        args = _parsed(sys.argv[1:] if argv is None else list(argv))
        code = _carried_out(args)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        abandon()
        return OK
    except OSError as error:
        if error.errno not in _FULL or error.filename is not None:
            raise
        abandon()
        print(f"standard output cannot be written: {error.strerror}", file=sys.stderr)
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        return 130


def _carried_out(args: argparse.Namespace) -> int:
    try:
        return cast(int, args.command.run(args))
    except OperatorError as error:
        print(error, file=sys.stderr)
        return COULD_NOT_RUN if args.name in _JUDGES else WRONG


def _parsed(argv: list[str]) -> argparse.Namespace:
    """Only the command that was asked for is loaded: most need no network code."""
    parser = argparse.ArgumentParser(
        prog="ocpp-gateway", description="Translates between OCPP 2.0.1 and OCPP 1.6, both ways."
    )
    parser.add_argument("--version", action="version", version=f"ocpp-gateway {__version__}")
    commands = parser.add_subparsers(dest="name", metavar="COMMAND", required=True)
    wanted = next((word for word in argv if not word.startswith("-")), None)
    for name, summary in COMMANDS.items():
        command_parser = commands.add_parser(name, help=summary, description=summary)
        if name == wanted:
            command = _load(name)
            command.arguments(command_parser)
            command_parser.set_defaults(command=command)
    return parser.parse_args(argv)


def _load(name: str) -> Command:
    return cast(Command, importlib.import_module(f"gateway.cli.{name.replace('-', '_')}"))


if __name__ == "__main__":
    sys.exit(main())
