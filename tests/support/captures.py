"""Packet captures made by hand: TCP conversations over Ethernet and IPv4, as pcap or pcapng."""

import struct
import zlib
from collections.abc import Iterable
from typing import NamedTuple

CLIENT, SERVER = (b"\x0a\0\0\x01", 40000), (b"\x0a\0\0\x02", 9000)
BEGIN = 1748768520
SYN, FIN, ACK = 2, 1, 16


class Packet(NamedTuple):
    """One packet on the wire."""

    data: bytes


class Talk:
    """A TCP conversation; `packets` grows with what is said. acknowledges: with true numbers."""

    def __init__(
        self, client=CLIENT, server=SERVER, sequence: int = 1000, *, acknowledges: bool = False
    ) -> None:
        self._acknowledges = acknowledges
        self._ends = {True: client, False: server}
        self._next = {True: sequence, False: 5 * sequence % (1 << 32)}
        self.packets: list[Packet] = []
        for by_client, flags in ((True, SYN), (False, SYN | ACK)):
            self._add(by_client, flags, b"")
            self._next[by_client] += 1

    def say(self, by_client: bool, data: bytes, size: int = 1400) -> None:
        for start in range(0, len(data), size):
            part = data[start : start + size]
            self._add(by_client, ACK, part)
            self._next[by_client] = (self._next[by_client] + len(part)) % (1 << 32)

    def end(self) -> None:
        for by_client in (True, False):
            self._add(by_client, FIN | ACK, b"")

    def _add(self, by_client: bool, flags: int, data: bytes) -> None:
        source, target = self._ends[by_client], self._ends[not by_client]
        acknowledged = self._next[not by_client] if self._acknowledges else 0
        tcp = struct.pack(
            ">HHIIBBHHH",
            source[1],
            target[1],
            self._next[by_client],
            acknowledged,
            0x50,
            flags,
            0,
            0,
            0,
        )
        size = 20 + len(tcp) + len(data)
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, size, 0, 0, 64, 6, 0, source[0], target[0])
        self.packets.append(Packet(b"\0" * 12 + b"\x08\x00" + ip + tcp + data))


def upgrade(talk: Talk, path: str = "/ocpp/DEPOT-7", extensions: str = "") -> None:
    """The handshake of a WebSocket. extensions: what the server agrees to."""
    talk.say(
        True,
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n".encode(),
    )
    head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n"
    head += "Sec-WebSocket-Protocol: ocpp1.6\r\n"
    head += f"Sec-WebSocket-Extensions: {extensions}\r\n" if extensions else ""
    talk.say(False, f"{head}\r\n".encode())


def framed(text: bytes, *, mask: bytes = b"", first: int = 0x81) -> bytes:
    """A WebSocket frame."""
    bit = 128 if mask else 0
    if len(text) < 126:
        head = bytes((first, bit | len(text)))
    else:
        head = bytes((first, bit | 126)) + len(text).to_bytes(2, "big")
    body = bytes(letter ^ mask[n % 4] for n, letter in enumerate(text)) if mask else text
    return head + mask + body


class Deflater:
    """permessage-deflate, one window for all messages."""

    def __init__(self) -> None:
        self._deflater = zlib.compressobj(wbits=-15)

    def __call__(self, text: bytes) -> bytes:
        data = self._deflater.compress(text) + self._deflater.flush(zlib.Z_SYNC_FLUSH)
        return data[:-4]


def pcap(packets: Iterable[Packet]) -> bytes:
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for number, packet in enumerate(packets):
        size = len(packet.data)
        out += struct.pack("<IIII", BEGIN + number, 250_000, size, size) + packet.data
    return out


def pcapng(packets: Iterable[Packet], key_log: bytes = b"") -> bytes:
    """With nanosecond times. key_log: of TLS, put before the packets."""
    out = _block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += _block(1, struct.pack("<HHI", 1, 0, 0) + struct.pack("<HHB3xHH", 9, 1, 9, 0, 0))
    if key_log:
        head = struct.pack("<II", 0x544C534B, len(key_log))
        out += _block(10, head + key_log + b"\0" * (-len(key_log) % 4))
    for number, packet in enumerate(packets):
        time = (BEGIN + number) * 1_000_000_000 + 250_000_000
        size = len(packet.data)
        head = struct.pack("<IIIII", 0, time >> 32, time & 0xFFFFFFFF, size, size)
        out += _block(6, head + packet.data + b"\0" * (-size % 4))
    return out


def _block(kind: int, body: bytes) -> bytes:
    size = len(body) + 12
    return struct.pack("<II", kind, size) + body + struct.pack("<I", size)
