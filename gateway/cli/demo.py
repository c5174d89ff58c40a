"""`ocpp-gateway demo`: the gateway between a simulated station and a simulated CSMS.

Any of the nine pairs of 2.0.1, 1.6 and 1.6-soap. Everything runs in this process on loopback and
ends by itself; the session is demo_session.yaml. Peers that speak SOAP are made by `zeep`.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

import aiohttp
from aiohttp import web

from gateway.app import App, translating
from gateway.cli.demo_page import Page
from gateway.cli.demo_peers import Peer, Watch, csms_app, filled, free_port, open_csms
from gateway.cli.output import say
from gateway.config import Config
from gateway.core.codec.soap_service import Service
from gateway.core.dialects import SUBPROTOCOLS, Side, Version
from gateway.core.errors import ConfigError
from gateway.core.frames import Call, CallError, Frame, JsonObject
from gateway.core.session.effects import Record
from gateway.core.yamltree import plain, read
from gateway.io.clock import utc_clock
from gateway.resources import folder
from gateway.revision import load_revision
from gateway.storage import open_store

if TYPE_CHECKING:
    from gateway.cli.demo_zeep import ZeepPeer

AnyPeer = Union[Peer, "ZeepPeer"]

_SESSION = Path(__file__).with_name("demo_session.yaml")
_SOAP = "1.6-soap"
_LONGEST_PAUSE_S = 60
DIALECTS = (*(str(version) for version in Version), _SOAP)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--station", choices=DIALECTS, default="2.0.1", help="what the station speaks (2.0.1)"
    )
    parser.add_argument(
        "--csms", choices=DIALECTS, default="1.6", help="what the back office speaks (1.6)"
    )
    parser.add_argument(
        "--pause", type=seconds, default=0.3, metavar="SECONDS", help="between two steps (0.3)"
    )


def seconds(text: str) -> float:
    """The value of --pause. Raises ValueError, ArgumentTypeError."""
    value = float(text)
    if not 0 <= value <= _LONGEST_PAUSE_S:
        raise argparse.ArgumentTypeError(f"must be from 0 to {_LONGEST_PAUSE_S} seconds")
    return value


def run(args: argparse.Namespace) -> int:
    page = Page(shutil.get_terminal_size((120, 40)).columns, say)
    try:
        return asyncio.run(_demo(args.station, args.csms, page, args.pause))
    except (TimeoutError, aiohttp.ClientError, OSError, ConfigError) as error:
        page.flush()
        print(f"the demo stopped: {error or 'no answer came'}", file=sys.stderr)
        return 1


async def _demo(station: str, csms: str, page: Page, pause_s: float) -> int:
    def watch(side: Side, sent: bool, frame: Frame) -> None:
        (page.came if sent else page.went)(side, frame)

    def record(station: str, record: Record) -> None:
        page.happened(record)

    script = session_script()
    say(_WELCOME)
    page.heading(f"charging station, OCPP {station}", f"back office (CSMS), OCPP {csms}")
    async with AsyncExitStack() as stack:
        peers = {
            Side.STATION: await _peer(stack, Side.STATION, station, script, watch),
            Side.CSMS: await _peer(stack, Side.CSMS, csms, script, watch),
        }
        url = await _open_csms(stack, peers[Side.CSMS])
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="ocpp-gateway-demo-"))
        app = await _start(_config(url, csms, directory), record)
        stack.push_async_callback(app.stop)
        await _connect(stack, peers, app, script["station"])
        steps = script["steps"][_version(station)]
        stop = script["stop"][_version(csms)]
        refused = await _play(steps, stop, peers, page, pause_s)
    say(_FAREWELL if not refused else f"{refused} calls were refused")
    return 1 if refused else 0


_WELCOME = """\
One charging session, played on this machine. Left is what the charging station sends (-->) and
receives (<--), right what the back office does. A row holds a frame and what the gateway made of
it; numbers in brackets tell which answer belongs to which call.
"""

_FAREWELL = """\

That was one charging session. Neither side had to know what the other one speaks.
Between your own: CSMS_URL=ws://your-back-office/path make run"""


