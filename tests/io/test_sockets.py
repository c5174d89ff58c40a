"""Socket options, also for times that the system cannot count."""

import asyncio
import socket

import pytest

from gateway.io.sockets import watch_tcp


@pytest.mark.parametrize(("stall_s", "told_ms"), [(60, 90_000), (1e12, (1 << 31) - 1)])
async def test_how_long_data_may_be_on_its_way(stall_s, told_ms):
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1")
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    watch_tcp(writer.transport, stall_s)
    sock = writer.get_extra_info("socket")
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == told_ms
    writer.close()
    server.close()
