"""The nine statuses of a 1.6 connector, from what a 2.0.1 station tells of it. Pure, one table.

Spec: translation-station 6.1, 6.2, 6.4.
"""

from functools import cache
from typing import NamedTuple

from gateway.core.mapping.states import STATES

AVAILABLE, FAULTED, UNAVAILABLE = "Available", "Faulted", "Unavailable"
NO_ERROR, OTHER_ERROR = "NoError", "OtherError"
ERROR_CODES = STATES["error_code16"].enum
_NOT_ENERGISED = ("EVConnected", "Idle", None)


class Row(NamedTuple):
    """One row of 6.2; an empty tuple or None: whatever it is.

    connector: last connectorStatus; running: a transaction is; charging: its chargingState;
    energised: it charged or was suspended; after_tx: one ended since the connector was Available.
    """

    status: str
    connector: tuple[str, ...] = ()
    running: bool | None = None
    charging: tuple[str | None, ...] = ()
    energised: bool | None = None
    after_tx: bool | None = None


STATUSES: tuple[Row, ...] = (
    Row(FAULTED, connector=(FAULTED,)),
    Row(UNAVAILABLE, connector=(UNAVAILABLE,)),
    Row("Charging", running=True, charging=("Charging",)),
    Row("SuspendedEV", running=True, charging=("SuspendedEV",)),
    Row("SuspendedEVSE", running=True, charging=("SuspendedEVSE",)),
    Row("Preparing", running=True, charging=_NOT_ENERGISED, energised=False),
    Row("SuspendedEVSE", running=True, charging=("EVConnected",), energised=True),
    Row("SuspendedEV", running=True, charging=("Idle", None), energised=True),
    Row("Finishing", connector=("Occupied",), running=False, after_tx=True),
    Row("Preparing", connector=("Occupied",), running=False, after_tx=False),
    Row("Reserved", connector=("Reserved",)),
    Row(AVAILABLE),
)


@cache
def status16(
    connector: str | None,
    running: bool,
    charging: str | None = None,
    energised: bool = False,
    after_tx: bool = False,
) -> str:
    """The 1.6 status: first match. The members mean what `Row` says; connector None: unknown."""
    for row in STATUSES:
        if (
            (not row.connector or connector in row.connector)
            and row.running in (None, running)
            and (not row.charging or charging in row.charging)
            and row.energised in (None, energised)
            and row.after_tx in (None, after_tx)
        ):
            return row.status
    raise AssertionError("the last row matches everything")


def station_status16(status: str) -> str:
    """Status of connector 0, the station as a whole, which 1.6 knows in three values (6.4)."""
    return status if status in (UNAVAILABLE, FAULTED) else AVAILABLE


def error_code16(connector: str | None, remembered: str | None) -> str:
    """errorCode beside the status of a connector (6.3). remembered: code of its last fault."""
    if connector != FAULTED:
        return NO_ERROR
    return remembered or OTHER_ERROR
