"""Are the maps complete and right against both message schemas? Everything that is not, at once.

For each direction and part: every field of the source message is read, lost with a reason, used or
refused; every field of the target message is written, or named as one that is never set; what is
required is filled; types, lengths and values agree or a conversion settles it; names exist; a row
can come about. A message that becomes one of several is checked against each of them, since each is
a map of its own.
"""

from collections.abc import Collection, Iterable, Mapping

from gateway.core.dialects import Version
from gateway.core.errors import MappingError, Place
from gateway.core.mapping import conflicts
from gateway.core.mapping.coverage import Fieldset
from gateway.core.mapping.forms import Problems, nearest
from gateway.core.mapping.rows import (
    OTHER,
    REQUEST,
    RESPONSE,
    Field,
    Fields,
    FieldsOf,
    Fills,
    Library,
    MapSource,
    dotted,
    travels,
)
from gateway.core.mapping.scope_check import ScopeCheck


def check(library: Library, fields_of: FieldsOf, names: Collection[str] | None = None) -> Problems:
    """Every problem, in the order of files and lines.

    names: the maps that are meant, where the others are known to be right.
    """
    problems: Problems = []
    for source in library.maps.values():
        if names is None or source.name in names:
            _MapCheck(source, library, fields_of, problems).run()
    _entries(library, problems)
    return sorted(_once(problems), key=lambda p: p.place or Place("", 0))


def _once(problems: Problems) -> Iterable[MappingError]:
    """Both directions often say the same of a row."""
    return {(str(p.place), p.message): p for p in problems}.values()


def _entries(library: Library, problems: Problems) -> None:
    """One map per version and action is the one that an incoming Call opens with."""
    seen: dict[tuple[Version, str], MapSource] = {}
    for source in library.maps.values():
        for version in sorted(source.entry):
            key = version, source.actions[version]
            if key in seen:
                message = f"{key[1]} of OCPP {version} already opens with {seen[key].name}"
                problems.append(MappingError(message, source.place, "entry: lists the versions"))
            seen[key] = source
            if source.only is version:
                message = f"{key[1]} of OCPP {version} opens here, but the map does not leave it"
                problems.append(MappingError(message, source.place, "entry: or only:"))


class _MapCheck:
    """One map file."""

    def __init__(
        self, source: MapSource, library: Library, fields_of: FieldsOf, problems: Problems
    ) -> None:
        self.source = source
        self.library = library
        self.problems = problems
        found: dict[tuple[Version, str], Fields] = {}
        self.fields: Mapping[tuple[Version, str], Fields] = found
        for version, action in source.actions.items():
            for part in (REQUEST, RESPONSE):
                try:
                    found[version, part] = fields_of(version, action, part)
                except KeyError:
                    cure = "the action's name as the standard spells it"
                    self.wrong(source.place, f"OCPP {version} has no action {action!r}", cure)
                    break

    def wrong(self, place: Place, message: str, cure: str = "") -> None:
        self.problems.append(MappingError(message, place, cure))

    def run(self) -> None:
        if len(self.fields) != 2 * len(self.source.actions):
            return
        self._becomes()
        for towards in self.source.directions():
            caller = OTHER[towards]
            if caller not in self.source.actions:
                continue
            for reply in self.source.replies.get(towards, {}).values():
                if reply.payload is not None:
                    self.payload(reply.payload, self.fields[caller, RESPONSE], reply.place)
            self._retry(towards, caller)
            self._absorbed(caller)
            for part in (REQUEST, RESPONSE):
                if self.source.rows[part] or not self.source.becomes:
                    self._part(part, towards)

    def _title(self, part: str, version: Version, place: Place) -> str:
        """An overlay's line may be about several maps of one message."""
        action = self.source.actions.get(version, "nothing")
        told = place.file == self.source.place.file or self.source.name == action
        where = "" if told else f" in the map {self.source.name}"
        return f"{action}.{part} of OCPP {version}{where}"

    def _part(self, part: str, towards: Version) -> None:
        origin, target = travels(part, towards)
        place = self.source.places.get(part, self.source.place)
        sides = {
            version: Fieldset(
                version,
                self.fields.get((version, part), {}),
                "",
                place,
                self._title(part, version, place),
            )
            for version in (origin, target)
        }
        scope = ScopeCheck(self, part, sides[origin], sides[target])
        scope.rows(self.source.rows[part])
        scope.close(sides[origin], sides[target])

    def _becomes(self) -> None:
        for name in self.source.becomes:
            other = self.library.maps.get(name)
            place = self.source.places["becomes"]
            if other is None:
                self.wrong(place, f"there is no map {name}", nearest(name, self.library.maps))
                continue
            for version, action in self.source.actions.items():
                if other.actions.get(version) != action:
                    self.wrong(place, f"{name} is no map of {action} of OCPP {version}")

    def _retry(self, towards: Version, caller: Version) -> None:
        for path in self.source.retry.get(towards, ()):
            if dotted(path) not in self.fields[caller, REQUEST]:
                known = self.fields[caller, REQUEST]
                self.wrong(
                    self.source.places["retry"],
                    f"{self.source.actions[caller]} of OCPP {caller} has no field {dotted(path)}",
                    nearest(dotted(path), known),
                )

    def _absorbed(self, caller: Version) -> None:
        if not self.source.absorb:
            return
        place, fields = self.source.places["absorb"], self.fields[caller, RESPONSE]
        for name, fills in self.source.absorbed.items():
            if name not in fields:
                self.wrong(place, f"absorb: the answer has no field {name}", nearest(name, fields))
            self.fills(fills, fields.get(name), f"absorb: {name}", place)
        for name, known in fields.items():
            if known.required and "." not in name and name not in self.source.absorbed:
                self.wrong(place, f"absorb: {name} of OCPP {caller} is required", "name it")

    def payload(self, payload: object, fields: Fields, place: Place, prefix: str = "") -> None:
        """A fixed answer against its schema."""
        if not isinstance(payload, dict):
            return
        for name, value in payload.items():
            known = fields.get(prefix + name)
            if known is None:
                self.wrong(place, f"the answer has no field {prefix}{name}")
                continue
            for wrong in conflicts.constant(value, known):
                self.wrong(place, f"{prefix}{name}: {wrong.message}", wrong.cure)
            self.payload(value, fields, place, f"{prefix}{name}.")
        for name, known in fields.items():
            inner = name.removeprefix(prefix)
            member = name.startswith(prefix) and not set(".[") & set(inner)
            if member and known.required and inner not in payload:
                self.wrong(place, f"the answer lacks {name}, which is required")

    def fills(self, fills: Fills, target: Field | None, what: str, place: Place) -> None:
        if target is None:
            return
        for fill in fills:
            for wrong in conflicts.filled(fill, target):
                self.wrong(place, f"{what}: {wrong.message}", wrong.cure)
