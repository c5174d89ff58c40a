"""Frames put out: Open OCPP Trace JSONL 1.1, CSV, or plain frames, one a line.

Our own additions to a trace record go under `meta`: answeredBy, rule, losses, repairs, source,
transactionIdMadeUp (reliability 6.1). CSV has the first two in columns; plain frames have none, so
what the gateway would answer by itself is left out of them.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from orjson import dumps, loads

from gateway.core.codec import ocppj
from gateway.core.dialects import Side, Version, spell_error
from gateway.core.frames import Call, CallError, CallResult, Frame
from gateway.observe.trace import DIRECTIONS, SCHEMA_VERSION

COLUMNS = (
    "timestamp",
    "charge_point_id",
    "direction",
    "message_type",
    "message_id",
    "ocpp_version",
    "ocpp_action",
    "payload_json",
    "answered_by",
    "rule",
)


class Out(NamedTuple):
    """One frame to put out. side: who sent it; action: of its call; meta: see the module's head."""

    time: str
    station: str
    side: Side
    version: Version
    frame: Frame
    action: str
    meta: Mapping[str, Any]


Passed = tuple[str, str, str, Side, Version, str, str, str, str, str, str]
"""A call and its result, with payloads that are texts: (time, answered, station, side, version,
message id, action, payload, meta, reply, said). answered: time of the result; reply: its payload;
meta, said: of call and result as JSON, said "" for none; the rest as in Out, of the call. time,
answered and action need no escapes. A bare tuple, made for most exchanges of most logs."""


def frames_of(passed: Passed) -> tuple[Out, Out]:
    """The same frame by frame."""
    time, answered, station, side, version, id_, action, payload, meta, reply, said = passed
    call, result = Call(id_, action, loads(payload)), CallResult(id_, loads(reply))
    of_result = loads(said) if said else {}
    return (
        Out(time, station, side, version, call, action, loads(meta)),
        Out(answered, station, side.other, version, result, action, of_result),
    )


def traced(item: Out) -> bytes:
    """A record of Open OCPP Trace 1.1; a result carries no action."""
    time, station, side, version, frame, action, meta = item
    kind = type(frame)
    head = _heads.get((station, side, version, kind))
    if head is None:
        head = _head(station, side, version, frame)
    begin, before_payload = head
    if kind is Call:
        before_payload = b',"action":%b,"payload":' % dumps(action)
    payload = frame[-1] if kind is not CallError else _kind_and_payload(frame, version)[1]
    end = b',"meta":%b}\n' % dumps(meta) if meta else b"}\n"
    parts = (_BEGIN, dumps(time), begin, dumps(frame[0]), before_payload, dumps(payload), end)
    return b"".join(parts)


def traced_both(item: Passed) -> str:
    """The records of a call and its answer."""
    time, answered, station, side, version, message_id, action, payload, meta, reply, said = item
    heads = _both.get((station, side, version))
    if heads is None:
        heads = _both_heads(station, side, version)
    call, result = heads
    id_ = dumps(message_id).decode()
    end = f',"meta":{said}}}\n' if said else "}\n"
    return (
        f'{_OPENING}{time}"{call}{id_},"action":"{action}","payload":{payload},"meta":{meta}}}\n'
        f'{_OPENING}{answered}"{result}{id_},"payload":{reply}{end}'
    )


_BEGIN = dumps({"schemaVersion": SCHEMA_VERSION, "timestamp": ""})[:-3]
_OPENING = _BEGIN.decode() + '"'
_HEADS_KEPT = 4096
_heads: dict[tuple[str, Side, Version, type[Frame]], tuple[bytes, bytes]] = {}
"""What stands between time and id, and between id and content: alike in many records."""


def _head(station: str, side: Side, version: Version, frame: Frame) -> tuple[bytes, bytes]:
    kind, _ = _kind_and_payload(frame, version)
    record = {
        "transport": "json",
        "direction": DIRECTIONS[side],
        "messageType": kind,
        "ocppVersion": version.value,
    }
    if station:
        record["chargePointId"] = station
    if len(_heads) >= _HEADS_KEPT:
        _heads.clear()
    head = b"," + dumps(record)[1:-1] + b',"messageId":'
    content = b',"error":' if isinstance(frame, CallError) else b',"payload":'
    _heads[station, side, version, type(frame)] = head, content
    return head, content


_both: dict[tuple[str, Side, Version], tuple[str, str]] = {}
"""The same of a call and its result."""


def _both_heads(station: str, side: Side, version: Version) -> tuple[str, str]:
    frames: tuple[Frame, ...] = Call("", "", {}), CallResult("", {})
    sides = zip((side, side.other), frames, strict=True)
    call, result = (_head(station, one, version, frame)[0].decode() for one, frame in sides)
    if len(_both) >= _HEADS_KEPT:
        _both.clear()
    _both[station, side, version] = call, result
    return call, result


def row(item: Out) -> bytes:
    """The columns of COLUMNS."""
    return separated(cells(item))


def cells(item: Out) -> tuple[str, ...]:
    """What stands in the columns of COLUMNS."""
    time, station, side, version, frame, action, meta = item
    kind, payload = _kind_and_payload(frame, version)
    return (
        time,
        station,
        DIRECTIONS[side],
        kind,
        frame[0],
        version.value,
        action,
        dumps(payload).decode(),
        meta.get("answeredBy", ""),
        meta.get("rule", ""),
    )


def plain(item: Out) -> bytes:
    """The frame; nothing for what has no counterpart in the target version."""
    frame = item.frame
    if item.meta.get("untranslated"):
        return b""
    if isinstance(frame, Call):
        data = ocppj.encode_call(*frame)
    elif isinstance(frame, CallResult):
        data = ocppj.encode_result(*frame)
    else:
        message_id, code, description, details, _ = frame
        data = ocppj.encode_error(message_id, code, description, details, item.version)
    return data + b"\n"


def separated(values: Iterable[str]) -> bytes:
    """A line of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue().encode()


LINES: dict[str, Callable[[Out], bytes]] = {"jsonl": traced, "csv": row, "frames": plain}
"""What `--format` of convert takes: the line or lines of a frame."""
HEADS = {"csv": separated(COLUMNS)}
"""What stands before the first line."""


def _kind_and_payload(frame: Frame, version: Version) -> tuple[str, Any]:
    if isinstance(frame, Call):
        return "CALL", frame.payload
    if isinstance(frame, CallResult):
        return "CALLRESULT", frame.payload
    assert isinstance(frame, CallError)
    code = spell_error(frame.code, version)
    return "CALLERROR", {
        "code": code,
        "description": frame.description,
        "details": frame.details,
    }
