"""remote_start: RemoteStartTransaction <-> RequestStartTransaction. Spec: translation-csms 3.1."""

from functools import partial
from typing import Any

from gateway.core.dialects import Version
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.addresses import check_evse, one16
from gateway.core.session.procedures.charging_profile import INVALID, TX_PROFILE, settled
from gateway.core.session.procedures.relay import translated, untranslated
from gateway.core.session.requests import Outcome, Procedure, Reply
from gateway.core.session.state import RemoteStart

PROFILE = "chargingProfile"


def remote_start(x: Exchange) -> Procedure:
    """The pending start is stored before the call, so that no transaction can outrun it."""
    expires = x.desk.now + x.desk.settings.remote_start.ttl_s
    try:
        if x.target is Version.V16:
            token = x.payload["idToken"]
            x.desk.bindings.tokens.learn(token["idToken"], token["type"])
            check_evse(x.desk.bindings, x.payload.get("evseId") or 0)
        with_profile = _settled(x)
        pending = _from_v16(x, expires) if x.target is Version.V201 else _from_v201(x, expires)
        payload = translated(x, with_profile, _state(x, pending))
    except Untranslatable as error:
        yield untranslated(x, error)
        return
    pendings = x.desk.bindings.remote_starts(x.desk.now)
    same = (start for start in pendings if start.remote_start_id == pending.remote_start_id)
    held = next(same, None)
    x.desk.bindings.keep_remote_start(pending)
    reply = yield x.ask(payload, partial(_answered, x, pending, held))
    _answered(x, pending, held, reply)
    yield x.conclude(reply)


def _answered(x: Exchange, pending: RemoteStart, held: RemoteStart | None, reply: Reply) -> None:
    """What the answer, or a late one, says of the pending start.

    A station that refuses a second start still holds the first; held: the first, where the second
    repeats its id.
    """
    bindings = x.desk.bindings
    if _refused(reply) and held is not None:
        if pending in bindings.remote_starts(x.desk.now):
            bindings.keep_remote_start(held)
        return
    if _refused(reply):
        bindings.drop_remote_start(pending.remote_start_id)
        return
    if reply.outcome is Outcome.RESULT:
        bindings.replace_remote_starts(pending)
    named = reply.payload.get("transactionId")
    # The transaction may have been faster, and has taken the start already.
    if named and pending in bindings.remote_starts(x.desk.now):
        pending.tx201 = named
        bindings.keep_remote_start(pending)


def _refused(reply: Reply) -> bool:
    """No answer leaves the start pending: the station may have acted (translation-csms 1.2)."""
    if reply.outcome is Outcome.RESULT:
        return bool(reply.payload["status"] == "Rejected")
    return reply.outcome in (Outcome.ERROR, Outcome.INVALID)


def _settled(x: Exchange) -> JsonObject:
    """The call with its profile as it can be translated; a start's profile is its transaction's."""
    if PROFILE not in x.payload:
        return x.payload
    profile = x.payload[PROFILE]
    if profile["chargingProfilePurpose"] != TX_PROFILE:
        raise Untranslatable("the profile of a start is for its transaction", INVALID)
    if "transactionId" in profile:
        x.lost.append(f"{x.call.action}.request:{PROFILE}.transactionId")
    return {**x.payload, PROFILE: settled(x, profile, PROFILE)}


def _from_v16(x: Exchange, expires: float) -> RemoteStart:
    bindings = x.desk.bindings
    id_tag: str = x.payload["idTag"]
    evse_id = _evse_of(x, x.payload.get("connectorId"))
    id_token, token_type = bindings.tokens.untag_remote(id_tag)
    return RemoteStart(
        bindings.table.count("remote_start_id"),
        expires,
        id_tag,
        {"idToken": id_token, "type": token_type},
        evse_id=evse_id,
    )


def _evse_of(x: Exchange, connector16: int | None) -> int | None:
    """Many stations reject a start without an EVSE, so that a station's only one is named."""
    bindings = x.desk.bindings
    if connector16:
        return bindings.evse201(connector16)[0]
    evses = bindings.numbering.evses
    if len(evses) == 1 and x.desk.settings.remote_start.fill_single_evse:
        return evses[0]
    return None


def _from_v201(x: Exchange, expires: float) -> RemoteStart:
    bindings, payload = x.desk.bindings, x.payload
    token = payload["idToken"]
    id_tag = _tag(x, token)
    bindings.tokens.register(id_tag, token["idToken"], token["type"])
    return RemoteStart(
        payload["remoteStartId"],
        expires,
        id_tag,
        {"idToken": token["idToken"], "type": token["type"]},
        payload.get("groupIdToken"),
        payload.get("evseId"),
        profile=payload.get(PROFILE),
    )


def _tag(x: Exchange, token: JsonObject) -> str:
    try:
        return x.desk.bindings.tag(token["idToken"], token["type"])
    except Untranslatable as error:
        raise Untranslatable(str(error), "invalid_token") from error


def _state(x: Exchange, pending: RemoteStart) -> dict[str, Any]:
    token = pending.id_token or {}
    return {
        "remote_start_id": pending.remote_start_id,
        "id_token": token.get("idToken"),
        "token_type": token.get("type"),
        "id_tag": pending.id_tag,
        "evse_id": pending.evse_id,
        "connector_id": _connector_of(x, pending.evse_id),
    }


def _connector_of(x: Exchange, evse_id: int | None) -> int | None:
    bindings = x.desk.bindings
    if x.target is Version.V201:
        return None
    if evse_id:
        return one16(bindings, evse_id)
    return 1 if bindings.numbering.numbers == [1] else None
