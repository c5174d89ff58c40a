"""Coroutines that run on the spot."""

import asyncio

import pytest

from gateway.io.eager import start


def never(error: BaseException | None) -> None:
    raise AssertionError(f"nothing was waited for, {error}")


async def test_what_needs_no_wait_is_done_at_once():
    done = []

    async def work() -> None:
        done.append(True)

    assert start(work(), never)
    assert done == [True]


async def test_what_waits_goes_on_when_it_can_and_tells_its_end():
    gate = asyncio.get_running_loop().create_future()
    ended = asyncio.get_running_loop().create_future()
    steps = []

    async def work() -> None:
        steps.append("begun")
        steps.append(await gate)
        await asyncio.sleep(0)
        steps.append("done")

    assert not start(work(), ended.set_result)
    assert steps == ["begun"]
    gate.set_result("went on")
    assert await ended is None
    assert steps == ["begun", "went on", "done"]


async def test_errors_before_the_first_wait_come_out_where_they_arise():
    async def at_once() -> None:
        raise ValueError("now")

    with pytest.raises(ValueError, match="now"):
        start(at_once(), never)


async def test_later_errors_are_told():
    ended = asyncio.get_running_loop().create_future()

    async def later() -> None:
        await asyncio.sleep(0)
        raise ValueError("later")

    assert not start(later(), ended.set_result)
    assert str(await ended) == "later"


async def test_a_wait_that_is_cancelled_is_told():
    gate = asyncio.get_running_loop().create_future()
    ended = asyncio.get_running_loop().create_future()

    async def work() -> None:
        await gate

    assert not start(work(), ended.set_result)
    gate.cancel()
    assert isinstance(await ended, asyncio.CancelledError)
