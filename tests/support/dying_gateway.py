"""`ocpp-gateway serve` that dies at a commit: the deterministic kill points of reliability R18.

Run as `python -m tests.support.dying_gateway POINT NUMBER -c PATH`; POINT is before_commit or
after_commit, NUMBER counts commits from 1.
"""

import os
import signal
import sys
from functools import partial
from itertools import count

import gateway.app
from gateway.cli.main import main
from gateway.storage import open_store


def dying_at(point: str, number: int) -> None:
    """Give the gateway a store that kills the process at that commit."""
    commits = count(1)

    def hook(name: str) -> None:
        if name == point and next(commits) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    gateway.app.open_store = partial(open_store, hook=hook)


if __name__ == "__main__":
    dying_at(sys.argv[1], int(sys.argv[2]))
    sys.exit(main(["serve", *sys.argv[3:]]))
