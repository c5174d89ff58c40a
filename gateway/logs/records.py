"""Logs whose lines have named members: JSON lines and CSV rows, by the names that tools use.

Open OCPP Trace 1.1 is one of them (reliability 6.1). `--map FILE` names members that are not known
here: a YAML mapping of the names in FIELDS to those of the log, and under `values` of its words,

    timestamp: time
    station: chargePointId
    frame: message
    values: {direction: {RX: cp-to-csms, TX: csms-to-cp}}
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from gateway.core.codec import ocppj
from gateway.core.dialects import Side, Version
from gateway.core.errors import ConfigError, FrameError
from gateway.core.frames import Call, CallError, CallResult, Frame
from gateway.logs.entry import IN, JSON, OUT, SOAP, Direction

FIELDS: dict[str, tuple[str, ...]] = {
    "timestamp": ("timestamp", "time", "ts", "@timestamp", "date", "datetime", "created_at"),
    "station": (
        "chargePointId",
        "charge_point_id",
        "chargepointid",
        "chargeBoxId",
        "chargingStationId",
        "stationId",
        "station",
        "cp_id",
        "cp",
        "identity",
        "chargerId",
        "charger",
    ),
    "direction": ("direction", "dir", "origin"),
    "kind": ("messageType", "message_type", "messageTypeId", "type"),
    "id": ("messageId", "message_id", "unique_id", "uniqueId", "id"),
    "action": ("action", "ocpp_action", "method"),
    "payload": ("payload", "payload_json", "data"),
    "frame": ("raw", "msg", "message", "frame", "ocpp_message"),
    "version": ("ocppVersion", "ocpp_version", "protocol", "version"),
    "error": ("error",),
    "transport": ("transport",),
}
"""What a record may say, and the names under which tools say it; the first that is there counts."""

_DIRECTIONS: dict[str, Direction] = {
    **dict.fromkeys(("cp-to-csms", "cp_to_csms", "from_cp", "from-cp", "cp"), Side.STATION),
    **dict.fromkeys(("station", "cs-to-csms", "chargepoint", "charge_point"), Side.STATION),
    **dict.fromkeys(("csms-to-cp", "csms_to_cp", "to_cp", "to-cp", "csms"), Side.CSMS),
    **dict.fromkeys(("csms-to-cs", "centralsystem", "central_system"), Side.CSMS),
    **dict.fromkeys(("in", "incoming", "inbound", "received", "receive", "recv", "rx"), IN),
    **dict.fromkeys(("out", "outgoing", "outbound", "sent", "send", "tx"), OUT),
}
_KINDS = {
    **dict.fromkeys(("call", "2", "request", "req"), 2),
    **dict.fromkeys(("callresult", "3", "response", "res", "result", "conf", "confirmation"), 3),
    **dict.fromkeys(("callerror", "4", "error"), 4),
}


_IN_TRACE = {"id": "messageId", "payload": "payload"}


class LeavesOut(FrameError):
    """A record of Open OCPP Trace that lacks what a frame is made of, and may: the format asks for
    neither messageId nor payload."""


class Names(NamedTuple):
    """members: for each of FIELDS, where to look; values: words of the log -> words of ours."""

    members: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, str]]


class Said(NamedTuple):
    """What a record says, as far as it says it.

    frame: None for a SOAP envelope, which is data; else data is the text in a text that holds the
    frame or its payload, if one does.
    """

    time: str
    station: str
    sender: Direction
    frame: Frame | None
    data: bytes
    version: str
    transport: str


DEFAULT = Names(FIELDS, {})


def names_from(mapping: Any, file: str) -> Names:
    """The names of a `--map` file. Raises ConfigError for anything but what the head shows."""
    if not isinstance(mapping, dict):
        raise ConfigError(f"{file} is no mapping of names")
    values = mapping.get("values", {})
    unknown = mapping.keys() - FIELDS.keys() - {"values"}
    if unknown:
        raise ConfigError(
            f"{file} maps {', '.join(sorted(map(str, unknown)))}, which no record has",
            cure=f"known: {', '.join(FIELDS)}, values",
        )
    if not isinstance(values, dict) or not all(isinstance(v, dict) for v in values.values()):
        raise ConfigError(f"{file}: values are a mapping of words for each name")
    own = {field: (str(name), *FIELDS[field]) for field, name in mapping.items() if field in FIELDS}
    spelled = {
        str(field): {str(theirs).lower(): str(ours) for theirs, ours in words.items()}
        for field, words in values.items()
    }
    return Names({**FIELDS, **own}, spelled)


def known_spelling(written: Iterable[str], names: Names = DEFAULT) -> tuple[str, ...]:
    """Names of members or columns, each as FIELDS has it if it differs in case and signs only."""
    known = {name: name for spellings in names.members.values() for name in spellings}
    ours = {_bare(name): name for name in reversed(known)}
    return tuple(known.get(name) or ours.get(_bare(name), name) for name in written)


def _bare(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())


def carries_frames(columns: Collection[str], names: Names = DEFAULT) -> bool:
    """Whether records of these members can hold frames."""
    found = {field for field, known in names.members.items() if any(n in columns for n in known)}
    return "frame" in found or {"payload", "action"} <= found or {"payload", "kind"} <= found


def said(record: Mapping[str, Any], names: Names = DEFAULT) -> Said | None:
    """What a record says; None if it holds no frame. Raises FrameError if the frame is wrong, and
    LeavesOut if a record that is sound says too little.

    An envelope counts for more than what its record's parts say: tools put bodies into JSON in ways
    of their own.
    """
    text = {field: _member(record, field, names) for field in names.members}
    transport = SOAP if str(text["transport"] or "").lower() == SOAP else JSON
    data = _raw(text["frame"])
    frame = None
    if data.lstrip().startswith(b"<"):
        transport = SOAP
    else:
        frame = _composed(text)
        own = text["payload"]
        if frame is None:
            if not data.lstrip().startswith(b"["):
                if "schemaVersion" in record and text["kind"] is not None:
                    raise _lacking(text)
                return None
            frame, own = ocppj.decode(data, Version.V201), text["frame"]
        data = _raw(own) if isinstance(own, str) else b""
    return Said(
        str(text["timestamp"] or ""),
        str(text["station"] or ""),
        _DIRECTIONS.get(str(text["direction"] or "").lower()),
        frame,
        data,
        str(text["version"] or ""),
        transport,
    )


def about(record: Mapping[str, Any], names: Names = DEFAULT) -> tuple[str, str, Direction]:
    """Time, station and direction, as far as a record says them."""
    time, station, word = (
        str(_member(record, field, names) or "") for field in ("timestamp", "station", "direction")
    )
    return time, station, _DIRECTIONS.get(word.lower())


def _member(record: Mapping[str, Any], field: str, names: Names) -> Any:
    for name in names.members[field]:
        value = record.get(name)
        if value is not None and value != "":
            words = names.values.get(field)
            return words.get(str(value).lower(), value) if words else value
    return None


def _raw(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    return orjson.dumps(value) if isinstance(value, list) else b""


def _composed(text: Mapping[str, Any]) -> Frame | None:
    """The frame that a record's parts make; None where it holds no parts."""
    kind = _KINDS.get(str(text["kind"]).lower().replace("_", ""))
    if kind is None or not isinstance(text["id"], str | int):
        return None
    message_id, payload = str(text["id"]), _object(text["payload"])
    if kind == 2 and isinstance(text["action"], str) and payload is not None:
        return Call(message_id, text["action"], payload)
    if kind == 3 and payload is not None:
        return CallResult(message_id, payload)
    if kind == 4:
        error = _object(text["error"]) or payload or {}
        code, description = str(error.get("code", "")), str(error.get("description", ""))
        return CallError(message_id, code, description, _object(error.get("details")) or {})
    return None


def _lacking(text: Mapping[str, Any]) -> FrameError:
    """What keeps a record of Open OCPP Trace from being a frame."""
    kind = _KINDS.get(str(text["kind"]).lower().replace("_", ""))
    why = "the record has a payload that is no object"
    if kind is None:
        why = f"messageType {text['kind']!s:.40} is none of CALL, CALLRESULT, CALLERROR"
    elif kind == 2 and not isinstance(text["action"], str):
        why = "the record of a CALL has no action"
    elif left_out := [name for name in ("id", "payload") if text[name] is None]:
        return LeavesOut(f"the record tells no {_IN_TRACE[left_out[0]]}", "FormatViolation")
    elif not isinstance(text["id"], str | int):
        why = "the record has a messageId that is no text"
    return FrameError(why, "FormatViolation")


def _object(value: Any) -> dict[str, Any] | None:
    if isinstance(value, str):
        try:
            text, value = value.encode("utf-8", "replace"), orjson.loads(value)
        except orjson.JSONDecodeError:
            raise FrameError("the payload is not JSON", "FormatViolation") from None
        ocppj.examine(text, Version.V201)
    return value if isinstance(value, dict) else None
