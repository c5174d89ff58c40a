"""`ocpp-gateway convert IN... --to VERSION`: message logs in the other version, offline.

What is put out says of each frame what was lost and who answered; what could not be read or
translated stands in the report. Exit code 0: done; 1: done, but the report holds errors; 2: could
not run; 130: interrupted, what was put out until then is whole.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

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
from gateway.core.codec.templates import Templates
from gateway.core.dialects import Version
from gateway.core.errors import ConfigError
from gateway.core.schema.repair import SOAP_VALUES
from gateway.core.session.desk import Revision
from gateway.core.settings import SessionSettings
from gateway.logs import soap_output
from gateway.logs.conversation import Conversations
from gateway.logs.conversion import Conversion
from gateway.logs.entry import Entry, Remark
from gateway.logs.exchanges import Exchanges
from gateway.logs.findings import FORMATS, Sink, Totals
from gateway.logs.output import HEADS, LINES, Out, Passed, traced, traced_both
from gateway.logs.pairing import Paired, Pairing, Plain, paired_of
from gateway.logs.report.chronicle import Chapter
from gateway.logs.report.exchange import Candidate
from gateway.logs.report.losses import why_lost
from gateway.logs.report.page import HtmlSink
from gateway.logs.rules import Finding, counted
from gateway.logs.shares import ENDED, UNANSWERED, UNPAIRED, WHOLE, Emit, Share, station_of
from gateway.logs.traces import Traces
from gateway.logs.validation import unread
from gateway.revision import load_revision
from gateway.soap_files import configured_soap

_BUFFER = 1 << 18
_SILENT = frozenset(LINES.values())
"""What makes lines and finds nothing wrong."""
_READ = Out, bytes


def arguments(parser: argparse.ArgumentParser) -> None:
    add_log_options(parser)
    add_jobs_option(parser)
    parser.add_argument(
        "--to",
        required=True,
        choices=[*(str(version) for version in Version), soap_output.TO_SOAP],
        help="version put out; 1.6-soap: 1.6 in SOAP envelopes",
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="where frames go; else stdout")
    parser.add_argument(
        "--format",
        choices=LINES,
        default="jsonl",
        help="records of Open OCPP Trace (jsonl), a table, or nothing but the frames",
    )
    parser.add_argument(
        "--report",
        metavar="R",
        help="findings, losses and repairs: as .html a page with exchanges side by side and"
        " timelines, as .json, .sarif or else text; without it counts only",
    )
    add_config_option(parser, TRANSLATION)


def run(args: argparse.Namespace) -> int:
    check_inputs(args)
    check_outputs(args, args.output, *([args.report] if args.report else []))
    totals = Totals()
    with _bytes(args.output) as out, _report(args.report) as sink:
        write = out.write

        page = sink if isinstance(sink, HtmlSink) else None
        if page is not None:
            page.ran = log_page.ran(args, "--to", args.to)

        def deliver(thing: bytes | Finding | Candidate | Chapter) -> None:
            if isinstance(thing, bytes):
                write(thing)
            elif isinstance(thing, Finding):
                totals.note(thing)
                if sink is not None:
                    sink.take(thing)
            elif page is not None:
                page.gather(thing)

        heads = soap_output.HEADS if args.to == soap_output.TO_SOAP else HEADS
        write(heads.get(args.format, b""))
        complete = log_run.run(work, args, deliver, totals)
        if sink is not None:
            sink.close(totals, complete=complete)
    _say(totals, args.report, complete=complete)
    if not complete:
        return log_run.INTERRUPTED
    return 1 if totals.fails(strict=False) else 0


def work(args: argparse.Namespace, share: Share, emit: Emit) -> None:
    """Convert a share of the stations; puts out findings, and lines as bytes."""
    config = usable_config(args)
    revision = load_revision(config.resources)
    translation = config.translation.model_copy(update={"timezone_default": args.timezone})
    settings = SessionSettings(translation=translation)
    templates = Templates()
    reader = log_run.Reader(args, share, emit, templates if share is WHOLE else None)
    totals, pairing = Totals(), Pairing()

    def tell(finding: Finding) -> None:
        emit(reader.at, finding)

    batch = _Batch(lambda lines: emit(reader.at, lines))
    found: Callable[[Finding], None] = tell
    put: Callable[[Out], None] = batch.put
    chronicle = log_page.chronicle_of(args, reader, emit) if _wants_page(args) else None
    if chronicle is not None:
        found, put = chronicle.hearing(found), chronicle.collecting(put)
    conversations = Conversations(
        revision.catalog,
        batch.telling(found),
        version_of(args),
        perspective_of(args),
        args.timezone,
    )
    exchanges = Exchanges(conversations, pairing)
    profiles = _profiles(args, config, revision)
    version, batch.line = _target(args, config, found, totals)
    pass_on = batch.pass_on if batch.line is traced and chronicle is None else None
    conversion = Conversion(
        revision,
        settings,
        version,
        put,
        found,
        totals,
        profiles,
        pass_on,
        templates,
        lambda station: config.route(station).extensions,
    )
    batch.take = conversion.take
    if chronicle is not None:
        take = chronicle.converting(conversion.take)
        batch.take = lambda one: take(paired_of(one))
    try:
        for frames in _frames(reader, conversion, found, totals):
            batch.work_off(exchanges.of(frames))
        for paired in pairing.finish():
            entry = paired.asked.entry
            reader.ending(UNPAIRED, station_of(entry.station, entry.file))
            batch.work_off((paired,))
        for name in conversations.finish():
            reader.ending(UNANSWERED, name)
    finally:
        batch.deliver()
        emit((ENDED, share.number), totals)
        if chronicle is not None:
            chapter = chronicle.chapter(lambda: why_lost(revision, totals.losses))
            emit((ENDED, share.number), chapter)


class _Batch:
    """Exchanges that some frames complete: found, then translated, then put out, all of them at
    each step. Changing from step to step with every exchange costs a tenth of the run.

    line: makes the line of a frame; emit: where lines go. take: translates an exchange.
    """

    line: Callable[[Out], bytes]
    take: Callable[[Paired | Plain], None]

    def __init__(self, emit: Callable[[bytes], None]) -> None:
        self._emit = emit
        self._ready: list[Paired | Plain] = []
        self._outs: list[Out | Passed | bytes] = []
        self.pass_on: Callable[[Passed], None] = self._outs.append

    def put(self, out: Out) -> None:
        """Lines that may lead to findings are made at once."""
        self._outs.append(out if self.line in _SILENT else self.line(out))

    def telling(self, found: Callable[[Finding], None]) -> Callable[[Finding], None]:
        """found, for what is wrong with frames that have not been translated: it is told after what
        is wrong with those before them."""

        def tell(finding: Finding) -> None:
            self._translate()
            found(finding)

        return tell

    def work_off(self, exchanges: Iterable[Paired | Plain]) -> None:
        for paired in exchanges:
            self._ready.append(paired)
        self._translate()
        self.deliver()

    def _translate(self) -> None:
        take = self.take
        for paired in self._ready:
            take(paired)
        self._ready.clear()

    def deliver(self) -> None:
        """Put out what has been translated."""
        lines = [
            self._made(out) if isinstance(out, _READ) else traced_both(out).encode()
            for out in self._outs
        ]
        self._outs.clear()
        if lines:
            self._emit(b"".join(lines))

    def _made(self, out: Out | bytes) -> bytes:
        return out if isinstance(out, bytes) else self.line(out)


def _frames(
    reader: log_run.Reader,
    conversion: Conversion,
    found: Callable[[Finding], None],
    totals: Totals,
) -> Iterator[list[Entry] | Traces]:
    """What of the input has frames, counted; what stands between it is told."""
    for item in reader.found():
        if isinstance(item, Traces):
            totals.frames += len(item.rows)
            yield item
            continue
        if isinstance(item, Remark):
            whole = conversion.completed(item)
            if whole is None:
                found(unread(item))
                continue
            item = whole
        frames = item if isinstance(item, list) else [item]
        totals.frames += len(frames)
        yield frames


def _profiles(
    args: argparse.Namespace, config: Config, revision: Revision
) -> Callable[[str], tuple[str, ...]]:
    """Repairs by a station's name; towards SOAP those that a leg which speaks it gets."""
    asked = profiles_of(args, config, revision)
    if args.to != soap_output.TO_SOAP:
        return asked
    return lambda station: (*asked(station), SOAP_VALUES)


