"""A run over message logs: in this process or in several, with progress, interruptible.

A command's work is one function: what it puts out goes to `emit` with its place in the input, its
`Totals` at the end, however it ends. In one process `emit` hands it straight on; with `--jobs` the
places put the shares of several processes in order (gateway/logs/shares.py).
"""

import argparse
import gc
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from gateway.cli.log_options import jobs_of, reading
from gateway.cli.progress import Progress
from gateway.core.codec.templates import Templates
from gateway.core.errors import ConfigError
from gateway.logs.entry import Entry, Item
from gateway.logs.findings import Totals
from gateway.logs.inputs import found
from gateway.logs.quick import Found, items_of
from gateway.logs.shares import (
    READ,
    WHOLE,
    Emit,
    Failed,
    Place,
    Share,
    Stop,
    Work,
    merged,
    station_of,
)
from gateway.logs.traces import Traces

INTERRUPTED = 130
"""The exit code of a run that Ctrl-C ended."""

_ALLOCATIONS = 50_000
"""Between two looks for cycles; the interpreter's own number is 700."""

Deliver = Callable[[Any], None]


class Reader:
    """The items of a share, and where in the input the run is.

    at: the place of what is worked on now; templates: see `Reading`.
    """

    def __init__(
        self,
        args: argparse.Namespace,
        share: Share,
        emit: Emit,
        templates: Templates | None = None,
    ) -> None:
        self._inputs, self._how = args.inputs, reading(args)._replace(templates=templates)
        self._on_terminal = args.output in (None, "-") and sys.stdout.isatty()
        self._share = share
        self._emit = emit
        self._seen: dict[str, int] = {}
        self._number = 0
        self.at: Place = (READ, 0)

    def items(self) -> Iterator[Item]:
        """Everything that the share has to do with, in order."""
        return items_of(self.found())

    def found(self) -> Iterator[Found]:
        """The same; what nothing stands between comes together."""
        shown = self._share.number == 0 and not self._on_terminal
        progress = Progress(self._inputs, shown=shown)
        with _rare_collections():
            try:
                for one in found(self._inputs, self._how, progress.begun):
                    if self._share.of == 1:
                        yield one
                    else:
                        yield from self._own(items_of((one,)))
                    progress.step(_frames(one))
            finally:
                progress.end()

    def _own(self, items: Iterable[Item]) -> Iterator[Item]:
        """Those of the share, each with its place."""
        for item in items:
            self._number += 1
            self.at = (READ, self._number)
            if isinstance(item, Entry):
                name = station_of(item.station, item.file)
                self._seen.setdefault(name, len(self._seen))
            if self._share.has(item):
                yield item
            self._emit(self.at, None)

    def ending(self, stage: int, name: str) -> None:
        """The input has ended, now this station is worked on once more."""
        self.at = (stage, self._seen.get(name, 0))


def run(work: Work, args: argparse.Namespace, deliver: Deliver, totals: Totals) -> bool:
    """Do the work on everything; False if it was interrupted. Raises ConfigError.

    An interrupt comes between two things delivered, so that what is put out stays whole; the
    processes of several end their work in order. A second one ends the run at once.
    """
    jobs = jobs_of(args)

    def take(thing: Any) -> None:
        if type(thing) is bytes:
            deliver(thing)
        elif isinstance(thing, Totals):
            totals.add(thing)
        elif isinstance(thing, Failed):
            raise ConfigError(thing.reason)
        else:
            deliver(thing)

    interrupts = _Interrupts()
    with interrupts.heard():
        try:
            if jobs == 1:
                work(args, WHOLE, lambda place, thing: interrupts.wait_for(take, thing))
                return True
            stop = Stop()
            interrupts.ask = stop.ask
            for _, thing in merged(work, _sendable(args), jobs, stop):
                take(thing)
            return not interrupts.came
        except KeyboardInterrupt:
            return False


class _Interrupts:
    """What Ctrl-C does while a run goes on. came: it was pressed, and nothing was interrupted yet.

    ask: what is done instead of interrupting; held: whether something must not be interrupted.
    """

    def __init__(self) -> None:
        self.came = False
        self.held = False
        self.ask: Callable[[], None] | None = None

    @contextmanager
    def heard(self) -> Iterator[None]:
        before = signal.getsignal(signal.SIGINT)
        if before is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def wait_for(self, take: Deliver, thing: Any) -> None:
        """Take a thing whole; then is the time to interrupt."""
        self.held = True
        take(thing)
        self.held = False
        if self.came:
            self.came = False
            raise KeyboardInterrupt

    def _interrupt(self, *_: object) -> None:
        if self.came or (self.ask is None and not self.held):
            raise KeyboardInterrupt
        self.came = True
        if self.ask is not None:
            self.ask()


def _frames(one: Found) -> int:
    if isinstance(one, Traces):
        return len(one.rows)
    return len(one) if isinstance(one, list) else 1


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Frames come and go by reference counts; to look through schemas and maps for cycles every
    few hundred of them costs a quarter of the run."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _sendable(args: argparse.Namespace) -> argparse.Namespace:
    """The arguments without the module that they belong to, which is not sent to processes."""
    plain = {name: value for name, value in vars(args).items() if name != "command"}
    return argparse.Namespace(**plain)
