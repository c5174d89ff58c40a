"""`ocpp-gateway validate IN...`: the frames of message logs against the schemas, with findings.

Exit code 0: nothing that fails the run; 1: errors, or under `--strict` warnings; 2: could not run;
130: interrupted, what was found until then has been put out.
"""

import argparse
import sys

from gateway.cli.config_option import add_config_option, usable_config
from gateway.cli.destination import opened
from gateway.cli.log_options import add_log_options, perspective_of, reading, version_of
from gateway.cli.progress import Progress
from gateway.core.errors import OperatorError
from gateway.logs.conversation import Conversations
from gateway.logs.findings import FORMATS, Totals
from gateway.logs.inputs import Reading, items
from gateway.logs.rules import Finding
from gateway.logs.validation import Validation
from gateway.revision import load_catalog

INTERRUPTED = 130


def arguments(parser: argparse.ArgumentParser) -> None:
    add_log_options(parser)
    parser.add_argument(
        "--strict", action="store_true", help="nothing is mended, and warnings fail the run"
    )
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("-o", "--output", metavar="OUT", help="where findings go; else stdout")
    add_config_option(parser)


def run(args: argparse.Namespace) -> int:
    try:
        return _run(args)
    except OperatorError as error:
        print(error, file=sys.stderr)
        return 2


def _run(args: argparse.Namespace) -> int:
    config = usable_config(args)
    how, catalog = reading(args), load_catalog(config.resources)
    totals = Totals()
    with opened(args.output) as out:
        sink = FORMATS[args.format](out)

        def found(finding: Finding) -> None:
            totals.note(finding)
            sink.take(finding)

        conversations = Conversations(
            catalog, found, version_of(args), perspective_of(args), args.timezone
        )
        validation = Validation(
            catalog,
            conversations,
            found,
            strict=args.strict,
            profiles=config.profiles,
            zone=args.timezone,
        )
        complete = _read_all(args.inputs, how, validation)
        totals.frames = validation.frames
        sink.close(totals, complete=complete)
    if not complete:
        print("interrupted: the findings are those of a part of the input", file=sys.stderr)
        return INTERRUPTED
    return 1 if totals.fails(strict=args.strict) else 0


def _read_all(inputs: list[str], how: Reading, validation: Validation) -> bool:
    """Look at everything; False if that was interrupted."""
    progress = Progress(inputs)
    take, step = validation.take, progress.step
    try:
        for item in items(inputs, how, progress.begun):
            take(item)
            step()
        validation.finish()
    except KeyboardInterrupt:
        return False
    finally:
        progress.end()
    return True
