"""1.6 configuration keys and their places in the device model of 2.0.1 (translation-csms 6 to 8).

One table, seen from two sides: a 1.6 CSMS names keys, a 2.0.1 CSMS names variables. `key_loader.py`
makes it of mappings/configuration/*.yaml; operators' keys and vendor overlays lie on top.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from gateway.core.errors import MappingError, Place
from gateway.core.mapping.key_values import Values
from gateway.core.mapping.variables import ACTUAL, Attribute, Variable

LEGACY_COMPONENT = "OCPP16LegacyCtrlr"
"""Component for 1.6 keys that 2.0.1 has no variable for."""

READ_ONLY, READ_WRITE, WRITE_ONLY = "RO", "RW", "WO"
PHASE_ROTATION = "phase_rotation"


class Kind(StrEnum):
    """What stands for a key in 2.0.1; the word that the row uses."""

    VARIABLE = "variable"  # an attribute of a variable
    CREDENTIAL = "credential"  # the same, through the credential procedure only
    LEGACY = "legacy"  # a variable of LEGACY_COMPONENT
    COMPOSITE = "composite"  # several variables
    LIMIT = "limit_of"  # a variable's maxLimit
    COUNT = "count_of"  # the number of items in its valuesList
    LIST = "list_of"  # its valuesList
    GATEWAY = "gateway"  # nothing: the gateway knows the value


COMPUTED = frozenset({Kind.LIMIT, Kind.COUNT, Kind.LIST})
"""Kinds whose value is a characteristic; nobody can write it."""


class Data(NamedTuple):
    """How one version describes a value.

    type, unit, access: as that version spells them; min, max: limits; values: its valuesList, or
    "measurands" for those that both versions have.
    """

    type: str = "string"
    access: str = READ_WRITE
    unit: str = ""
    min: int | None = None
    max: int | None = None
    values: str = ""


UNDESCRIBED = Data()


class Also(NamedTuple):
    """A variable that is written along and never decides; when: option that switches it on."""

    variable: Variable
    when: str


class Absent(NamedTuple):
    """The value of a key that the station does not have; when: option that must be on."""

    when: str
    value: str


@dataclass(frozen=True, slots=True)
class Key:
    """One 1.6 key.

    attribute: of the kinds that have one variable; named: of a composite or of what the gateway
    knows. others: places tried in order where the station does not know the first. data201: None
    where 2.0.1 has nothing to describe. from_table: a row of mappings/, not an operator's.
    """

    name: str
    kind: Kind
    place: Place
    attribute: Attribute | None = None
    named: str = ""
    via: str = "string"
    data16: Data = UNDESCRIBED
    data201: Data | None = None
    profile: str = ""
    origin: str = ""
    required: bool = False
    others: tuple[Variable, ...] = ()
    also: tuple[Also, ...] = ()
    never_written: bool = False
    absent: Absent | None = None
    tells: str = ""
    from_table: bool = True

    @property
    def variable(self) -> Variable | None:
        return None if self.attribute is None else self.attribute.variable

    @property
    def places(self) -> tuple[Attribute, ...]:
        """Where to look for it, in order; empty for composites and what the gateway knows."""
        if self.attribute is None:
            return ()
        kind = self.attribute.type
        return (self.attribute, *(Attribute(variable, kind) for variable in self.others))


class Member(NamedTuple):
    """A part of a JSON key. path: below the object; number: it is a JSON number, else text."""

    path: tuple[str, ...]
    variable: Variable
    number: bool = False


@dataclass(frozen=True, slots=True)
class Composite:
    """A JSON key whose members are variables; the first one decides.

    per_language: the key is written `<key>,<lang>`, each variable has that instance.
    lose: path of a member that 2.0.1 has no variable for -> why.
    """

    name: str
    members: tuple[Member, ...]
    per_language: bool = False
    lose: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    def members_in(self, language: str | None) -> tuple[Member, ...]:
        if language is None:
            return self.members
        return tuple(
            member._replace(variable=member.variable._replace(variable_instance=language))
            for member in self.members
        )


class Rotation(NamedTuple):
    """Where PhaseRotation stands: of the station, an EVSE, a connector of an EVSE with several."""

    station: Variable
    evse: Variable
    connector: Variable


class Found(NamedTuple):
    """A key as named by a peer. language: behind the comma of a key per language."""

    key: Key
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A variable that the gateway adds to what a 2.0.1 CSMS sees of a 1.6 station.

    per: station, evse or connector. source, of: where the value comes from (`key_loader.SOURCES`);
    max_option: option with its maxLimit.
    """

    variable: Variable
    data: Data
    source: str
    of: tuple[str, ...]
    place: Place
    per: str = "station"
    default: str | None = None
    max_option: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """1.6 keys that the row names: the value follows from them."""
        if self.source in ("key", "has_key"):
            return self.of
        return self.of[1:] if self.source == "rule" else ()


