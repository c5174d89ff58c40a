"""Frames put out: Open OCPP Trace JSONL 1.1, CSV, or plain frames, one a line.

Our own additions to a trace record go under `meta`: answeredBy, rule, losses, repairs, source,
transactionIdMadeUp (reliability 6.1). CSV has the first two in columns; plain frames have none, so
what the gateway would answer by itself is left out of them.
"""

import csv
import io
from collections.abc import Callable, Mapping
from typing import IO, Any, NamedTuple

import orjson

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


Writer = Callable[[Out], None]


def trace_writer(out: IO[bytes]) -> Writer:
    """Open OCPP Trace 1.1; a result carries no action."""
    write = out.write

    def put(item: Out) -> None:
        time, station, side, version, frame, action, meta = item
        record: dict[str, Any] = {
            "schemaVersion": SCHEMA_VERSION,
            "timestamp": time,
            "transport": "json",
            "direction": _DIRECTIONS[side],
            "messageType": "CALL",
            "ocppVersion": version.value,
            "chargePointId": station,
            "messageId": frame[0],
        }
        if type(frame) is Call:
            record["action"] = action
            record["payload"] = frame[2]
        elif type(frame) is CallResult:
            record["messageType"] = "CALLRESULT"
            record["payload"] = frame[1]
        else:
            _, code, description, details, _ = frame  # type: ignore[misc]
            record["messageType"] = "CALLERROR"
            record["error"] = {
                "code": spell_error(code, version),
                "description": description,
                "details": details,
            }
        if not station:
            del record["chargePointId"]
        if meta:
            record["meta"] = meta
        write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))

    return put


def csv_writer(out: IO[bytes]) -> Writer:
    """The columns of COLUMNS, a header first."""
    text = io.TextIOWrapper(out, "utf-8", newline="", write_through=True)
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    out_text = text  # keeps the wrapper alive as long as its writer is

    def put(item: Out) -> None:
        time, station, side, version, frame, action, meta = item
        kind, payload = _kind_and_payload(frame, version)
        rows.writerow(
            (
                time,
                station,
                _DIRECTIONS[side],
                kind,
                frame[0],
                version.value,
                action,
                orjson.dumps(payload).decode(),
                meta.get("answeredBy", ""),
                meta.get("rule", ""),
            )
        )
        out_text.flush()

    return put


def frame_writer(out: IO[bytes]) -> Writer:
    """Plain frames; what has no counterpart in the target version is not among them."""
    write = out.write

    def put(item: Out) -> None:
        if item.meta.get("untranslated"):
            return
        frame = item.frame
        if isinstance(frame, Call):
            write(ocppj.encode_call(*frame))
        elif isinstance(frame, CallResult):
            write(ocppj.encode_result(*frame))
        else:
            message_id, code, description, details, _ = frame
            write(ocppj.encode_error(message_id, code, description, details, item.version))
        write(b"\n")

    return put


WRITERS: dict[str, Callable[[IO[bytes]], Writer]] = {
    "jsonl": trace_writer,
    "csv": csv_writer,
    "frames": frame_writer,
}
"""What `--format` of convert takes."""


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
