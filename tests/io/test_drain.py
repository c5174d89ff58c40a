"""Ending without losing anything (reliability R23)."""

import asyncio
import sqlite3
import time

import pytest

import gateway.io.drain
from gateway.config.model import Store as StoreSettings
from gateway.core.dialects import Side
from gateway.storage.port import StoreError
from gateway.storage.sqlite import SqliteStore
from tests.io.rig import PATIENCE_S, running

AT_ONCE = {"accept_s": 0, "open_calls_s": 30, "closes_per_s": 1000, "limit_s": 60}


async def test_idle_stations_are_closed_with_1001_and_the_csms_with_them():
    async with running(shutdown=AT_ONCE) as rig, rig.station() as station:
        csms = await rig.csms.link()
        draining = asyncio.ensure_future(rig.app.drain())
        assert await station.closed() == 1001
        assert await csms.closed() == 1000
        await draining
        assert rig.app.connected == 0


async def test_an_open_call_is_finished_first():
    async with running(shutdown=AT_ONCE) as rig, rig.station() as station:
        csms = await rig.csms.link()
        session = rig.sessions["CP1"]
        session.busy = True
        draining = asyncio.ensure_future(rig.app.drain())
        await csms.send("[answer]")
        assert await station.receive() == "[answer]"
        assert not draining.done()
        session.busy = False
        assert await station.closed() == 1001
        await draining


async def test_a_call_that_takes_too_long_is_not_waited_for():
    hasty = {**AT_ONCE, "open_calls_s": 0}
    async with running(shutdown=hasty) as rig, rig.station() as station:
        await rig.csms.link()
        rig.sessions["CP1"].busy = True
        draining = asyncio.ensure_future(rig.app.drain())
        assert await station.closed() == 1001
        await draining


async def test_a_second_signal_cuts_everything_short():
    patient = {**AT_ONCE, "accept_s": 3600}
    async with running(shutdown=patient) as rig, rig.station() as station:
        csms = await rig.csms.link()
        rig.sessions["CP1"].busy = True
        draining = asyncio.ensure_future(rig.app.drain())
        rig.app.hurry()
        await draining
        assert await station.closed() == 1001
        assert await csms.closed() == 1001


async def test_new_links_are_taken_at_first_and_refused_later():
    async with running(shutdown={**AT_ONCE, "accept_s": 3600}) as rig:
        draining = asyncio.ensure_future(rig.app.drain())
        async with rig.station("CP2") as station:
            await rig.csms.link()
            kept = await rig.raw()
            rig.app.hurry()
            assert await station.closed() == 1001
            await draining
            assert rig.app.draining
            assert await kept.reader.read() == b""


async def test_a_station_whose_handshake_was_under_way_is_closed_as_well():
    async with (
        running(shutdown=AT_ONCE) as rig,
        rig.station() as station,
        rig.station("CP3") as idle,
    ):
        rig.sessions["CP1"].busy = True
        rig.csms.asked.clear()
        gate = rig.csms.make_wait()
        late = await rig.raw()
        upgrade = asyncio.ensure_future(late.upgrade("CP2"))
        await rig.csms.asked.wait()
        draining = asyncio.ensure_future(rig.app.drain())
        assert await idle.closed() == 1001
        gate.set()
        await upgrade
        assert await late.close_code() == 1001
        rig.sessions["CP1"].busy = False
        assert await station.closed() == 1001
        async with asyncio.timeout(PATIENCE_S):
            await draining


async def test_a_store_that_somebody_has_locked_does_not_keep_the_process(
    tmp_path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(gateway.io.drain, "FLUSH_S", 0.1)
    path = str(tmp_path / "state.db")
    store = SqliteStore(path, StoreSettings(), time.time, busy_timeout_ms=1)
    hasty = {**AT_ONCE, "limit_s": 0.2}
    async with running(store=store, shutdown=hasty) as rig, rig.station() as station:
        await rig.csms.link()
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        draining = asyncio.ensure_future(rig.app.drain())
        assert await station.closed() == 1001
        async with asyncio.timeout(PATIENCE_S):
            await draining
        other.close()


async def test_a_session_that_keeps_its_csms_link_is_ended_too():
    async with running(shutdown={**AT_ONCE, "limit_s": 10.05}) as rig, rig.station() as station:
        csms = await rig.csms.link()
        rig.sessions["CP1"].keeps_csms = True
        draining = asyncio.ensure_future(rig.app.drain())
        assert await station.closed() == 1001
        assert await csms.closed() == 1001
        await draining


async def test_a_store_that_fails_on_release_does_not_keep_the_process():
    async with running(shutdown=AT_ONCE) as rig, rig.station() as station:
        await rig.csms.link()

        async def broken(*_: object) -> None:
            raise StoreError("disk full")

        rig.store.release = broken  # type: ignore[method-assign]
        draining = asyncio.ensure_future(rig.app.drain())
        assert await station.closed() == 1001
        await draining
        assert rig.outcomes(Side.STATION) == ["up", "down"]
