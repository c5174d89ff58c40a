"""The clock that everything is given: UTC in seconds, driven by the monotonic clock."""

import time
from collections.abc import Callable

Clock = Callable[[], float]


def utc_clock() -> Clock:
    """A clock that starts at the wall clock's time and then never jumps.

    Steps of the wall clock are not followed (reliability R10); slewing is, because the system
    slews its monotonic clock alike.
    """
    monotonic = time.monotonic
    offset = time.time() - monotonic()

    def now() -> float:
        return offset + monotonic()

    return now
