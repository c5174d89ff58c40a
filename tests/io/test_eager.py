"""Coroutines that run on the spot."""

import asyncio

import pytest

from gateway.io.eager import start


async def test_what_needs_no_wait_is_done_at_once():
    done = []

    async def work() -> None:
        done.append(True)

    assert start(work()) is None
    assert done == [True]


async def test_what_waits_goes_on_as_a_task():
    gate = asyncio.get_running_loop().create_future()
    steps = []

    async def work() -> None:
        steps.append("begun")
        steps.append(await gate)
        await asyncio.sleep(0)
        steps.append("done")

    task = start(work())
    assert steps == ["begun"]
    assert task is not None
    gate.set_result("went on")
    await task
    assert steps == ["begun", "went on", "done"]


async def test_errors_come_out_where_they_arise():
    async def at_once() -> None:
        raise ValueError("now")

    async def later() -> None:
        await asyncio.sleep(0)
        raise ValueError("later")

    with pytest.raises(ValueError, match="now"):
        start(at_once())
    task = start(later())
    assert task is not None
    with pytest.raises(ValueError, match="later"):
        await task


async def test_cancelling_reaches_the_coroutine():
    ended = []

    async def work() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append(True)

    task = start(work())
    assert task is not None
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]
