"""`ocpp-gateway serve`: run the gateway until it is told to stop."""

import argparse
import logging
import sys

from gateway.app import run as run_gateway
from gateway.cli.config_option import WHOLE, add_config_option, servable
from gateway.config import Config
from gateway.config.file_rules import recording
from gateway.core.errors import ConfigError, OperatorError, said_by
from gateway.io.clock import utc_clock
from gateway.observe.frame_log import FrameLog
from gateway.observe.installation_key import installation_key
from gateway.observe.lines import Lines
from gateway.observe.process_log import ProcessLog
from gateway.observe.recorder import Recorder
from gateway.observe.redaction import Redactor
from gateway.revision import revision_name

logger = logging.getLogger(__name__)


def arguments(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser, WHOLE)
    parser.add_argument(
        "--record", metavar="FILE", help="write all messages as Open OCPP Trace, for `convert`"
    )
    parser.add_argument(
        "--record-content",
        choices=("masked", "full"),
        help="masked (the default) hides tokens and secrets",
    )
    parser.add_argument("--json", action="store_true", help="log lines as JSON also on a terminal")


def run(args: argparse.Namespace) -> int:
    checked = servable(args)
    if checked is None:
        return 1
    config = _recording(checked.valid(), args)
    lines = _lines(config, args.json)
    logging.basicConfig(level=logging.INFO, handlers=[ProcessLog(lines)])
    for warning in checked.warnings:
        logger.warning("%s", warning)
    try:
        with said_by("state"):
            redactor = Redactor(installation_key(config.state))
        return _serve(config, _frame_log(config, lines, redactor), redactor)
    except OperatorError as error:
        logger.error("%s", checked.located(error))
        return 1


def _serve(config: Config, frames: FrameLog, redactor: Redactor) -> int:
    if config.record.file is None:
        return run_gateway(config, frames, frames.report_counts)
    shown = config.record.content == "full"
    with said_by("record", "file"):
        recorder = Recorder(config.record.file, None if shown else redactor)
    with recorder:
        return run_gateway(config, frames, frames.report_counts, recorder.hear)


def _recording(config: Config, args: argparse.Namespace) -> Config:
    """What the command line says of the recording wins. Raises ConfigError if it cannot be."""
    for finding in recording(args.record, config.state):
        raise ConfigError(f"--record: {finding.message}", cure=finding.cure)
    said = {"file": args.record, "content": args.record_content}
    given = {name: value for name, value in said.items() if value is not None}
    return config.model_copy(update={"record": config.record.model_copy(update=given)})


def _lines(config: Config, as_json: bool) -> Lines:
    """For people on a terminal; JSON when piped or asked for."""
    people = sys.stdout.isatty() and not as_json
    return Lines(sys.stdout, people, people, config.log.field_bytes)


def _frame_log(config: Config, lines: Lines, redactor: Redactor) -> FrameLog:
    name = revision_name(config.resources)
    return FrameLog(lines, redactor, utc_clock(), config.log.frames, name)
