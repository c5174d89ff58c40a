"""The device model that a 2.0.1 CSMS is shown for a 1.6 station (translation-csms 6.6).

Variables that 1.6 keys stand for, variables that the gateway adds, and one component for keys that
2.0.1 has no variable for.
"""

from collections.abc import Iterator
from typing import NamedTuple

from gateway.core.mapping.keys import (
    LEGACY_COMPONENT,
    PHASE_ROTATION,
    READ_WRITE,
    WRITE_ONLY,
    Found,
    Key,
    KeyTable,
    Kind,
    Member,
    Shown,
)
from gateway.core.mapping.variables import Variable
from gateway.core.session.desk import Desk
from gateway.core.session.procedures.configuration_own import OwnValues
from gateway.core.session.procedures.configuration_places import rotations_in

UNKNOWN_COMPONENT, UNKNOWN_VARIABLE = "UnknownComponent", "UnknownVariable"


class Target(NamedTuple):
    """What a variable that a CSMS names stands for.

    shown: a variable of the gateway's own; else name: the 1.6 key, key: its row if it has one.
    member: the part of a JSON key; connector: whose phase rotation it is.
    access: RO, RW, WO as the table has it.
    """

    variable: Variable
    name: str = ""
    key: Key | None = None
    via: str = "string"
    access: str = READ_WRITE
    shown: Shown | None = None
    member: Member | None = None
    connector: int | None = None

    @property
    def is_part(self) -> bool:
        """Whether it is a part of a key that has more parts."""
        return self.member is not None or self.connector is not None

    @property
    def is_credential(self) -> bool:
        return self.key is not None and self.key.kind is Kind.CREDENTIAL

    @property
    def is_by_other_name(self) -> bool:
        """A key with a place of its own, named as one that has none."""
        legacy = self.variable.component.casefold() == LEGACY_COMPONENT.casefold()
        return legacy and self.key is not None and self.key.kind is not Kind.LEGACY


class Model:
    """The shown model of one station, for one exchange."""

    def __init__(self, desk: Desk) -> None:
        self.table: KeyTable = desk.revision.maps.keys
        self.own = OwnValues(desk, self.table)
        self.bindings = desk.bindings
        self._own = {v.folded: (v, s) for v, s in self.expanded()}

    def expanded(self) -> Iterator[tuple[Variable, Shown]]:
        """The gateway's own variables, one for each place that they stand for."""
        numbering = self.bindings.numbering
        for shown in self.table.shown:
            variable = shown.variable
            if shown.per == "station":
                yield variable, shown
                continue
            for evse in numbering.evses:
                if shown.per == "evse":
                    yield variable._replace(evse=evse), shown
                    continue
                for connector in numbering.connectors(evse):
                    yield variable._replace(evse=evse, connector=connector), shown

    def find(self, variable: Variable) -> Target | str:
        """What a variable stands for; else UNKNOWN_COMPONENT or UNKNOWN_VARIABLE."""
        if variable.component.casefold() == LEGACY_COMPONENT.casefold():
            return self._legacy(variable)
        found = self._rotation(variable) or self._of_key(variable) or self._of_gateway(variable)
        return found if found is not None else self._unknown(variable)

    def parts(self, key: Key, language: str | None) -> Iterator[Target]:
        """The variables that a composite key is shown as."""
        composite = self.table.composites.get(key.named)
        if composite is None:
            places = rotations_in(self.bindings, self.table.rotation) if self.table.rotation else {}
            for number, place in places.items():
                yield Target(place, key.name, key, access=_access(key), connector=number)
        elif composite.per_language is (language is not None):
            found = Found(key, language)
            for member in composite.members_in(language):
                yield self._part(found, member)

    def _legacy(self, variable: Variable) -> Target | str:
        if (variable.instance, variable.evse) != (None, None):
            return UNKNOWN_COMPONENT
        if variable.variable_instance is not None:
            return UNKNOWN_VARIABLE
        found = self.table.find(variable.variable)
        if found is None:
            return Target(variable, variable.variable)
        key, language = found
        name = key.name if language is None else f"{key.name},{language}"
        via = key.via if key.kind is Kind.LEGACY else "string"
        return Target(variable, name, key, via, _access(key))

    def _rotation(self, variable: Variable) -> Target | None:
        key = self.table.key_named(PHASE_ROTATION)
        targets = () if key is None else self.parts(key, None)
        return next((t for t in targets if t.variable.folded == variable.folded), None)

    def _of_key(self, variable: Variable) -> Target | None:
        key = self.table.of_variable(variable)
        if key is not None and key.variable is not None:
            return Target(key.variable, key.name, key, key.via, _access(key))
        part = self.table.member_of(variable)
        if part is None:
            return None
        return self._part(*part)

    def _part(self, found: Found, member: Member) -> Target:
        key, language = found
        name = key.name if language is None else f"{key.name},{language}"
        place = member.variable
        return Target(place, name, key, "string", _access(key), member=member)

    def _of_gateway(self, variable: Variable) -> Target | None:
        found = self._own.get(variable.folded)
        if found is None or not self.own.is_shown(found[1], found[0]):
            return None
        return Target(found[0], shown=found[1], access=found[1].data.access)

    def _unknown(self, variable: Variable) -> str:
        where = variable.folded[3:]
        name = variable.component.casefold()
        if where == (None, None, None) and name in self.table.components:
            return UNKNOWN_VARIABLE
        known = any(
            own.component == name and own[3:] == where and self.own.is_shown(shown, v)
            for own, (v, shown) in self._own.items()
        )
        return UNKNOWN_VARIABLE if known else UNKNOWN_COMPONENT


def _access(key: Key) -> str:
    """What 2.0.1 may do with it; the 1.6 side's word where 2.0.1 has none."""
    if key.data16.access == WRITE_ONLY:
        return WRITE_ONLY
    return key.data16.access if key.data201 is None else key.data201.access
