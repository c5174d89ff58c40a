"""Calls with their answers, per station in the order of the calls.

A call waits for its answer while later frames come; those behind it wait with it, so that what one
exchange teaches is known to the next. A call that is never answered is given up when enough others
have queued up behind it: then it goes on without an answer.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from gateway.core.frames import Call
from gateway.logs.conversation import UNNAMED, Asked, Said
from gateway.logs.entry import Entry

MOST_WAITING = 32


class Paired(NamedTuple):
    """answer: None where the log has none."""

    asked: Asked
    answer: Entry | None


class _Waiting:
    """A call in its station's queue."""

    __slots__ = ("answer", "asked")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answer: Entry | None = None


class Pairing:
    def __init__(self) -> None:
        self._queues: dict[str, deque[_Waiting]] = {}

    def take(self, said: Said) -> Iterator[Paired]:
        """Add a frame; the exchanges that are complete now."""
        asked = said.asked
        if asked is None:
            return
        entry = asked.entry
        name = entry.station or UNNAMED + entry.file
        queue = self._queues.get(name)
        if queue is None:
            queue = self._queues[name] = deque()
        if type(said.frame) is Call:
            queue.append(_Waiting(asked))
            if len(queue) <= MOST_WAITING:
                return
            yield _paired(queue.popleft())
        else:
            for waiting in queue:
                if waiting.asked is asked:
                    waiting.answer = said.entry
                    break
        while queue and queue[0].answer is not None:
            yield _paired(queue.popleft())

    def finish(self) -> Iterator[Paired]:
        """The input has ended: what still waits goes on as it is."""
        for queue in self._queues.values():
            while queue:
                yield _paired(queue.popleft())


def _paired(waiting: _Waiting) -> Paired:
    return Paired(waiting.asked, waiting.answer)
