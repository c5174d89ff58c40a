"""EVSE and connector numbering: 1.6 connectorId n <-> 2.0.1 (evseId, connectorId).

Spec: translation-station 1.7, translation-csms 1.3. The table is ordered, durable and append-only;
a configured topology is not stored, so that an operator's correction takes effect; what a station
adds to it is, and counts until it is configured otherwise.
"""

from itertools import count
from math import inf

from gateway.core.errors import Untranslatable
from gateway.core.session.state import Connector, Place, Transaction
from gateway.core.session.table import Table

UNKNOWN_EVSE = "UnknownEvse"
UNKNOWN_CONNECTOR = "UnknownConnectorId"
CONNECTORS_AT_MOST = 100
"""A station that says it has more of them is not taken at its word."""
_ADDED = "+"
"""Before the number, in the key of a place that a station added to a configured topology."""


class Numbering:
    """The topology of one station.

    configured: position = 1.6 connectorId, from 1; None: learned from what the station says.
    """

    __slots__ = ("_by_address", "_by_number", "_configured", "_table")

    def __init__(self, table: Table, configured: tuple[tuple[int, int], ...] | None) -> None:
        self._table = table
        self._configured = configured is not None
        self._by_number = dict(enumerate(configured or (), start=1))
        self._by_address = {address: n for n, address in self._by_number.items()}
        for key, place in table.kind("topology").items():
            address = (place.evse_id, place.connector_id)
            known = place.number in self._by_number or address in self._by_address
            if key.startswith(_ADDED) is self._configured and not known:
                self._by_number[place.number] = address
                self._by_address[address] = place.number

    def __len__(self) -> int:
        return len(self._by_number)

    @property
    def numbers(self) -> list[int]:
        """All 1.6 connectorIds known, rising."""
        return sorted(self._by_number)

    @property
    def evses(self) -> list[int]:
        """All evseIds known, rising."""
        return sorted({evse for evse, _ in self._by_number.values()})

    def address(self, number: int) -> tuple[int, int] | None:
        """(evseId, connectorId) of a 1.6 connectorId as known; (0, 0) for 0."""
        return (0, 0) if number == 0 else self._by_number.get(number)

    def number(self, evse_id: int, connector_id: int) -> int | None:
        """The 1.6 connectorId of an address as known; 0 for evseId 0."""
        return 0 if evse_id == 0 else self._by_address.get((evse_id, connector_id))

    def connectors(self, evse_id: int) -> list[int]:
        """connectorIds known of an EVSE, rising."""
        return sorted(c for e, c in self._by_number.values() if e == evse_id)

    def learn(self, evse_id: int, connector_id: int) -> int:
        """The 1.6 connectorId of an address the station spoke of; a new one is added.

        Rule: (e, 1) takes n = e if free, else the next free number; (e, c > 1) takes the next free
        number above every evseId and every number in use. A 1.6 station's (n, 1) takes n.
        """
        known = self.number(evse_id, connector_id)
        if known is not None:
            return known
        if connector_id == 1:
            number = next(n for n in count(evse_id) if n not in self._by_number)
        else:
            number = max([evse_id, *self.evses, *self._by_number]) + 1
        self._add(number, evse_id, connector_id)
        return number

    def learn_told(self) -> None:
        """Take in the connectors that a 1.6 station says it has, spoken of or not."""
        told = self._told_of()
        if not self._configured and told <= CONNECTORS_AT_MOST:
            for number in range(1, int(told) + 1):
                self.learn(number, 1)

    def read16(self, number: int, *, extend: bool) -> tuple[int, int]:
        """(evseId, connectorId) that a 1.6 connectorId names.

        extend: a 1.6 station named it, so it exists (translation-station 1.7, last row).
        Raises Untranslatable for a number that a CSMS made up.
        """
        address = self.address(number)
        if address is not None:
            return address
        if extend:
            self._add(number, number, 1)
            return (number, 1)
        if not self._by_number and number > 0:
            return (number, 1)
        raise Untranslatable(f"connectorId {number} is not in the topology")

    def read201(self, evse_id: int, connector_id: int) -> int:
        """The 1.6 connectorId of an address that a 2.0.1 CSMS named.

        Raises Untranslatable with the reasonCode that says which of the two is unknown.
        """
        known = self.number(evse_id, connector_id)
        if known is not None:
            return known
        has_evse = self.has_evse(evse_id)
        if not self._configured and connector_id == 1 and has_evse:
            return evse_id
        code = UNKNOWN_CONNECTOR if has_evse else UNKNOWN_EVSE
        where = f"EVSE {evse_id}, connector {connector_id}"
        raise Untranslatable(f"{where} is unknown", "unknown", code)

    def has_evse(self, evse_id: int) -> bool:
        """Whether a 2.0.1 CSMS may name it: it is known, or nothing says that it is not there."""
        return evse_id in self.evses or (not self._configured and 0 < evse_id <= self._told_of())

    def is_only(self, evse_id: int) -> bool:
        """Whether an EVSE is known to be all that the 1.6 station has, which counts from 1."""
        if self._configured:
            return self.evses == [evse_id]
        told = self._told_of()
        return evse_id == 1 and (told == 1 or (self.evses == [1] and told in (0, inf)))

    def _told_of(self) -> float:
        """How many connectors a 1.6 station says it has; no limit while it has not said."""
        row = self._table.get("configuration16", "NumberOfConnectors")
        value = (row or {}).get("value") or ""
        return int(value) if value.isascii() and value.isdigit() else inf

    def _add(self, number: int, evse_id: int, connector_id: int) -> None:
        self._by_number[number] = (evse_id, connector_id)
        self._by_address[(evse_id, connector_id)] = number
        key = f"{_ADDED}{number}" if self._configured else str(number)
        self._table.put("topology", key, Place(number, evse_id, connector_id))


def likeliest_connector(
    connectors: list[int], known: dict[int, Connector], running: list[Transaction]
) -> int:
    """The connector meant by an EVSE named alone (translation-station 1.7).

    connectors: connectorIds of the EVSE; known: by connectorId; running: its open records.
    """
    for record in running:
        if record.connector_id is not None:
            return record.connector_id
    if len(connectors) == 1:
        return connectors[0]
    for connector_id in connectors:
        connector = known.get(connector_id)
        if connector is not None and connector.status201 == "Occupied":
            return connector_id
    return min(connectors, default=1)
