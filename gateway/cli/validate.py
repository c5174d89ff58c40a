"""`ocpp-gateway validate IN...`: the frames of message logs against the schemas, with findings.

Exit code 0: nothing that fails the run; 1: errors, or under `--strict` warnings; 2: could not run;
130: interrupted, what was found until then has been put out.
"""

import argparse
import sys
from collections.abc import Callable

from gateway.cli import log_page, log_run
from gateway.cli.config_option import TRANSLATION, add_config_option, usable_config
from gateway.cli.destination import opened
from gateway.cli.log_options import (
    add_jobs_option,
    add_log_options,
    check_inputs,
    check_outputs,
    perspective_of,
    profiles_of,
    version_of,
)
from gateway.config import Config
from gateway.logs.conversation import Conversations
from gateway.logs.findings import FORMATS, Totals
from gateway.logs.fitting import Fitting
from gateway.logs.report.chronicle import Chapter
from gateway.logs.report.exchange import Candidate
from gateway.logs.report.mending import mending
from gateway.logs.report.page import HtmlSink
from gateway.logs.rules import Finding
from gateway.logs.shares import ENDED, UNANSWERED, Emit, Share
from gateway.logs.traces import Traces
from gateway.logs.validation import Validation
from gateway.revision import load_catalog, load_revision


def arguments(parser: argparse.ArgumentParser) -> None:
    add_log_options(parser)
    add_jobs_option(parser)
    parser.add_argument(
        "--strict", action="store_true", help="nothing is mended, and warnings fail the run"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="of the findings (text); html is a page with exchanges and timelines, sarif is for"
        " code review tools",
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="where findings go; else stdout")
    add_config_option(parser, TRANSLATION)


def run(args: argparse.Namespace) -> int:
    check_inputs(args)
    check_outputs(args, args.output)
    totals = Totals()
    with opened(args.output) as out:
        sink = FORMATS[args.format](out)
        page = sink if isinstance(sink, HtmlSink) else None
        if page is not None:
            page.ran = log_page.ran(args, *(["--strict"] if args.strict else []))

        def deliver(thing: Finding | Candidate | Chapter) -> None:
            if isinstance(thing, Finding):
                totals.note(thing)
                sink.take(thing)
            elif page is not None:
                page.gather(thing)

        complete = log_run.run(work, args, deliver, totals)
        sink.close(totals, complete=complete)
    if not complete:
        print("interrupted: the findings are those of a part of the input", file=sys.stderr)
        return log_run.INTERRUPTED
    return 1 if totals.fails(strict=args.strict) else 0


def work(args: argparse.Namespace, share: Share, emit: Emit) -> None:
    """Validate a share of the stations; puts out findings, for a page also exchanges."""
    config = usable_config(args)
    catalog = load_catalog(config.resources)
    reader, totals = log_run.Reader(args, share, emit), Totals()

    def tell(finding: Finding) -> None:
        emit(reader.at, finding)

    found: Callable[[Finding], None] = tell
    chronicle = log_page.chronicle_of(args, reader, emit) if args.format == "html" else None
    if chronicle is not None:
        found = chronicle.hearing(found)
    conversations = Conversations(
        catalog, found, version_of(args), perspective_of(args), args.timezone
    )
    stations = None if args.strict else _stations(args, config)
    validation = Validation(catalog, conversations, found, stations, args.timezone)
    try:
        if chronicle is None:
            _look_at_all(reader, validation)
        else:
            mended = mending(catalog, stations, args.timezone)
            take = chronicle.validating(validation.take, mended)
            for item in reader.items():
                take(item)
        if chronicle is not None:
            chronicle.validated(reader.ending)
        for name in conversations.finish():
            reader.ending(UNANSWERED, name)
    finally:
        totals.frames = validation.frames
        emit((ENDED, share.number), totals)
        if chronicle is not None:
            emit((ENDED, share.number), chronicle.chapter())


def _stations(args: argparse.Namespace, config: Config) -> Fitting:
    """What counts for each station; maps are loaded where something is wrong, or to be named."""
    revision = load_revision(config.resources) if args.profile else None
    profiles = profiles_of(args, config, revision)
    return Fitting(lambda: revision or load_revision(config.resources), profiles)


def _look_at_all(reader: log_run.Reader, validation: Validation) -> None:
    for found in reader.found():
        if isinstance(found, Traces):
            validation.take_traces(found)
        elif isinstance(found, list):
            validation.take_all(found)
        else:
            validation.take(found)
