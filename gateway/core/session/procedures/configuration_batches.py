"""Variables read and written in batches that a 2.0.1 station takes (translation-csms 6.2, 6.4)."""

from collections.abc import Generator, Sequence
from typing import Any, TypeVar

import orjson

from gateway.core.dialects import OCCURRENCE_VIOLATION, Side
from gateway.core.frames import JsonObject
from gateway.core.mapping.variables import ACTUAL, Attribute, variable_of
from gateway.core.session.desk import Desk
from gateway.core.session.device_model import DeviceModel
from gateway.core.session.exchange import Exchange
from gateway.core.session.requests import Outcome, Reply, Request

T = TypeVar("T")
Steps = Generator[Request, Any, T]
"""A part of a procedure that comes to a result."""

_MESSAGE_ID = "0" * 36


class NoResult(Exception):
    """A call of the exchange ended without a result; the exchange ends by translation-csms 1.2."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.outcome.value)
        self.reply = reply


class Results:
    """What a station said of attributes, whatever the order it said it in."""

    def __init__(self) -> None:
        self._results: dict[Attribute, JsonObject] = {}

    def take(self, results: Sequence[JsonObject]) -> None:
        for result in results:
            variable = variable_of(result["component"], result["variable"])
            kind = result.get("attributeType", ACTUAL)
            self._results[Attribute(variable.folded, kind)] = result

    def of(self, attribute: Attribute) -> JsonObject | None:
        return self._results.get(Attribute(attribute.variable.folded, attribute.type))


def opened(desk: Desk) -> float:
    """When the station's present leg came up."""
    leg = desk.legs.get(Side.STATION)
    return 0.0 if leg is None else leg.opened


def query(attribute: Attribute) -> JsonObject:
    """GetVariableDataType of 2.0.1."""
    variable, kind = attribute
    return {
        "attributeType": kind,
        "component": variable.component_json,
        "variable": variable.variable_json,
    }


def next_batch(desk: Desk, action: str, member: str, items: Sequence[JsonObject]) -> int:
    """How many of the items, from the first, go into one message; never none."""
    model = DeviceModel(desk.bindings)
    items_at_most = min(len(items), model.items_per_message(action, opened(desk)))
    bytes_at_most = model.bytes_per_message(action)
    size = len(orjson.dumps([2, _MESSAGE_ID, action, {member: []}]))
    for count in range(items_at_most):
        size += len(orjson.dumps(items[count])) + (count > 0)
        if size > bytes_at_most and count:
            return count
    return items_at_most


def read_variables(x: Exchange, attributes: Sequence[Attribute]) -> Steps[Results]:
    """Ask the station for attributes, each once, in order. Raises NoResult.

    A batch that is too large for it is halved, for as long as its link lasts.
    """
    found = Results()
    action = x.direction.action
    waiting = [query(attribute) for attribute in dict.fromkeys(attributes)]
    while waiting:
        count = next_batch(x.desk, action, "getVariableData", waiting)
        reply: Reply = yield x.ask(x.request({"variable_queries": waiting[:count]}))
        results = reply.payload.get("getVariableResult", [])
        if count > 1 and _is_too_large(reply, results):
            DeviceModel(x.desk.bindings).halve(action, count, opened(x.desk))
            continue
        if reply.outcome is not Outcome.RESULT:
            raise NoResult(reply)
        found.take(results)
        waiting = waiting[count:]
    return found


def _is_too_large(reply: Reply, results: Sequence[JsonObject]) -> bool:
    if reply.error is not None:
        return reply.error.code == OCCURRENCE_VIOLATION
    return any(reason_of(result) == "TooManyElements" for result in results)


def reason_of(result: JsonObject) -> str:
    """The reasonCode of a variable's result."""
    return str((result.get("attributeStatusInfo") or {}).get("reasonCode", ""))