class Wanted(NamedTuple):
    """What a 2.0.1 station is set to when it boots. how: equal, same_set or contains."""

    variable: Variable
    how: str
    value: str
    unless: str = ""


@dataclass(frozen=True, eq=False)
class KeyTable:
    """All of mappings/configuration. keys: in the order of the file, operators' keys behind."""

    keys: tuple[Key, ...] = ()
    composites: Mapping[str, Composite] = field(default_factory=dict)
    rotation: Rotation | None = None
    values: Values = field(default_factory=Values)
    protected16: frozenset[str] = frozenset()
    protected201: frozenset[Variable] = frozenset()
    shown: tuple[Shown, ...] = ()
    availability: Mapping[str, str] = field(default_factory=dict)
    provision: tuple[Wanted, ...] = ()

    @cached_property
    def metered(self) -> frozenset[str]:
        """Measurands whose newest value the shown model tells."""
        return frozenset(shown.of[0] for shown in self.shown if shown.source == "meter")

    # -- a 1.6 peer names a key --------------------------------------------------------------

    @cached_property
    def _by_name(self) -> dict[str, Key]:
        return {key.name.casefold(): key for key in self.keys}

    def find(self, name: str) -> Found | None:
        """The key of that name, in whatever case; a key per language needs its language."""
        key = self._by_name.get(name.casefold())
        if key is not None:
            return None if self.is_per_language(key) else Found(key)
        base, comma, language = name.partition(",")
        key = self._by_name.get(base.strip().casefold())
        if key is None or not comma or not language.strip() or not self.is_per_language(key):
            return None
        return Found(key, language.strip())

    def is_per_language(self, key: Key) -> bool:
        """Whether the key's name alone is no key."""
        composite = self.composites.get(key.named)
        return composite is not None and composite.per_language

    def protects16(self, name: str) -> bool:
        """Whether nobody writes that 1.6 key through the gateway."""
        return name.casefold() in self.protected16

    # -- a 2.0.1 peer names a variable -------------------------------------------------------

    @cached_property
    def _by_variable(self) -> dict[Variable, Key]:
        kinds = (Kind.VARIABLE, Kind.CREDENTIAL, Kind.LEGACY)
        found = {
            key.attribute.variable.folded: key
            for key in self.keys
            if key.attribute is not None and key.kind in kinds and key.from_table
        }
        for key in self.keys:
            for variable in key.others:
                found.setdefault(variable.folded, key)
        return found

    @cached_property
    def _characteristics(self) -> dict[tuple[Kind, Variable], Key]:
        return {
            (key.kind, key.attribute.variable.folded): key
            for key in self.keys
            if key.kind in COMPUTED and key.attribute is not None
        }

    @cached_property
    def _members(self) -> dict[Variable, tuple[Key, Member]]:
        found = {}
        for key in self.keys:
            composite = self.composites.get(key.named)
            if composite is None:
                continue
            for member in composite.members:
                variable = member.variable.folded
                if composite.per_language:
                    variable = variable._replace(variable_instance="")
                found[variable] = (key, member)
        return found

    def of_variable(self, variable: Variable) -> Key | None:
        """The key whose value is that variable's Actual."""
        return self._by_variable.get(variable.folded)

    def member_of(self, variable: Variable) -> tuple[Found, Member] | None:
        """The JSON key that the variable is a part of, and which part."""
        folded = variable.folded
        found = self._members.get(folded)
        if found is not None:
            return Found(found[0]), found[1]
        language = variable.variable_instance
        if language is None:
            return None
        found = self._members.get(folded._replace(variable_instance=""))
        if found is None:
            return None
        key, member = found
        variable = member.variable._replace(variable_instance=language)
        return Found(key, language), member._replace(variable=variable)

    def characteristic(self, kind: Kind, variable: Variable) -> Key | None:
        """The key that tells a variable's maxLimit (LIMIT) or valuesList (LIST)."""
        return self._characteristics.get((kind, variable.folded))

    def key_named(self, named: str) -> Key | None:
        """The key of a composite, or of what the gateway knows under that word."""
        return next((key for key in self.keys if key.named == named), None)

    @cached_property
    def components(self) -> frozenset[str]:
        """Folded names of components that keys have variables of."""
        variables = [*self._by_variable, *self._members]
        return frozenset(variable.component for variable in variables)

    def protects(self, variable: Variable) -> bool:
        """Whether nobody writes that variable through the gateway (a tunnel included).

        Whatever its instance is; and neither a station's setting of that name for its 1.6 side.
        """
        folded = variable.folded
        if folded.component == LEGACY_COMPONENT.casefold():
            return self.protects16(folded.variable)
        return Variable(folded.component, folded.variable) in self.protected201

    def is_credential(self, variable: Variable) -> bool:
        """Whether it is written by the credential procedure only, or a key for 1.6 that is."""
        folded = variable.folded
        key = self.of_variable(folded)
        if key is None and folded.component == LEGACY_COMPONENT.casefold():
            key = self._by_name.get(folded.variable)
        return key is not None and key.kind is Kind.CREDENTIAL

    # -- names -------------------------------------------------------------------------------

    @cached_property
    def _spellings(self) -> tuple[dict[Variable, Variable], dict[str, str]]:
        known = [attribute.variable for key in self.keys for attribute in key.places]
        known += [shown.variable for shown in self.shown]
        known += [m.variable for c in self.composites.values() for m in c.members]
        known += self.rotation or ()
        components = {variable.component.casefold(): variable.component for variable in known}
        return {variable.folded: variable for variable in known}, components

    def spelled(self, variable: Variable) -> Variable:
        """The variable in the standard's spelling, as far as the table knows it."""
        variables, components = self._spellings
        known = variables.get(variable._replace(evse=None, connector=None).folded)
        if known is not None:
            return known._replace(evse=variable.evse, connector=variable.connector)
        component = components.get(variable.component.casefold(), variable.component)
        return variable._replace(component=component)

    # -- layers ------------------------------------------------------------------------------

    def layered(self, keys: Iterable[Key]) -> "KeyTable":
        """The table with further keys on top; one of a known name takes its place."""
        above = {key.name.casefold(): key for key in keys}
        if not above:
            return self
        kept = [above.pop(key.name.casefold(), key) for key in self.keys]
        return replace(self, keys=(*kept, *above.values()))


