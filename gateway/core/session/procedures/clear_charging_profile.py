"""clear_charging_profile: one by its id, some by criteria, or all. Spec: translation-csms 4.6.

Towards 2.0.1 the map's parameter `all` lists the 1.6 purposes that together are all profiles:
2.0.1 wants an id or a criterion.
"""

from collections.abc import Iterator
from functools import partial

from gateway.core.dialects import UNSUPPORTED, Version
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.session import charging_profiles
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.addresses import all16, check_evse
from gateway.core.session.procedures.charging_profile import UNSUPPORTED_PARAM
from gateway.core.session.procedures.relay import ask_each, is_missing, translated, untranslated
from gateway.core.session.requests import Outcome, Procedure, Reply

ACCEPTED = "Accepted"
CRITERIA = "chargingProfileCriteria"


def clear_charging_profile(x: Exchange) -> Procedure:
    try:
        if x.target is Version.V201:
            calls = [translated(x, payload, None) for payload in _wanted201(x)]
        else:
            calls = list(_calls16(x))
    except Untranslatable as error:
        yield untranslated(x, error)
        return
    replies = yield from ask_each(x, calls, partial(_cleared, x))
    _cleared(x, replies)
    yield x.conclude(_folded(replies))


def _wanted201(x: Exchange) -> Iterator[JsonObject]:
    payload = x.payload
    if "id" in payload:
        x.lost += [f"{x.call.action}.request:{name}" for name in payload if name != "id"]
        yield {"id": payload["id"]}
    elif payload:
        yield payload
    else:
        for purpose in x.direction.params["all"]:
            yield {"chargingProfilePurpose": purpose}


def _calls16(x: Exchange) -> Iterator[JsonObject]:
    payload = x.payload
    criteria = payload.get(CRITERIA, {})
    if "chargingProfileId" in payload:
        if criteria:
            x.lost.append(f"{x.call.action}.request:{CRITERIA}")
        yield translated(x, {"chargingProfileId": payload["chargingProfileId"]}, None)
        return
    check_evse(x.desk.bindings, criteria.get("evseId", 0))
    purpose = criteria.get("chargingProfilePurpose")
    if purpose is not None and purpose not in x.direction.params["purposes"]:
        raise Untranslatable("1.6 has no profiles of that purpose", UNSUPPORTED_PARAM)
    if "evseId" not in criteria:
        yield translated(x, payload, None)
        return
    for number in all16(x.desk.bindings, criteria["evseId"]):
        yield translated(x, payload, {"connector_id": number})


def _is_accepted(reply: Reply) -> bool:
    return reply.outcome is Outcome.RESULT and reply.payload["status"] == ACCEPTED


def _cleared(x: Exchange, replies: list[Reply]) -> None:
    """What a 1.6 station has cleared leaves the store."""
    if x.target is Version.V16 and any(map(_is_accepted, replies)):
        by_id = "chargingProfileId" in x.payload
        wanted = x.payload if by_id else x.payload.get(CRITERIA, {})
        charging_profiles.clear(x.desk.bindings, wanted)


def _folded(replies: list[Reply]) -> Reply:
    """Any Accepted is Accepted; a CallError that says more than `unsupported` is passed on."""
    if is_missing(replies[-1]):
        return replies[-1]
    for reply in replies:
        if _is_accepted(reply):
            return reply
    for reply in replies:
        if reply.outcome is not Outcome.RESULT and not _is_unsupported(reply):
            return reply
    return replies[-1]


def _is_unsupported(reply: Reply) -> bool:
    return reply.error is not None and reply.error.code in UNSUPPORTED
