"""Running a coroutine on the spot up to the first moment at which it really has to wait.

Committing is a coroutine that finishes without waiting where everything is in memory, and waits
once, for the disk, elsewhere; a task for each would cost more than the work. So it goes on in the
callbacks of what it waits for. It has no task of its own: it can neither be cancelled nor use what
needs a current task (`asyncio.timeout`).
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

Ended = Callable[[BaseException | None], None]
"""Told how a coroutine ended: with what error, None for well."""


def start(coroutine: Coroutine[Any, Any, None], ended: Ended) -> bool:
    """Run coroutine now; True if it finished, False if `ended` will be called when it has.

    Raises what the coroutine raises before its first wait.
    """
    try:
        waited_for = coroutine.send(None)
    except StopIteration:
        return True
    _Waiting(coroutine, ended).wait(waited_for)
    return False


class _Waiting:
    """A coroutine that has begun."""

    __slots__ = ("_coroutine", "_ended")

    def __init__(self, coroutine: Coroutine[Any, Any, None], ended: Ended) -> None:
        self._coroutine = coroutine
        self._ended = ended

    def wait(self, waited_for: Any) -> None:
        """waited_for: what the coroutine yielded, a future, or None for a turn of the loop."""
        if waited_for is None:
            asyncio.get_running_loop().call_soon(self._go_on, None)
        else:
            # Tells the future that it was yielded, not awaited by mistake; a task does the same.
            waited_for._asyncio_future_blocking = False
            waited_for.add_done_callback(self._go_on)

    def _go_on(self, done: Any) -> None:
        try:
            waited_for = self._coroutine.send(None)
        except StopIteration:
            self._ended(None)
        except (Exception, asyncio.CancelledError) as error:
            self._ended(error)
        else:
            self.wait(waited_for)