EMPTY = KeyTable()


def ambiguities(table: KeyTable) -> Iterator[MappingError]:
    """Every pair of rows that a name or a variable could mean alike."""
    names: dict[str, Place] = {}
    places: dict[object, tuple[str, Place]] = {}
    for key in table.keys:
        if (first := names.setdefault(key.name.casefold(), key.place)) is not key.place:
            yield MappingError(f"{key.name} is a key already, {first}", key.place, "one of the two")
        for claim in _claims(table, key):
            named, first = places.setdefault(claim, (key.name, key.place))
            if named != key.name:
                message = f"{key.name} has the same place as {named}, {first}"
                yield MappingError(message, key.place, "one key for each place")
    for shown in table.shown:
        claim = (ACTUAL, shown.variable.folded, shown.per)
        named, first = places.setdefault(claim, (str(shown.variable), shown.place))
        taken = places.get((ACTUAL, shown.variable.folded))
        if first is not shown.place or taken is not None:
            other = taken[0] if taken is not None else "another line"
            message = f"{shown.variable} is shown already, by {other}"
            yield MappingError(message, shown.place, "one source for each variable")


def _claims(table: KeyTable, key: Key) -> Iterator[object]:
    if key.kind in COMPUTED and key.attribute is not None:
        yield key.kind, key.attribute.variable.folded
    elif key.attribute is not None:
        yield key.attribute.type, key.attribute.variable.folded
    composite = table.composites.get(key.named)
    for member in composite.members if composite is not None else ():
        if composite is not None and not composite.per_language:
            yield ACTUAL, member.variable.folded
