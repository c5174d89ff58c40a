"""What is no HTTP: answered without a word of it, and without a word of it in the log."""

import asyncio
import gc
import logging
from contextlib import suppress

import pytest

from tests.io.rig import PATIENCE_S, running

CANARY = b"CANARY"
LINES = {
    "a control character": b"Authorization: Basic CANARY\0x",
    "a line that goes on": b"Authorization: Basic\r\n CANARY",
    "a line without an end": b"X: CANARY" + b"x" * 20_000,
    "a length that is none": b"Content-Length: CANARY",
    "a length that stands twice": b"Content-Length: 1\r\nContent-Length: 1\r\nX: CANARY",
    "a length beside chunks": b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\nX: CANARY",
    "a name that is none": b"X CANARY: 1",
    "another host": b"Host: CANARY",
}
REQUEST = b"POST /soap/CP1 HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n"
HEADS = {name: REQUEST % line for name, line in LINES.items()}
HEADS["line feeds alone"] = b"POST /soap/CANARY HTTP/1.1\nHost: h\n\n"
HEADS["another version"] = b"POST /soap/CANARY HTTP/9.9\r\nHost: h\r\n\r\n"
HEADS["noise"] = b"\x16\x03\x01CANARY\r\n\r\n"


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
async def test_what_is_no_http(head: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with running() as rig:
        reader, writer = await asyncio.open_connection("127.0.0.1", rig.app.port)
        writer.write(head)
        async with asyncio.timeout(PATIENCE_S):
            answer = await reader.read()
        assert answer.split(b"\r\n")[0].endswith(b" 400 Bad Request")
        assert CANARY not in answer
        writer.close()
    assert "is no HTTP" in caplog.text
    assert CANARY.decode() not in caplog.text
    assert max(record.levelno for record in caplog.records) <= logging.WARNING


async def test_connections_that_are_too_many_are_no_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running(stations={"max_unauthenticated_per_address": 1}) as rig:
        links = [await asyncio.open_connection("127.0.0.1", rig.app.port) for _ in range(4)]
        async with asyncio.timeout(PATIENCE_S):
            for reader, _ in links[1:]:
                with suppress(ConnectionError):
                    assert await reader.read() == b""
        for _, writer in links:
            writer.close()
    gc.collect()
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []
