"""vendor_data: messages between vendors, by the route table of the station's group.

The first route that matches counts: vendorId as written, else in any case (counted); messageId and
direction where the route names them. No route: the message passes. An answer by the gateway is
given only where a route claims the vendorId. Spec: extensions.md sections 1 and 2.

    then            what becomes of the message
    --------------  -----------------------------------------------------------------------
    pass            goes over; with `data: json` text is parsed on its way to 2.0.1
    map:NAME        goes over, its data converted by a codec of an overlay
    answer:STATUS   answered here
    drop            answered Accepted here and counted
"""

from collections.abc import Iterable
from typing import Any

import orjson

from gateway.core.dialects import Side, Version
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.json_text import value_in
from gateway.core.mapping.codecs import Codec
from gateway.core.session.bindings import Bindings
from gateway.core.session.exchange import Exchange
from gateway.core.session.numbering import CONNECTORS_AT_MOST
from gateway.core.session.procedures.relay import untranslated
from gateway.core.session.procedures.same import same
from gateway.core.session.requests import Answer, Outcome, Procedure, Reply, Request
from gateway.core.settings import DataTransferRoute

ACCEPTED, REJECTED = "Accepted", "Rejected"
ANY_CASE = "vendor_id_case"
MISFIT, EXTENSION = "codec_misfit", "extension"
_DIRECTIONS = {Side.STATION: "from_station", Side.CSMS: "from_csms"}
_JSON, _DROP, _ANSWER, _MAP = "json", "drop", "answer", "map"


def vendor_data(x: Exchange) -> Procedure:
    """A message that is none of those that the gateway itself opens."""
    route = routed(x)
    answer = _answer_of(x, route)
    if answer is None:
        yield from _passed(x, route)
    else:
        yield answer


def same_data(x: Exchange) -> Procedure:
    """The same between peers of one version, where nothing is converted."""
    answer = _answer_of(x, routed(x)) if isinstance(x.payload.get("vendorId"), str) else None
    if answer is None:
        yield from same(x)
    else:
        yield answer


def _answer_of(x: Exchange, route: DataTransferRoute | None) -> Answer | None:
    """What the route says to answer; None: the message passes."""
    if route is None:
        return None
    vendor, message = x.payload["vendorId"], x.payload.get("messageId", "")
    x.desk.note(EXTENSION, f"{vendor} {message}: {route.then}", x.call.action, x.side)
    how, _, argument = route.then.partition(":")
    if _size(x.payload) > (route.max_bytes or float("inf")):
        return Answer({"status": REJECTED}, rule="too_long")
    return Answer({"status": argument or ACCEPTED}, rule=how) if how in (_DROP, _ANSWER) else None


def routed(x: Exchange) -> DataTransferRoute | None:
    """The route of a call, None where none is named."""
    table = [r for r in x.desk.session_settings.extensions.data_transfer if _is_meant(r, x)]
    named: str = x.payload["vendorId"]
    exact = next((route for route in table if route.vendor_id == named), None)
    if exact is not None or not table:
        return exact
    found = next((r for r in table if r.vendor_id.casefold() == named.casefold()), None)
    if found is not None:
        x.repairs = (*x.repairs, ANY_CASE)
    return found


def _is_meant(route: DataTransferRoute, x: Exchange) -> bool:
    return route.direction in (None, _DIRECTIONS[x.side]) and route.message_id in (
        None,
        x.payload.get("messageId"),
    )


def _size(payload: JsonObject) -> int:
    data = payload.get("data")
    if data is None:
        return 0
    return len(data.encode()) if isinstance(data, str) else len(orjson.dumps(data))


def _passed(x: Exchange, route: DataTransferRoute | None) -> Procedure:
    try:
        payload = x.request()
    except Untranslatable as error:
        yield untranslated(x, error)
        return
    if route is not None and "data" in x.payload:
        payload["data"] = _data(x, route, payload["data"])
    reply = yield x.ask(payload)
    yield _answered(x, route, reply)


def _data(x: Exchange, route: DataTransferRoute, standard: Any) -> Any:
    """The data on the other side. standard: as it would be without the route."""
    given, codec = x.payload["data"], _codec(x, route)
    if x.target is Version.V16:
        return standard if codec is None else _fitting(x, codec, _written(x, codec), standard)
    if codec is not None and isinstance(given, str):
        return _fitting(x, codec, codec.to_v201(given, Numbers(x.desk.bindings)), standard)
    return _parsed(given) if route.data == _JSON else standard


def _written(x: Exchange, codec: Codec) -> Any:
    return codec.to_v16(x.payload["data"], Numbers(x.desk.bindings))


def _fitting(x: Exchange, codec: Codec, made: Any, standard: Any) -> Any:
    """What the codec made; data of another form goes over as it is, and that is noted."""
    if made is not None:
        return made
    text = f"the data has not the form of the codec {codec.name}"
    x.desk.note(MISFIT, text, x.call.action, x.side)
    return standard


def _answered(x: Exchange, route: DataTransferRoute | None, reply: Reply) -> Request:
    """The answer; text is parsed for a 2.0.1 caller where the route says that it is JSON."""
    answer = x.conclude(reply)
    if route is None or route.data != _JSON or reply.outcome is not Outcome.RESULT:
        return answer
    if isinstance(answer, Answer) and x.target is Version.V16 and "data" in answer.payload:
        payload = {**answer.payload, "data": _parsed(answer.payload["data"])}
        return answer._replace(payload=payload)
    return answer


def _parsed(data: Any) -> Any:
    """The value in a text, the text itself where it is no JSON."""
    if not isinstance(data, str):
        return data
    try:
        return value_in(data)
    except ValueError:
        return data


def _codec(x: Exchange, route: DataTransferRoute) -> Codec | None:
    how, _, name = route.then.partition(":")
    variants = x.desk.revision.variants
    return variants.overlays.codecs.get(name) if how == _MAP and variants is not None else None


def missing_codecs(routes: Iterable[DataTransferRoute], known: Iterable[str]) -> list[int]:
    """Positions of routes whose codec no overlay has."""
    names = {f"{_MAP}:{name}" for name in known}
    return [
        number
        for number, route in enumerate(routes)
        if route.then.startswith(_MAP) and route.then not in names
    ]


class Numbers:
    """What codecs ask for; see `codecs.Numbering`."""

    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings

    def evse201(self, connector16: int) -> tuple[int, int]:
        _plausible(connector16)
        return self._bindings.evse201(connector16)

    def connector16(self, evse_id: int, connector_id: int | None) -> int:
        _plausible(evse_id)
        return self._bindings.connector16(evse_id, connector_id)

    def transaction201(self, transaction16: int) -> str | None:
        record = self._bindings.by_tx16(transaction16)
        return None if record is None else record.tx201

    def known_transaction16(self, transaction201: str) -> int | None:
        record = self._bindings.transaction(transaction201)
        return None if record is None else record.tx16


def _plausible(number: int) -> None:
    """A station's connectors are learned from what it says, but not from any number in its data."""
    if not 0 <= number <= CONNECTORS_AT_MOST:
        raise Untranslatable(f"{number} is no connector")
