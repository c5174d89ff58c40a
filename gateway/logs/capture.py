"""TCP segments of packet captures: pcap and pcapng, Ethernet and its relatives, IPv4 and IPv6.

Whatever cannot be understood (other protocols, fragments, damaged packets) is passed over; a file
that ends in the middle of a packet is said to.
"""

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from gateway.logs.opening import Source

LONGEST_PACKET = 1 << 20
_PCAP = {
    b"\xd4\xc3\xb2\xa1": ("<", 1e-6),
    b"\xa1\xb2\xc3\xd4": (">", 1e-6),
    b"\x4d\x3c\xb2\xa1": ("<", 1e-9),
    b"\xa1\xb2\x3c\x4d": (">", 1e-9),
}
_PCAPNG = b"\x0a\x0d\x0d\x0a"
_SECTION, _INTERFACE, _PACKET, _SIMPLE, _SECRETS = 0x0A0D0D0A, 1, 6, 3, 10
_TLS_KEY_LOG = 0x544C534B
_TIME_RESOLUTION = 9
_BYTE_ORDER = 0x1A2B3C4D

_ETHERNET, _NULL, _RAW, _LOOP, _SLL, _SLL2 = 1, 0, 101, 108, 113, 276
_IP_LINKS = {_RAW, 12, 14, 228, 229}
_IPV4, _IPV6, _VLANS = 0x0800, 0x86DD, {0x8100, 0x88A8, 0x9100}
_TCP = 6
_EXTENSIONS = {0, 43, 60}
"""IPv6 headers that may stand before TCP: hop by hop, routing, destination."""


class Segment(NamedTuple):
    """One TCP segment. time: seconds since the epoch; number: of its packet, from 1.

    source, target: address and port; flags: as on the wire; acknowledged: what the source says that
    it has of the target's bytes, if the flags say so.
    """

    number: int
    time: float
    source: tuple[bytes, int]
    target: tuple[bytes, int]
    sequence: int
    acknowledged: int
    flags: int
    data: bytes


def is_capture(head: bytes) -> bool:
    return head[:4] in _PCAP or head[:4] == _PCAPNG


def segments(source: Source, secrets: Callable[[bytes], None]) -> Iterator[Segment]:
    """Every TCP segment of a capture, in the file's order.

    secrets: gets the TLS key logs that a pcapng holds, each before the packets that it is for.
    """
    stream = _Stream(source)
    head = stream.peek(4)
    packets = _pcapng(stream, secrets) if head == _PCAPNG else _pcap(stream)
    for number, (time, link, data) in enumerate(packets, 1):
        source.line = number
        try:
            found = _tcp(_network(link, data))
        except (IndexError, struct.error):
            continue
        if found is not None:
            yield Segment(number, time, *found)
    if stream.short:
        source.remark(source.line, "truncated", "the capture ends in the middle of a packet")


class _Stream:
    """Exact numbers of bytes from a source. short: it ended in the middle of something."""

    def __init__(self, source: Source) -> None:
        self._blocks = source.blocks()
        self._rest = b""
        self.short = False

    def peek(self, size: int) -> bytes:
        while len(self._rest) < size and (block := next(self._blocks, b"")):
            self._rest += block
        return self._rest[:size]

    def read(self, size: int) -> bytes | None:
        """None at the end; then `short` tells whether it was expected there."""
        data = self.peek(size)
        if len(data) < size or size > LONGEST_PACKET:
            self.short = self.short or bool(data)
            return None
        self._rest = self._rest[size:]
        return data


_Packet = tuple[float, int, bytes]


def _pcap(stream: _Stream) -> Iterator[_Packet]:
    head = stream.read(24)
    if head is None:
        return
    order, unit = _PCAP[head[:4]]
    link = struct.unpack(order + "I", head[20:24])[0] & 0x0FFFFFFF
    record = struct.Struct(order + "IIII")
    while (head := stream.read(16)) is not None:
        seconds, fraction, size, _ = record.unpack(head)
        data = stream.read(size)
        if data is None:
            stream.short = True
            return
        yield seconds + fraction * unit, link, data


