"""Who sent what, in which version, and which answer belongs to which call; per station.

A log may leave all of it out. So:

    version     as the log says; else what only one version knows decides, for the station, until
                something that only the other one knows comes; while nothing has, the version
                whose schema the call meets, or breaks in the fewest places
    sender      a call that only one side sends comes from it; else the line's word, IN and OUT by
                the perspective, which such calls teach where nobody told it; an answer comes from
                the other side than its call
    answer      belongs to the newest call of the other side with its id that is still open

What a station has open is bounded: the oldest calls are given up (`no_answer`) and forgotten.
Spec: reliability 6.1, Open OCPP Trace 1.1.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from gateway.core.dialects import Side, Version
from gateway.core.frames import Call, Frame
from gateway.core.schema.catalog import Catalog
from gateway.logs.clock import LogClock
from gateway.logs.doubles import doubles, says_as_much
from gateway.logs.entry import IN, Direction, Entry
from gateway.logs.rules import Finding, level_of
from gateway.logs.traces import Trace, entry_of

MOST_OPEN = 500
MOST_WHOLE = 40
"""Open calls whose payloads are kept: more than wait to be paired with their answers."""
IDS_REMEMBERED = 200
BACK_S = 1.0
"""A clock may jitter by this much: lines of several threads are not in order to the millisecond."""

UNNAMED = "\0"
"""Before the name of a file: the one station that a log without names is about."""

_REQUEST = "request"
_SPELLED = {
    "1.6": Version.V16,
    "16": Version.V16,
    "ocpp1.6": Version.V16,
    "1.6j": Version.V16,
    "2.0.1": Version.V201,
    "201": Version.V201,
    "ocpp2.0.1": Version.V201,
}
STATION, CSMS = Side.STATION, Side.CSMS
_new = tuple.__new__


class Asked(NamedTuple):
    """A call that is open. side: who sent it."""

    entry: Entry
    side: Side
    version: Version
    action: str


Traced = tuple[Trace, Side, Version, str, str]
"""The same of a trace: what its record says, then as in Asked, and the name of its file."""


def asked_of(call: Asked | Traced) -> Asked:
    if isinstance(call, Asked):
        return call
    trace, side, version, action, file = call
    return Asked(entry_of(file, trace), side, version, action)


class Said(NamedTuple):
    """A frame and what is known of it. asked: the call itself, or the one that it answers.

    action: of the call, "" for an answer whose call is not known.
    """

    entry: Entry
    frame: Frame
    side: Side | None
    version: Version
    action: str
    asked: Asked | None


Placed = tuple[Entry, Frame, Side | None, Version, str, Asked | None]
"""The members of a Said, where one is made for every line."""


class Station:
    """What is remembered of one station. perspective: which Side writes IN and OUT, if known.

    of_station, of_csms: open calls by id; answered: ids of both that had an answer.
    crowded: calls since the older open ones were emptied.
    known: by action, what the words of the last call of it meant: its sender and version as the
    log spelled them, and what they are, as long as the version stays. It saves finding out anew.
    """

    __slots__ = (
        "answered",
        "crowded",
        "known",
        "of_csms",
        "of_station",
        "perspective",
        "time",
        "version",
    )

    def __init__(self, version: Version | None, perspective: Side | None) -> None:
        self.version = version
        self.perspective = perspective
        self.of_station: dict[str, Asked | Traced] = {}
        self.of_csms: dict[str, Asked | Traced] = {}
        self.known: dict[str, tuple[Direction, str, Version, Side]] = {}
        self.answered: dict[str, None] = {}
        self.crowded = 0
        self.time = ""

    def note_answered(self, message_id: str) -> None:
        """Of the ids that had an answer the newest are remembered."""
        answered = self.answered
        answered[message_id] = None
        if len(answered) > IDS_REMEMBERED:
            for old in list(answered)[: IDS_REMEMBERED // 2]:
                del answered[old]


class Conversations:
    """All stations of a run.

    version, perspective: what the user said, None to find out. found: gets what is wrong.
    """

    def __init__(
        self,
        catalog: Catalog,
        found: Callable[[Finding], None],
        version: Version | None = None,
        perspective: Side | None = None,
        zone: str = "UTC",
    ) -> None:
        self._catalog = catalog
        self._found = found
        self._version = version
        self._perspective = perspective
        self._clock = LogClock(zone)
        self._senders = {
            (v, action): catalog.sender(v, action) or frozenset()
            for v in Version
            for action in catalog.actions(v)
        }
        self.stations: dict[str, Station] = {}

    def take(self, entry: Entry) -> Said:
        """Place one entry that has a frame."""
        return Said(*next(self.placed((entry,))))

    def placed(self, entries: Iterable[Entry]) -> Iterator[Placed]:
        """Place entries that have frames, one as it is asked for."""
        stations = self.stations
        for entry in entries:
            file, _, time, name, sender, frame, data, _, spelled, _, exact = entry
            station = stations.get(name or UNNAMED + file)
            if station is None:
                station = Station(self._version, self._perspective)
                stations[name or UNNAMED + file] = station
            if time < station.time and time:
                self._look_back(station, entry)
            station.time = time
            if data and not exact and not says_as_much(data, (*frame,)):
                self._look_for_doubles(entry)
            if type(frame) is not Call:
                call = station.of_station.pop(frame[0], None)
                if call is None or station.of_csms:
                    yield self._answer(station, entry, call)
                    continue
                asked = asked_of(call)
                _, _, version, action = asked
                station.note_answered(frame[0])
                yield entry, frame, CSMS, version, action, asked
                continue
            message_id, action, _ = frame
            known = station.known.get(action)
            if known is not None and known[0] is sender and known[1] == spelled:
                _, _, version, side = known
            else:
                version, side = self._settle(station, entry, frame)
            calls = station.of_station if side is STATION else station.of_csms
            if message_id in calls or message_id in station.answered:
                self._again(station, entry, calls, action)
            asked = calls[message_id] = _new(Asked, (entry, side, version, action))
            if len(calls) > MOST_WHOLE:
                self._crowded(station, calls)
            yield entry, frame, side, version, action, asked

    def _crowded(self, station: Station, calls: dict[str, Asked | Traced]) -> None:
        """Many calls are open: nobody asks any more what the older ones said."""
        if len(calls) > MOST_OPEN:
            self._unanswered(calls.pop(next(iter(calls))))
        station.crowded += 1
        if station.crowded >= MOST_WHOLE:
            station.crowded = 0
            for message_id in list(calls)[:-MOST_WHOLE]:
                calls[message_id] = _emptied(asked_of(calls[message_id]))

    def _again(
        self, station: Station, entry: Entry, calls: dict[str, Asked | Traced], action: str
    ) -> None:
        """A message id that a call of this station bore before."""
        message_id = entry.frame.message_id
        if message_id in calls:
            self._note(entry, "duplicate_id", "the call under this id is still open", action)
            del calls[message_id]
        else:
            self._note(entry, "repeated_id", "this id had a call before", action)

    def finish(self) -> Iterator[str]:
        """The input has ended: say, station by station, which calls have no answer."""
        for name, station in self.stations.items():
            yield name
            for calls in (station.of_station, station.of_csms):
                for asked in calls.values():
                    self._unanswered(asked)
                calls.clear()

    # -- calls --------------------------------------------------------------------------------

    def _settle(self, station: Station, entry: Entry, call: Call) -> tuple[Version, Side]:
        """Version and sender of a call; remembered where the same words will mean the same."""
        before, action = station.version, call.action
        version = self._version_of(station, entry, call)
        senders = self._senders.get((version, action), frozenset(Side))
        side = self._side(station, entry, action, senders)
        if version is not before:
            station.known.clear()
        elif (version, action) in self._senders and self._is_plain(station, entry.sender, side):
            station.known[action] = entry.sender, entry.version, version, side
        return version, side

    def _is_plain(self, station: Station, sender: Direction, side: Side) -> bool:
        """Whether that word always means that side, and there is nothing to say of it."""
        if sender.__class__ is not str:
            return sender is side or sender is None
        told = self._perspective
        return station.perspective is not None and (
            told is None or (told.other if sender == IN else told) is side
        )

    def _version_of(self, station: Station, entry: Entry, call: Call) -> Version:
        told = self._version or _SPELLED.get(entry.version.lower() if entry.version else "")
        if told is not None:
            station.version = told
            return told
        known = [v for v in Version if (v, call.action) in self._senders]
        if station.version in known:
            return station.version
        if len(known) == 1:
            station.version = known[0]
            return known[0]
        if station.version is not None:
            return station.version
        fits = [v for v in known if self._catalog.is_valid(v, call.action, _REQUEST, call.payload)]
        if len(fits) == 1:
            station.version = fits[0]
        if fits or not known:
            return fits[0] if fits else Version.V16
        return min(known, key=lambda v: self._wrong(v, call))

    def _wrong(self, version: Version, call: Call) -> int:
        return len(self._catalog.violations(version, call.action, _REQUEST, call.payload))

    def _side(self, station: Station, entry: Entry, action: str, senders: frozenset[Side]) -> Side:
        said = entry.sender
        if len(senders) == 1:
            (side,) = senders
            if said.__class__ is Side:
                if said is not side:
                    text = f"a {said} does not send {action}"
                    self._note(entry, "role", text, action)
            elif said is not None and station.perspective is None:
                station.perspective = side.other if said == IN else side
            elif said is not None and self._contradicts(station, entry, side):
                text = f"a {side.other} does not send {action}"
                self._note(entry, "role", text, action)
            return side
        return self._said(station, entry) or Side.STATION

    def _contradicts(self, station: Station, entry: Entry, side: Side) -> bool:
        """Whether the line's word means the other side, by a perspective that the user told."""
        return self._perspective is not None and self._said(station, entry) is not side

    def _said(self, station: Station, entry: Entry) -> Side | None:
        """Who sent a frame, by the line's own word."""
        said = entry.sender
        if isinstance(said, Side) or said is None:
            return said
        writer = station.perspective or Side.CSMS
        return writer.other if said == IN else writer

    # -- answers ------------------------------------------------------------------------------

    def _answer(self, station: Station, entry: Entry, call: Asked | Traced | None) -> Placed:
        """An answer. call: the station's with its id, which is open no longer."""
        frame, side = entry.frame, CSMS
        message_id = frame[0]
        if call is None:
            call, side = station.of_csms.pop(message_id, None), STATION
            if call is None:
                return self._stray(station, entry, frame)
        elif message_id in station.of_csms and self._said(station, entry) is STATION:
            station.of_station[message_id] = call
            call, side = station.of_csms.pop(message_id), STATION
        asked = asked_of(call)
        station.note_answered(message_id)
        return entry, frame, side, asked.version, asked.action, asked

    def _stray(self, station: Station, entry: Entry, frame: Frame) -> Placed:
        if frame.message_id in station.answered:
            self._note(entry, "duplicate_answer", "its call was answered before")
        else:
            self._note(entry, "answer_without_call", "no open call has this id")
        version = station.version or _SPELLED.get(entry.version.lower()) or Version.V16
        return entry, frame, self._said(station, entry), version, "", None

    # -- findings -----------------------------------------------------------------------------

    def _look_back(self, station: Station, entry: Entry) -> None:
        before, now = self._clock.read(station.time), self._clock.read(entry.time)
        if before is not None and now is not None and before.seconds - now.seconds > BACK_S:
            back = before.seconds - now.seconds
            self._note(entry, "clock_back", f"{back:.0f} s before the frame that stands before it")

    def _look_for_doubles(self, entry: Entry) -> None:
        for name in doubles(entry.data):
            text = f"{name!r:.60} is there twice; the last one counts"
            action = entry.frame.action if isinstance(entry.frame, Call) else ""
            self._note(entry, "duplicate_member", text, action)

    def _unanswered(self, call: Asked | Traced) -> None:
        asked = asked_of(call)
        self._note(asked.entry, "no_answer", "no answer in the log", asked.action)

    def _note(self, entry: Entry, rule: str, text: str, action: str = "") -> None:
        message_id = entry.frame.message_id
        self._found(
            Finding(
                entry.file,
                entry.line,
                level_of(rule),
                rule,
                "",
                text,
                entry.station,
                action,
                message_id,
            )
        )


def _emptied(asked: Asked) -> Asked:
    """The call without its payload and its text."""
    entry, frame = asked.entry, asked.entry.frame
    if not isinstance(frame, Call) or not (frame.payload or entry.data):
        return asked
    light = entry._replace(frame=frame._replace(payload={}), data=b"")
    return asked._replace(entry=light)
