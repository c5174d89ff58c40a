"""Socket options that find a dead peer while data is on its way (reliability R6)."""

import asyncio
import socket

KEEPALIVE_IDLE_S = 60

BEYOND_STALL_S = 30
"""The system's limit also strikes a peer that is there but takes nothing. That case is the link's
own (reliability R7), so the system's limit comes this much later."""

_MOST = (1 << 31) - 1
"""The system counts milliseconds in 32 bits."""


def watch_tcp(transport: asyncio.BaseTransport, write_stall_s: float) -> None:
    """TCP keepalive and, where the system has it, TCP_USER_TIMEOUT on a connection."""
    sock = transport.get_extra_info("socket")
    if sock is None:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", KEEPALIVE_IDLE_S),
        ("TCP_USER_TIMEOUT", int(min((write_stall_s + BEYOND_STALL_S) * 1000, _MOST))),
    ):
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
