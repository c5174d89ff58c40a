"""answer: the gateway itself answers what has no counterpart, unless an envelope brings an answer.

The answer is what the map's `response` rows fill. Parameters:

    by: tunnel | pnc | none     who is asked first (tunnel.py, pnc.py); default the tunnel
        asked_by_tunnel           the tunnel, if the request of this report came that way
    at_once: true               answered before anybody is asked: a report (station part 3.13)
    items: {of, to, ...}        one answer per item of the request's list `of`, in its order, as the
                                state value `item_results`:
      copy: [members]             members of the item that its answer repeats
      as: member                  the item itself, where it is no object
      status: STATUS              what becomes of it
      shown: true                 unless the model shown of the station lacks its variable

Spec: translation-station 2.1, 3.13; translation-csms 2.2, 3.15, 3.16.
"""

from collections.abc import Callable, Generator, Mapping
from typing import Any

from gateway.core.frames import JsonObject
from gateway.core.mapping.variables import variable_of
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.configuration_shown import Model
from gateway.core.session.procedures.cost_to_v16 import PRICE
from gateway.core.session.procedures.pnc import by_envelope
from gateway.core.session.procedures.tunnel import (
    back_through_tunnel,
    end_of_report,
    through_tunnel,
)
from gateway.core.session.requests import Answer, Ask, Procedure, Reply

RULE = "answered_here"
_Asking = Callable[[Exchange], Generator[Ask, Reply, JsonObject | None]]


def _nobody(x: Exchange) -> Generator[Ask, Reply, JsonObject | None]:
    yield from ()
    return None


_BY: Mapping[str, _Asking] = {
    "tunnel": through_tunnel,
    "asked_by_tunnel": back_through_tunnel,
    "pnc": by_envelope,
    "none": _nobody,
}


def answer(x: Exchange) -> Procedure:
    params = x.direction.params
    asking = _BY[params.get("by", "tunnel")]
    if params.get("at_once"):
        yield own_answer(x)
        yield from asking(x)
        end_of_report(x)
        return
    found = yield from asking(x)
    yield own_answer(x) if found is None else Answer(found)


def forget(x: Exchange) -> Procedure:
    """answer, and where the CSMS wants a customer's data cleared, the gateway's own go too.

    Parameters: `clear` and `token`, members of the request. Spec: translation-csms 3.15.
    """
    params, desk = x.direction.params, x.desk
    token = x.payload.get(params["token"])
    if x.payload[params["clear"]] and token is not None:
        tag = desk.bindings.tokens.forget(token["idToken"])
        for name in {tag.lower(), token["idToken"].lower()}:
            desk.authorized.pop(name, None)
            desk.bindings.table.drop(PRICE, name)
    yield from answer(x)


def own_answer(x: Exchange) -> Answer:
    """The answer by the map alone."""
    items = x.direction.params.get("items")
    state = {} if items is None else {"item_results": _results(x, items)}
    return Answer(x.response({}, state), rule=RULE)


def _results(x: Exchange, rules: Mapping[str, Any]) -> list[JsonObject]:
    model = Model(x.desk) if rules.get("shown") else None
    return [_result(rules, model, item) for item in x.payload[rules["of"]]]


def _result(rules: Mapping[str, Any], model: Model | None, item: Any) -> JsonObject:
    if "as" in rules:
        return {rules["as"]: item, "status": rules["status"]}
    status = rules["status"]
    if model is not None:
        found = model.find(variable_of(item["component"], item["variable"]))
        status = found if isinstance(found, str) else status
    return {"status": status, **{name: item[name] for name in rules["copy"] if name in item}}
