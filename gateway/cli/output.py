"""Standard output whose reader may have seen enough (`ocpp-gateway demo | head`)."""

import os
import sys


def say(line: str = "") -> None:
    """Print a line, at once; nothing happens if nobody reads any more."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        abandon()


def abandon() -> None:
    """Let everything that is still written go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
