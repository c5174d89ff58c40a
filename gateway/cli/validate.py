"""`ocpp-gateway validate IN...`: the frames of message logs against the schemas, with findings.

Exit code 0: nothing that fails the run; 1: errors, or under `--strict` warnings; 2: could not run;
130: interrupted, what was found until then has been put out.
"""

import argparse
import sys

from gateway.cli import log_run
from gateway.cli.config_option import add_config_option, usable_config
from gateway.cli.destination import opened
from gateway.cli.log_options import (
    add_jobs_option,
    add_log_options,
    perspective_of,
    version_of,
)
from gateway.core.errors import OperatorError
from gateway.logs.conversation import Conversations
from gateway.logs.findings import FORMATS, Totals
from gateway.logs.rules import Finding
from gateway.logs.shares import ENDED, UNANSWERED, Emit, Share
from gateway.logs.validation import Validation
from gateway.revision import load_catalog

INTERRUPTED = 130


def arguments(parser: argparse.ArgumentParser) -> None:
    add_log_options(parser)
    add_jobs_option(parser)
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
    totals = Totals()
    with opened(args.output) as out:
        sink = FORMATS[args.format](out)

        def deliver(finding: Finding) -> None:
            totals.note(finding)
            sink.take(finding)

        complete = log_run.run(work, args, deliver, totals)
        sink.close(totals, complete=complete)
    if not complete:
        print("interrupted: the findings are those of a part of the input", file=sys.stderr)
        return INTERRUPTED
    return 1 if totals.fails(strict=args.strict) else 0


def work(args: argparse.Namespace, share: Share, emit: Emit) -> None:
    """Validate a share of the stations; puts out findings."""
    config = usable_config(args)
    catalog = load_catalog(config.resources)
    reader, totals = log_run.Reader(args, share, emit), Totals()

    def found(finding: Finding) -> None:
        emit(reader.at, finding)

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
    take = validation.take
    try:
        for item in reader.items():
            take(item)
        for name in conversations.finish():
            reader.ending(UNANSWERED, name)
    finally:
        totals.frames = validation.frames
        emit((ENDED, share.number), totals)
