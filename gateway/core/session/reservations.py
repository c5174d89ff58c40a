"""The reservations that stations have accepted. Spec: translation-csms 3.8, station part 3.11.

One row each, {id, conn16, evseId, expires, idTag}, by id. conn16 0 and no evseId: any connector.
"""

from gateway.core.frames import JsonObject
from gateway.core.session.bindings import Bindings
from gateway.core.session.state import Transaction
from gateway.core.timestamps import parse

KIND = "reservation"
_NEVER = float("inf")
_STALE_S = 86400.0


def keep(bindings: Bindings, row: JsonObject) -> None:
    """Store a reservation; one of the same id gives way, and those that are long over go."""
    for old in list(bindings.table.kind(KIND).values()):
        if expires_at(bindings, old) + _STALE_S < bindings.now:
            forget(bindings, old["id"])
    bindings.table.put(KIND, str(row["id"]), row)


def forget(bindings: Bindings, reservation_id: int) -> None:
    bindings.table.drop(KIND, str(reservation_id))


def use(bindings: Bindings, record: Transaction) -> None:
    """A 1.6 station's transaction begins: the reservation it names is over, and the one for which
    its connector was Reserved."""
    connector = bindings.connector(record.evse_id or 0, record.connector_id or 0)
    over = [] if record.reservation_id is None else [record.reservation_id]
    if connector.status16 == "Reserved":
        over += [row["id"] for row in on_connector(bindings, record.connector16 or 0)]
    for reservation_id in over:
        forget(bindings, reservation_id)


def on_connector(bindings: Bindings, number: int) -> list[JsonObject]:
    """Reservations of a 1.6 connector, expired ones too."""
    rows = bindings.table.kind(KIND).values()
    return [row for row in rows if row.get("conn16") == number]


def is_reserved(bindings: Bindings, number: int) -> bool:
    """Whether a reservation of that connector is in force."""
    rows = on_connector(bindings, number)
    return any(expires_at(bindings, row) > bindings.now for row in rows)


def expires_at(bindings: Bindings, row: JsonObject) -> float:
    """Seconds since the epoch; never, if the row does not say."""
    expires = row.get("expires")
    if isinstance(expires, str):
        return parse(expires, bindings.settings.timezone_default).timestamp()
    return _NEVER if expires is None else float(expires)
