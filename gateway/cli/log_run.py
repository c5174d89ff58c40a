"""A run over message logs: in this process or in several, with progress, interruptible.

A command's work is one function: what it puts out goes to `emit` with its place in the input, its
`Totals` at the end, however it ends. In one process `emit` hands it straight on; with `--jobs` the
places put the shares of several processes in order (gateway/logs/shares.py).
"""

import argparse
import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from gateway.cli.log_options import jobs_of, reading
from gateway.cli.progress import Progress
from gateway.core.errors import ConfigError
from gateway.logs.entry import Entry, Item
from gateway.logs.findings import Totals
from gateway.logs.inputs import runs
from gateway.logs.shares import READ, WHOLE, Emit, Failed, Place, Share, Work, merged, station_of

_ALLOCATIONS = 50_000
"""Between two looks for cycles; the interpreter's own number is 700."""

Deliver = Callable[[Any], None]


class Reader:
    """The items of a share, and where in the input the run is.

    at: the place of what is worked on now.
    """

    def __init__(self, args: argparse.Namespace, share: Share, emit: Emit) -> None:
        self._inputs, self._how = args.inputs, reading(args)
        self._share = share
        self._emit = emit
        self._seen: dict[str, int] = {}
        self._number = 0
        self.at: Place = (READ, 0)

    def items(self) -> Iterator[Item]:
        """Everything that the share has to do with, in order."""
        for found in self.runs():
            if isinstance(found, list):
                yield from found
            else:
                yield found

    def runs(self) -> Iterator[Item | list[Entry]]:
        """The same; entries with frames that nothing stands between come by the list."""
        inputs, how = self._inputs, self._how
        progress = Progress(inputs, shown=self._share.number == 0)
        with _rare_collections():
            try:
                for found in runs(inputs, how, progress.begun):
                    if self._share.of == 1:
                        yield found
                    else:
                        yield from self._own(found if isinstance(found, list) else [found])
                    progress.step(len(found) if isinstance(found, list) else 1)
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
    """Do the work on everything; False if it was interrupted. Raises ConfigError."""
    jobs = jobs_of(args)

    def take(thing: Any) -> None:
        if isinstance(thing, Totals):
            totals.add(thing)
        elif isinstance(thing, Failed):
            raise ConfigError(f"one of the processes failed: {thing.reason}")
        else:
            deliver(thing)

    try:
        if jobs == 1:
            work(args, WHOLE, lambda place, thing: take(thing))
        else:
            for _, thing in merged(work, _sendable(args), jobs):
                take(thing)
    except KeyboardInterrupt:
        return False
    return True


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
