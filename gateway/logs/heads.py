"""Records of Open OCPP Trace that are known by heart: told apart without being read.

What stands before the id of a record is, but for its time, alike in all calls of a station and in
all results for it: a head. What stands behind is the id, the action of a call, and the payload,
which a template tells (core/codec/templates.py). Both are learned from records that were read.
"""

from collections.abc import Callable
from typing import NamedTuple

from gateway.core.codec.diagnosis import LONGEST_ID
from gateway.core.codec.templates import ANSWER, NOTHING, Filled, Templates
from gateway.core.dialects import Side
from gateway.logs.traces import Trace

KEPT = 4096
"""Heads, and as many texts between id and payload."""

_LEAD = len('{"schemaVersion":"1.1","timestamp":"')
_TIMES = len("2025-06-01T00:00:00.000Z"), len("2025-06-01T00:00:00Z")
LONG, _SHORT = (_LEAD + time for time in _TIMES)
_ID, _QUOTE, _BRACE, _BACKSLASH = '","messageId":"', '"', "{", "\\"
_BEFORE_ID = len(_ID)
_LAST = "}"
_NOTHING = b"\n"
"""No line goes on like that, as one does that is too short to go on at all."""

_Cut = Callable[[str, int, int], Filled | None]


class _Head(NamedTuple):
    """lead: what stands before the time; time: where that ends; length: of all of it."""

    lead: str
    time: int
    length: int
    station: str
    sender: Side
    version: str
    is_call: bool


class _Reply(NamedTuple):
    """Results to a station's calls. text: what stands between time and id."""

    lead: bytes
    text: bytes
    sender: Side
    version: str


class Heads:
    """templates: of payloads; a record whose payload has none is not known.

    awaited: how the next record goes on behind its time if it is the empty result of the last call;
    LONG: where that begins.
    """

    def __init__(self, templates: Templates) -> None:
        self._templates = templates
        self.awaited = _NOTHING
        self._answering: tuple[_Reply, str, str] | None = None
        self._replies: dict[str, _Reply] = {}
        self._known: dict[str, _Head] = {}
        self._middles: dict[str, tuple[str | None, _Cut]] = {}
        """What stands between id and payload: the action, and how the payload is told."""

    def learn(self, line: bytes, trace: Trace) -> None:
        """Know others like this record, which was read. line: says what it says and no more, in
        the letters in which orjson would write it."""
        _, time, station, sender, version, message_id, action, _ = trace
        kinds = self._templates.known(ANSWER if action is None else action)
        if kinds is None:
            return
        begin, _, rest = line.decode().partition(_ID)
        end, middle = _LEAD + len(time), '","payload":'
        if action is not None:
            middle = f'","action":"{action}{middle}'
        if (
            end not in (LONG, _SHORT)
            or begin[_LEAD:end] != time
            or begin[end : end + 1] != _QUOTE
            or not rest.startswith(message_id + middle + _BRACE)
        ):
            return
        for known in (self._known, self._middles, self._replies):
            if len(known) >= KEPT:
                known.clear()
        head = begin[:_LEAD], end, len(begin), station, sender, version, action is not None
        self._known[begin[end:]] = _Head(*head)
        self._middles[middle] = action, kinds.cut
        if action is None:
            lead, text = begin[:_LEAD].encode(), (begin[end:] + _ID).encode()
            self._replies[station] = _Reply(lead, text, sender, version)

    def trace(self, number: int, line: bytes) -> Trace | None:
        """What a record says; None: it has to be read."""
        try:
            text = line.decode()
        except UnicodeDecodeError:
            return None
        at, known = text.find(_ID), self._known
        head = known.get(text[LONG:at]) or known.get(text[_SHORT:at])
        if head is None:
            return None
        lead, time_end, length, station, sender, version, is_call = head
        at += _BEFORE_ID
        id_end = text.find(_QUOTE, at)
        begin, end = text.find(_BRACE, id_end), len(text) - 1
        middle = self._middles.get(text[id_end:begin])
        if middle is None:
            return None
        action, cut = middle
        told, message_id, time = cut(text, begin, end), text[at:id_end], text[_LEAD:time_end]
        if (
            told is None
            or text[end] != _LAST
            or is_call is (action is None)
            or at != length + _BEFORE_ID
            or not text.startswith(lead)
            or not 0 < id_end - at <= LONGEST_ID
            or not _is_plain(time + message_id)
        ):
            return None
        reply = self._replies.get(station) if is_call else None
        if reply is not None and reply.version == version and reply.sender is not sender:
            self.awaited = b'%b%b","payload":{}}' % (reply.text, message_id.encode())
            self._answering = reply, station, message_id
        return number, time, station, sender, version, message_id, action, told

    def answer(self, number: int, line: bytes) -> Trace | None:
        """What a record says that ends as awaited; None: it has to be read."""
        assert self._answering is not None
        (lead, _, sender, version), station, message_id = self._answering
        self.awaited = _NOTHING
        begin = line[:LONG]
        if line[:_LEAD] != lead or not begin.isascii():
            return None
        time = begin[_LEAD:].decode()
        if not _is_plain(time):
            return None
        return number, time, station, sender, version, message_id, None, NOTHING


def _is_plain(text: str) -> bool:
    """Whether JSON writes a text as it is."""
    return text.isprintable() and _BACKSLASH not in text and _QUOTE not in text
