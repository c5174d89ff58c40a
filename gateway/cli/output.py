"""Standard output whose reader may have seen enough (`ocpp-gateway demo | head`), or that is closed
from the start (`ocpp-gateway check >&-`)."""

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


def open_what_is_closed() -> None:
    """Give closed standard streams the null device, before other files take their place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))
