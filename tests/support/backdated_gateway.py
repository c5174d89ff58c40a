"""`ocpp-gateway serve` whose links count as opened when a file says so.

Run as `python -m tests.support.backdated_gateway FILE -c PATH`; FILE is a JSON object of seconds
since the epoch by side, read again whenever a link opens; that is said on standard output.
"""

import json
import sys
from functools import partial
from pathlib import Path

from gateway.app import App
from gateway.cli.main import main
from gateway.core.dialects import Side

LINK_OPENED = "opened the link to the"


def opening_as_told(file: Path) -> None:
    def opened(side: Side) -> float:
        print(f"{LINK_OPENED} {side}", flush=True)
        seconds: float = json.loads(file.read_text())[str(side)]
        return seconds

    App.start = partial(App.start, opened=opened)  # type: ignore[method-assign]


if __name__ == "__main__":
    opening_as_told(Path(sys.argv[1]))
    sys.exit(main(["serve", *sys.argv[2:]]))
