"""TCP streams put together again: each direction's bytes in order, each once.

A segment that is missing is given up as soon as the other side has acknowledged it, or many later
ones wait: the stream says so and goes on behind the gap. What one connection holds back is bounded,
and so is the number of connections.
"""

from collections.abc import Iterator
from typing import NamedTuple

from gateway.logs.capture import Segment

MOST_CONNECTIONS = 4096
MOST_HELD = 64
"""Segments that wait for a missing one before it is given up."""
_SYN, _FIN, _RST, _ACK = 2, 1, 4, 16
_WRAP = 1 << 32
_HALF = 1 << 31

End = tuple[bytes, int]


class Piece(NamedTuple):
    """Bytes of one direction. lost: some before them are missing; over: none follow.

    number, time: of the packet that completed them.
    """

    connection: tuple[End, End]
    sender: End
    number: int
    time: float
    data: bytes
    lost: bool = False
    over: bool = False


class _Way:
    """One direction of a connection. next: the sequence number that must come; acknowledged: what
    comes before it has arrived at the other side."""

    __slots__ = ("acknowledged", "held", "next")

    def __init__(self) -> None:
        self.next: int | None = None
        self.acknowledged: int | None = None
        self.held: dict[int, Segment] = {}

    def take(self, segment: Segment) -> Iterator[tuple[bytes, bool]]:
        """(bytes that are next, whether some before them were given up)."""
        if segment.flags & _SYN:
            self.next = (segment.sequence + 1) % _WRAP
            self.acknowledged = None
            self.held.clear()
            return
        if not segment.data:
            return
        if self.next is None:
            self.next = segment.sequence
        self.held.setdefault(segment.sequence, segment)
        yield from self._ready()
        yield from self._behind_the_acknowledged()
        if len(self.held) > MOST_HELD:
            yield from self._behind_the_gap()

    def acknowledge(self, number: int) -> Iterator[tuple[bytes, bool]]:
        """The other side has all that comes before number; what that makes next."""
        if self.next is not None and self._ahead(number) > 0:
            self.acknowledged = number
            yield from self._behind_the_acknowledged()

    def rest(self) -> Iterator[tuple[bytes, bool]]:
        """What waits for something that will not come any more."""
        while self.held:
            yield from self._behind_the_gap()

    def _behind_the_acknowledged(self) -> Iterator[tuple[bytes, bool]]:
        while self.held and self.acknowledged is not None:
            first = min(self.held, key=self._ahead)
            if self._ahead(first) > self._ahead(self.acknowledged):
                return
            yield from self._behind_the_gap()

    def _behind_the_gap(self) -> Iterator[tuple[bytes, bool]]:
        self.next = min(self.held, key=self._ahead)
        lost = True
        for data, _ in self._ready():
            yield data, lost
            lost = False

    def _ahead(self, sequence: int) -> int:
        """How far after `next`; negative before it."""
        assert self.next is not None
        distance = (sequence - self.next) % _WRAP
        return distance - _WRAP if distance >= _HALF else distance

    def _ready(self) -> Iterator[tuple[bytes, bool]]:
        while self.held:
            sequence = min(self.held, key=self._ahead)
            ahead = self._ahead(sequence)
            if ahead > 0:
                return
            data = self.held.pop(sequence).data[-ahead:] if ahead else self.held.pop(sequence).data
            if ahead and len(data) == 0:
                continue
            assert self.next is not None
            self.next = (self.next + len(data)) % _WRAP
            yield data, False


def pieces(segments: Iterator[Segment]) -> Iterator[Piece]:
    """The bytes of all connections, as they become complete."""
    ways: dict[tuple[End, End], dict[End, _Way]] = {}
    for segment in segments:
        source, target = segment.source, segment.target
        key = (source, target) if source < target else (target, source)
        both = ways.get(key)
        if both is None or (segment.flags & _SYN and not segment.flags & _ACK):
            both = ways[key] = {source: _Way(), target: _Way()}
            if len(ways) > MOST_CONNECTIONS:
                del ways[next(iter(ways))]
        if segment.flags & _ACK:
            for data, lost in both[target].acknowledge(segment.acknowledged):
                yield Piece(key, target, segment.number, segment.time, data, lost)
        for data, lost in both[source].take(segment):
            yield Piece(key, source, segment.number, segment.time, data, lost)
        if segment.flags & (_FIN | _RST):
            for data, lost in both[source].rest():
                yield Piece(key, source, segment.number, segment.time, data, lost)
            yield Piece(key, source, segment.number, segment.time, b"", over=True)
    for key, both in ways.items():
        for end, way in both.items():
            for data, lost in way.rest():
                yield Piece(key, end, 0, 0.0, data, lost)
