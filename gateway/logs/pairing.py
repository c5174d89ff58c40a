"""Calls with their answers, per station in the order of the calls.

A call waits for its answer while later frames come; those behind it wait with it, so that what one
exchange teaches is known to the next. A call that is never answered is given up when enough others
have queued up behind it: then it goes on without an answer.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from gateway.core.frames import Call
from gateway.logs.conversation import UNNAMED, Asked, Placed, Said, Traced, asked_of
from gateway.logs.entry import Entry
from gateway.logs.traces import Trace, entry_of

MOST_WAITING = 32
_new = tuple.__new__


class Paired(NamedTuple):
    """answer: None where the log has none."""

    asked: Asked
    answer: Entry | None


Plain = tuple[Traced, Trace]
"""The same of two records of Open OCPP Trace, of which no entries have been made. A bare tuple,
made for most exchanges of most logs: a NamedTuple takes four times as long."""


def paired_of(one: Paired | Plain) -> Paired:
    if isinstance(one, Paired):
        return one
    asked, answer = one
    return Paired(asked_of(asked), entry_of(asked[4], answer))


_Waiting = list[Any]
"""A call in its station's queue: [Asked or Traced, its answer or None]."""


class Pairing:
    """queues: by station, the calls that wait, in their order."""

    def __init__(self) -> None:
        self.queues: dict[str, deque[_Waiting]] = {}

    def take(self, said: Said) -> Iterator[Paired]:
        """Add a frame; the exchanges that are complete now."""
        return self.paired((said,))

    def paired(self, frames: Iterable[Placed]) -> Iterator[Paired]:
        """Add frame after frame; the exchanges that each completes."""
        queues = self.queues
        for entry, frame, _, _, _, asked in frames:
            if asked is None:
                continue
            called = asked[0]
            name = called[3] or UNNAMED + called[0]
            queue = queues.get(name)
            if queue is None:
                queue = queues[name] = deque()
            if type(frame) is Call:
                queue.append([asked, None])
                if len(queue) <= MOST_WAITING:
                    continue
                yield _new(Paired, queue.popleft())
            else:
                for waiting in queue:
                    if waiting[0] is asked:
                        waiting[1] = entry
                        break
            while queue and queue[0][1] is not None:
                yield _new(Paired, queue.popleft())

    def finish(self) -> Iterator[Paired]:
        """The input has ended: what still waits goes on as it is."""
        for queue in self.queues.values():
            while queue:
                asked, answer = queue.popleft()
                yield Paired(asked_of(asked), answer)
