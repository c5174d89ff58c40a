"""`python -m tests.bench`: the figures of the design, as a table and as JSON.

Everything is measured side by side in one run, in interleaved rounds; only ratios are goals. Run
it on a machine that does nothing else.
"""

import argparse
import asyncio
import inspect
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.bench import durable, offline, paths, proxies, soap
from tests.bench.figures import Figure, as_json, table
from tests.bench.paths import Scale

Measure = Callable[[Scale], list[Figure] | Awaitable[list[Figure]]]
GROUPS: dict[str, Measure] = {
    "paths": paths.translation,
    "session": proxies.session,
    "package": paths.against_package,
    "hundred": proxies.hundred,
    "thousands": proxies.thousands,
    "rows": durable.rows,
    "start": durable.start,
    "soap": soap.soap,
    "offline": offline.offline,
}
QUICK = Scale(
    rounds=3,
    socket_rounds=2,
    fleet_rounds=1,
    window_s=0.7,
    thousands=1000,
    log_megabytes=20,
    log_rounds=2,
)


async def measured(names: list[str], scale: Scale) -> list[Figure]:
    figures: list[Figure] = []
    for name in names:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        found = GROUPS[name](scale)
        figures += await found if inspect.isawaitable(found) else found
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=GROUPS, help="one group; may repeat")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, a smaller fleet")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the JSON goes there")
    args = parser.parse_args()
    scale = QUICK if args.quick else Scale()
    figures = asyncio.run(measured(args.only or list(GROUPS), scale))
    print(table(figures))
    if args.json:
        args.json.write_text(as_json(figures) + "\n")
    else:
        print(as_json(figures))
    return 0 if all(figure.reached for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
