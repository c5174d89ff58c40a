"""One input worked on by several processes, each for its share of the stations.

Every process reads everything and works on its own stations only; what it puts out bears the place
in the input that caused it, and the parent merges by that place. So the output is the same however
many there are. The parent reads from the process that is furthest behind, the others wait with
their pipes full: memory stays bounded.
"""

import multiprocessing
import pickle
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import Any, NamedTuple
from zlib import crc32

from gateway.core.errors import OperatorError
from gateway.logs.conversation import UNNAMED
from gateway.logs.entry import Item, Remark

Place = tuple[int, int]
"""READ and the number of the item, or a later stage and the number of the station."""
READ, UNPAIRED, UNANSWERED, ENDED = range(1, 5)
BATCH = 500
_OFTEN = 20_000

Emit = Callable[[Place, Any], None]


class Share(NamedTuple):
    """Which stations a process works on: those of `number` among `of`."""

    number: int = 0
    of: int = 1

    def has(self, item: Item) -> bool:
        if self.of == 1:
            return True
        if isinstance(item, Remark):
            if item.closed is None:
                return self.number == 0
            item = item.closed
        return crc32(station_of(item.station, item.file).encode()) % self.of == self.number


WHOLE = Share()

Work = Callable[[Any, Share, Emit], None]
"""What a process does: (task, its share, where to put what it finds)."""


class Failed(NamedTuple):
    """What a process puts out that cannot go on."""

    reason: str


def station_of(name: str, file: str) -> str:
    return name or UNNAMED + file


class Stop:
    """Asks all processes of a run to end early; what they have put out until then still comes."""

    def __init__(self) -> None:
        self.context = multiprocessing.get_context("spawn")
        self.event = self.context.Event()

    def ask(self) -> None:
        self.event.set()


def merged(work: Work, task: Any, jobs: int, stop: Stop) -> Iterator[tuple[Place, Any]]:
    """What all shares put out, in the order of the input; a `Failed` where a process ended badly.

    work and task are sent to new processes: a function of a module, and plain data.
    """
    context = stop.context
    pipes, processes = [], []
    try:
        for number in range(jobs):
            receiving, sending = context.Pipe(duplex=False)
            share = Share(number, jobs)
            process = context.Process(
                target=_run, args=(work, task, share, sending, stop.event), daemon=True
            )
            with _without_interrupts():
                process.start()
            sending.close()
            pipes.append(_Stream(receiving))
            processes.append(process)
        yield from _in_order(pipes)
    finally:
        for process in processes:
            process.terminate()
            process.join()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """A process that is started here is deaf to interrupts from its first moment."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Stream:
    """What one process has put out and nobody has taken yet. reached: nothing before it comes."""

    def __init__(self, receiving: Connection) -> None:
        self._receiving = receiving
        self.reached: Place = (0, 0)
        self.waiting: list[tuple[Place, Any]] = []

    def fill(self) -> None:
        try:
            self.reached, things = pickle.loads(self._receiving.recv_bytes())
        except EOFError:
            failed = Failed("one of the processes ended before its time")
            self.reached, things = (ENDED + 1, 0), [((ENDED, 0), failed)]
        self.waiting += things


def _in_order(streams: list[_Stream]) -> Iterator[tuple[Place, Any]]:
    end = (ENDED + 1, 0)
    while True:
        last = min(streams, key=lambda stream: stream.reached)
        horizon = last.reached
        ready = [thing for s in streams for thing in s.waiting if thing[0] < horizon]
        for stream in streams:
            stream.waiting = [thing for thing in stream.waiting if thing[0] >= horizon]
        yield from sorted(ready, key=lambda thing: thing[0])
        if horizon == end:
            return
        last.fill()


def _run(work: Work, task: Any, share: Share, sending: Connection, stop: Event) -> None:
    """The life of one process. An interrupt is the parent's affair, which sets stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    things: list[tuple[Place, Any]] = []
    asked, stopped = 0, False

    def send(reached: Place) -> None:
        sending.send_bytes(pickle.dumps((reached, things)))
        things.clear()

    def emit(place: Place, thing: Any) -> None:
        nonlocal asked, stopped
        asked += 1
        if thing is not None:
            things.append((place, thing))
        if len(things) >= BATCH or asked % _OFTEN == 0:
            send(place)
        if asked % BATCH == 0 and not stopped and stop.is_set():
            stopped = True
            raise KeyboardInterrupt

    try:
        work(task, share, emit)
    except KeyboardInterrupt:
        pass
    except OperatorError as error:
        things.append(((ENDED, share.number), Failed(str(error))))
    except Exception as error:
        reason = f"one of the processes failed: {type(error).__name__}: {error}"
        things.append(((ENDED, share.number), Failed(reason)))
    send((ENDED + 1, 0))
    sending.close()
