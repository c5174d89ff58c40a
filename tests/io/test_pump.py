"""The pump carries out effects in order, and saves before it sends."""

import asyncio
from typing import Any

import pytest

from gateway.config.model import Store as StoreSettings
from gateway.core.dialects import Side
from gateway.core.errors import Fenced
from gateway.core.session.effects import NoAnswer, Put, Save, Send
from gateway.storage.memory import MemoryStore
from gateway.storage.port import Saved, StoreError
from tests.io.rig import RelaySession, running


class HeldStore(MemoryStore):
    """A store whose commits end when the test says so."""

    def __init__(self) -> None:
        super().__init__(StoreSettings(), lambda: 0.0)
        self.commits: asyncio.Queue[asyncio.Future[None]] = asyncio.Queue()

    def save(self, station: str, epoch: int, ops: Any, saved: Saved) -> bool:
        gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.commits.put_nowait(gate)

        async def committed() -> None:
            await gate
            await self.commit(station, epoch, ops)

        def told(task: "asyncio.Task[None]") -> None:
            if not task.cancelled():
                saved(task.exception())  # type: ignore[arg-type]

        asyncio.ensure_future(committed()).add_done_callback(told)
        return False


class SavingSession(RelaySession):
    """Saves each message of the station before it passes it on."""

    def receive(self, side, message, now):
        effects = super().receive(side, message, now)
        if side is Side.STATION:
            return [Save((Put("seen", "last", message.data),)), *effects]
        return effects


class SilentSession(RelaySession):
    """Leaves what the station sends without an answer."""

    def receive(self, side, message, now):
        super().receive(side, message, now)
        return [NoAnswer(side)]


class BrokenSession(RelaySession):
    """Has a mistake."""

    def receive(self, side, message, now):
        raise ZeroDivisionError


class AlarmSession(RelaySession):
    """Wants to be woken, and answers when it is."""

    def receive(self, side, message, now):
        super().receive(side, message, now)
        self.next_deadline = now + float(message.data)
        return []

    def tick(self, now):
        assert now >= self.next_deadline
        super().tick(now)
        return [Send(Side.STATION, b"[late]")]


async def test_a_message_is_sent_only_once_its_save_is_committed():
    store = HeldStore()
    async with running(store=store, session=SavingSession) as rig, rig.station() as station:
        csms = await rig.csms.link()
        await station.send("[1]")
        gate = await store.commits.get()
        # What needs no save overtakes nothing: it waits behind the commit as well.
        await csms.send("[back]")
        await rig.told(Side.CSMS, b"[back]")
        receiving = asyncio.ensure_future(csms.receive())
        answering = asyncio.ensure_future(station.receive())
        await asyncio.wait((receiving, answering), timeout=0.05)
        assert not receiving.done()
        assert not answering.done()
        gate.set_result(None)
        assert await receiving == "[1]"
        assert await answering == "[back]"


async def test_saves_are_committed_one_after_the_other_in_order():
    store = HeldStore()
    async with running(store=store, session=SavingSession) as rig, rig.station() as station:
        csms = await rig.csms.link()
        for n in range(3):
            await station.send(f"[{n}]")
        for n in range(3):
            gate = await store.commits.get()
            await rig.told(Side.STATION, b"[2]")
            assert store.commits.empty()
            gate.set_result(None)
            assert await csms.receive() == f"[{n}]"


@pytest.mark.parametrize(
    ("error", "code"), [(StoreError("disk full"), 1011), (Fenced("epoch 1 is over"), 1008)]
)
async def test_a_failed_commit_ends_that_session_without_an_answer(error, code, caplog):
    store = HeldStore()
    async with running(store=store, session=SavingSession) as rig:
        async with rig.station("CP1") as failing, rig.station("CP2") as other:
            first = await rig.csms.link()
            second = await rig.csms.link()
            await failing.send("[1]")
            (await store.commits.get()).set_exception(error)
            assert await failing.closed() == code
            assert await first.closed() == code
            await other.send("[2]")
            (await store.commits.get()).set_result(None)
            assert await second.receive() == "[2]"
        assert (Side.CSMS, b"[1]") not in rig.sessions["CP1"].heard


async def test_what_waited_for_a_commit_is_not_sent_to_the_next_link():
    store = HeldStore()
    async with running(store=store, session=SavingSession) as rig, rig.station() as station:
        csms = await rig.csms.link()
        await station.send("[old]")
        gate = await store.commits.get()
        csms.cut()
        again = await rig.csms.link()
        gate.set_result(None)
        await station.send("[new]")
        (await store.commits.get()).set_result(None)
        assert await again.receive() == "[new]"


async def test_no_answer_closes_the_link_with_1012():
    async with running(session=SilentSession) as rig, rig.station() as station:
        csms = await rig.csms.link()
        await station.send("[1]")
        assert await station.closed() == 1012
        assert await csms.closed() == 1000


async def test_a_session_with_a_mistake_ends_with_1011_and_the_others_go_on(caplog):
    async with running(session=BrokenSession) as rig, rig.station("CP1") as station:
        csms = await rig.csms.link()
        await station.send("[1]")
        assert await station.closed() == 1011
        assert await csms.closed() == 1011
        async with rig.station("CP2"):
            await rig.csms.link()
    assert "ZeroDivisionError" in caplog.text


async def test_deadlines_wake_the_session_the_earlier_one_first():
    async with running(session=AlarmSession) as rig, rig.station() as station:
        await rig.csms.link()
        await station.send("3600")
        await station.send("0.01")
        assert await station.receive() == "[late]"
        await station.send("0.01")
        assert await station.receive() == "[late]"


async def test_a_peer_is_not_read_while_the_session_does_not_accept():
    async with running() as rig, rig.station() as station:
        csms = await rig.csms.link()
        session = rig.sessions["CP1"]
        session.refuses.add(Side.STATION)
        for n in range(20):
            await station.send(f"[{n}]")
        assert await csms.receive() == "[0]"
        await csms.send("[back]")
        assert await station.receive() == "[back]"
        assert (Side.STATION, b"[1]") not in session.heard
        session.refuses.clear()
        await csms.send("[more]")
        assert [await csms.receive() for _ in range(19)] == [f"[{n}]" for n in range(1, 20)]


async def test_a_pump_waits_for_its_sessions_last_deadline_without_any_link():
    async with running(session=AlarmSession) as rig:
        async with rig.station() as station:
            await rig.csms.link()
            await station.send("0.05")
            await rig.told(Side.STATION, b"0.05")
        await rig.emptied()
        assert rig.sessions["CP1"].heard[-1] == "tick"
