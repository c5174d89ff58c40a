"""reserve, cancel_reservation, reservation_ended: who may charge where, until when.

Spec: translation-csms 3.8; translation-station 3.11. The map's parameters towards 1.6: `read`, the
call that reads a configuration key; `any_connector_key`, the key that says whether a station takes
reservations of any connector; `any_type`, the connector types that every connector has.
"""

from collections.abc import Generator
from functools import partial
from typing import Any

from gateway.core.dialects import Version
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.session import reservations
from gateway.core.session.bindings import Bindings
from gateway.core.session.configuration16 import Configuration16
from gateway.core.session.desk import Desk
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.addresses import all16, one16, status16
from gateway.core.session.procedures.answer import answer
from gateway.core.session.procedures.relay import is_missing, translated, untranslated
from gateway.core.session.requests import Ask, Outcome, Procedure, Reply, Request
from gateway.core.session.tokens import ID_TAG_LENGTH

ACCEPTED = "Accepted"
ANY_UNSUPPORTED, UNKNOWN_TYPE, LONG_TOKEN = "unsupported_param", "unknown_type", "invalid_token"
EXPIRED, REMOVED = "Expired", "Removed"
OUT_OF_ORDER = frozenset({"Faulted", "Unavailable"})


def reserve(x: Exchange) -> Procedure:
    try:
        yield from _to_v201(x) if x.target is Version.V201 else _to_v16(x)
    except Untranslatable as error:
        yield untranslated(x, error)


def cancel_reservation(x: Exchange) -> Procedure:
    late = partial(_cancelled, x)
    reply = yield x.ask(x.request(), late)
    late(reply)
    yield x.conclude(reply)


def reservation_ended(x: Exchange) -> Procedure:
    """A 2.0.1 station's reservation is over; a 1.6 CSMS sees the connector's status instead."""
    reservations.forget(x.desk.bindings, x.payload["reservationId"])
    yield from answer(x)


def left_reserved(desk: Desk, number: int, status: str, at: float) -> list[JsonObject]:
    """What a 2.0.1 CSMS is told when a 1.6 connector is no longer Reserved.

    Its reservations are over in any case; a transaction, or a cancellation, tells of itself.
    at: time of the status, seconds since the epoch.
    """
    bindings, told = desk.bindings, []
    for row in reservations.on_connector(bindings, number):
        reservations.forget(bindings, row["id"])
        if bindings.running_on(number) is not None:
            continue
        over = reservations.expires_at(bindings, row) <= max(at, desk.now)
        if over or status in OUT_OF_ORDER:
            why = EXPIRED if over else REMOVED
            told.append({"reservationId": row["id"], "reservationUpdateStatus": why})
    return told


def _cancelled(x: Exchange, reply: Reply) -> None:
    if reply.outcome is Outcome.RESULT and reply.payload["status"] == ACCEPTED:
        reservations.forget(x.desk.bindings, x.payload["reservationId"])


def _reserved(x: Exchange, row: JsonObject, reply: Reply) -> None:
    if reply.outcome is Outcome.RESULT and reply.payload["status"] == ACCEPTED:
        reservations.keep(x.desk.bindings, row)


def _ask(x: Exchange, payload: JsonObject, row: JsonObject) -> Procedure:
    late = partial(_reserved, x, row)
    reply = yield x.ask(payload, late)
    late(reply)
    yield x.conclude(reply)


# -- a 1.6 CSMS reserves on a 2.0.1 station ---------------------------------------------------


def _to_v201(x: Exchange) -> Procedure:
    bindings, payload = x.desk.bindings, x.payload
    number: int = payload["connectorId"]
    evse_id = bindings.evse201(number)[0] or None
    id_token, token_type = bindings.untag(payload["idTag"])
    bindings.tokens.register(payload["idTag"], id_token, token_type)
    row = _row(payload["reservationId"], number, evse_id, payload["expiryDate"], payload["idTag"])
    yield from _ask(x, x.request({"evse_id": evse_id}), row)


def _row(
    reservation_id: int, number: int, evse_id: int | None, expires: str, id_tag: str
) -> JsonObject:
    return {
        "id": reservation_id,
        "conn16": number,
        "evseId": evse_id,
        "expires": expires,
        "idTag": id_tag,
    }


# -- a 2.0.1 CSMS reserves on a 1.6 station ---------------------------------------------------


def _to_v16(x: Exchange) -> Procedure:
    bindings, payload = x.desk.bindings, dict(x.payload)
    token = payload["idToken"]
    bindings.tokens.learn(token["idToken"], token["type"])
    number = _connector(x)
    if len(token["idToken"]) > ID_TAG_LENGTH:
        raise Untranslatable("1.6 tokens are shorter", LONG_TOKEN)
    id_tag = bindings.tag(token["idToken"], token["type"])
    if len(payload.get("groupIdToken", {}).get("idToken", "")) > ID_TAG_LENGTH:
        del payload["groupIdToken"]
        x.lost.append(f"{x.call.action}.request:groupIdToken")
    if number == 0:
        missing = yield from _any_connector(x)
        if missing is not None:
            yield missing
            return
    evse_id = payload.get("evseId") or None
    row = _row(payload["id"], number, evse_id, payload["expiryDateTime"], id_tag)
    yield from _ask(x, translated(x, payload, {"connector_id": number}), row)


def _connector(x: Exchange) -> int:
    """The connector to reserve; 0: any."""
    bindings, evse_id = x.desk.bindings, x.payload.get("evseId") or 0
    wanted = x.payload.get("connectorType")
    types = x.desk.settings.connector_types
    if wanted is None or types is None:
        return one16(bindings, evse_id)
    numbers = all16(bindings, evse_id) if evse_id else bindings.numbering.numbers
    every = wanted in x.direction.params["any_type"]
    found = [n for n in numbers if every or (n <= len(types) and types[n - 1] == wanted)]
    if not found:
        raise Untranslatable(f"no connector of type {wanted}", UNKNOWN_TYPE)
    free = [n for n in found if _is_free(bindings, n)]
    return min(free or found)


def _is_free(bindings: Bindings, number: int) -> bool:
    available = status16(bindings, number) == "Available"
    return available and not reservations.is_reserved(bindings, number)


def _any_connector(x: Exchange) -> Generator[Request, Any, Request | None]:
    """None if the station takes a reservation of any connector, else the answer.

    The station is asked once, if it never told; one that a log tells of was asked for such a
    reservation, and its answer is known.
    """
    key = x.direction.params["any_connector_key"]
    known = Configuration16(x.desk.bindings, x.desk.revision.maps.keys)
    if known.row(key) is None and not known.was_asked(key):
        read, yes = x.direction.params["read"], {"key": key, "readonly": True, "value": "true"}
        granted = {"configurationKey": [yes]}
        reply: Reply = yield Ask(x.side.other, read, {"key": [key]}, granted=granted)
        if is_missing(reply):
            return x.conclude(reply)
        if reply.outcome is Outcome.RESULT:
            known.note_asked(key)
        for told in reply.payload.get("configurationKey", []):
            known.keep(told)
    if (known.value(key) or "").strip().lower() == "true":
        return None
    return x.local(ANY_UNSUPPORTED)
