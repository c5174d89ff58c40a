"""A day of a charging site with one peer that speaks SOAP by a stack of others."""

from typing import Any

import pytest

from gateway.core.session.desk import Revision
from tests.interop import node_red, npm_soap, zeep_peer
from tests.interop.answers import CSMS16, CSMS201, STATION16, STATION201
from tests.interop.peer import each_of
from tests.interop.soap_session import exchanges, session

ANSWERS = {"A": (STATION201, CSMS16), "B": (STATION16, CSMS201)}
PACKAGES = (zeep_peer, npm_soap, node_red)


@pytest.mark.parametrize("direction", ANSWERS)
@pytest.mark.parametrize("package", each_of(PACKAGES))
async def test_a_day_of_a_site_crosses(package: Any, direction: str, revision: Revision) -> None:
    async with session(package.peer, direction, ANSWERS[direction], revision) as day:
        for exchange in exchanges(direction):
            await exchange(day)
            assert day.complaints == [], exchange.__name__
            assert day.at_csms.calls == [], exchange.__name__
            assert day.at_station.calls == [], exchange.__name__
