"""Every frame of a log against the schema of its version.

Under `strict` a payload is valid or not; otherwise what the repairs of a translating gateway would
mend (translation-station 1.2) is a warning that names the repair, and the rest an error.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from gateway.core.dialects import GENERIC_ERROR, STATION, Version, read_error
from gateway.core.frames import Call, CallError, JsonObject
from gateway.core.schema.catalog import Catalog, Check
from gateway.core.schema.repair import CUT_STRINGS, PROFILES, UNPROMPTED, repair
from gateway.core.schema.violations import MAX_LENGTH, REQUIRED
from gateway.logs.conversation import (
    MOST_WHOLE,
    UNNAMED,
    Asked,
    Conversations,
    Placed,
    Said,
    Traced,
    asked_of,
)
from gateway.logs.entry import Entry, Item, Remark
from gateway.logs.fitting import Fitting, Judge, completed, tells_vendor
from gateway.logs.rules import Finding, Level, level_of
from gateway.logs.traces import Trace, Traces, entry_of, payload_of

REQUEST, RESPONSE = "request", "response"


class _Checks(dict[str, Check | None]):
    """Whether a payload is surely valid and tells nothing of its station, by action; None: no
    schema. False says nothing: some are looked at closely and found valid."""

    def __init__(self, catalog: Catalog, version: Version, part: str) -> None:
        self._catalog, self._version, self._part = catalog, version, part

    def __missing__(self, action: str) -> Check | None:
        if self._catalog.sender(self._version, action) is None:
            return None
        message = self._version, action, self._part
        boots = self._part == REQUEST and tells_vendor(self._catalog.fields(*message))
        check = self[action] = _never if boots else self._catalog.bounded_checker(*message)
        return check


def _never(payload: Any) -> bool:
    """Registrations are looked at closely, all of them."""
    return False


class Validation:
    """found: gets every finding; stations: whose words and repairs count; None: nothing is mended.

    frames: how many were looked at.
    """

    def __init__(
        self,
        catalog: Catalog,
        conversations: Conversations,
        found: Callable[[Finding], None],
        stations: Fitting | None = None,
        zone: str = "UTC",
    ) -> None:
        self._catalog = catalog
        self._conversations = conversations
        self._found = found
        self._stations = stations
        self._zone = zone
        self._checks = {
            version: (_Checks(catalog, version, REQUEST), _Checks(catalog, version, RESPONSE))
            for version in Version
        }
        self._version = Version.V16
        self.frames = 0

    def take(self, item: Item) -> Said | None:
        """Look at one thing that a reader found; the frame and what is known of it."""
        if isinstance(item, Remark):
            whole = self._completed(item)
            if whole is None:
                self._found(unread(item))
                return None
            item = whole
        placed = self.take_all((item,))
        return None if placed is None else Said(*placed)

    def take_all(self, entries: Iterable[Entry]) -> Placed | None:
        """Look at entries that have frames; the last one and what is known of it."""
        placed = None
        version = self._version
        requests, responses = self._checks[version]
        for placed in self._conversations.placed(entries):
            _, frame, _, spoken, action, _ = placed
            self.frames += 1
            if spoken is not version:
                version = self._version = spoken
                requests, responses = self._checks[version]
            kind = type(frame)
            if kind is CallError:
                self._error(Said(*placed), frame)  # type: ignore[arg-type]
                continue
            check = requests[action] if kind is Call else responses[action]
            if check is None:
                self._unchecked(Said(*placed))
            elif not check(frame[-1]):
                part = REQUEST if kind is Call else RESPONSE
                self._look_closely(Said(*placed), part, frame[-1])  # type: ignore[arg-type]
        return placed

    def take_traces(self, traces: Traces) -> None:
        """Look at records of Open OCPP Trace; as `take_all`, without entries for what is plain.

        Plain is a call that is the only one with its id, by a side and in a version that calls of
        its action have had before, and the answer to a call of the station.
        """
        file, rows = traces
        stations, nameless = self._conversations.stations, UNNAMED + file
        version = self._version
        requests, responses = self._checks[version]
        for row in rows:
            _, time, name, sender, spelled, message_id, action, payload = row
            station = stations.get(name or nameless)
            call: Asked | Traced | None = None
            if station is None or time < station.time:
                pass
            elif action is None:
                if not station.of_csms:
                    call = station.of_station.pop(message_id, None)
            else:
                calls = station.of_station if sender is STATION else station.of_csms
                if (
                    (known := station.known.get(action)) is not None
                    and known[0] is known[3] is sender
                    and known[1] == spelled
                    and message_id not in calls
                    and message_id not in station.answered
                    and len(calls) < MOST_WHOLE
                ):
                    call = calls[message_id] = (row, sender, known[2], action, file)
            if call is None or station is None:
                self.take_all((entry_of(file, row),))
                continue
            station.time = time
            self.frames += 1
            if call[2] is not version:
                version = call[2]
                requests, responses = self._checks[version]
            if action is None:
                station.note_answered(message_id)
                check = responses[call[3]]
            else:
                check = requests[action]
            if check is None or not check(payload):
                self._look_at_odd(file, row, asked_of(call), check)

    def _look_at_odd(self, file: str, row: Trace, asked: Asked, check: Check | None) -> None:
        """A record that has been placed and is not what its schema says."""
        entry = entry_of(file, row)
        part, side = REQUEST, asked.side
        if not isinstance(entry.frame, Call):
            part, side = RESPONSE, asked.side.other
        said = Said(entry, entry.frame, side, asked.version, asked.action, asked)
        if check is None:
            self._unchecked(said)
        else:
            self._look_closely(said, part, payload_of(row))

    # -- what is wrong ------------------------------------------------------------------------

    def _error(self, said: Said, error: CallError) -> None:
        code = error.code
        if read_error(code) == GENERIC_ERROR and code != GENERIC_ERROR:
            text = f"OCPP has no error code {code!r:.40}; it counts as {GENERIC_ERROR}"
            self._about(said, "error_code", text)

    def _unchecked(self, said: Said) -> None:
        """A frame that no schema describes; the answer to an unknown call has been told."""
        if isinstance(said.frame, Call):
            text = f"OCPP {said.version} has no action {said.action!r:.60}"
            self._about(said, "unknown_action", text)

    def _look_closely(self, said: Said, part: str, payload: JsonObject) -> None:
        message, stations = (said.version, said.action, part), self._stations
        if stations is not None and tells_vendor(self._catalog.fields(*message)):
            stations.told(said.entry, payload)
        if self._catalog.is_valid(*message, payload):
            return
        judge = None if stations is None else stations.judge(said.entry)
        for finding in broken(self._catalog, judge, said, part, payload, self._zone):
            self._found(finding)

    def _completed(self, remark: Remark) -> Entry | None:
        """The frame that lacks its last brackets, of a station that is known to leave them out."""
        if self._stations is None or remark.closed is None:
            return None
        finding = completed(remark, self._stations.judge(remark.closed))
        if finding is None:
            return None
        self._found(finding)
        return remark.closed

    def _about(self, said: Said, rule: str, text: str) -> None:
        self._found(_plain(said.entry, rule, text, said.action))


def broken(
    catalog: Catalog, judge: Judge | None, said: Said, part: str, payload: JsonObject, zone: str
) -> Iterator[Finding]:
    """What of a payload breaks the standard, and what mends it. judge: None for no repairs."""
    version, action, entry = said.version, said.action, said.entry
    violations = catalog.violations(version, action, part, payload)
    left, repairs = {v.path for v in violations}, ""
    further: dict[str, str] = {}
    if judge is not None:
        own = judge.catalog
        mended, names = repair(own, version, action, part, payload, judge.profiles, zone)
        repairs = ", ".join(names) or f"{own.own.fields.get((action, part))}.fields"
        still = own.violations(version, action, part, mended)
        left = {v.path for v in still if v.rule != MAX_LENGTH or CUT_STRINGS not in names}
        further = _further(own, (version, action, part), mended, zone) if left else further
    for violation in violations:
        wrong = violation.path in left
        hint = further.get(violation.path, "") if wrong else ""
        yield Finding(
            entry.file,
            entry.line,
            Level.ERROR if wrong else Level.WARNING,
            violation.rule,
            violation.path,
            f"{violation.message}; mended by {hint}" if hint else violation.message,
            entry.station,
            action,
            said.frame.message_id,
            "" if wrong else repairs,
        )


def _further(
    own: Catalog, message: tuple[Version, str, str], payload: JsonObject, zone: str
) -> dict[str, str]:
    """By path of what is still wrong: the options that would mend it, where there are such."""
    wrong = {v.path for v in own.violations(*message, payload) if v.rule != REQUIRED}
    if not wrong:
        return {}
    mended, names = repair(own, *message, payload, PROFILES - UNPROMPTED, zone)
    options = " ".join(f"--profile {name}" for name in names if name in PROFILES)
    still = {violation.path for violation in own.violations(*message, mended)}
    return dict.fromkeys(wrong - still, options) if options else {}


def unread(remark: Remark) -> Finding:
    """A reader's remark as a finding."""
    file, line, rule, text, _, station, _ = remark
    return Finding(file, line, level_of(rule), rule, "", text, station)


def _plain(entry: Entry, rule: str, text: str, action: str = "") -> Finding:
    message_id, level = entry.frame.message_id, level_of(rule)
    return Finding(entry.file, entry.line, level, rule, "", text, entry.station, action, message_id)
