"""A whole day of a charging site, by peers that others have written, in both directions."""

import re
from pathlib import Path
from typing import Any

import pytest

from gateway.core.session.desk import Revision
from tests.interop import direction_a, direction_b, ocpp_package, ocpp_rpc
from tests.interop.answers import CSMS16, CSMS201, STATION16, STATION201
from tests.interop.peer import session

EXCHANGES = {"A": direction_a.EXCHANGES, "B": direction_b.EXCHANGES}
ANSWERS = {"A": (STATION201, CSMS16), "B": (STATION16, CSMS201)}
PEERS = (
    pytest.param(ocpp_package, id="ocpp"),
    pytest.param(
        ocpp_rpc,
        id="ocpp-rpc",
        marks=pytest.mark.skipif(bool(ocpp_rpc.missing()), reason=ocpp_rpc.missing()),
    ),
)


@pytest.mark.parametrize("direction", EXCHANGES)
@pytest.mark.parametrize("package", PEERS)
async def test_a_day_of_a_site_crosses(package: Any, direction: str, revision: Revision) -> None:
    async with session(package, direction, ANSWERS[direction], revision) as day:
        for exchange in EXCHANGES[direction]:
            await exchange(day)
            assert day.complaints == [], exchange.__name__
            assert day.at_csms.calls == [], exchange.__name__
            assert day.at_station.calls == [], exchange.__name__


def test_the_readme_lists_what_runs_with_whom() -> None:
    text = (Path(__file__).parent / "README.md").read_text("utf-8")
    packages = [str(package.id) for package in PEERS]
    assert re.findall(r"^\| `([\w-]+)` \|", text, re.M) == packages
    listed = re.findall(r"^\| (\w) \| `(\w+)` \| (.*?) \|", text, re.M)
    with_all = ", ".join(packages)
    assert listed == [(d, e.__name__, with_all) for d in EXCHANGES for e in EXCHANGES[d]]
