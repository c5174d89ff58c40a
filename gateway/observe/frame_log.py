"""One line for each frame and each finding, with tokens masked and losses counted."""

from collections.abc import Callable
from typing import Any, Literal

from gateway.core.dialects import ERROR_CODES, Side
from gateway.core.session.effects import Record
from gateway.observe.lines import Lines
from gateway.observe.redaction import Redactor, first_token
from gateway.observe.tally import Tally

Detail = Literal["off", "meta", "full"]

LINK_DOWN = "down"
_OK = "ok"
_SIGNED = "[] signed"
_FRAME_DIRECTIONS = frozenset("<>")
_OUR_FAILURES = frozenset({"internal_failure", "invalid_output", "fenced", "dead_letter"})
_TROUBLE = ERROR_CODES | {
    "duplicate_session",
    "invalid",
    "late",
    "no_answer",
    "stop_refused",
    "unanswered",
    "unreachable",
    "unreadable",
    "unsolicited",
}
"""Outcomes that somebody may want to look into; every other one is the normal course of things."""


class FrameLog:
    """Takes the Records of all stations.

    detail: `log.frames`; off leaves out frames that went well, never what went wrong. clock:
    seconds since the epoch, UTC. revision: name of the maps and configuration in force.
    """

    def __init__(
        self,
        lines: Lines,
        redactor: Redactor,
        clock: Callable[[], float],
        detail: Detail = "meta",
        revision: str = "",
    ) -> None:
        self._lines = lines
        self._redactor = redactor
        self._clock = clock
        self._detail = detail
        self._revision = revision
        self.losses = Tally()
        self.repairs = Tally()

    def __call__(self, station: str, record: Record) -> None:
        """Note one Record of a station."""
        if record.losses:
            self.losses.note(station, record.action, record.losses)
        if record.repairs:
            self.repairs.note(station, record.side.value, record.repairs)
        if self._detail == "off" and _uneventful(record):
            return
        self._lines.write(self._fields(station, record))
        if record.outcome == LINK_DOWN and record.side is Side.STATION:
            self.report_counts(station)

    def report_counts(self, *stations: str) -> None:
        """Write what was repaired and lost since the start, a line for each station and leg, and
        one for each station and action; by default of all stations."""
        for station in stations or self.repairs.stations():
            for leg, names in self.repairs.of(station).items():
                self._lines.write(self._repairs(station, leg, names))
        for station in stations or self.losses.stations():
            for action, fields in self.losses.of(station).items():
                self._lines.write(self._losses(station, action, fields))

    def _repairs(self, station: str, leg: str, names: dict[str, int]) -> dict[str, Any]:
        shown = ", ".join(f"{name} {times}" for name, times in names.items())
        return {
            "ts": self._clock(),
            "level": "info",
            "event": "repairs",
            "station": station,
            "leg": leg,
            "repairs": names,
            "text": f"{station}: messages of its {leg} leg were repaired so far: {shown}",
            "revision": self._revision,
        }

    def _losses(self, station: str, action: str, fields: dict[str, int]) -> dict[str, Any]:
        shown = ", ".join(f"{field} {times}" for field, times in fields.items())
        return {
            "ts": self._clock(),
            "level": "info",
            "event": "losses",
            "station": station,
            "action": action,
            "losses": fields,
            "text": f"{station}: {action} has lost so far: {shown}",
            "revision": self._revision,
        }

    def _fields(self, station: str, record: Record) -> dict[str, Any]:
        elapsed = record.elapsed_s
        fields = {
            "ts": self._clock(),
            "level": _level(record.outcome) if not _alarming(record) else "warning",
            "event": "frame" if record.direction in _FRAME_DIRECTIONS else "state",
            "station": station,
            "leg": record.side.value,
            "direction": record.direction,
            "action": record.action,
            "id": record.message_id,
            "outcome": record.outcome,
            "ms": None if elapsed is None else round(elapsed * 1000, 1),
            "answered_by": record.answered_by,
            "repairs": record.repairs,
            "losses": record.losses,
            "revision": self._revision,
        }
        token = first_token(record.payload)
        if token is not None:
            fields["token"] = self._redactor.token(token)
        if record.text:
            fields["text"] = self._redactor.text(record.text, record.payload or record.quoted)
        if self._detail == "full" and record.payload is not None:
            fields["payload"] = self._redactor.payload(record.payload)
        return fields


def _uneventful(record: Record) -> bool:
    # First what nearly every record is: a frame that went well and lost nothing.
    if record.direction == "=" or (record.losses and _alarming(record)):
        return False
    return record.outcome == _OK or _level(record.outcome) == "info"


def _alarming(record: Record) -> bool:
    """A signed reading that fits nowhere: somebody may need it for a bill (extensions.md 3)."""
    return any(loss.endswith(_SIGNED) for loss in record.losses)


def _level(outcome: str) -> str:
    if outcome in _OUR_FAILURES:
        return "error"
    return "warning" if outcome in _TROUBLE else "info"
