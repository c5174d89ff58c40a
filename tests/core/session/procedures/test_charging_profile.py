"""What a field map cannot settle of a charging profile (translation-csms 4.2 to 4.4)."""

from typing import Any

import pytest

from gateway.core.dialects import Side, Version
from gateway.core.session.effects import Record, Send

TWO = {"topology": [[1, 1], [1, 2]]}
DAY_S = 86400.0


def v16(kind: str, **members: Any) -> dict[str, Any]:
    period = {"startPeriod": 0, "limit": 10}
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [period]}
    return {
        "chargingProfileId": 5,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": kind,
        "chargingSchedule": {**schedule, **members.pop("schedule", {})},
        **members,
    }


def sent(session: Any, profile: dict[str, Any], number: int = 1) -> dict[str, Any]:
    """The profile as the station gets it."""
    payload = {"connectorId": number, "csChargingProfiles": profile}
    session.csms(2, f"c{session.now}", "SetChargingProfile", payload)
    (frame,) = session.sent(Side.STATION)
    session.station(3, frame[1], {"status": "Accepted"})
    made: dict[str, Any] = frame[3]["chargingProfile"]
    return made


@pytest.mark.parametrize(
    ("days", "recurs", "start"),
    [
        # The session opens on Wednesday 2025-01-01.
        (0.7, "Daily", "2025-01-01T00:00:00Z"),
        (1, "Daily", "2025-01-02T00:00:00Z"),
        (0.7, "Weekly", "2024-12-30T00:00:00Z"),
        (4.999, "Weekly", "2024-12-30T00:00:00Z"),
        (5, "Weekly", "2025-01-06T00:00:00Z"),
    ],
)
def test_what_recurs_from_no_known_day_recurs_from_this_one(
    script: Any, days: float, recurs: str, start: str
) -> None:
    session = script()
    session.after(days * DAY_S)
    made = sent(session, v16("Recurring", recurrencyKind=recurs))
    assert made["chargingSchedule"][0]["startSchedule"] == start


def losses(session: Any) -> list[str]:
    return [
        loss
        for effect in session.effects
        if isinstance(effect, Record)
        for loss in effect.losses
        if effect.direction == ">"
    ]


def test_what_does_not_cross_is_counted(script: Any) -> None:
    session = script()
    start = {"startSchedule": "2025-01-01T00:00:00Z"}
    sent(session, v16("Relative", schedule=start, recurrencyKind="Daily"))
    assert sorted(set(losses(session))) == [
        "SetChargingProfile.request:csChargingProfiles.chargingSchedule.startSchedule",
        "SetChargingProfile.request:csChargingProfiles.recurrencyKind",
    ]


def test_connectors_that_share_their_profiles_are_told_of_once(script: Any) -> None:
    session = script(translation=TWO)
    sent(session, v16("Relative"))
    session.after(1)
    sent(session, v16("Relative"), 2)
    assert session.outcomes().count("shared_profiles") == 1


def test_the_schedules_behind_the_first_are_counted(script: Any) -> None:
    session = script(station=Version.V16, csms=Version.V201)
    period = {"startPeriod": 0, "limit": 10, "phaseToUse": 1}
    schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [period]}
    profile = {
        "id": 5,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [schedule, schedule],
    }
    session.csms(2, "c1", "SetChargingProfile", {"evseId": 1, "chargingProfile": profile})
    assert [e.side for e in session.effects if isinstance(e, Send)] == [Side.STATION]
    found = set(losses(session))
    at = "SetChargingProfile.request:chargingProfile.chargingSchedule[]"
    assert {at, f"{at}.id", f"{at}.chargingSchedulePeriod[].phaseToUse"} <= found
