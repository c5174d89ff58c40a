"""Running a coroutine on the spot up to the first moment at which it really has to wait.

Sending a frame and committing to memory are coroutines that nearly always finish without waiting;
a task for each would cost more than the work. Python 3.12 has eager tasks for this, 3.11 has not.
"""

import asyncio
import types
from collections.abc import Coroutine, Generator
from typing import Any


def start(coroutine: Coroutine[Any, Any, None]) -> "asyncio.Task[None] | None":
    """Run coroutine now; None if it finished, else the task that brings it to its end.

    Raises what the coroutine raises before its first wait.
    """
    try:
        waited_for = coroutine.send(None)
    except StopIteration:
        return None
    return asyncio.ensure_future(_finish(coroutine, waited_for))


async def _finish(coroutine: Coroutine[Any, Any, None], waited_for: Any) -> None:
    await _drive(coroutine, waited_for)


@types.coroutine
def _drive(coroutine: Coroutine[Any, Any, None], waited_for: Any) -> Generator[Any, Any, None]:
    # A coroutine that was started by hand cannot be awaited any more, only driven on.
    while True:
        try:
            try:
                value = yield waited_for
            except BaseException as error:
                waited_for = coroutine.throw(error)
            else:
                waited_for = coroutine.send(value)
        except StopIteration:
            return