def _pcapng(stream: _Stream, secrets: Callable[[bytes], None]) -> Iterator[_Packet]:
    order, links = "<", list[tuple[int, float]]()
    while (head := stream.peek(12)) and len(head) >= 12:
        if head[:4] == _PCAPNG:
            order = "<" if struct.unpack("<I", head[8:12])[0] == _BYTE_ORDER else ">"
            links.clear()
        kind, size = struct.unpack(order + "II", head[:8])
        block = stream.read(size) if size >= 12 else None
        if block is None:
            stream.short = True
            return
        body = block[8:-4]
        if kind == _INTERFACE:
            links.append(_interface(order, body))
        elif kind == _PACKET and len(body) >= 20:
            interface, high, low, captured = struct.unpack(order + "IIII", body[:16])
            if interface < len(links):
                link, unit = links[interface]
                yield ((high << 32) + low) * unit, link, body[20 : 20 + captured]
        elif kind == _SECRETS and len(body) >= 8:
            what, length = struct.unpack(order + "II", body[:8])
            if what == _TLS_KEY_LOG:
                secrets(body[8 : 8 + length])
        elif kind == _SIMPLE and links:
            yield 0.0, links[0][0], body[4:]


def _interface(order: str, body: bytes) -> tuple[int, float]:
    """(link type, seconds a tick)."""
    link, unit, place = struct.unpack(order + "H", body[:2])[0], 1e-6, 8
    while place + 4 <= len(body):
        code, length = struct.unpack(order + "HH", body[place : place + 4])
        if code == _TIME_RESOLUTION and length >= 1:
            power = body[place + 4]
            unit = 2.0 ** -(power & 0x7F) if power & 0x80 else 10.0**-power
        if code == 0:
            break
        place += 4 + (length + 3) // 4 * 4
    return link, unit


def _network(link: int, data: bytes) -> bytes:
    """The IP packet in a frame of that link; b"" for anything else."""
    if link in _IP_LINKS:
        return data
    if link in (_NULL, _LOOP):
        return data[4:]
    if link == _SLL2:
        kind, place = int.from_bytes(data[0:2], "big"), 20
    elif link == _SLL:
        kind, place = int.from_bytes(data[14:16], "big"), 16
    elif link == _ETHERNET:
        kind, place = int.from_bytes(data[12:14], "big"), 14
    else:
        return b""
    while kind in _VLANS:
        kind, place = int.from_bytes(data[place + 2 : place + 4], "big"), place + 4
    return data[place:] if kind in (_IPV4, _IPV6) else b""


_Tcp = tuple[tuple[bytes, int], tuple[bytes, int], int, int, int, bytes]


def _tcp(packet: bytes) -> _Tcp | None:
    """(source, target, sequence, acknowledged, flags, data) of the TCP segment in an IP packet."""
    if not packet:
        return None
    if packet[0] >> 4 == 4:
        size, fragment = struct.unpack(">HxxH", packet[2:8])
        if packet[9] != _TCP or fragment & 0x3FFF:
            return None
        source, target = packet[12:16], packet[16:20]
        segment = packet[(packet[0] & 15) * 4 : size or None]
    elif packet[0] >> 4 == 6:
        following, place = packet[6], 40
        while following in _EXTENSIONS:
            following, place = packet[place], place + 8 * (packet[place + 1] + 1)
        if following != _TCP:
            return None
        source, target = packet[8:24], packet[24:40]
        segment = packet[place : 40 + int.from_bytes(packet[4:6], "big") or None]
    else:
        return None
    from_port, to_port, sequence, acknowledged = struct.unpack(">HHII", segment[:12])
    data = segment[(segment[12] >> 4) * 4 :]
    return (source, from_port), (target, to_port), sequence, acknowledged, segment[13], data
