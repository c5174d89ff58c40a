"""Looks on while a log is worked on, and keeps what the page on it will show.

It is laid around the functions that do the work, and only where a page was asked for: a run
without one does not know of it.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from gateway.logs.clock import LogClock
from gateway.logs.conversation import Said
from gateway.logs.entry import Item
from gateway.logs.output import Out
from gateway.logs.pairing import Paired, Pairing
from gateway.logs.report.exchange import Candidate, Seen, described, reasons, shown_station
from gateway.logs.report.seats import Plan, Seats
from gateway.logs.report.timeline import DETAILED, MOST_STATIONS, SEVERITY, Timeline
from gateway.logs.rules import Finding
from gateway.logs.shares import UNPAIRED, Place, station_of

EXCHANGES = Plan(first=500, each=3, most_each=1500, most_station=2000)
"""Which exchanges a page shows."""
_FINDINGS_KEPT = 1500
"""Lines whose findings wait for the exchange that they belong to."""


class Chapter(NamedTuple):
    """What a chronicle knows at the end. exchanges: how many there were, shown or not.

    timelines: of each station its name, with the place where it first appeared; stations: how many
    there were. why: reasons, by the name of what was lost.
    """

    exchanges: int
    stations: int
    timelines: tuple[tuple[Place, str, Timeline], ...]
    why: Mapping[str, str]


class Chronicle:
    """put: takes the exchanges that may be shown; at: says where in the input the run is."""

    def __init__(
        self, put: Callable[[Candidate], None], at: Callable[[], Place], zone: str = "UTC"
    ) -> None:
        self._put, self._at = put, at
        self._clock = LogClock(zone)
        self._seats = Seats(EXCHANGES)
        self._findings: OrderedDict[tuple[str, int, str], list[Finding]] = OrderedDict()
        self._outs: list[Out] = []
        self._timelines: dict[str, tuple[Place, str, Timeline]] = {}
        self._stations: set[str] = set()
        self._pairing = Pairing()
        self._mended: Callable[[Paired], Sequence[Out]] = lambda paired: ()
        self._exchanges = 0

    # -- what it is laid around ---------------------------------------------------------------

    def hearing(self, found: Callable[[Finding], None]) -> Callable[[Finding], None]:
        """found, overheard."""

        def heard(finding: Finding) -> None:
            found(finding)
            key = finding.file, finding.line, finding.message_id
            self._findings.setdefault(key, []).append(finding)
            if len(self._findings) > _FINDINGS_KEPT:
                self._findings.popitem(last=False)

        return heard

    def collecting(self, put: Callable[[Out], None]) -> Callable[[Out], None]:
        """put, where convert puts out frames; what comes is part of the exchange in work."""

        def collected(out: Out) -> None:
            put(out)
            self._outs.append(out)

        return collected

    def converting(self, take: Callable[[Paired], None]) -> Callable[[Paired], None]:
        """take, which converts an exchange."""

        def taken(paired: Paired) -> None:
            self._outs.clear()
            take(paired)
            self._exchange(paired, self._outs)

        return taken

    def validating(
        self, take: Callable[[Item], Said | None], mended: Callable[[Paired], Sequence[Out]]
    ) -> Callable[[Item], Said | None]:
        """take, which validates a frame. mended: frames of an exchange as repairs leave them."""
        self._mended = mended

        def taken(item: Item) -> Said | None:
            said = take(item)
            if said is not None:
                for paired in self._pairing.take(said):
                    self._exchange(paired, (), mended)
            return said

        return taken

    def validated(self, ending: Callable[[int, str], None]) -> None:
        """The input of validate has ended: what still waits. ending: told of each station."""
        for paired in self._pairing.finish():
            entry = paired.asked.entry
            ending(UNPAIRED, station_of(entry.station, entry.file))
            self._exchange(paired, (), self._mended)

    # -- what it keeps ------------------------------------------------------------------------

    def chapter(self, why: Callable[[], Mapping[str, str]] = dict) -> Chapter:
        """What is left to tell at the end."""
        timelines = tuple(self._timelines.values())
        return Chapter(self._exchanges, len(self._stations), timelines, why())

    def _exchange(
        self,
        paired: Paired,
        outs: Sequence[Out],
        mended: Callable[[Paired], Sequence[Out]] | None = None,
    ) -> None:
        """mended: where nothing was put out, what repairs make of it, if it is to be shown."""
        self._exchanges += 1
        findings = self._findings_on(paired)
        entry, action = paired.asked.entry, paired.asked.action
        moment = self._clock.read(entry.time) if entry.time else None
        if moment is not None:
            self._note_time(paired, moment.seconds, findings)
        seen = Seen(paired, findings, outs, mended is None)
        why = reasons(seen)
        name = station_of(entry.station, entry.file)
        if self._seats.take(name, action, why):
            if mended is not None:
                seen = seen._replace(outs=mended(paired))
            time = "" if moment is None else moment.text
            self._put(Candidate(name, action, why, described(seen, time)))

    def _findings_on(self, paired: Paired) -> tuple[Finding, ...]:
        found: list[Finding] = []
        for entry in (paired.asked.entry, paired.answer):
            if entry is not None:
                key = entry.file, entry.line, entry.frame.message_id
                found += self._findings.pop(key, ())
        return tuple(found)

    def _note_time(self, paired: Paired, seconds: float, findings: Sequence[Finding]) -> None:
        entry, action = paired.asked.entry, paired.asked.action
        name = station_of(entry.station, entry.file)
        self._stations.add(name)
        if name not in self._timelines:
            if len(self._timelines) >= MOST_STATIONS:
                return
            self._timelines[name] = self._at(), shown_station(entry), Timeline()
        severity = max((SEVERITY[f.level] for f in findings), default=0)
        detailed = len(self._timelines) <= DETAILED or bool(self._timelines[name][2].actions)
        self._timelines[name][2].note(seconds, action, severity, detailed=detailed)
