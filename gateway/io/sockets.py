"""Socket options that find a dead peer while data is on its way (reliability R6)."""

import asyncio
import socket

UNACKNOWLEDGED_MS = 30_000
KEEPALIVE_IDLE_S = 60


def watch_tcp(transport: asyncio.BaseTransport) -> None:
    """TCP keepalive and, where the system has it, TCP_USER_TIMEOUT on a connection."""
    sock = transport.get_extra_info("socket")
    if sock is None:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", KEEPALIVE_IDLE_S),
        ("TCP_USER_TIMEOUT", UNACKNOWLEDGED_MS),
    ):
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
