"""The whole device model of a 1.6 station, as a 2.0.1 CSMS gets it."""

from typing import Any

import pytest

from gateway.core.dialects import Side, Version

KEYS = [
    {"key": "HeartbeatInterval", "readonly": False, "value": "300"},
    {"key": "ReserveConnectorZeroSupported", "readonly": True, "value": "False"},
    {"key": "MeterValuesSampledData", "readonly": False, "value": "Voltage.L1,RPM"},
    {"key": "NumberOfConnectors", "readonly": True, "value": "1"},
    {"key": "ConnectorPhaseRotation", "readonly": False, "value": "0.RST,1.Unknown,7.RST"},
    {"key": "LightIntensity", "readonly": False, "value": "50"},
    {"key": "LocalAuthListMaxLength", "readonly": True, "value": "100"},
    {"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core"},
    {"key": "MeterValuesSampledDataMaxLength", "readonly": True, "value": "4"},
    {"key": "DefaultPrice", "readonly": False, "value": '{"priceText":"0.30"}'},
    {"key": "AuthorizationKey", "readonly": False},
    {"key": "ChargingScheduleAllowedChargingRateUnit", "readonly": True},
    {"key": "Vendor.Key", "readonly": False, "value": "x" * 500},
]


def name(item: dict[str, Any]) -> str:
    component, variable = item["component"], item["variable"]
    evse = component.get("evse", {})
    where = "".join(f"({n})" for n in (evse.get("id"), evse.get("connectorId")) if n is not None)
    instance = f"[{variable['instance']}]" if "instance" in variable else ""
    return f"{component['name']}{where}.{variable['name']}{instance}"


@pytest.fixture
def full(script: Any) -> dict[str, Any]:
    s = script(
        station=Version.V16,
        csms=Version.V201,
        translation={"topology": [[1, 1]], "evse_max_power_w": 11000},
    )
    s.csms(2, "c1", "GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
    (call,) = s.sent(Side.STATION)
    s.station(3, call[1], {"configurationKey": KEYS})
    items: list[Any] = []
    while frames := [frame for frame in s.sent(Side.CSMS) if frame[0] == 2]:
        (frame,) = frames
        items += frame[3].get("reportData", ())
        s.csms(3, frame[1], {})
    assert [name(item) for item in items] == sorted(
        (name(item) for item in items), key=lambda text: text.split(".")[0].split("(")[0]
    )
    return {name(item): item for item in items}


def told(item: dict[str, Any]) -> tuple[Any, ...]:
    attribute = item["variableAttribute"][0]
    return attribute.get("value"), attribute["mutability"], attribute["persistent"]


def test_keys_are_shown_at_their_place(full: dict[str, Any]) -> None:
    assert told(full["OCPPCommCtrlr.HeartbeatInterval"]) == ("300", "ReadWrite", True)
    assert told(full["ReservationCtrlr.NonEvseSpecific"]) == ("false", "ReadOnly", True)
    assert told(full["SampledDataCtrlr.TxUpdatedMeasurands"])[0] == "Voltage"
    assert told(full["SecurityCtrlr.BasicAuthPassword"]) == (None, "WriteOnly", True)
    assert told(full["SmartChargingCtrlr.RateUnit"]) == ("", "ReadOnly", True)
    assert told(full["TariffCostCtrlr.TariffFallbackMessage"])[0] == "0.30"
    assert "TariffCostCtrlr.OfflineTariffFallbackMessage" not in full


def test_parts_of_a_key_are_shown_where_it_has_them(full: dict[str, Any]) -> None:
    assert told(full["ChargingStation.PhaseRotation"])[0] == "RST"
    assert told(full["EVSE(1).PhaseRotation"])[0] == ""
    assert len([text for text in full if "PhaseRotation" in text]) == 2


def test_keys_without_a_place_are_shown_as_they_are(full: dict[str, Any]) -> None:
    legacy = {text for text in full if text.startswith("OCPP16LegacyCtrlr.")}
    assert legacy == {
        "OCPP16LegacyCtrlr.NumberOfConnectors",
        "OCPP16LegacyCtrlr.SupportedFeatureProfiles",
        "OCPP16LegacyCtrlr.MeterValuesSampledDataMaxLength",
        "OCPP16LegacyCtrlr.LightIntensity",
        "OCPP16LegacyCtrlr.Vendor.Key",
    }
    assert told(full["OCPP16LegacyCtrlr.Vendor.Key"]) == ("x" * 500, "ReadWrite", True)


@pytest.mark.parametrize(
    ("variable", "characteristics"),
    [
        ("OCPPCommCtrlr.HeartbeatInterval", {"dataType": "integer", "unit": "s"}),
        (
            "OCPP16LegacyCtrlr.LightIntensity",
            {"dataType": "integer", "unit": "Percent", "minLimit": 0, "maxLimit": 100},
        ),
        ("LocalAuthListCtrlr.Entries", {"dataType": "integer", "maxLimit": 100}),
        ("SmartChargingCtrlr.RateUnit", {"dataType": "MemberList", "valuesList": "A,W"}),
        (
            "EVSE(1).PhaseRotation",
            {"dataType": "OptionList", "valuesList": "RST,RTS,SRT,STR,TRS,TSR"},
        ),
        ("EVSE(1).Power", {"dataType": "decimal", "unit": "W", "maxLimit": 11000}),
        ("OCPP16LegacyCtrlr.Vendor.Key", {"dataType": "string"}),
    ],
)
def test_characteristics_are_true(
    full: dict[str, Any], variable: str, characteristics: dict[str, Any]
) -> None:
    found = full[variable]["variableCharacteristics"]
    assert found == {"supportsMonitoring": False, **characteristics}


def test_a_list_of_measurands_tells_all_of_both_versions(full: dict[str, Any]) -> None:
    found = full["SampledDataCtrlr.TxUpdatedMeasurands"]["variableCharacteristics"]["valuesList"]
    measurands = found.split(",")
    assert len(measurands) == 20
    assert measurands == sorted(measurands)


def test_what_the_gateway_adds_is_not_the_stations(full: dict[str, Any]) -> None:
    assert told(full["EVSE(1).AvailabilityState"]) == ("Available", "ReadOnly", False)
    assert told(full["LocalAuthListCtrlr.Available"])[0] == "false"
    assert "ChargingStation.SupplyPhases" not in full
    assert "AlignedDataCtrlr.TxEndedInterval" not in full
    assert all(item["variableAttribute"][0]["constant"] is False for item in full.values())
