"""Whole sessions of independent peers through the gateway, in both directions."""

import re
from pathlib import Path

import pytest

from gateway.core.session.desk import Revision
from tests.interop import direction_a, direction_b
from tests.interop.peers import Session

EXCHANGES = {"A": direction_a.EXCHANGES, "B": direction_b.EXCHANGES}


@pytest.mark.parametrize("direction", EXCHANGES)
async def test_a_session_of_the_ocpp_package_crosses(direction: str, revision: Revision) -> None:
    async with Session().open(direction, revision) as session:
        for exchange in EXCHANGES[direction]:
            await exchange(session)
            assert session.at_csms.calls == [], exchange.__name__
            assert session.at_station.calls == [], exchange.__name__


def test_the_readme_lists_what_runs_with_whom() -> None:
    text = (Path(__file__).parent / "README.md").read_text("utf-8")
    listed = re.findall(r"^\| (\w) \| `(\w+)` \|", text, re.M)
    assert listed == [(d, e.__name__) for d in EXCHANGES for e in EXCHANGES[d]]
