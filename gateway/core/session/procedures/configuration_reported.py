"""What a report tells of a 1.6 station: its keys as variables, and the gateway's own (6.6).

Spec: translation-csms 6.6, the table of reportData fields.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from gateway.core.frames import JsonObject
from gateway.core.mapping.key_values import VALUE201_MAX, items_of
from gateway.core.mapping.keys import (
    COMPUTED,
    LEGACY_COMPONENT,
    WRITE_ONLY,
    Data,
    Key,
    Kind,
    Shown,
)
from gateway.core.mapping.variables import ACTUAL, LONGEST_NAME, Variable
from gateway.core.numbers import decimal, json_number
from gateway.core.session.configuration16 import Configuration16
from gateway.core.session.procedures.configuration_keys import Told
from gateway.core.session.procedures.configuration_shown import Model, Target
from gateway.core.session.procedures.configuration_variables import value_of

VALUES_LIST_MAX = 1000
MEASURANDS = "measurands"
_UNMAPPED = Data()


class Reported(NamedTuple):
    """One item of a report. shown: of the gateway's own variables."""

    variable: Variable
    mutability: str
    value: str | None
    characteristics: JsonObject
    shown: Shown | None = None

    @property
    def json(self) -> JsonObject:
        """ReportDataType of 2.0.1."""
        attribute: JsonObject = {"type": ACTUAL}
        if self.value is not None:
            attribute["value"] = self.value[:VALUE201_MAX]
        attribute["mutability"] = self.mutability
        attribute["persistent"] = self.shown is None
        attribute["constant"] = False
        return {
            "component": self.variable.component_json,
            "variable": self.variable.variable_json,
            "variableAttribute": [attribute],
            "variableCharacteristics": self.characteristics,
        }


def reported(model: Model, told: Told) -> list[Reported]:
    """Everything that is shown, in order. told: keys that the station just told of."""
    items = {item.variable.folded: item for item in _own(model)}
    items |= {item.variable.folded: item for item in _keys(model, told)}
    return sorted(items.values(), key=lambda item: item.variable.order)


# -- the gateway's own variables --------------------------------------------------------------


def _own(model: Model) -> Iterator[Reported]:
    for variable, shown in model.expanded():
        value = model.own.value(shown, variable)
        if value is None:
            continue
        limits = {} if (limit := model.own.max_limit(shown)) is None else {"maxLimit": limit}
        known = {**_characteristics(model, variable, shown.data), **limits}
        yield Reported(variable, "ReadOnly", value, known, shown)


# -- keys -------------------------------------------------------------------------------------


def _keys(model: Model, told: Told) -> Iterator[Reported]:
    for row in told.rows:
        for target in _targets(model, row):
            yield _of_key(model, target, row)


def _targets(model: Model, row: JsonObject) -> Iterator[Target]:
    """The variables that a key is shown as; none for those that only describe another one."""
    name = row["key"]
    found = model.table.find(name)
    if found is None:
        yield Target(Variable(LEGACY_COMPONENT, name[:LONGEST_NAME]), name)
        return
    key, language = found
    if key.kind is Kind.GATEWAY or key.kind is Kind.COUNT:
        yield Target(Variable(LEGACY_COMPONENT, key.name), key.name, access=key.data16.access)
    elif key.kind is Kind.COMPOSITE:
        targets = model.parts(key, language)
        yield from (target for target in targets if value_of(model, target, row) is not None)
    elif key.kind not in COMPUTED and key.variable is not None:
        target = model.find(key.variable)
        if isinstance(target, Target):
            yield target


def _of_key(model: Model, target: Target, row: JsonObject) -> Reported:
    data = _UNMAPPED if target.key is None else target.key.data201 or _UNMAPPED
    known = _characteristics(model, target.variable, data)
    if target.access == WRITE_ONLY:
        return Reported(target.variable, "WriteOnly", None, known)
    mutability = "ReadOnly" if row["readonly"] else "ReadWrite"
    return Reported(target.variable, mutability, value_of(model, target, row) or "", known)


# -- characteristics --------------------------------------------------------------------------


def _characteristics(model: Model, variable: Variable, data: Data) -> JsonObject:
    known: JsonObject = {"dataType": data.type, "supportsMonitoring": False}
    if data.unit:
        known["unit"] = data.unit
    if data.min is not None:
        known["minLimit"] = data.min
    limit = _told_limit(model, variable)
    if limit is None:
        limit = data.max
    if limit is not None:
        known["maxLimit"] = limit
    values = _told_values(model, variable) or _values(model, data)
    if values:
        known["valuesList"] = values[:VALUES_LIST_MAX]
    return known


def _told_limit(model: Model, variable: Variable) -> Any:
    """maxLimit as the key tells it that stands for it."""
    text = _told(model, Kind.LIMIT, variable)
    try:
        return None if text is None else json_number(decimal(text))
    except ValueError:
        return None


def _told_values(model: Model, variable: Variable) -> str:
    return ",".join(items_of(_told(model, Kind.LIST, variable) or ""))


def _told(model: Model, kind: Kind, variable: Variable) -> str | None:
    key: Key | None = model.table.characteristic(kind, variable)
    return None if key is None else Configuration16(model.bindings, model.table).value(key.name)


def _values(model: Model, data: Data) -> str:
    if data.values == MEASURANDS:
        return ",".join(sorted(model.table.values.common))
    return data.values
