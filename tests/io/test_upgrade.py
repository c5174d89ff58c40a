"""The client's half of an upgrade, against servers that write what they like."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from gateway.core.errors import TransportError
from gateway.io.upgrade import ADDRESSES_KEPT_S, MAX_HEAD_BYTES, Answered, Client, server

SOUND = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX: a\r\n\r\n"


class Peer:
    """A server that answers everybody with the same bytes. asked: what it was asked."""

    def __init__(self, answer: bytes, *, stays: bool) -> None:
        self._answer = answer
        self._stays = stays
        self.asked: list[bytes] = []
        self.serving: set[asyncio.Task[None] | None] = set()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.current_task())
        with suppress(ConnectionError):
            self.asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self._answer)
            if self._stays:
                await reader.read()
            writer.close()
            await writer.wait_closed()


@asynccontextmanager
async def answering(answer: bytes, *, stays: bool = True) -> AsyncIterator[Peer]:
    peer = Peer(answer, stays=stays)
    listening = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.url = f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield peer
    finally:
        listening.close()
        await asyncio.gather(*(task for task in peer.serving if task is not None))


async def asked(peer: Peer, path: str = "/a", **headers: str) -> Answered:
    place = server(peer.url + path)
    return await Client(lambda: 0.0).ask(place, place.target, headers, None)


class Taker(asyncio.Protocol):
    """Notes what comes to it."""

    def __init__(self) -> None:
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(None)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("ws://csms/ocpp/{station}", ("csms", 80, False, "/ocpp/{station}", "csms")),
        ("wss://csms", ("csms", 443, True, "/", "csms")),
        ("wss://csms:8443/a?b=c", ("csms", 8443, True, "/a?b=c", "csms:8443")),
        ("ws://[::1]:9/a", ("::1", 9, False, "/a", "[::1]:9")),
    ],
)
def test_what_a_url_names(url, found):
    assert server(url) == (*found, {})


def test_a_login_in_the_url_is_shown():
    place = server("ws://me:p%40ss@csms/a")
    assert place.name == "csms"
    assert place.login == {"Authorization": "Basic bWU6cEBzcw=="}


@pytest.mark.parametrize("url", ["ftp://csms/", "csms", "ws:///a"])
def test_what_names_no_server(url):
    with pytest.raises(ValueError, match="names no server"):
        server(url)


async def test_a_request_names_host_target_and_headers():
    async with answering(SOUND) as peer:
        (await asked(peer, "/a?b=%20", Upgrade="websocket")).abort()
        host = peer.url.removeprefix("ws://")
        lines = f"GET /a?b=%20 HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n\r\n"
        assert peer.asked == [lines.encode()]


@pytest.mark.parametrize("value", ["a\r\nB: c", "a\nb", "a\0"])
async def test_a_header_cannot_break_out_of_its_line(value):
    async with answering(SOUND) as peer:
        with pytest.raises(ValueError, match="control characters"):
            await asked(peer, Header=value)
        assert peer.asked == []


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (SOUND, 101),
        (SOUND.replace(b"\r\n", b"\n"), 101),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + SOUND, 101),
        (SOUND.replace(b" Switching Protocols", b""), 101),
        (b"HTTP/1.0 404 Not Found\r\nUpgrade: websocket\r\n\r\nbody", 404),
    ],
    ids=["sound", "bare line feeds", "an interim answer first", "no reason", "refused"],
)
async def test_the_head_of_the_answer_is_read(answer, status):
    async with answering(answer) as peer:
        answered = await asked(peer)
        assert answered.status == status
        assert answered.headers["UPGRADE"] == "websocket"
        answered.abort()


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"SSH-2.0-x\r\n\r\n", "not answer in HTTP"),
        (b"HTTP/1.1 101 x\r\nnothing\r\n\r\n", "header that is none"),
        (b"HTTP/1.1 101 x\r\nA: " + bytes(MAX_HEAD_BYTES), "endless headers"),
        (b"HTTP/1.1 101 x\r\nA: b\r\n", "closed"),
    ],
)
async def test_what_is_no_answer_fails(answer, problem):
    async with answering(answer, stays="closed" not in problem) as peer:
        with pytest.raises(TransportError, match=problem):
            await asked(peer)


async def test_what_comes_behind_the_head_is_handed_over_with_the_connection():
    async with answering(SOUND + b"\x81\x01a") as peer:
        answered = await asked(peer)
        taker = Taker()
        assert answered.hand_over(taker) == b"\x81\x01a"
        answered.transport.close()
        await taker.lost


async def test_a_connection_that_is_no_more_cannot_be_handed_over():
    async with answering(SOUND) as peer:
        answered = await asked(peer)
        answered.abort()
        with pytest.raises(TransportError, match="closed"):
            answered.hand_over(Taker())


async def test_addresses_are_looked_up_once_for_a_while(monkeypatch):
    loop, now, looked_up = asyncio.get_running_loop(), [0.0], []
    look_up = loop.getaddrinfo

    def counted(host, port, **more):
        looked_up.append(host)
        return look_up(host, port, **more)

    monkeypatch.setattr(loop, "getaddrinfo", counted)
    client = Client(lambda: now[0])
    async with answering(SOUND) as peer:
        place = server(peer.url)
        for now[0] in (0.0, ADDRESSES_KEPT_S - 1, ADDRESSES_KEPT_S):
            both = (client.ask(place, "/", {}, None), client.ask(place, "/", {}, None))
            for answered in await asyncio.gather(*both):
                answered.abort()
    assert looked_up == ["127.0.0.1", "127.0.0.1"]


async def test_an_unknown_host_is_looked_up_again(monkeypatch):
    looked_up = []

    async def unknown(host, port, **more):
        looked_up.append(host)
        raise socket.gaierror("no such host")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    client, place = Client(lambda: 0.0), server("ws://nowhere/")
    for _ in range(2):
        with pytest.raises(socket.gaierror):
            await client.ask(place, "/", {}, None)
    assert looked_up == ["nowhere", "nowhere"]
