"""`ocpp-gateway demo`: the gateway between a simulated 2.0.1 station and a simulated 1.6 CSMS.

Everything runs in this process on loopback and ends by itself; the session is demo_session.yaml.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from gateway.app import App, translating
from gateway.cli.demo_page import Page
from gateway.cli.demo_peers import Peer, csms_app, open_csms
from gateway.cli.output import say
from gateway.config import Config
from gateway.core.dialects import SUBPROTOCOLS, Side, Version
from gateway.core.frames import CallError, Frame
from gateway.core.session.effects import Record
from gateway.core.yamltree import plain, read
from gateway.io.clock import utc_clock
from gateway.revision import load_revision
from gateway.storage import open_store

_SESSION = Path(__file__).with_name("demo_session.yaml")
_STATION, _CSMS = Version.V201, Version.V16


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--pause", type=float, default=0.3, metavar="SECONDS", help="between two steps (0.3)"
    )


def run(args: argparse.Namespace) -> int:
    script = plain(read(_SESSION.read_text("utf-8"), str(_SESSION)))
    page = Page(shutil.get_terminal_size((120, 40)).columns, say)
    try:
        return asyncio.run(_demo(script, page, args.pause))
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        page.flush()
        print(f"the demo stopped: {error or 'no answer came'}", file=sys.stderr)
        return 1


async def _demo(script: dict[str, Any], page: Page, pause_s: float) -> int:
    def watch(side: Side, sent: bool, frame: Frame) -> None:
        (page.came if sent else page.went)(side, frame)

    def record(station: str, record: Record) -> None:
        page.happened(record)

    peers = {
        Side.STATION: Peer(Side.STATION, _STATION, script["answers"]["station"], watch),
        Side.CSMS: Peer(Side.CSMS, _CSMS, script["answers"]["csms"], watch),
    }
    say(_WELCOME)
    page.heading(f"charging station, OCPP {_STATION}", f"back office (CSMS), OCPP {_CSMS}")
    async with AsyncExitStack() as stack:
        runner = web.AppRunner(csms_app(peers[Side.CSMS], _CSMS), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        url = await open_csms(runner)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ocpp-gateway-demo-"))
        app = await _start(_config(url, folder), record)
        stack.push_async_callback(app.stop)
        link = await _connect(stack, app.station_url(script["station"]))
        reading = asyncio.create_task(peers[Side.STATION].listen(link))
        stack.push_async_callback(_ended, link, reading)
        refused = await _play(script["steps"], peers, page, pause_s)
    say(_FAREWELL if not refused else f"{refused} calls were refused")
    return 1 if refused else 0


_WELCOME = """\
One charging session, played on this machine. Left is what the charging station sends (-->) and
receives (<--), right what the back office does. A row holds a frame and what the gateway made of
it; numbers in brackets tell which answer belongs to which call.
"""

_FAREWELL = """\

That was one charging session. Neither side had to know that the other speaks another version.
Between your own: CSMS_URL=ws://your-back-office/path make run"""


async def _start(config: Config, record: Any) -> App:
    clock = utc_clock()
    store = open_store(config.state, config.store, clock=clock)
    revision = load_revision(config.resources)
    sessions = translating(config, revision)
    return await App.start(
        config, record, store=store, sessions=sessions, revision=revision, clock=clock
    )


def _config(csms_url: str, folder: str) -> Config:
    return Config.model_validate(
        {
            "stations": {"listen": "127.0.0.1:0", "auth": "none", "allow_unauthenticated": True},
            "csms": {"url": csms_url, "version": str(_CSMS)},
            "state": f"sqlite://{folder}/state.db",
        }
    )


async def _connect(stack: AsyncExitStack, url: str) -> aiohttp.ClientWebSocketResponse:
    client = await stack.enter_async_context(aiohttp.ClientSession())
    return await client.ws_connect(url, protocols=(SUBPROTOCOLS[_STATION],))


async def _ended(link: aiohttp.ClientWebSocketResponse, reading: "asyncio.Task[None]") -> None:
    await link.close()
    await reading


async def _play(
    steps: list[dict[str, Any]], peers: dict[Side, Peer], page: Page, pause_s: float
) -> int:
    """Play the steps; how many calls were refused."""
    refused = 0
    for step in steps:
        page.step(step["say"])
        answer = await peers[Side(step["from"])].call(step["action"], step["payload"])
        refused += isinstance(answer, CallError)
        await asyncio.sleep(pause_s)
        page.flush()
    return refused
