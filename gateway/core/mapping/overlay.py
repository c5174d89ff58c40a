"""Vendor overlays: what a file of mappings/vendors/ lays over the standard maps, and for whom.

An overlay is chosen by what a station says of itself at boot, or by the station's name; one that
asks for names goes before those that do not. Two that could mean the same station are an error,
unless one is `over:` the other and so lies on top of it. `overlay_reader.py` makes these of YAML,
`layers.py` lays them over the maps.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from gateway.core.errors import MappingError, Place
from gateway.core.frames import JsonObject
from gateway.core.mapping.codecs import Codec
from gateway.core.mapping.forms import nearest
from gateway.core.mapping.keys import Key
from gateway.core.mapping.patterns import Pattern
from gateway.core.mapping.rows import Enum, Rows, WrittenExample

ANY = "any"
STATION = "station"
FACTS = (STATION, "vendor", "model", "firmware")


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
class OwnRows:
    """What an overlay adds to one map. rows: by part; places: of the parts."""

    place: Place
    rows: Mapping[str, Rows]
    places: Mapping[str, Place]
    examples: tuple[WrittenExample, ...] = ()


@dataclass(frozen=True, slots=True)
class Overlay:
    """One file.

    match: patterns by fact, of which one must fit; over: name of the overlay that this one lies on.
    profiles: repairs by name. fields: by (1.6 action, part). measurands: a vendor's own measurand
    -> the members of the sample that say the same in the standard's words; () where there are none.
    """

    name: str
    place: Place
    summary: str
    match: Mapping[str, tuple[Pattern, ...]]
    over: str = ""
    profiles: tuple[str, ...] = ()
    fields: Mapping[tuple[str, str], tuple[OwnField, ...]] = field(default_factory=dict)
    measurands: Mapping[str, JsonObject] = field(default_factory=dict)
    maps: Mapping[str, OwnRows] = field(default_factory=dict)
    enums: Mapping[str, Enum] = field(default_factory=dict)
    codecs: Mapping[str, Codec] = field(default_factory=dict)
    keys: tuple[Key, ...] = ()

    @property
    def asks_for_name(self) -> bool:
        return STATION in self.match

    def matches(self, facts: Facts) -> bool:
        return all(
            (told := getattr(facts, fact)) is not None and any(p.matches(told) for p in patterns)
            for fact, patterns in self.match.items()
        )

    def overlaps(self, other: "Overlay") -> bool:
        """Whether a station could exist that both match."""
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

    def chosen(self, facts: Facts) -> tuple[Overlay, ...]:
        """What lies over the maps for that station, the lowest first; () for none."""
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
