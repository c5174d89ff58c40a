"""Calls reach the thread in groups, in order, and every caller gets his own result."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from gateway.storage.port import StoreError
from gateway.storage.worker import Job, Worker


class Recorder:
    """Runs groups and notes their sizes; holds the first one until `go` is set."""

    def __init__(self) -> None:
        self.groups: list[int] = []
        self.begun = threading.Event()
        self.go = threading.Event()

    def __call__(self, jobs: list[Job]) -> None:
        self.groups.append(len(jobs))
        self.begun.set()
        self.go.wait()
        for job in jobs:
            try:
                job.value = job.verb(*job.args)
            except ValueError as error:
                job.error = error


Submit = Callable[..., "asyncio.Future[object]"]


@asynccontextmanager
async def working(run: Recorder, most: int = 100) -> AsyncIterator[Submit]:
    worker = Worker("test-worker", run, most)
    try:
        yield worker.submit
    finally:
        run.go.set()
        await worker.close()


async def held(run: Recorder, submit: Submit) -> "asyncio.Future[object]":
    """A first job that the thread has in hand."""
    first = submit(str, "first")
    await asyncio.to_thread(run.begun.wait)
    return first


async def test_what_gathers_behind_a_group_is_the_next_one_up_to_the_most() -> None:
    run = Recorder()
    async with working(run, most=4) as submit:
        first = await held(run, submit)
        others = [submit(int, text) for text in "123456"]
        run.go.set()
        assert await first == "first"
        assert await asyncio.gather(*others) == [1, 2, 3, 4, 5, 6]
    assert run.groups == [1, 4, 2]


async def test_one_failure_does_not_touch_its_neighbours() -> None:
    run = Recorder()
    async with working(run) as submit:
        first = await held(run, submit)
        good, bad, late = submit(int, "1"), submit(int, "x"), submit(int, "2")
        run.go.set()
        results = await asyncio.gather(first, good, bad, late, return_exceptions=True)
    assert results[:2] == ["first", 1]
    assert isinstance(results[2], ValueError)
    assert results[3] == 2


async def test_a_caller_who_gave_up_does_not_disturb_the_group() -> None:
    run = Recorder()
    async with working(run) as submit:
        first = await held(run, submit)
        gone, bad, other = submit(int, "1"), submit(int, "x"), submit(int, "2")
        gone.cancel()
        bad.cancel()
        run.go.set()
        assert await other == 2
        assert await first == "first"


async def test_closing_finishes_what_was_asked_for_and_takes_no_more() -> None:
    run = Recorder()
    worker = Worker("test-worker", run, 1)
    futures = [worker.submit(int, "1"), worker.submit(int, "2")]
    run.go.set()
    await worker.close()
    assert await asyncio.gather(*futures) == [1, 2]
    with pytest.raises(StoreError, match="closed"):
        await worker.submit(int, "3")


async def test_a_worker_that_was_never_used_closes() -> None:
    worker = Worker("test-worker", Recorder(), 1)
    await worker.close()
    with pytest.raises(StoreError, match="closed"):
        await worker.submit(int, "3")


async def test_one_who_is_called_back_is_told_after_his_call_and_his_failure_hurts_no_other() -> (
    None
):
    run = Recorder()
    worker = Worker("test-worker", run, 100)
    told: list[object] = []
    failures: list[str] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: failures.append(str(context["exception"]))
    )

    def fails(job: Job) -> None:
        raise ZeroDivisionError(job.value)

    worker.post(fails, int, "1")
    worker.post(lambda job: told.append(job.value), int, "2")
    worker.post(lambda job: told.append(type(job.error)), int, "x")
    assert told == []
    run.go.set()
    await worker.close()
    assert told == [2, ValueError]
    assert failures == ["1"]
    with pytest.raises(StoreError, match="closed"):
        worker.post(fails, int, "3")
