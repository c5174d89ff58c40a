"""Vendor overlays: what a file of mappings/vendors/ lays over the standard maps, and for whom.

An overlay is chosen by what a station says of itself at boot, or by the station's name; one that
asks for names goes before those that do not. Two that could mean the same station are an error,
unless one is `over:` the other and so lies on top of it. Those that a route's `profiles` name come
on top of what was chosen so; some are chosen in no other way. `overlay_reader.py` makes these of
YAML, `layers.py` lays them over the maps.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from gateway.core.errors import MappingError, Place
from gateway.core.frames import JsonObject
from gateway.core.mapping.codecs import Codec
from gateway.core.mapping.forms import nearest
from gateway.core.mapping.keys import Key
from gateway.core.mapping.patterns import Pattern
from gateway.core.mapping.rows import Enum, Rows, WrittenExample

ANY = "any"
NAMED = "named"
"""In the place of patterns: chosen only where a route names it."""
VALUES, NAMES, MISSING = "values", "names", "missing"
STATION = "station"
FACTS = (STATION, "vendor", "model", "firmware")
BOOT_FIELDS = frozenset({"chargePointVendor", "chargingStation.vendorName"})
"""By these a message is known in which a station says what it is."""


class Facts(NamedTuple):
    """What is known of a station: its name, and from its boot (None: never booted, or not said)."""

    station: str
    vendor: str | None = None
    model: str | None = None
    firmware: str | None = None


def facts_of(station: str, boot: JsonObject | None) -> Facts:
    """boot: the payload by which the station registered, of either version."""
    if boot is None:
        return Facts(station)
    if "chargingStation" in boot:
        told = boot["chargingStation"]
        names = ("vendorName", "model", "firmwareVersion")
    else:
        told = boot
        names = ("chargePointVendor", "chargePointModel", "firmwareVersion")
    found = (told.get(name) for name in names) if isinstance(told, dict) else ()
    return Facts(station, *(value if isinstance(value, str) else None for value in found))


@dataclass(frozen=True, slots=True)
class OwnField:
    """A member that a vendor adds to a 1.6 message, or further values of a standard one.

    path: as in a field table, `meterValue[].sampledValue[].soh`; type: JSON type, or ANY, which a
    standard member may be made; values: of an enum; of a standard member, besides its own.
    """

    path: str
    place: Place
    type: str = ANY
    max_length: int | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnWord:
    """One thing that a vendor's messages say otherwise than the standard, and what it stands for.

    kind: VALUES, NAMES or MISSING. message: the 1.6 or 2.0.1 action and part; of VALUES none.
    said: the vendor's value of the member `path`; the path of the vendor's member; "".
    meant: the value, the member's name, or what a missing member `path` is.
    """

    kind: str
    place: Place
    message: tuple[str, str]
    path: str
    said: str
    meant: Any


@dataclass(frozen=True, slots=True)
class OwnSample:
    """Samples of a 1.6 station with the members `seen` are what `meant` says; None: not there."""

    place: Place
    seen: Mapping[str, str | None]
    meant: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class OwnRows:
    """What an overlay adds to one map. rows: by part; places: of the parts."""

    place: Place
    rows: Mapping[str, Rows]
    places: Mapping[str, Place]
    examples: tuple[WrittenExample, ...] = ()


@dataclass(frozen=True, slots=True)
class Overlay:
    """One file.

    match: patterns by fact, of which one must fit, none for one that is only named; over: name of
    the overlay that this one lies on; evidence: where its quirks were seen. profiles: repairs by
    name. fields: by (1.6 action, part). measurands: a vendor's own measurand -> the members of the
    sample that say the same in the standard's words; () where there are none.
    """

    name: str
    place: Place
    summary: str
    match: Mapping[str, tuple[Pattern, ...]]
    over: str = ""
    evidence: str = ""
    profiles: tuple[str, ...] = ()
    words: tuple[OwnWord, ...] = ()
    samples: tuple[OwnSample, ...] = ()
    fields: Mapping[tuple[str, str], tuple[OwnField, ...]] = field(default_factory=dict)
    measurands: Mapping[str, JsonObject] = field(default_factory=dict)
    measurand_places: Mapping[str, Place] = field(default_factory=dict)
    maps: Mapping[str, OwnRows] = field(default_factory=dict)
    enums: Mapping[str, Enum] = field(default_factory=dict)
    codecs: Mapping[str, Codec] = field(default_factory=dict)
    keys: tuple[Key, ...] = ()

    @property
    def asks_for_name(self) -> bool:
        return STATION in self.match

    def matches(self, facts: Facts) -> bool:
        return bool(self.match) and all(
            (told := getattr(facts, fact)) is not None and any(p.matches(told) for p in patterns)
            for fact, patterns in self.match.items()
        )

    def overlaps(self, other: "Overlay") -> bool:
        """Whether a station could exist that both match."""
        if not (self.match and other.match):
            return False
        return all(
            any(mine.overlaps(theirs) for mine in patterns for theirs in other.match[fact])
            for fact, patterns in self.match.items()
            if fact in other.match
        )


@dataclass(frozen=True)
class Overlays:
    """All overlays, by name."""

    by_name: Mapping[str, Overlay] = field(default_factory=dict)

    def stack(self, overlay: Overlay) -> tuple[Overlay, ...]:
        """The overlay and those that it lies on, the lowest first."""
        found = [overlay]
        while found[-1].over in self.by_name and len(found) <= len(self.by_name):
            found.append(self.by_name[found[-1].over])
        return tuple(reversed(found))

    def chosen(self, facts: Facts, named: Iterable[str] = ()) -> tuple[Overlay, ...]:
        """What lies over the maps for that station, the lowest first; () for none.

        named: what its route names; what is no overlay's name does not count here.
        """
        stacks = [self._matching(facts)]
        stacks += [self.stack(self.by_name[name]) for name in named if name in self.by_name]
        return tuple({overlay.name: overlay for stack in stacks for overlay in stack}.values())

    def _matching(self, facts: Facts) -> tuple[Overlay, ...]:
        fitting = [overlay for overlay in self.by_name.values() if overlay.matches(facts)]
        if any(overlay.asks_for_name for overlay in fitting):
            fitting = [overlay for overlay in fitting if overlay.asks_for_name]
        stacks = [self.stack(overlay) for overlay in fitting]
        return max(stacks, key=len, default=())

    @cached_property
    def codecs(self) -> dict[str, Codec]:
        """By name; names are unique."""
        return {name: c for overlay in self.by_name.values() for name, c in overlay.codecs.items()}


def ambiguities(overlays: Iterable[Overlay]) -> Iterator[MappingError]:
    """Overlays of which it cannot be said which one counts, and names that are not there."""
    every = Overlays({overlay.name: overlay for overlay in overlays})
    known = list(every.by_name.values())
    for overlay in known:
        yield from _misplaced(every, overlay)
    for number, first in enumerate(known):
        for second in known[number + 1 :]:
            if _rivals(every, first, second):
                yield MappingError(
                    f"{second.name} and {first.name} ({first.place}) can match the same station",
                    second.place,
                    f"narrower patterns, or `over: {first.name}` to lie on top of it",
                )
    yield from _second_codecs(known)


def _misplaced(every: Overlays, overlay: Overlay) -> Iterator[MappingError]:
    if overlay.over and overlay.over not in every.by_name:
        cure = nearest(overlay.over, every.by_name)
        yield MappingError(f"over: there is no overlay {overlay.over!r}", overlay.place, cure)
    elif overlay.over and every.stack(overlay)[0].over:
        yield MappingError(f"{overlay.name} lies over itself", overlay.place, "remove an `over:`")


def _rivals(every: Overlays, first: Overlay, second: Overlay) -> bool:
    if first.asks_for_name is not second.asks_for_name or not first.overlaps(second):
        return False
    return first not in every.stack(second) and second not in every.stack(first)


def _second_codecs(known: Iterable[Overlay]) -> Iterator[MappingError]:
    seen: dict[str, Codec] = {}
    for overlay in known:
        for name, codec in overlay.codecs.items():
            first = seen.setdefault(name, codec)
            if first is not codec:
                message = f"a second codec {name}, the first is {first.place}"
                yield MappingError(message, codec.place, "names are for all overlays")
