"""The traffic of a gateway in a file: Open OCPP Trace 1.1, for `convert` and `validate`.

Messages of both legs are written, each with its leg under `meta`; those of a SOAP leg as the frames
that the session hears and says. `masked` hides tokens and secrets as log lines do, `full` shows all
and keeps the exact text in `raw`. The event loop only puts a message into a queue; a thread
does the rest. What waits is bounded: where the disk is too slow messages are left out, and the next
record says how many (`meta.leftOut`). Spec: reliability 6.1.
"""

import logging
import os
import threading
from datetime import UTC, datetime
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Any, Literal, NamedTuple, Self

from orjson import OPT_APPEND_NEWLINE, dumps

from gateway.core.codec import ocppj
from gateway.core.dialects import Encoding, Leg, Side, spell_error
from gateway.core.errors import ConfigError, FrameError
from gateway.core.frames import Call, CallError, Frame
from gateway.observe.redaction import Redactor

Content = Literal["masked", "full"]

MOST_BYTES = 64 << 20
"""Of messages that wait to be written, with OVERHEAD for each."""
OVERHEAD = 512
CALLS_REMEMBERED = 1024
_DIRECTIONS = {Side.STATION: "cp-to-csms", Side.CSMS: "csms-to-cp"}
_LIMITS = ocppj.Limits(64, 1 << 20)

logger = logging.getLogger(__name__)


class Heard(NamedTuple):
    """One message on one leg. now: seconds since the epoch, UTC; sender: who sent it; left_out: how
    many were not kept since the one before."""

    now: float
    station: str
    leg: Leg
    sender: Side
    data: bytes
    left_out: int = 0


class Recorder:
    """Writes what it hears. Used with `with`; leaving it writes what still waits.

    redactor: hides tokens and secrets; None: everything is shown. An existing file is continued.
    Raises ConfigError if it cannot be written; later failures end the recording, not the gateway.
    """

    def __init__(self, file: str, redactor: Redactor | None) -> None:
        self._file = file
        self._trace = Trace(redactor)
        self._out = _opened(file)
        self._queue: SimpleQueue[Heard | None] = SimpleQueue()
        # Each of the two is counted by one thread only, so neither needs a lock.
        self._put = self._taken = 0
        self._left_out = self._all_left_out = 0
        self._broken = False
        self._thread = threading.Thread(target=self._write, name="recorder", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._queue.put(None)
        self._thread.join()
        if self._all_left_out:
            logger.warning("%s: %d messages were left out", self._file, self._all_left_out)

    def hear(self, heard: Heard) -> None:
        """Keep a message; called on the event loop."""
        size = len(heard.data) + OVERHEAD
        if self._broken:
            return
        if self._put + size - self._taken > MOST_BYTES:
            self._left_out += 1
            self._all_left_out += 1
            return
        if self._left_out:
            heard = heard._replace(left_out=self._left_out)
            self._left_out = 0
        self._put += size
        self._queue.put(heard)

    def _write(self) -> None:
        out, queue, trace = self._out, self._queue, self._trace
        try:
            with out:
                while (heard := queue.get()) is not None:
                    out.write(trace.line(heard))
                    self._taken += len(heard.data) + OVERHEAD
                    if queue.empty():
                        out.flush()
        except OSError as error:
            self._broken = True
            logger.error("%s: the recording has ended: %s", self._file, error.strerror or error)


class Trace:
    """Messages as records. redactor: as the recorder's."""

    def __init__(self, redactor: Redactor | None) -> None:
        self._redactor = redactor
        self._calls: dict[tuple[str, Side, Side, str], Any] = {}

    def line(self, heard: Heard) -> bytes:
        """The record of a message, with its line end."""
        leg = heard.leg
        record: dict[str, Any] = {
            "schemaVersion": "1.1",
            "timestamp": _utc(heard.now),
            "transport": leg.encoding.value,
            "direction": _DIRECTIONS[heard.sender],
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
            record["error"] = {
                "code": spell_error(frame.code, heard.leg.version),
                "description": self._sentence(heard, frame),
                "details": shown(frame.details),
            }
        else:
            record["messageType"], record["payload"] = "CALLRESULT", shown(frame.payload)

    def _shown(self, payload: Any) -> Any:
        return payload if self._redactor is None else self._redactor.payload(payload)

    def _sentence(self, heard: Heard, error: CallError) -> str:
        """What a peer writes of an error may quote the call."""
        if self._redactor is None:
            return error.description
        key = (heard.station, heard.leg.side, heard.sender.other, error.message_id)
        return self._redactor.text(error.description, self._calls.pop(key, None))

    def _remember(self, heard: Heard, call: Call) -> None:
        if self._redactor is None:
            return
        self._calls[heard.station, heard.leg.side, heard.sender, call.message_id] = call.payload
        if len(self._calls) > CALLS_REMEMBERED:
            del self._calls[next(iter(self._calls))]


def _opened(file: str) -> IO[bytes]:
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        size = os.fstat(handle).st_size
        out = os.fdopen(handle, "ab")
        if size and os.pread(handle, 1, size - 1) != b"\n":
            # The end of a process that was killed while it wrote.
            out.write(b"\n")
    except OSError as error:
        reason = error.strerror or str(error)
        cure = "name a file in a folder that the gateway may write to"
        raise ConfigError(f"record.file: {file} cannot be written: {reason}", None, cure) from error
    return out


def _utc(seconds: float) -> str:
    when = datetime.fromtimestamp(int(seconds), UTC)
    return f"{when:%Y-%m-%dT%H:%M:%S}.{int(seconds % 1 * 1000):03d}Z"
