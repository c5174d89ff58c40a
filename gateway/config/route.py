"""Which settings a station gets: the file's own, with those of the first matching route on top.

Rule: configuration.md 8.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from gateway.core.settings import Section, Translation

if TYPE_CHECKING:
    from gateway.config.model import Config, Csms, Extensions, Route, Stations

S = TypeVar("S", bound=Section)
Mode = Literal["enforce", "repair", "observe"]


@dataclass(frozen=True)
class Effective:
    """The settings in force for one station.

    name: "default", or which route it is, for logs; patterns: (station, vendor, model), where None
    asks for nothing.
    """

    name: str
    patterns: tuple[re.Pattern[str], re.Pattern[str] | None, re.Pattern[str] | None] | None
    prefer: Literal["transparent", "highest"]
    stations: "Stations"
    csms: "Csms"
    validation: Literal["auto", "enforce", "repair", "observe"]
    profiles: tuple[str, ...]
    translation: Translation
    extensions: "Extensions"

    def validation_mode(self, translating: bool) -> Mode:
        """What becomes of a payload that breaks its schema (design/README.md, decision 4)."""
        if self.validation != "auto":
            return self.validation
        return "repair" if translating else "observe"

    def matches(self, station: str, vendor: str | None, model: str | None) -> bool:
        if self.patterns is None:
            return True
        by_id, by_vendor, by_model = self.patterns
        return (
            by_id.fullmatch(station) is not None
            and _fits(by_vendor, vendor)
            and _fits(by_model, model)
        )


def choose(
    entries: tuple[Effective, ...], station: str, vendor: str | None, model: str | None
) -> Effective:
    """The first entry that matches; the last one always does."""
    return next(entry for entry in entries if entry.matches(station, vendor, model))


def compile_routes(config: "Config") -> tuple[Effective, ...]:
    """One entry a route, in order, and the file's own settings at the end."""
    routes = (_of_route(config, n, route) for n, route in enumerate(config.routes))
    return (*routes, _of_file(config))


def overlay(base: S, given: Section | None) -> S:
    """base with the members that were given, at every depth, in place of its own."""
    if given is None:
        return base
    changes = {name: _member(base, given, name) for name in given.model_fields_set}
    return base.model_copy(update=changes)


def _member(base: Section, given: Section, name: str) -> object:
    old, new = getattr(base, name), getattr(given, name)
    if isinstance(old, Section) and isinstance(new, Section):
        return overlay(old, new)
    return new


def _of_file(config: "Config") -> Effective:
    return Effective(
        name="default",
        patterns=None,
        prefer="transparent",
        stations=config.stations,
        csms=config.csms,
        validation=config.validation,
        profiles=config.profiles,
        translation=config.translation,
        extensions=config.extensions,
    )


def _of_route(config: "Config", number: int, route: "Route") -> Effective:
    return Effective(
        name=f"routes[{number}]",
        patterns=_patterns(route, config.stations.id_case_insensitive),
        prefer=route.prefer,
        stations=overlay(config.stations, route.stations),
        csms=overlay(config.csms, route.csms),
        validation=route.validation or config.validation,
        profiles=config.profiles if route.profiles is None else route.profiles,
        translation=overlay(config.translation, route.translation),
        extensions=overlay(config.extensions, route.extensions),
    )


def _patterns(
    route: "Route", ignore_case: bool
) -> tuple[re.Pattern[str], re.Pattern[str] | None, re.Pattern[str] | None]:
    flags = re.IGNORECASE if ignore_case else re.NOFLAG
    stations = re.compile("|".join(_wildcards(p) for p in route.patterns), flags)
    return stations, _optional(route.vendor), _optional(route.model)


def _optional(pattern: str | None) -> re.Pattern[str] | None:
    return None if pattern is None else re.compile(_wildcards(pattern), re.IGNORECASE)


def _wildcards(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


def _fits(pattern: re.Pattern[str] | None, value: str | None) -> bool:
    return pattern is None or (value is not None and pattern.fullmatch(value) is not None)
