"""A charging profile on its way to the other version: what a field map cannot settle.

Each function returns the profile in the version in which it came, changed so that every field can
cross as it is (`shared/ChargingProfile.yaml`). Spec: translation-csms 4.1 to 4.4.
"""

from gateway.core import numbers
from gateway.core.dialects import Version
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.mapping.variables import Variable
from gateway.core.session.configuration16 import Configuration16
from gateway.core.session.desk import Desk
from gateway.core.session.device_model import DeviceModel
from gateway.core.session.exchange import Exchange
from gateway.core.timestamps import utc_text

TX_PROFILE, TX_DEFAULT = "TxProfile", "TxDefaultProfile"
ABSOLUTE, RECURRING, RELATIVE = "Absolute", "Recurring", "Relative"
CURRENT, POWER = "A", "W"
INVALID, UNSUPPORTED_PARAM = "invalid_profile", "unsupported_param"
_DAY_S, _WEEK_S = 86400, 7 * 86400
_MONDAY_S = 4 * _DAY_S
"""The epoch began on a Thursday; its first Monday was four days later."""
_PHASES = 3
_RATE_UNITS = "ChargingScheduleAllowedChargingRateUnit"
_UNITS = {"Current": CURRENT, "Power": POWER, CURRENT: CURRENT, POWER: POWER}
_SUPPLY_PHASES = "SupplyPhases"


def settled(x: Exchange, profile: JsonObject, path: str) -> JsonObject:
    """The profile as it can be translated. path: where it stands in the call, for losses.

    Raises Untranslatable with reply `invalid_profile` or `unsupported_param`.
    """
    if x.target is Version.V201:
        return _settled16(x, profile, path)
    return _settled201(x, profile, path)


def _settled16(x: Exchange, profile: JsonObject, path: str) -> JsonObject:
    kind, start = _kind_and_start(x.desk, profile)
    schedule = {k: v for k, v in profile["chargingSchedule"].items() if k != "startSchedule"}
    if start is not None:
        schedule["startSchedule"] = start
    elif "startSchedule" in profile["chargingSchedule"]:
        _lose(x, f"{path}.chargingSchedule.startSchedule")
    made = {**profile, "chargingProfileKind": kind}
    if kind != RECURRING and made.pop("recurrencyKind", None) is not None:
        _lose(x, f"{path}.recurrencyKind")
    evse_id, _ = x.desk.bindings.evse201(x.payload.get("connectorId") or 0)
    return {**made, "chargingSchedule": in_allowed_unit(x.desk, schedule, evse_id)}


def _kind_and_start(desk: Desk, profile: JsonObject) -> tuple[str, str | None]:
    """2.0.1 kind and startSchedule of a 1.6 profile (translation-csms 4.3)."""
    kind, start = profile["chargingProfileKind"], profile["chargingSchedule"].get("startSchedule")
    if kind == RECURRING:
        if "recurrencyKind" not in profile:
            raise Untranslatable("a recurring profile says how it recurs", INVALID)
        return kind, start or profile.get("validFrom") or _period_start(desk, profile)
    if kind == ABSOLUTE and start is not None:
        return kind, start
    return RELATIVE, None


def _period_start(desk: Desk, profile: JsonObject) -> str:
    """Today's or this week's beginning."""
    if profile["recurrencyKind"] == "Weekly":
        return utc_text(desk.now - (desk.now - _MONDAY_S) % _WEEK_S)
    return utc_text(desk.now - desk.now % _DAY_S)


def _settled201(x: Exchange, profile: JsonObject, path: str) -> JsonObject:
    schedules = profile["chargingSchedule"]
    if len(schedules) > 1:
        if x.desk.settings.profile.multi_schedule == "refuse":
            raise Untranslatable("a 1.6 profile has one schedule", UNSUPPORTED_PARAM)
        _lose(x, f"{path}.chargingSchedule[]")
    return {**profile, "chargingSchedule": [in_allowed_unit(x.desk, schedules[0])]}


def _lose(x: Exchange, path: str) -> None:
    x.lost.append(f"{x.call.action}.request:{path}")


# -- rate unit, translation-csms 4.4 ----------------------------------------------------------


def in_allowed_unit(desk: Desk, schedule: JsonObject, evse_id: int = 0) -> JsonObject:
    """The schedule in a unit that the station is known to take; as it is where nothing is known.

    evse_id: of a 2.0.1 station, for which EVSE it is; 0: for all of them.
    """
    if desk.settings.profile.rate_unit != "convert":
        return schedule
    unit, allowed = schedule["chargingRateUnit"], allowed_units(desk)
    if not allowed or unit in allowed or _has_no_phases(desk, evse_id):
        return schedule
    made = {**schedule, "chargingRateUnit": POWER if unit == CURRENT else CURRENT}
    made["chargingSchedulePeriod"] = [
        {**period, "limit": _converted(desk, unit, period["limit"], period.get("numberPhases"))}
        for period in schedule["chargingSchedulePeriod"]
    ]
    if "minChargingRate" in schedule:
        made["minChargingRate"] = _converted(desk, unit, schedule["minChargingRate"], None)
    return made


def _converted(desk: Desk, unit: str, limit: float, phases: int | None) -> int | float:
    volts = numbers.decimal(desk.settings.profile.voltage) * (phases or _PHASES)
    value = numbers.decimal(limit)
    result = numbers.scaled(value, volts) if unit == CURRENT else numbers.quotient(value, volts)
    return numbers.json_number(numbers.truncated(result, 1))


def allowed_units(desk: Desk) -> frozenset[str]:
    """Units that the station is known to take; empty if nothing is known of them."""
    keys = desk.revision.maps.keys
    if desk.bindings.version is Version.V16:
        text = Configuration16(desk.bindings, keys).value(_RATE_UNITS)
    else:
        found = keys.find(_RATE_UNITS)
        variable = None if found is None else found.key.variable
        text = None if variable is None else DeviceModel(desk.bindings).value(variable)
    names = (name.strip() for name in (text or "").split(","))
    return frozenset(_UNITS[name] for name in names if name in _UNITS)


def _has_no_phases(desk: Desk, evse_id: int) -> bool:
    """Direct current, by what the operator or a 2.0.1 station says of itself or of that EVSE."""
    if desk.settings.supply_phases == 0:
        return True
    model = DeviceModel(desk.bindings)
    places = (
        Variable("ChargingStation", _SUPPLY_PHASES),
        Variable("EVSE", _SUPPLY_PHASES, evse=evse_id),
    )
    return any(model.value(place) == "0" for place in places)
