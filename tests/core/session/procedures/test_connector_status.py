"""Every row of the status table (translation-station 6.2) and what stands beside it."""

import pytest

from gateway.core.session.procedures.connector_status import (
    STATUSES,
    error_code16,
    station_status16,
    status16,
)

RUNNING, IDLE = True, False


@pytest.mark.parametrize(
    ("row", "connector", "running", "charging", "energised", "after_tx", "status"),
    [
        (1, "Faulted", RUNNING, "Charging", True, False, "Faulted"),
        (2, "Unavailable", RUNNING, "Charging", True, False, "Unavailable"),
        (3, "Occupied", RUNNING, "Charging", True, False, "Charging"),
        (3, "Available", RUNNING, "Charging", True, False, "Charging"),
        (4, "Occupied", RUNNING, "SuspendedEV", True, False, "SuspendedEV"),
        (5, "Occupied", RUNNING, "SuspendedEVSE", True, True, "SuspendedEVSE"),
        (6, "Occupied", RUNNING, "EVConnected", False, False, "Preparing"),
        (6, "Occupied", RUNNING, "Idle", False, False, "Preparing"),
        (6, "Occupied", RUNNING, None, False, True, "Preparing"),
        (6, "Reserved", RUNNING, None, False, False, "Preparing"),
        (7, "Occupied", RUNNING, "EVConnected", True, False, "SuspendedEVSE"),
        (8, "Occupied", RUNNING, "Idle", True, False, "SuspendedEV"),
        (9, "Occupied", IDLE, None, False, True, "Finishing"),
        (10, "Occupied", IDLE, None, False, False, "Preparing"),
        (11, "Reserved", IDLE, None, False, True, "Reserved"),
        (12, "Available", IDLE, None, False, True, "Available"),
        (12, None, IDLE, None, False, True, "Available"),
    ],
)
def test_the_first_row_that_matches_gives_the_status(
    row: int,
    connector: str | None,
    running: bool,
    charging: str | None,
    energised: bool,
    after_tx: bool,
    status: str,
) -> None:
    assert status16(connector, running, charging, energised, after_tx) == status
    assert STATUSES[row - 1].status == status


@pytest.mark.parametrize("connector", ["Available", "Occupied", "Reserved", None])
@pytest.mark.parametrize("charging", ["Charging", "EVConnected", "Idle", "SuspendedEV", None])
@pytest.mark.parametrize("energised", [True, False])
@pytest.mark.parametrize("after_tx", [True, False])
def test_a_running_transaction_is_never_finishing_or_available(
    connector: str | None, charging: str | None, energised: bool, after_tx: bool
) -> None:
    status = status16(connector, True, charging, energised, after_tx)
    assert status in {"Preparing", "Charging", "SuspendedEV", "SuspendedEVSE"}


@pytest.mark.parametrize(
    ("status", "status0"),
    [
        ("Available", "Available"),
        ("Occupied", "Available"),
        ("Reserved", "Available"),
        ("Unavailable", "Unavailable"),
        ("Faulted", "Faulted"),
    ],
)
def test_connector_0_knows_three_statuses(status: str, status0: str) -> None:
    assert station_status16(status) == status0


def test_only_a_faulted_connector_has_an_error_code() -> None:
    assert error_code16("Occupied", "GroundFailure") == "NoError"
    assert error_code16("Faulted", "GroundFailure") == "GroundFailure"
    assert error_code16("Faulted", None) == "OtherError"
