"""The page on a run over message logs, for the commands that can make one."""

import argparse
import shlex

from gateway.cli.log_run import Reader
from gateway.logs.report.chronicle import Chronicle
from gateway.logs.shares import Emit

_MOST_INPUTS = 5


def chronicle_of(args: argparse.Namespace, reader: Reader, emit: Emit) -> Chronicle:
    """What looks on for the page; what it keeps goes the way of everything else."""
    return Chronicle(lambda candidate: emit(reader.at, candidate), lambda: reader.at, args.timezone)


def ran(args: argparse.Namespace, *more: str) -> str:
    """The command, for the reader of the page. more: words that matter beside the inputs."""
    inputs = [shlex.quote(name) for name in args.inputs]
    left = len(inputs) - _MOST_INPUTS
    if left > 0:
        inputs[_MOST_INPUTS:] = [f"and {left} more"]
    return " ".join((str(args.name), *inputs, *more))
