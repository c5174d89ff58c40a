"""A run over message logs: in this process or in several, with progress, interruptible.

A command's work is one function: what it puts out goes to `emit` with its place in the input, its
`Totals` at the end, however it ends. In one process `emit` hands it straight on; with `--jobs` the
places put the shares of several processes in order (gateway/logs/shares.py).
"""

import argparse
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gateway.cli.log_options import jobs_of, reading
from gateway.cli.progress import Progress
from gateway.core.errors import ConfigError
from gateway.logs.entry import Entry, Item
from gateway.logs.findings import Totals
from gateway.logs.inputs import items
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
        self.at: Place = (READ, 0)

    def items(self) -> Iterator[Item]:
        """Everything that the share has to do with, in order."""
        with _rare_collections():
            yield from self._items()

    def _items(self) -> Iterator[Item]:
        inputs, how, share = self._inputs, self._how, self._share
        progress = Progress(inputs, shown=share.number == 0)
        try:
            if share.of == 1:
                for item in items(inputs, how, progress.begun):
                    yield item
                    progress.step()
                return
            for number, item in enumerate(items(inputs, how, progress.begun)):
                self.at = (READ, number)
                if isinstance(item, Entry):
                    name = station_of(item.station, item.file)
                    self._seen.setdefault(name, len(self._seen))
                if share.has(item):
                    yield item
                self._emit(self.at, None)
                progress.step()
        finally:
            progress.end()

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
