"""Frames put out: Open OCPP Trace JSONL 1.1, CSV, or plain frames, one a line.

Our own additions to a trace record go under `meta`: answeredBy, rule, losses, repairs, source,
transactionIdMadeUp (reliability 6.1). CSV has the first two in columns; plain frames have none, so
what the gateway would answer by itself is left out of them.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from orjson import OPT_APPEND_NEWLINE, dumps

from gateway.core.codec import ocppj
from gateway.core.dialects import Side, Version, spell_error
from gateway.core.frames import Call, CallError, CallResult, Frame

SCHEMA_VERSION = "1.1"
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
_DIRECTIONS = {Side.STATION: "cp-to-csms", Side.CSMS: "csms-to-cp"}


class Out(NamedTuple):
    """One frame to put out. side: who sent it; action: of its call; meta: see the module's head."""

    time: str
    station: str
    side: Side
    version: Version
    frame: Frame
    action: str
    meta: Mapping[str, Any]


def traced(item: Out) -> bytes:
    """A record of Open OCPP Trace 1.1; a result carries no action."""
    time, station, side, version, frame, action, meta = item
    record: dict[str, Any] = {
        "schemaVersion": SCHEMA_VERSION,
        "timestamp": time,
        "transport": "json",
        "direction": _DIRECTIONS[side],
        "messageType": "CALL",
        "ocppVersion": version.value,
    }
    if station:
        record["chargePointId"] = station
    record["messageId"] = frame[0]
    if type(frame) is Call:
        record["action"] = action
        record["payload"] = frame[2]
    elif type(frame) is CallResult:
        record["messageType"] = "CALLRESULT"
        record["payload"] = frame[1]
    else:
        record["messageType"], record["error"] = _kind_and_payload(frame, version)
    if meta:
        record["meta"] = meta
    return dumps(record, option=OPT_APPEND_NEWLINE)


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
        _DIRECTIONS[side],
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
