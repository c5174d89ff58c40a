"""Routes that ask what a station tells of itself, and what a route says of the CSMS's links."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from gateway.core.dialects import Side
from gateway.core.session.effects import Put
from gateway.storage import open_store
from tests.io.rig import PATIENCE_S, running
from tests.io.soap_rig import HEARTBEAT, JsonCsms, SoapRig, soap_gateway
from tests.support import peers


@asynccontextmanager
async def two_csms(**options: Any) -> AsyncIterator[tuple[SoapRig, JsonCsms, JsonCsms]]:
    """A gateway that takes stations of one vendor to another CSMS than the rest."""
    usual, vendors = JsonCsms(), JsonCsms()
    async with (
        peers.Csms(usual.serve, ("ocpp1.6",)) as first,
        peers.Csms(vendors.serve, ("ocpp1.6",)) as second,
        soap_gateway(
            {"url": first.url(), "version": "1.6"},
            validation="repair",
            routes=[{"match": "*", "vendor": "acme*", "csms": {"url": second.url()}}],
            **options,
        ) as rig,
    ):
        yield rig, usual, vendors


async def boot(rig: SoapRig, vendor: str) -> None:
    """Connect, register, go."""
    url = f"ws://127.0.0.1:{rig.app.port}/ocpp/CP1"
    async with rig.http.ws_connect(url, protocols=("ocpp1.6",)) as ws:
        payload = {"chargePointVendor": vendor, "chargePointModel": "M"}
        await ws.send_json([2, "1", "BootNotification", payload])
        assert (await ws.receive_json(timeout=PATIENCE_S))[2]["status"] == "Accepted"
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(pump.ended for pump in rig.app.pumps))


async def test_what_a_boot_tells_chooses_the_route_of_the_next_link() -> None:
    async with two_csms() as (rig, usual, vendors):
        await boot(rig, "Other")
        await boot(rig, "ACME Inc")
        assert (len(usual.heard), len(vendors.heard)) == (2, 0)
        await boot(rig, "ACME Inc")
        await boot(rig, "Other")
        assert (len(usual.heard), len(vendors.heard)) == (2, 2)
        await boot(rig, "Other")
        assert (len(usual.heard), len(vendors.heard)) == (3, 2)


async def test_the_same_for_stations_that_speak_soap() -> None:
    store = open_store("memory:")
    epoch = await store.acquire("CP1", "before")
    assert epoch is not None
    told = {"boot": {"chargePointVendor": "Acme", "chargePointModel": "M"}, "status": "Accepted"}
    await store.commit("CP1", epoch, (Put("registration", "", json.dumps(told).encode()),))
    await store.release("CP1", epoch)
    async with two_csms(store=store) as (rig, usual, vendors):
        assert (await rig.said(HEARTBEAT)).status == 200
        assert (usual.actions, vendors.actions) == ([], ["Heartbeat"])


async def test_a_route_has_pings_of_its_own() -> None:
    quick = {"ping_interval_s": 0.05, "pong_timeout_s": 0.05}
    async with running(routes=[{"match": "CP1", "csms": quick}]) as rig, rig.station("CP1"):
        # The CSMS reads nothing and so answers no ping.
        assert (await rig.recorded(Side.CSMS, "down")).text.startswith("1011")
