"""Records of Open OCPP Trace that are known by heart: told apart without being read.

What stands before the id of a record is, but for its time, alike in all calls of a station and in
all results for it: a head. What stands behind is the id, the action of a call, and the payload,
which a template tells (core/codec/templates.py). Both are learned from records that were read.
"""

from typing import NamedTuple

from gateway.core.codec.diagnosis import LONGEST_ID
from gateway.core.codec.templates import ANSWER, Templates
from gateway.core.dialects import Side
from gateway.logs.traces import Trace

HEADS_KEPT = 4096

_LEAD = len('{"schemaVersion":"1.1","timestamp":"')
_TIMES = len("2025-06-01T00:00:00.000Z"), len("2025-06-01T00:00:00Z")
_LONG, _SHORT = (_LEAD + time for time in _TIMES)
_ID, _END_OF_ID = '","messageId":"', '"'
_ACTION, _END_OF_ACTION = 'action":"', '","payload":'
_PAYLOAD = 'payload":'
_BEFORE_ACTION, _BEFORE_PAYLOAD = len(_ACTION), len(_PAYLOAD)
_BACKSLASH = "\\"


class _Head(NamedTuple):
    """lead: what stands before the time; time: where that ends; length: of all of it."""

    lead: str
    time: int
    length: int
    station: str
    sender: Side
    version: str
    is_call: bool


class Heads:
    """templates: of payloads; a record whose payload has none is not known."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates
        self._known: dict[str, _Head] = {}

    def learn(self, line: bytes, trace: Trace) -> None:
        """Know others like this record, which was read. line: says what it says and no more, in
        the letters in which orjson would write it."""
        _, time, station, sender, version, message_id, action, _ = trace
        begin, _, rest = line.decode().partition(_ID)
        end = _LEAD + len(time)
        behind = _PAYLOAD if action is None else f"{_ACTION}{action}{_END_OF_ACTION}"
        if (
            end not in (_LONG, _SHORT)
            or begin[_LEAD:end] != time
            or begin[end : end + 1] != '"'
            or not rest.startswith(f'{message_id}","{behind}' + "{")
        ):
            return
        if len(self._known) >= HEADS_KEPT:
            self._known.clear()
        lead, length, is_call = begin[:_LEAD], len(begin), action is not None
        head = _Head(lead, end, length, station, sender, version, is_call)
        self._known[begin[end:]] = head

    def trace(self, number: int, line: bytes) -> Trace | None:
        """What a record says; None: it has to be read."""
        known = self._known
        try:
            begin, _, rest = line.decode().partition(_ID)
            head = known.get(begin[_LONG:]) or known.get(begin[_SHORT:])
            if head is None:
                return None
            message_id, comma, rest = rest.split(_END_OF_ID, 2)
        except ValueError:
            return None
        lead, end, length, station, sender, version, is_call = head
        action = None
        if is_call:
            action, _, payload = rest[_BEFORE_ACTION:].partition(_END_OF_ACTION)
            told = self._templates.cut(action, payload, 0, len(payload) - 1)
            is_plain = rest[:_BEFORE_ACTION] == _ACTION
        else:
            payload = rest[_BEFORE_PAYLOAD:]
            told = self._templates.cut(ANSWER, payload, 0, len(payload) - 1)
            is_plain = rest[:_BEFORE_PAYLOAD] == _PAYLOAD
        time = begin[_LEAD:end]
        texts = time + message_id
        if (
            told is None
            or not is_plain
            or payload[-1] != "}"
            or comma != ","
            or begin[:_LEAD] != lead
            or len(begin) != length
            or not 0 < len(message_id) <= LONGEST_ID
            or not texts.isprintable()
            or _BACKSLASH in texts
            or _END_OF_ID in time
        ):
            return None
        return number, time, station, sender, version, message_id, action, told
