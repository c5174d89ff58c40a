"""Messages as records of Open OCPP Trace 1.1, as a gateway records them.

Messages of both legs are told, each with its leg under `meta`; those of a SOAP leg as the frames
that the session hears and says. `masked` hides tokens and secrets as log lines do, `full` shows all
and keeps the exact text in `raw`. `meta.leftOut` says how many messages before a record are
missing, `meta.unreadable` why one has no frame. Spec: reliability 6.1.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from orjson import OPT_APPEND_NEWLINE, dumps

from gateway.core.codec import ocppj
from gateway.core.dialects import Encoding, Leg, Side, spell_error
from gateway.core.errors import FrameError
from gateway.core.frames import Call, CallError, Frame
from gateway.observe.redaction import Redactor

SCHEMA_VERSION = "1.1"
DIRECTIONS = {Side.STATION: "cp-to-csms", Side.CSMS: "csms-to-cp"}
"""By the sender."""

CALLS_REMEMBERED = 1024
_LIMITS = ocppj.Limits(64, 1 << 20)


class Heard(NamedTuple):
    """One message on one leg. now: seconds since the epoch, UTC; sender: who sent it; left_out: how
    many were not kept since the one before."""

    now: float
    station: str
    leg: Leg
    sender: Side
    data: bytes
    left_out: int = 0


class Trace:
    """Messages as records. redactor: hides tokens and secrets; None: everything is shown."""

    def __init__(self, redactor: Redactor | None) -> None:
        self._redactor = redactor
        self._calls: dict[tuple[str, Side, Side, str], Any] = {}

    def line(self, heard: Heard) -> bytes:
        """The record of a message, with its line end."""
        leg = heard.leg
        record: dict[str, Any] = {
            "schemaVersion": SCHEMA_VERSION,
            "timestamp": _utc(heard.now),
            "transport": leg.encoding.value,
            "direction": DIRECTIONS[heard.sender],
            "messageType": "CALL",
            "ocppVersion": leg.version.value,
            "chargePointId": heard.station,
        }
        meta: dict[str, Any] = {"leg": leg.side.value}
        if heard.left_out:
            meta["leftOut"] = heard.left_out
        try:
            frame = ocppj.decode(heard.data, leg.version, _LIMITS)
        except FrameError as error:
            meta["unreadable"] = str(error)
        else:
            self._add(record, heard, frame)
        if self._redactor is None and leg.encoding is Encoding.JSON:
            record["raw"] = heard.data.decode("utf-8", "backslashreplace")
        record["meta"] = meta
        return dumps(record, option=OPT_APPEND_NEWLINE)

    def _add(self, record: dict[str, Any], heard: Heard, frame: Frame) -> None:
        shown = self._shown
        record["messageId"] = frame.message_id
        if isinstance(frame, Call):
            record["action"], record["payload"] = frame.action, shown(frame.payload)
            self._remember(heard, frame)
        elif isinstance(frame, CallError):
            record["messageType"] = "CALLERROR"
            description, details = self._said(heard, frame)
            record["error"] = {
                "code": spell_error(frame.code, heard.leg.version),
                "description": description,
                "details": details,
            }
        else:
            record["messageType"], record["payload"] = "CALLRESULT", shown(frame.payload)

    def _shown(self, payload: Any) -> Any:
        return payload if self._redactor is None else self._redactor.payload(payload)

    def _said(self, heard: Heard, error: CallError) -> tuple[str, Any]:
        """Description and details; what a peer writes of an error may quote the call."""
        redactor = self._redactor
        if redactor is None:
            return error.description, error.details
        key = (heard.station, heard.leg.side, heard.sender.other, error.message_id)
        call = self._calls.pop(key, None)
        details = redactor.details(redactor.payload(error.details), call)
        return redactor.text(error.description, call), details

    def _remember(self, heard: Heard, call: Call) -> None:
        if self._redactor is None:
            return
        self._calls[heard.station, heard.leg.side, heard.sender, call.message_id] = call.payload
        if len(self._calls) > CALLS_REMEMBERED:
            del self._calls[next(iter(self._calls))]


def _utc(seconds: float) -> str:
    when = datetime.fromtimestamp(int(seconds), UTC)
    return f"{when:%Y-%m-%dT%H:%M:%S}.{int(seconds % 1 * 1000):03d}Z"
