"""1.6 rows of what a 2.0.1 station said of its variables (translation-csms 6.2, 6.3).

The same fold serves variables that were asked for and variables that a report told of: both are
`Reading`s, looked up by attribute.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

import orjson

from gateway.core.frames import JsonObject
from gateway.core.mapping.key_loader import option_of
from gateway.core.mapping.key_values import (
    VALUE16_MAX,
    cut_list16,
    items_of,
    readable16,
    rotations_text,
)
from gateway.core.mapping.keys import READ_ONLY, Composite, Key, KeyTable, Kind, Member
from gateway.core.mapping.variables import Attribute, Variable
from gateway.core.numbers import decimal, json_number, plain
from gateway.core.session import device_model
from gateway.core.session.bindings import Bindings
from gateway.core.session.device_model import DeviceModel
from gateway.core.session.procedures.configuration_places import (
    Located,
    composite_of,
    rotations_in,
)
from gateway.core.session.procedures.configuration_shadow import shadowed

ACCEPTED, REJECTED, WRITE_ONLY, UNKNOWN = "Accepted", "Rejected", "WriteOnly", ""


class Reading(NamedTuple):
    """status: Accepted, Rejected, WriteOnly; "" where the station does not know the attribute."""

    status: str
    value: str | None = None


Lookup = Callable[[Attribute], Reading]


class Rows:
    """Makes the rows of one answer."""

    def __init__(self, bindings: Bindings, table: KeyTable) -> None:
        self._bindings = bindings
        self._table = table
        self._model = DeviceModel(bindings)

    def row(self, located: Located, lookup: Lookup) -> JsonObject | None:
        """The row of a key, or None where the station does not know it."""
        key = located.key
        if key is None or key.kind in (Kind.VARIABLE, Kind.LEGACY, Kind.CREDENTIAL):
            return self._single(located, lookup) or self._absent(located)
        if key.kind is Kind.GATEWAY:
            return self._of_value(located, self._gateway(key))
        if located.is_computed:
            return self._of_value(located, self._characteristic(key))
        composite = composite_of(self._table, key)
        if composite is None:
            return self._rotations(located, lookup)
        return self._members(located, composite, lookup)

    def asked(self, located: Located) -> tuple[Attribute, ...]:
        """What must be read first; of several places of one variable only the first."""
        if located.kind in (Kind.GATEWAY, Kind.CREDENTIAL) or located.is_computed:
            return ()
        if located.key is not None and located.kind is Kind.COMPOSITE:
            return self._parts(located, located.key)
        if self._table.is_credential(located.attributes[0].variable):
            return ()
        return located.attributes[:1]

    def _parts(self, located: Located, key: Key) -> tuple[Attribute, ...]:
        composite = composite_of(self._table, key)
        if composite is not None:
            members = composite.members_in(located.language)
            return tuple(Attribute(member.variable) for member in members)
        rotation = self._table.rotation
        places = {} if rotation is None else rotations_in(self._bindings, rotation)
        return tuple(Attribute(variable) for variable in places.values())

    # -- one variable ------------------------------------------------------------------------

    def _single(self, located: Located, lookup: Lookup) -> JsonObject | None:
        for attribute in located.attributes:
            if self._table.is_credential(attribute.variable):
                return {"key": located.name, "readonly": False}
            status, value = lookup(attribute)
            if status == WRITE_ONLY:
                return {"key": located.name, "readonly": False}
            if status != UNKNOWN:
                return self._read(located, attribute, value if status == ACCEPTED else None)
        return None

    def _read(self, located: Located, attribute: Attribute, value: str | None) -> JsonObject:
        row: JsonObject = {"key": located.name, "readonly": self._readonly(located, attribute)}
        if value is not None:
            text = shadowed(self._bindings, self._table, located, {attribute.variable: value})
            read = readable16(located.via, value, self._table.values)
            row["value"] = read if text is None else text
        return row

    def _readonly(self, located: Located, attribute: Attribute) -> bool:
        """The station's word, else the table's; an unknown name counts as writable."""
        key = located.key
        if key is not None and key.never_written:
            return True
        mutability = self._model.attribute(attribute).get("mutability")
        if mutability is not None:
            return bool(mutability == device_model.READ_ONLY)
        return key is not None and key.data16.access == READ_ONLY and key.from_table

    def _absent(self, located: Located) -> JsonObject | None:
        """A key that the gateway can answer for a station that lacks it."""
        absent = None if located.key is None else located.key.absent
        if absent is None or not option_of(self._bindings.settings, absent.when):
            return None
        return self._of_value(located, absent.value)

    # -- what nobody is asked for ------------------------------------------------------------

    def _of_value(self, located: Located, value: str | None) -> JsonObject | None:
        if value is None:
            return None
        return {"key": located.name, "readonly": True, "value": value[:VALUE16_MAX]}

    def _gateway(self, key: Key) -> str | None:
        connectors = len(self._bindings.numbering)
        if key.named == "phase_rotations":
            rotation = self._table.rotation
            known = rotation is not None and self._model.has_variable(rotation.station.variable)
            return str(connectors + 1) if known else None
        profiles = self._table.values.profiles
        return {
            "connectors": str(connectors),
            "max_keys": str(self._bindings.settings.getconfig.max_keys),
            "feature_profile_count": str(len(profiles)),
            "feature_profiles": ",".join(p.name for p in profiles if self._has(p.component)),
        }[key.named]

    def _has(self, component: str) -> bool:
        """Whether the station has what stands for a feature profile; told nothing, it has."""
        if not component or not self._model.is_told:
            return True
        available = self._model.value(Variable(component, "Available")) or ""
        return self._model.has_component(component) and available.strip().lower() != "false"

    def _characteristic(self, key: Key) -> str | None:
        if key.variable is None:
            return None
        known = self._model.characteristics(key.variable)
        if key.kind is Kind.LIMIT:
            limit = known.get("maxLimit")
            return None if limit is None else plain(decimal(limit))
        values = known.get("valuesList")
        if values is None:
            return None
        items = items_of(values)
        return str(len(items)) if key.kind is Kind.COUNT else cut_list16(items)

    # -- composites --------------------------------------------------------------------------

    def _rotations(self, located: Located, lookup: Lookup) -> JsonObject | None:
        rotation = self._table.rotation
        places = {} if rotation is None else rotations_in(self._bindings, rotation)
        found = {n: lookup(Attribute(v)) for n, v in places.items()}
        present = {n: r.value or "" for n, r in found.items() if r.status == ACCEPTED}
        if not present:
            return None
        first = Attribute(places[next(iter(present))])
        values = {places[number]: value for number, value in present.items()}
        text = shadowed(self._bindings, self._table, located, values)
        text = text or rotations_text(present, self._table.values)
        return {"key": located.name, "readonly": self._readonly(located, first), "value": text}

    def _members(self, located: Located, composite: Composite, lookup: Lookup) -> JsonObject | None:
        members = composite.members_in(located.language)
        first = Attribute(members[0].variable)
        deciding = lookup(first)
        if deciding.status == UNKNOWN:
            return None
        readonly = False if deciding.status == WRITE_ONLY else self._readonly(located, first)
        row: JsonObject = {"key": located.name, "readonly": readonly}
        if deciding.status != ACCEPTED:
            return row
        found = [(member, lookup(Attribute(member.variable))) for member in members]
        values = {m.variable: r.value or "" for m, r in found if r.status == ACCEPTED}
        text = shadowed(self._bindings, self._table, located, values)
        row["value"] = text or _json_text(
            [(m, r.value or "") for m, r in found if m.variable in values]
        )
        return row


def _json_text(values: list[tuple[Member, str]]) -> str:
    """The JSON text of the members; the last ones give way where it would be too long."""
    while True:
        text = orjson.dumps(_object(values)).decode()
        if len(text) <= VALUE16_MAX:
            return text
        if len(values) > 1:
            values = values[:-1]
        else:
            member, value = values[0]
            values = [(member, value[: len(value) - (len(text) - VALUE16_MAX)])]


def _object(values: list[tuple[Member, str]]) -> JsonObject:
    made: JsonObject = {}
    for member, value in values:
        known = _member_value(member, value)
        if known is None:
            continue
        scope = made
        for name in member.path[:-1]:
            scope = scope.setdefault(name, {})
        scope[member.path[-1]] = known
    return made


def _member_value(member: Member, value: str) -> Any:
    if not member.number:
        return value
    try:
        number: Decimal = decimal(value)
        return json_number(number)
    except ValueError:
        return None
