"""Presets of scripted conversations as bindings (vectors/README.md, Presets)."""

from typing import Any

import pytest

from gateway.core.dialects import Version
from gateway.core.errors import ConfigError
from gateway.core.session.bindings import Bindings
from gateway.core.session.preset import loaded_from
from gateway.core.settings import Translation

TX = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


def bindings(preset: dict[str, Any], station: Version = Version.V201) -> Bindings:
    settings = Translation()
    found = Bindings(loaded_from(preset, station, settings, 1000.0), settings)
    found.version = station
    return found


def rows(preset: dict[str, Any], settings: Translation) -> tuple[Any, ...]:
    return loaded_from(preset, Version.V201, settings, 1000.0).bindings


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown preset: weather"):
        bindings({"weather": 1})


def test_a_station_counts_as_accepted_unless_said_otherwise() -> None:
    assert bindings({}).registration.status == "Accepted"
    assert bindings({"registration": "none"}).registration.status == "none"


def test_connectors_of_either_side_are_known_and_numbered() -> None:
    known201 = bindings(
        {
            "connector_status": [
                {"evseId": 2, "connectorId": 1, "connectorStatus": "Occupied", "status16": "X"}
            ]
        }
    )
    known16 = bindings(
        {
            "connector_status": [
                {"connectorId16": 3, "connectorStatus": "Occupied", "status16": "Preparing"}
            ]
        },
        Version.V16,
    )
    assert known201.connector(2, 1).status201 == "Occupied"
    assert known201.numbering.number(2, 1) == 2
    assert known16.connector(3, 1).status16 == "Preparing"


@pytest.mark.parametrize(
    "preset",
    [
        {"remote_starts": [{"remoteStartId": 5, "evseId": 2, "idTag": "A1"}]},
        {"reservations": [{"id": 5, "conn16": 2, "evseId": 2, "idTag": "A1"}]},
        {"reservations": [{"id": 5, "conn16": 2, "idTag": "A1"}]},
    ],
)
def test_an_evse_named_alone_is_in_the_topology_unless_that_is_configured(
    preset: dict[str, Any],
) -> None:
    assert bindings(preset).numbering.number(2, 1) == 2
    configured = Translation(topology=((1, 1),))
    assert not any(row[0] == "topology" for row in rows(preset, configured))


def test_a_connector_that_is_finishing_comes_from_a_transaction() -> None:
    row = {"evseId": 1, "connectorId": 1, "connectorStatus": "Occupied"}
    finishing = bindings({"connector_status": [{**row, "status16": "Finishing"}]})
    preparing = bindings({"connector_status": [{**row, "status16": "Preparing"}]})
    assert finishing.connector(1, 1).after_tx
    assert not preparing.connector(1, 1).after_tx


def test_a_transaction_is_complete() -> None:
    row = {
        "tx201": TX,
        "tx16": 10,
        "state": "ACTIVE",
        "evseId": 1,
        "connectorId": 1,
        "idTag": "04A2",
        "meterStart": 100,
        "chargingState": "Charging",
        "lastMeterWh": 120.5,
        "nextSeqNo": 4,
    }
    record = bindings({"transactions": [row]}).transaction(TX)
    assert record is not None
    assert (record.tx16, record.connector16, record.next_seq) == (10, 1, 4)
    assert record.id_token == {"idToken": "04A2", "type": "ISO14443"}
    assert record.energised
    assert record.last_wh == "120.5"


def test_a_transaction_with_both_spellings_of_its_token_teaches_the_pair() -> None:
    token = {"idToken": "DE-ABC-C12345678-X-LONG", "type": "eMAID"}
    row = {"tx201": "t", "tx16": 10, "evseId": 1, "connectorId": 1, "idTag": "A1", "idToken": token}
    started = bindings({"transactions": [row]}, Version.V16)
    assert started.untag("a1") == (token["idToken"], "eMAID")
    assert started.tag(token["idToken"].lower(), "eMAID") == "A1"


def test_a_pending_remote_start_is_in_both_spellings() -> None:
    token = {"idToken": "2f1b7d0e-55a0-4f0c-9d1a-000000000001", "type": "Central"}
    started = bindings(
        {"remote_starts": [{"remoteStartId": 5, "evseId": 1, "idToken": token}]}, Version.V16
    )
    (start,) = started.remote_starts(1000.0)
    assert start.id_tag == "HQIQHTZ4Q5DWACIUC25M"
    assert started.untag("HQIQHTZ4Q5DWACIUC25M") == (token["idToken"], "Central")


def test_request_origins_and_configuration_are_rows() -> None:
    found = bindings(
        {
            "firmware_requests": {"7": "UpdateFirmware"},
            "current_log_request": 3,
            "configuration16": [{"key": "K", "readonly": False, "value": "1"}],
        }
    )
    assert found.table.get("firmware_request", "7") == "UpdateFirmware"
    assert found.table.get("current_request", "log") == 3
    assert found.table.get("configuration16", "K")["value"] == "1"
