"""Records of Open OCPP Trace as they are read: what each says, before it is made an entry."""

from typing import NamedTuple

from gateway.core.codec.templates import Filled
from gateway.core.codec.templates import payload_of as read_of
from gateway.core.dialects import Side
from gateway.core.frames import Call, CallResult, Frame, JsonObject
from gateway.logs.entry import JSON, Entry

_new = tuple.__new__

Trace = tuple[int, str, str, Side, str, str, str | None, JsonObject | Filled]
"""(line, time, station, sender, version, message id, action, payload) of a record, the texts as
written; no action: a result."""


class Traces(NamedTuple):
    """Records, one right after the other. file: its name."""

    file: str
    rows: list[Trace]


def payload_of(trace: Trace) -> JsonObject:
    told = trace[7]
    return told if isinstance(told, dict) else read_of(told)


def entry_of(file: str, trace: Trace) -> Entry:
    number, time, station, sender, version, message_id, action, _ = trace
    payload = payload_of(trace)
    frame: Frame
    if action is None:
        frame = _new(CallResult, (message_id, payload))
    else:
        frame = _new(Call, (message_id, action, payload))
    parts = (file, number, time, station, sender, frame, b"", "jsonl", version, JSON, True)
    return _new(Entry, parts)
