"""A whole day of a charging site, by peers that others have written, in both directions."""

from typing import Any

import pytest

from gateway.core.session.desk import Revision
from tests.interop import direction_a, direction_b, ocpp_package, ocpp_rpc
from tests.interop.answers import CSMS16, CSMS201, STATION16, STATION201
from tests.interop.peer import each_of, session

EXCHANGES = {"A": direction_a.EXCHANGES, "B": direction_b.EXCHANGES}
ANSWERS = {"A": (STATION201, CSMS16), "B": (STATION16, CSMS201)}
PACKAGES = (ocpp_package, ocpp_rpc)


@pytest.mark.parametrize("direction", EXCHANGES)
@pytest.mark.parametrize("package", each_of(PACKAGES))
async def test_a_day_of_a_site_crosses(package: Any, direction: str, revision: Revision) -> None:
    async with session(package, direction, ANSWERS[direction], revision) as day:
        for exchange in EXCHANGES[direction]:
            await exchange(day)
            assert day.complaints == [], exchange.__name__
            assert day.at_csms.calls == [], exchange.__name__
            assert day.at_station.calls == [], exchange.__name__
