"""The processes of ocpp-rpc notice what they are to notice, and end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.interop import ocpp_rpc
from tests.interop.answers import CSMS16, NOW, STATION16
from tests.interop.peer import STATION, Heard, Peer, Refused
from tests.support.peers import Handler, Link, answer_nothing, dialled
from tests.support.peers import Refused as LinkRefused

pytestmark = pytest.mark.skipif(bool(ocpp_rpc.missing()), reason=ocpp_rpc.missing())
PROTOCOL = "ocpp1.6"


@asynccontextmanager
async def called(handler: Handler = answer_nothing) -> AsyncIterator[tuple[Link, Peer]]:
    """A CSMS of the package, and a link to it that checks nothing."""
    async with (
        ocpp_rpc.csms(PROTOCOL, Heard(CSMS16)) as (url, joined),
        dialled(url.replace("{station}", STATION), (PROTOCOL,), handler) as link,
    ):
        yield link, await joined


async def test_a_station_and_a_csms_of_the_package_speak_to_each_other() -> None:
    async with ocpp_rpc.csms(PROTOCOL, Heard(CSMS16)) as (url, joined):
        endpoint = url.replace("{station}", STATION)
        async with ocpp_rpc.station(endpoint, PROTOCOL, Heard(STATION16)) as station:
            csms = await joined
            assert await station.call("Heartbeat", {}) == {"currentTime": NOW}
            assert await csms.call("ClearCache", {}) == {"status": "Accepted"}
            assert await csms.heard.take("Heartbeat") == {}
            assert station.complaints + csms.complaints == []


async def test_a_call_that_breaks_its_schema_is_a_complaint() -> None:
    async with called() as (link, csms):
        with pytest.raises(LinkRefused):
            await link.call("Authorize", {"idTag": "x" * 21})
        (complaint,) = csms.complaints
        assert complaint.startswith("Authorize: data/idTag must NOT have more than 20 characters")


async def test_an_answer_that_breaks_its_schema_is_a_complaint() -> None:
    async def answer(action: str, payload: dict[str, object]) -> dict[str, object]:
        return {"status": "Maybe"}

    async with called(answer) as (_, csms):
        with pytest.raises(Refused):
            await csms.call("ClearCache", {})
        assert csms.complaints[0].startswith("ClearCache: data/status must be equal to one of")


async def test_an_answer_to_nothing_is_a_complaint() -> None:
    async with called() as (link, csms):
        await link.send([3, "nobody asked", {}])
        assert await link.call("Heartbeat", {}) == {"currentTime": NOW}
        assert "unrecognised message ID" in csms.complaints[0]


async def test_an_action_without_an_answer_is_not_implemented() -> None:
    async with called() as (link, csms):
        del csms.heard.answers["LogStatusNotification"]
        with pytest.raises(LinkRefused) as refused:
            await link.call("LogStatusNotification", {"status": "Idle"})
        assert refused.value.code == "NotImplemented"
