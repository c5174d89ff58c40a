"""Plays a scripted conversation over real sockets against a gateway process, in real time.

The offline player is `gateway.core.session.scenario`; this one shares with it only how a frame is
compared and how a preset becomes rows of a store. Spec: tests/vectors/README.md section 1.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from gateway.core.dialects import Version
from gateway.core.session.desk import Revision
from gateway.core.session.effects import Put
from gateway.core.session.matching import Matcher
from gateway.core.session.preset import loaded_from
from gateway.core.session.scenario import OPENED, preset_of, seconds, settings_of
from gateway.storage import open_store
from tests.support.backdated_gateway import LINK_OPENED
from tests.support.gateway_process import GatewayProcess
from tests.support.peers import Csms, Frame

STATION = "SCENARIO"
SUBPROTOCOLS = {"A": ("ocpp2.0.1", "ocpp1.6"), "B": ("ocpp1.6", "ocpp2.0.1")}
"""Of the station and of the CSMS."""

CSMS_VERSION = {"A": "1.6", "B": "2.0.1"}
STATION_VERSION = {"A": Version.V201, "B": Version.V16}
EXPECT_S = 30
"""A frame that has not come by then does not come: longer than every deadline of the gateway."""

CONNECT_S = 10
BARRIER = [2, "barrier", "Heartbeat", {}]
BARRIER_S = 2


class Peer:
    """One side: its present link, and the frames that came to it and are not yet looked at.

    up, down: as the peer sees it; seen: the gateway knows of the link, too.
    """

    def __init__(self) -> None:
        self.frames: asyncio.Queue[Frame] = asyncio.Queue()
        self.ws: Any = None
        self.up = asyncio.Event()
        self.down = asyncio.Event()
        self.seen = asyncio.Event()

    async def run(self, ws: Any) -> None:
        """Serve a link until it ends."""
        self.ws = ws
        self.down.clear()
        self.up.set()
        try:
            async for message in ws:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self.frames.put_nowait(json.loads(message.data))
        finally:
            self.seen.clear()
            self.up.clear()
            self.down.set()

    async def send(self, frame: Frame) -> None:
        await self.ws.send_str(json.dumps(frame))

    async def drop(self) -> None:
        if self.up.is_set():
            await self.ws.close()
            await self.down.wait()


class Player:
    """Plays one script; AssertionError says at which step what came instead."""

    def __init__(self, vector: dict[str, Any], revision: Revision, directory: Path) -> None:
        self._vector = vector
        self._revision = revision
        self._directory = directory
        self._opened = {side: seconds(OPENED) for side in ("station", "csms")}
        self._peers = {"station": Peer(), "csms": Peer()}
        self._matcher = Matcher()
        self._protocols = SUBPROTOCOLS[vector["direction"]]
        self._csms_away = False
        self._station_task: asyncio.Task[None] | None = None

    async def play(self) -> None:
        await self._store_preset()
        async with (
            Csms(self._serve, self._protocols[1:], self._refuse) as csms,
            self._serving(csms),
            aiohttp.ClientSession() as self._http,
        ):
            await self._connect()
            for number, step in enumerate(self._vector["steps"], start=1):
                try:
                    await self._step(step)
                except AssertionError as error:
                    place = f"step {number}: {json.dumps(step)}"
                    raise AssertionError(f"{place}\n{error}") from None
            await self._nothing_more()
            await self._peers["station"].drop()

    # -- the gateway ----------------------------------------------------------------------------

    async def _store_preset(self) -> None:
        station = STATION_VERSION[self._vector["direction"]]
        preset = preset_of(self._vector, self._revision.maps)
        loaded = loaded_from(preset, station, settings_of(self._vector), time.time())
        store = open_store(self._state)
        epoch = await store.acquire(STATION, "preset")
        assert epoch is not None
        await store.commit(STATION, epoch, tuple(Put(*row) for row in loaded.bindings))
        await store.release(STATION, epoch)
        await store.close()

    @property
    def _state(self) -> str:
        return f"sqlite:///{self._directory}/state.db"

    @asynccontextmanager
    async def _serving(self, csms: Csms) -> AsyncIterator[None]:
        opened = self._directory / "opened.json"
        opened.write_text(json.dumps(self._opened))
        csms_config = {"url": csms.url(), "version": CSMS_VERSION[self._vector["direction"]]}
        config = {
            "stations": {},
            "csms": {**csms_config, "backoff_min_s": 0.05, "backoff_max_s": 0.1},
            "state": self._state,
            "validation": "repair",
            "translation": self._vector.get("config", {}),
            "profiles": self._vector.get("profiles", []),
            "log": {"frames": "off"},
        }
        command = ("-m", "tests.support.backdated_gateway", str(opened))
        self._gateway = GatewayProcess(config, self._directory, command, self._heard)
        await self._gateway.start()
        try:
            yield
        finally:
            await self._gateway.kill()

    # -- links ----------------------------------------------------------------------------------

    async def _serve(self, station: str, ws: web.WebSocketResponse) -> None:
        await self._peers["csms"].run(ws)

    def _refuse(self) -> bool:
        return self._csms_away

    async def _connect(self) -> None:
        """Open what is not open: the station dials, the gateway dials the CSMS."""
        station, csms = self._peers["station"], self._peers["csms"]
        self._csms_away = False
        async with asyncio.timeout(CONNECT_S):
            if not station.up.is_set():
                url = self._gateway.url(STATION)
                ws = await self._http.ws_connect(url, protocols=self._protocols[:1])
                self._station_task = asyncio.create_task(station.run(ws))
            for peer in (station, csms):
                await peer.up.wait()
                await peer.seen.wait()

    def _heard(self, line: str) -> None:
        if line.startswith(LINK_OPENED):
            self._peers[line.split()[-1]].seen.set()

    async def _disconnect(self, side: str) -> None:
        self._csms_away = side == "csms"
        await self._peers[side].drop()
        if side == "station":
            async with asyncio.timeout(CONNECT_S):
                await self._peers["csms"].down.wait()

    # -- steps ----------------------------------------------------------------------------------

    async def _step(self, step: dict[str, Any]) -> None:
        if "from" in step:
            await self._peers[step["from"]].send(self._matcher.fill(step["frame"]))
        elif "expect" in step:
            got = await self._next(step["expect"])
            assert self._matcher.matches(step["frame"], got), f"came instead: {got}"
        else:
            await self._do(step)

    async def _next(self, side: str) -> Frame:
        try:
            async with asyncio.timeout(EXPECT_S):
                return await self._peers[side].frames.get()
        except TimeoutError:
            others = {name: _taken(peer.frames) for name, peer in self._peers.items()}
            raise AssertionError(f"nothing came; elsewhere: {others}") from None

    async def _do(self, step: dict[str, Any]) -> None:
        match step["do"]:
            case "expect_silence":
                await self._silence(step["side"], step["seconds"])
            case "disconnect":
                await self._disconnect(step["side"])
            case "connect":
                await self._connect()
            case "restart":
                await self._gateway.kill()
                await asyncio.gather(*(peer.down.wait() for peer in self._peers.values()))
                await self._gateway.start()
                await self._connect()
            case "connected_at":
                self._opened[step["side"]] = seconds(step["timestamp"])
                (self._directory / "opened.json").write_text(json.dumps(self._opened))
                await self._disconnect(step["side"])
                await self._connect()
            case other:
                raise AssertionError(f"unknown step {other!r}")

    async def _silence(self, side: str, seconds_: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds_):
                got = await self._peers[side].frames.get()
            raise AssertionError(f"came in a silence: {got}")

    async def _nothing_more(self) -> None:
        """Whatever is still under way to a side arrives before a last call that crosses both."""
        station, csms = self._peers["station"], self._peers["csms"]
        await station.send(BARRIER)
        with suppress(TimeoutError):
            async with asyncio.timeout(BARRIER_S):
                await self._barrier(station, csms)
        left = [*_taken(station.frames), *_taken(csms.frames)]
        assert not left, f"expected by no step: {left}"

    async def _barrier(self, station: Peer, csms: Peer) -> None:
        answer = asyncio.create_task(station.frames.get())
        call = asyncio.create_task(csms.frames.get())
        await asyncio.wait((answer, call), return_when=asyncio.FIRST_COMPLETED)
        if call.done():
            got = call.result()
            assert got[2:3] == BARRIER[2:3], f"expected by no step: {got}"
            await csms.send([3, got[1], {"currentTime": "2025-06-01T08:00:00Z"}])
        else:
            call.cancel()
        got = await answer
        assert got[1] == BARRIER[1], f"expected by no step: {got}"


def _taken(frames: asyncio.Queue[Frame]) -> list[Frame]:
    return [frames.get_nowait() for _ in range(frames.qsize())]
