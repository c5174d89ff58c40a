"""get_variables: a 2.0.1 CSMS reads variables of a 1.6 station (translation-csms 6.6).

The gateway's own variables are answered from memory; the keys that the others stand for are read
with as few calls as the station allows. Results stand in the order of the request.
"""

from gateway.core.frames import JsonObject
from gateway.core.mapping.key_values import VALUE201_MAX, readable201
from gateway.core.mapping.keys import WRITE_ONLY
from gateway.core.mapping.variables import ACTUAL, variable_of
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.configuration_batches import NoResult
from gateway.core.session.procedures.configuration_keys import Told, read_keys
from gateway.core.session.procedures.configuration_members import member_at, rotation_at
from gateway.core.session.procedures.configuration_shown import (
    UNKNOWN_VARIABLE,
    Model,
    Target,
)
from gateway.core.session.requests import Answer, Procedure

WRONG_ATTRIBUTE = "NotSupportedAttributeType"
Found = Target | str
"""What an item names, or the attributeStatus that it gets at once."""


def get_variables(x: Exchange) -> Procedure:
    model = Model(x.desk)
    items = x.payload["getVariableData"]
    found = [find(model, item) for item in items]
    names = list(dict.fromkeys(name for target in found for name in _needed(model, target)))
    try:
        told = yield from read_keys(x, model.table, x.direction.action, names)
    except NoResult as end:
        yield x.conclude(end.reply)
        return
    results = [
        _result(item, model, target, told) for item, target in zip(items, found, strict=True)
    ]
    yield Answer(x.response({}, {"variable_results": results}), losses=tuple(x.lost))


def find(model: Model, item: JsonObject) -> Found:
    """What an item of a request names."""
    if item.get("attributeType", ACTUAL) != ACTUAL:
        return WRONG_ATTRIBUTE
    return model.find(variable_of(item["component"], item["variable"]))


def echoed(item: JsonObject, status: str, reason: str = "") -> JsonObject:
    """A result: component and variable as they were asked for."""
    result = {
        "component": item["component"],
        "variable": item["variable"],
        "attributeType": item.get("attributeType", ACTUAL),
        "attributeStatus": status,
    }
    if reason:
        result["attributeStatusInfo"] = {"reasonCode": reason}
    return result


def value_of(model: Model, target: Target, row: JsonObject) -> str | None:
    """The 2.0.1 value of a key, or of a part of one; None: the station gave none."""
    text = row.get("value")
    if text is None:
        return None
    if target.member is not None:
        return member_at(text, target.member)
    if target.connector is not None:
        return rotation_at(text, target.connector, model.table.values)
    return readable201(target.via, text, model.table.values)


def _needed(model: Model, target: Found) -> tuple[str, ...]:
    """1.6 keys to read."""
    if isinstance(target, str) or target.access == WRITE_ONLY:
        return ()
    if target.shown is not None:
        return model.own.unread(target.shown)
    return (target.name,)


def _result(item: JsonObject, model: Model, target: Found, told: Told) -> JsonObject:
    if isinstance(target, str):
        return echoed(item, target)
    if target.access == WRITE_ONLY:
        return echoed(item, "Rejected", "WriteOnly")
    reasons = [reason for name in _needed_names(model, target) if (reason := told.refused(name))]
    if reasons:
        return echoed(item, "Rejected", reasons[0])
    if target.shown is not None:
        value = model.own.value(target.shown, target.variable)
    else:
        row = told.row(target.name)
        value = None if row is None else value_of(model, target, row) or ""
    if value is None:
        return echoed(item, UNKNOWN_VARIABLE)
    return {**echoed(item, "Accepted"), "attributeValue": value[:VALUE201_MAX]}


def _needed_names(model: Model, target: Target) -> tuple[str, ...]:
    return model.own.keys(target.shown) if target.shown is not None else (target.name,)
