"""get_charging_profiles: answered from the profiles that passed the gateway, then reported.

A station that answers through the tunnel knows better.

Spec: translation-csms 4.8. The map's parameters: `report`, the map of the message that reports, and
`source`, the limit source that every profile of a CSMS has.
"""

from itertools import groupby

from gateway.core.dialects import Side
from gateway.core.frames import JsonObject
from gateway.core.session import charging_profiles
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.tunnel import through_tunnel
from gateway.core.session.requests import Answer, Procedure
from gateway.core.session.state import StoredProfile


def get_charging_profiles(x: Exchange) -> Procedure:
    told = yield from through_tunnel(x)
    if told is not None:
        yield Answer(told)
        return
    found = _found(x)
    yield x.local("found" if found else "none", rule="profile_store")
    action = x.desk.map(x.direction.params["report"]).action(x.source)
    for report in _reports(x, found):
        x.desk.post(Side.CSMS, action or "", report)


def _found(x: Exchange) -> list[StoredProfile]:
    """Matching profiles by EVSE and id."""
    criteria = x.payload["chargingProfile"]
    sources = criteria.get("chargingLimitSource")
    if sources is not None and x.direction.params["source"] not in sources:
        return []
    evse = {name: value for name, value in x.payload.items() if name == "evseId"}
    found = charging_profiles.matching(x.desk.bindings, {**criteria, **evse})
    return sorted(found, key=lambda stored: (stored.evse_id, stored.profile["id"]))


def _reports(x: Exchange, found: list[StoredProfile]) -> list[JsonObject]:
    by_evse = groupby(found, key=lambda stored: stored.evse_id)
    reports: list[JsonObject] = [
        {
            "requestId": x.payload["requestId"],
            "chargingLimitSource": x.direction.params["source"],
            "evseId": evse_id,
            "chargingProfile": [stored.profile for stored in group],
            "tbc": True,
        }
        for evse_id, group in by_evse
    ]
    if reports:
        reports[-1]["tbc"] = False
    return reports
