"""set_charging_profile: for the station, one connector or a transaction.

Spec: translation-csms 4.1, 4.2, 4.5.
"""

from functools import partial

from gateway.core.dialects import Version
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.session import charging_profiles
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.addresses import all16, check_evse, one16
from gateway.core.session.procedures.charging_profile import (
    INVALID,
    TX_DEFAULT,
    TX_PROFILE,
    settled,
)
from gateway.core.session.procedures.relay import ask_each, is_missing, translated, untranslated
from gateway.core.session.requests import Outcome, Procedure, Reply
from gateway.core.session.state import Transaction

NO_TRANSACTION, MISSING = "no_transaction", "missing_param"
ACCEPTED = "Accepted"
_SHARED = "shared_profiles_noted"


def set_charging_profile(x: Exchange) -> Procedure:
    try:
        yield from _to_v201(x) if x.target is Version.V201 else _to_v16(x)
    except Untranslatable as error:
        yield untranslated(x, error)


# -- a 1.6 CSMS sets it on a 2.0.1 station ----------------------------------------------------


def _to_v201(x: Exchange) -> Procedure:
    number, profile = x.payload["connectorId"], x.payload["csChargingProfiles"]
    evse_id = x.desk.bindings.evse201(number)[0]
    state = {}
    if profile["chargingProfilePurpose"] == TX_PROFILE:
        state["transaction_id201"] = _transaction_of_connector(x, number, profile).tx201
    _note_shared(x, evse_id)
    made = settled(x, profile, "csChargingProfiles")
    reply = yield x.ask(translated(x, {**x.payload, "csChargingProfiles": made}, state))
    yield x.conclude(reply)


def _transaction_of_connector(x: Exchange, number: int, profile: JsonObject) -> Transaction:
    """2.0.1 wants the transaction named; 1.6 means the connector's if it names none."""
    if number == 0:
        raise Untranslatable("a profile of a transaction needs its connector", INVALID)
    bindings, tx16 = x.desk.bindings, profile.get("transactionId")
    record = bindings.running_on(number) if tx16 is None else bindings.open_by_tx16(tx16)
    if record is None:
        raise Untranslatable("no such transaction is open", NO_TRANSACTION)
    return record


def _note_shared(x: Exchange, evse_id: int) -> None:
    """Two 1.6 connectors on one EVSE share its profiles: said once of a station."""
    bindings = x.desk.bindings
    if len(bindings.numbering.connectors(evse_id)) > 1 and not bindings.table.get(_SHARED, ""):
        bindings.table.put(_SHARED, "", True)
        x.desk.note("shared_profiles", f"the connectors of EVSE {evse_id} share their profiles")


# -- a 2.0.1 CSMS sets it on a 1.6 station ----------------------------------------------------


def _to_v16(x: Exchange) -> Procedure:
    profile, evse_id = x.payload["chargingProfile"], x.payload["evseId"]
    check_evse(x.desk.bindings, evse_id)
    record = None
    if profile["chargingProfilePurpose"] == TX_PROFILE:
        record = _transaction_named(x, evse_id, profile)
    elif profile["chargingProfilePurpose"] not in x.direction.params["purposes"]:
        raise Untranslatable("1.6 has no profiles of that purpose", INVALID)
    made = {**x.payload, "chargingProfile": settled(x, profile, "chargingProfile")}
    tx16 = None if record is None else record.tx16
    states = [
        {"connector_id": number, "transaction_id16": tx16}
        for number in _connectors(x, evse_id, profile, record)
    ]
    calls = [translated(x, made, state) for state in states]
    taken = partial(_taken, x, record, len(calls))
    replies = yield from ask_each(x, calls, taken)
    taken(replies)
    reply = next((r for r in replies if not _is_accepted(r)), replies[-1])
    yield x.conclude(replies[-1] if is_missing(replies[-1]) else reply)


def _transaction_named(x: Exchange, evse_id: int, profile: JsonObject) -> Transaction:
    if evse_id == 0:
        raise Untranslatable("a profile of a transaction needs its EVSE", INVALID)
    tx201 = profile.get("transactionId")
    if tx201 is None:
        raise Untranslatable("a profile of a transaction names it", MISSING)
    record = x.desk.bindings.transaction(tx201)
    if record is None or not record.is_open:
        raise Untranslatable("no such transaction is open", NO_TRANSACTION)
    return record


def _connectors(
    x: Exchange, evse_id: int, profile: JsonObject, record: Transaction | None
) -> list[int]:
    bindings = x.desk.bindings
    if record is not None and record.connector16 is not None:
        return [record.connector16]
    if profile["chargingProfilePurpose"] == TX_DEFAULT:
        return all16(bindings, evse_id)
    return [one16(bindings, evse_id)]


def _is_accepted(reply: Reply) -> bool:
    return reply.outcome is Outcome.RESULT and reply.payload["status"] == ACCEPTED


def _taken(x: Exchange, record: Transaction | None, calls: int, replies: list[Reply]) -> None:
    """Store a profile that every connector has accepted, be it late (translation-csms 1.2)."""
    if len(replies) < calls or not all(map(_is_accepted, replies)):
        return
    payload, tx201 = x.payload, None if record is None else record.tx201
    charging_profiles.keep(x.desk.bindings, payload["evseId"], payload["chargingProfile"], tx201)