def session_script() -> dict[str, Any]:
    """What demo_session.yaml says."""
    script: dict[str, Any] = plain(read(_SESSION.read_text("utf-8"), str(_SESSION)))
    return script


def _version(dialect: str) -> str:
    return dialect.removesuffix("-soap")


async def _peer(
    stack: AsyncExitStack, side: Side, dialect: str, script: dict[str, Any], watch: Watch
) -> AnyPeer:
    answers = script["answers"][str(side)][_version(dialect)]
    if dialect != _SOAP:
        return Peer(side, Version(dialect), answers, watch)
    try:
        from gateway.cli.demo_zeep import ZeepPeer
    except ImportError as error:
        raise ConfigError(f"a SOAP peer is made by zeep, and {error}", cure=_ZEEP) from None
    described = folder("schemas") / "soap"
    descriptions = {
        Side.CSMS: str(described / f"{Service.CENTRAL_SYSTEM.stem}.wsdl"),
        Side.STATION: str(described / f"{Service.CHARGE_POINT.stem}.wsdl"),
    }

    def answer(call: Call) -> JsonObject | None:
        known: JsonObject | None = filled(answers.get(call.action), peer.transaction)
        return known

    peer = ZeepPeer(side, script["station"], answer, watch, descriptions)
    await peer.open()
    stack.push_async_callback(peer.close)
    return peer


_ZEEP = "install it with: pip install 'ocpp-gateway[demo]'"


async def _open_csms(stack: AsyncExitStack, peer: AnyPeer) -> str:
    """Where the gateway finds the back office."""
    if not isinstance(peer, Peer):
        return peer.url
    runner = web.AppRunner(csms_app(peer), access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    return await open_csms(runner)


async def _connect(
    stack: AsyncExitStack, peers: dict[Side, AnyPeer], app: App, station: str
) -> None:
    for side, peer in peers.items():
        if not isinstance(peer, Peer):
            peer.partner = _address(app, side, station)
    peer = peers[Side.STATION]
    if not isinstance(peer, Peer):
        return
    client = await stack.enter_async_context(aiohttp.ClientSession())
    protocols = (SUBPROTOCOLS[peer.version],)
    link = await client.ws_connect(app.station_url(station), protocols=protocols)
    reading = asyncio.create_task(peer.listen(link))
    stack.push_async_callback(_ended, link, reading)


def _address(app: App, side: Side, station: str) -> str:
    """Where a SOAP peer calls the gateway."""
    path = "soap" if side is Side.STATION else "callback"
    return f"http://127.0.0.1:{app.port}/{path}/{station}"


async def _start(config: Config, record: Any) -> App:
    clock = utc_clock()
    store = open_store(config.state, config.store, clock=clock)
    revision = load_revision(config.resources)
    sessions = translating(config, revision)
    return await App.start(
        config, record, store=store, sessions=sessions, revision=revision, clock=clock
    )


def _config(csms_url: str, csms: str, directory: str) -> Config:
    port = free_port()
    return Config.model_validate(
        {
            "stations": {
                "listen": f"127.0.0.1:{port}",
                "auth": "none",
                "allow_unauthenticated": True,
                "soap": {"callback_networks": ["127.0.0.0/8"]},
            },
            "csms": {
                "url": csms_url,
                "version": csms,
                "callback": f"http://127.0.0.1:{port}/callback",
            },
            "state": f"sqlite://{directory}/state.db",
        }
    )


async def _ended(link: aiohttp.ClientWebSocketResponse, reading: "asyncio.Task[None]") -> None:
    await link.close()
    await reading


async def _play(
    steps: list[dict[str, Any]],
    stop: dict[str, Any],
    peers: dict[Side, AnyPeer],
    page: Page,
    pause_s: float,
) -> int:
    """Play the steps; how many calls were refused."""
    refused = 0
    for step in steps:
        page.step(step["say"])
        side, call = (Side.CSMS, stop) if "stop" in step else (Side.STATION, step)
        answer = await peers[side].call(call["action"], call["payload"])
        refused += isinstance(answer, CallError)
        await asyncio.sleep(pause_s)
        page.flush()
    return refused
