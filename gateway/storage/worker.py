"""A thread that takes calls from the event loop in groups and hands all results back in one go.

Theory of operation. The loop appends a `Job` and rings the bell only when the group that the thread
waits for is complete; the thread runs the group and gives it back with one `call_soon_threadsafe`.
So a group of fifty costs two hand-overs between threads, not a hundred.

When a group is complete. While the thread works, jobs gather by themselves and make the next group,
up to `most`. Only when it comes back and finds fewer jobs than it has just finished does it wait
for their like: those callers have been answered and are likely to ask again. It waits no longer
than the last group took to run, since beyond that two groups are cheaper than one, and never longer
than `linger_s`. A lone caller's last group was one job, so it never waits.
"""

import asyncio
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from gateway.storage.port import StoreError


class Job:
    """One call: what to do, and who is told. The runner sets value or error.

    ended: called from the event loop once the call has been carried out.
    """

    __slots__ = ("args", "ended", "error", "value", "verb")

    def __init__(self, ended: "Ended", verb: Callable[..., Any], args: Any) -> None:
        self.ended = ended
        self.verb = verb
        self.args = args
        self.value: Any = None
        self.error: Exception | None = None


Ended = Callable[[Job], None]


class Worker:
    """The thread. run: carries out a group of jobs, in order, and never raises."""

    def __init__(
        self, name: str, run: Callable[[list[Job]], None], most: int, linger_s: float = 0.0
    ) -> None:
        self._run = run
        self._most = most
        self._linger_s = linger_s
        self._waiting: deque[Job] = deque()
        self._bell = threading.Event()
        self._enough = sys.maxsize
        self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def submit(self, verb: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        """Queue one call, from the event loop. Its future raises StoreError after `close`."""
        future: asyncio.Future[Any] = (self._loop or self._start()).create_future()
        try:
            self.post(partial(_settle, future), verb, *args)
        except StoreError as error:
            future.set_exception(error)
        return future

    def post(self, ended: Ended, verb: Callable[..., Any], *args: Any) -> None:
        """Queue one call, from the event loop, without a future. Raises StoreError after `close`.

        ended: told when the call has been carried out, never from inside this one.
        """
        if self._loop is None:
            self._start()
        if self._closing:
            raise StoreError("the store is closed")
        self._waiting.append(Job(ended, verb, args))
        if len(self._waiting) >= self._enough:
            self._bell.set()

    async def close(self) -> None:
        """Finish what is queued and end the thread."""
        self._closing = True
        self._bell.set()
        if self._loop is not None:
            await asyncio.to_thread(self._thread.join)

    def _start(self) -> asyncio.AbstractEventLoop:
        self._loop = asyncio.get_running_loop()
        if not self._closing:
            self._thread.start()
        return self._loop

    def _work(self) -> None:
        expected, linger_s = 1, 0.0
        while self._gather(expected, linger_s):
            jobs = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._most))]
            started = time.monotonic()
            self._run(jobs)
            expected, linger_s = len(jobs), min(self._linger_s, time.monotonic() - started)
            with suppress(RuntimeError):  # the loop is gone, and everybody who waited with it
                self._loop.call_soon_threadsafe(_hand_back, jobs)  # type: ignore[union-attr]

    def _gather(self, expected: int, linger_s: float) -> bool:
        """Wait until a group is complete; False when there will be no more."""
        while not self._waiting:
            if self._closing:
                return False
            self._wait_for(1, None)
        if expected > 1 and linger_s > 0.0:
            self._wait_for(expected, linger_s)
        return True

    def _wait_for(self, enough: int, timeout_s: float | None) -> None:
        self._bell.clear()
        self._enough = enough
        # Looked at after `_enough` is set: a job that came before is seen here, a later one rings.
        if len(self._waiting) < enough and not self._closing:
            self._bell.wait(timeout_s)
        self._enough = sys.maxsize


def _hand_back(jobs: list[Job]) -> None:
    for job in jobs:
        try:
            job.ended(job)
        except Exception as error:
            # The others of the group have to be told all the same.
            told = {"message": "a caller of the store failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(told)


def _settle(future: asyncio.Future[Any], job: Job) -> None:
    if future.done():
        return
    if job.error is None:
        future.set_result(job.value)
    else:
        future.set_exception(job.error)
