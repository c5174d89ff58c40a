"""Where the time of `convert` goes: its steps on the bench log, in this process."""

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gateway.cli import convert, log_run
from gateway.config.model import Resources
from gateway.core.codec.templates import Templates
from gateway.core.dialects import Version
from gateway.core.session.desk import Revision
from gateway.core.settings import SessionSettings
from gateway.logs.conversation import Conversations
from gateway.logs.conversion import Conversion
from gateway.logs.exchanges import Exchanges
from gateway.logs.findings import Totals
from gateway.logs.output import Out, Passed, traced, traced_both
from gateway.logs.pairing import Paired, Pairing, Plain
from gateway.logs.shares import WHOLE
from gateway.logs.traces import Traces
from gateway.revision import load_revision

ROUNDS = 3


class Spent(NamedTuple):
    """us of one run: reading and pairing, writing, and translating by action."""

    reading: float
    writing: float
    translating: Counter[str]


def pieces(log: Path) -> str:
    """CPU us an exchange of each step, and how much of it each action takes."""
    revision = load_revision(Resources())
    runs, seen, templates = [], Counter[str](), Templates()
    for _ in range(ROUNDS):
        begin = time.process_time_ns()
        seen = Counter(exchange[0][3] for exchange in _paired(log, revision, templates))
        runs.append(_spent(log, revision, templates, (time.process_time_ns() - begin) / 1000))
    count = seen.total()
    reading, writing = (min(run[n] for run in runs) / count for n in (0, 1))
    least = {action: min(run.translating[action] for run in runs) for action in seen}
    shown = ", ".join(
        f"{action} {us / seen[action]:.0f} us for {seen[action] / count:.0%}"
        for action, us in sorted(least.items(), key=lambda item: -item[1])
    )
    return (
        f"us an exchange, the least of {ROUNDS} runs: reading and pairing {reading:.1f},"
        f" translating {sum(least.values()) / count:.1f}, writing {writing:.1f};"
        f" of the translating: {shown}"
    )


def _paired(log: Path, revision: Revision, templates: Templates) -> Iterator[Paired | Plain]:
    parser = argparse.ArgumentParser()
    convert.arguments(parser)
    args = parser.parse_args([str(log), "--to", "2.0.1"])
    exchanges = Exchanges(Conversations(revision.catalog, lambda finding: None), Pairing())
    for found in log_run.Reader(args, WHOLE, lambda place, thing: None, templates).found():
        assert isinstance(found, Traces)
        yield from exchanges.of(found)


def _spent(log: Path, revision: Revision, templates: Templates, reading: float) -> Spent:
    translating, writing = Counter[str](), 0.0
    outs: list[Out | Passed] = []
    put = outs.append
    conversion = Conversion(
        revision,
        SessionSettings(),
        Version.V201,
        put,
        lambda finding: None,
        Totals(),
        pass_on=put,
        templates=templates,
    )
    for exchange in _paired(log, revision, templates):
        begin = time.perf_counter_ns()
        conversion.take(exchange)
        taken = time.perf_counter_ns()
        for out in outs:
            traced(out) if isinstance(out, Out) else traced_both(out)
        outs.clear()
        writing += (time.perf_counter_ns() - taken) / 1000
        translating[exchange[0][3]] += (taken - begin) / 1000
    return Spent(reading, writing, translating)
