"""The charging profiles that a 1.6 station holds, as far as they passed the gateway.

Spec: translation-csms 4.5. A 1.6 station cannot be asked for them, so what it accepted is kept here
exactly as the 2.0.1 CSMS sent it. A remote start brings its profile along (`state.RemoteStart`): it
counts from the moment its transaction exists. Rows that time has overtaken are taken out by
`settle`, which every look at the store does.
"""

from collections.abc import Iterator

from gateway.core.frames import JsonObject
from gateway.core.session.bindings import Bindings
from gateway.core.session.state import StoredProfile
from gateway.core.timestamps import parse

STORED = "charging_profile"


def keep(bindings: Bindings, evse_id: int, profile: JsonObject, tx201: str | None = None) -> None:
    """Store a profile that the station accepted; the one in whose place it comes gives way.

    tx201: of the transaction that it is for, if it is for one.
    """
    settle(bindings)
    new = StoredProfile(evse_id, profile, tx201)
    for key, old in list(_rows(bindings).items()):
        if _place(old) == _place(new):
            bindings.table.drop(STORED, key)
    bindings.table.put(STORED, str(profile["id"]), new)


def count(bindings: Bindings) -> int:
    """How many the station holds now."""
    settle(bindings)
    return len(_rows(bindings))


def matching(bindings: Bindings, wanted: JsonObject) -> Iterator[StoredProfile]:
    """Stored profiles for which every given member holds.

    wanted: any of evseId, chargingProfilePurpose, stackLevel, and chargingProfileId, an id or a
    list of them.
    """
    settle(bindings)
    ids = wanted.get("chargingProfileId")
    for stored in list(_rows(bindings).values()):
        profile = stored.profile
        facts = {**profile, "evseId": stored.evse_id}
        if ids is not None and profile["id"] not in (ids if isinstance(ids, list) else [ids]):
            continue
        if all(
            facts[name] == wanted.get(name, facts[name])
            for name in ("evseId", "chargingProfilePurpose", "stackLevel")
        ):
            yield stored


def clear(bindings: Bindings, wanted: JsonObject) -> None:
    """Remove the profiles that match; with nothing wanted, all of them."""
    for stored in list(matching(bindings, wanted)):
        bindings.table.drop(STORED, str(stored.profile["id"]))


def settle(bindings: Bindings) -> None:
    """Bring the store up to date with transactions and the clock."""
    for key, stored in list(_rows(bindings).items()):
        if _is_over(bindings, stored):
            bindings.table.drop(STORED, key)


def _rows(bindings: Bindings) -> dict[str, StoredProfile]:
    return bindings.table.kind(STORED)


def _place(stored: StoredProfile) -> tuple[object, ...]:
    """Two profiles of one place cannot both be in force."""
    profile = stored.profile
    return (
        stored.evse_id,
        profile["chargingProfilePurpose"],
        profile["stackLevel"],
        stored.tx201,
    )


def _is_over(bindings: Bindings, stored: StoredProfile) -> bool:
    if stored.tx201 is not None:
        record = bindings.transaction(stored.tx201)
        if record is None or not record.is_open:
            return True
    until = stored.profile.get("validTo")
    if until is None:
        return False
    try:
        return parse(until, bindings.settings.timezone_default).timestamp() <= bindings.now
    except ValueError:
        return False