def _target(
    args: argparse.Namespace, config: Config, found: Callable[[Finding], None], totals: Totals
) -> tuple[Version, Callable[[Out], bytes]]:
    """The version put out, and what makes the line of a frame."""
    if args.to != soap_output.TO_SOAP:
        return Version(args.to), LINES[args.format]
    codec = configured_soap(config)
    return Version.V16, soap_output.SoapLines(codec, args.format, found, totals)


@contextmanager
def _bytes(name: str | None) -> Iterator[IO[bytes]]:
    """Where frames go: a file, or stdout. Raises ConfigError if it cannot be written."""
    if name in (None, "-"):
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with Path(name or "").open("wb", buffering=_BUFFER) as out:
            yield out
    except OSError as error:
        raise ConfigError(f"{name} cannot be written: {error.strerror or error}") from error


def _wants_page(args: argparse.Namespace) -> bool:
    return args.report is not None and _format(args.report) == "html"


@contextmanager
def _report(name: str | None) -> Iterator[Sink | None]:
    if name is None:
        yield None
        return
    with opened(name) as out:
        yield FORMATS[_format(name)](out)


def _format(report: str) -> str:
    """One of FORMATS, by the end of a report's name."""
    ending = Path(report).suffix[1:]
    return ending if ending in FORMATS else "text"


def _say(totals: Totals, report: str | None, *, complete: bool) -> None:
    """A line on stderr: stdout may be the output."""
    counts = ", ".join(counted(totals.levels[level], level) for level in totals.levels)
    where = "" if report or not counts else "; --report FILE says which"
    ended = "" if complete else "interrupted, the output is that of a part of the input; "
    frames = counted(totals.frames, "frame")
    print(f"{ended}{frames}, {counts or 'no findings'}{where}", file=sys.stderr)
