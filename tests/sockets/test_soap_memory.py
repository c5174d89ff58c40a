"""Memory of a gateway under hostile SOAP: what was sent once costs nothing the hundredth time.

The gateway is a process of its own, so that nobody else's memory counts.
"""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
from aiohttp import web

from tests.io.soap_rig import ANSWERS, BOOT, CS, MEDIA, SoapPeer, envelope
from tests.sockets.soap_faces import GOOD, whole
from tests.support import peers
from tests.support.gateway_process import GatewayProcess

ROUNDS = 12
AT_ONCE = 4
MOST_GROWTH = 64 << 20
"""Bytes: many times what one message may have, far less than what the load sends."""

REPLY = b"clearCacheResponse"
BILLION = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


class Post(NamedTuple):
    """A request and the status that it gets."""

    body: bytes
    status: int
    coding: str = "identity"


def hostile() -> Iterator[Post]:
    """What a flood consists of; unpacked, over a hundred megabytes."""
    zeros = bytes(64 << 20)
    for pack, coding in ((gzip.compress, "gzip"), (zlib.compress, "deflate")):
        yield Post(pack(zeros), 413, coding)
        yield Post(pack(whole(GOOD % ("<x>" * 300_000), CS).encode()), 500, coding)
    texts = {
        BILLION + whole(GOOD % "&i;", CS): 500,
        whole(GOOD % ("<x>" * 100_000 + "</x>" * 100_000), CS): 500,
        whole(GOOD % ("<x/>" * 150_000), CS): 500,
        whole(GOOD % ("&#120;" * 150_000), CS): 200,
        whole(GOOD % ("x" * 1_000_000), CS): 200,
        whole((GOOD % "x").replace("<c:data>", f"<c:data {attributes(20_000)}>"), CS): 200,
        whole(GOOD % "x", CS).replace("<s:Header>", f"<s:Header>{'<x/>' * 19_000}"): 200,
        whole(GOOD % "x", CS).replace(" xmlns:c", f"{namespaces(20_000)} xmlns:c"): 500,
        "<" * 1_000_000: 500,
    }
    for text, status in texts.items():
        yield Post(text.encode(), status)


def attributes(count: int) -> str:
    return " ".join(f'a{number}="1"' for number in range(count))


def namespaces(count: int) -> str:
    return "".join(f' xmlns:n{number}="urn:{number}"' for number in range(count))


def resident_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


async def test_memory_stays_flat_under_hostile_requests(tmp_path: Path) -> None:
    async with gateway_and_csms(tmp_path) as (gateway, _), aiohttp.ClientSession() as http:
        posts = list(hostile())
        url = f"http://127.0.0.1:{gateway.port}/soap/CP1"
        grown = await growth(gateway, lambda: flood(http, url, posts))
    assert grown < MOST_GROWTH, f"{grown >> 20} MiB"


async def test_memory_stays_flat_under_hostile_answers(tmp_path: Path) -> None:
    posts = list(hostile())
    number = [0]

    def answer(request: web.Request, body: bytes) -> web.Response:
        number[0] += 1
        post = posts[number[0] % len(posts)]
        headers = {"Content-Type": MEDIA, "Content-Encoding": post.coding}
        return web.Response(body=post.body.replace(b"dataTransferRequest", REPLY), headers=headers)

    async def ask() -> None:
        for _ in posts:
            with suppress(peers.Refused):
                await links[0].call("ClearCache", {})

    station = SoapPeer(answer)
    await station.start()
    try:
        async with gateway_and_csms(tmp_path) as (gateway, links):
            async with aiohttp.ClientSession() as http:
                url = f"http://127.0.0.1:{gateway.port}/soap/CP1"
                hello = envelope(BOOT, "CP1", station.url)
                await http.post(url, data=hello, headers={"Content-Type": MEDIA})
            grown = await growth(gateway, ask)
    finally:
        await station.stop()
    assert len(station.requests) == len(posts) * (ROUNDS + 3)
    assert grown < MOST_GROWTH, f"{grown >> 20} MiB"


@asynccontextmanager
async def gateway_and_csms(
    directory: Path,
) -> AsyncIterator[tuple[GatewayProcess, list[peers.Link]]]:
    """A gateway process, and the links that it opens to a CSMS that answers everything."""
    links: list[peers.Link] = []

    async def answer(action: str, payload: dict[str, Any]) -> dict[str, Any]:
        return ANSWERS.get(action, {})

    async def serve(_station: str, ws: Any) -> None:
        links.append(peers.Link(ws, answer))
        await links[-1].run()

    async with peers.Csms(serve, ("ocpp1.6",)) as csms:
        gateway = GatewayProcess(configuration(csms.url(), directory), directory)
        await gateway.start()
        try:
            yield gateway, links
        finally:
            await gateway.kill()


def configuration(url: str, directory: Path) -> dict[str, Any]:
    return {
        "stations": {"soap": {"callback_networks": ["127.0.0.0/8"]}},
        "csms": {"url": url, "version": "1.6"},
        "state": f"sqlite://{directory}/state.db",
        "log": {"frames": "off"},
        "limits": {"messages_per_s": 1e9, "bytes_per_s": 1e9},
    }


async def growth(gateway: GatewayProcess, load: Callable[[], Awaitable[None]]) -> int:
    """By how many bytes the gateway is larger, at most, than after the first of that load."""
    for _ in range(3):
        await load()
    before, most = resident_bytes(gateway.pid), 0
    for _ in range(ROUNDS // AT_ONCE):
        await asyncio.gather(*(load() for _ in range(AT_ONCE)))
        most = max(most, resident_bytes(gateway.pid))
    return most - before


async def flood(http: aiohttp.ClientSession, url: str, posts: list[Post]) -> None:
    for post in posts:
        headers = {"Content-Type": MEDIA, "Content-Encoding": post.coding}
        async with http.post(url, data=post.body, headers=headers) as response:
            await response.read()
            assert response.status == post.status, (post.body[:200], response.status)
