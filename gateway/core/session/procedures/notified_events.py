"""notified_events: what a 2.0.1 station's monitors tell of connectors and faults, for a 1.6 CSMS.

The message is answered at once. Each of its items, first match:

    variable                        component         becomes
    ------------------------------  ----------------  -----------------------------------------
    AvailabilityState               EVSE, Connector   the status of that connector, as if told so
    AvailabilityState               ChargingStation   the status of connector 0
    Problem, Tripped, Overload      any, raised       a status with the fault's error code
                                    any, cleared      the code is forgotten; a status with NoError
                                                      unless the connector is Faulted all the same
    anything else                                     the tunnel, or nothing

Parameter `table`: the value table from component to error code.
Spec: translation-station 6.4, 6.5.
"""

from collections.abc import Iterator
from typing import Any

from gateway.core.dialects import Version
from gateway.core.frames import JsonObject
from gateway.core.mapping.functions import ci_string, cut
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.answer import own_answer
from gateway.core.session.procedures.connector_status import (
    AVAILABLE,
    ERROR_CODES,
    FAULTED,
    NO_ERROR,
    OTHER_ERROR,
    UNAVAILABLE,
)
from gateway.core.session.procedures.cost_to_v16 import freed_of, unplugged
from gateway.core.session.procedures.status_to_v16 import report, reported
from gateway.core.session.procedures.tunnel import through_tunnel
from gateway.core.session.requests import Procedure
from gateway.core.session.state import Connector
from gateway.core.timestamps import normalise

AVAILABILITY = "availabilitystate"
STATION, EVSE, CONNECTOR = "chargingstation", "evse", "connector"
OVERLOAD = "overload"
FAULTS = ("problem", "tripped", OVERLOAD)
"""Names of components and variables compare without case (2.0.1 Part 2, ComponentType)."""
STATUSES = (AVAILABLE, "Occupied", "Reserved", UNAVAILABLE, FAULTED)
_LONGEST = 50
"""Of info and vendorErrorCode in 1.6."""


def notified_events(x: Exchange) -> Procedure:
    yield own_answer(x)
    rest = [item for item in x.payload["eventData"] if not _told(x, item)]
    if rest:
        yield from through_tunnel(x, {**x.payload, "eventData": rest})


def _told(x: Exchange, item: JsonObject) -> bool:
    """Tell the CSMS of one item; False if 1.6 has no word for it."""
    variable = _name(item["variable"])
    if variable == AVAILABILITY:
        return _availability(x, item)
    if variable not in FAULTS:
        return False
    cleared = item.get("cleared") or item["actualValue"].lower() == "false"
    raised = item["actualValue"].lower() == "true"
    if not cleared and not raised:
        return False
    connector = _connector(x, item)
    if cleared:
        _clear(x, item, connector)
    else:
        _raise(x, item, connector)
    return True


def _name(named: JsonObject) -> str:
    name: str = named["name"]
    return name.casefold()


def _time(x: Exchange, item: JsonObject) -> str:
    return normalise(item["timestamp"], x.desk.settings.timezone_default)


# -- availability -----------------------------------------------------------------------------


def _availability(x: Exchange, item: JsonObject) -> bool:
    status = item["actualValue"]
    places = list(_places(x, item["component"])) if status in STATUSES else []
    for place in places:
        freed = freed_of(x.desk.bindings, *place, status)
        report(x.desk, reported(x.desk.bindings, *place, status), _time(x, item))
        unplugged(x.desk, freed, _time(x, item))
    return bool(places)


def _places(x: Exchange, component: JsonObject) -> Iterator[tuple[int, int]]:
    """(evseId, connectorId) of the connectors that the availability of a component is about."""
    name, evse = _name(component), component.get("evse") or {"id": 0}
    bindings, evse_id = x.desk.bindings, evse["id"]
    if name == STATION and x.desk.settings.a.status_connector0:
        yield 0, 0
    elif name == EVSE and evse_id:
        known = bindings.numbering.connectors(evse_id) or [bindings.connector_of(evse_id)]
        for connector_id in known:
            yield evse_id, connector_id
    elif name == CONNECTOR and evse_id:
        yield evse_id, evse.get("connectorId") or bindings.connector_of(evse_id)


# -- faults -----------------------------------------------------------------------------------


def _connector(x: Exchange, item: JsonObject) -> Connector:
    """The connector that a fault is on; the whole station where none is named."""
    bindings, evse = x.desk.bindings, item["component"].get("evse")
    if not evse or not evse["id"]:
        return bindings.connector(0, 0)
    evse_id = evse["id"]
    return bindings.connector(evse_id, evse.get("connectorId") or bindings.connector_of(evse_id))


def _raise(x: Exchange, item: JsonObject, connector: Connector) -> None:
    connector.error_code = _error_code(x, item)
    x.desk.bindings.keep_connector(connector)
    info, code = item.get("techInfo"), item.get("techCode")
    values: dict[str, Any] = {
        "error_code16": connector.error_code,
        "status_info": (info and cut(info, _LONGEST)) or None,
        "vendor_error_code": (code and ci_string(code)) or None,
    }
    report(x.desk, connector, _time(x, item), values)


def _clear(x: Exchange, item: JsonObject, connector: Connector) -> None:
    connector.error_code = None
    x.desk.bindings.keep_connector(connector)
    if connector.status201 != FAULTED:
        report(x.desk, connector, _time(x, item), {"error_code16": NO_ERROR})


def _error_code(x: Exchange, item: JsonObject) -> str:
    """The station may say it in 1.6's own words; else its component tells."""
    told = item.get("techCode")
    if told in ERROR_CODES and told != NO_ERROR:
        return str(told)
    variable, component = _name(item["variable"]), _name(item["component"])
    table = x.desk.revision.maps.table(x.direction.params["table"], Version.V16)
    codes: dict[str, str] = {name.casefold(): code for name, code in table.items()}
    return codes.get(OVERLOAD if variable == OVERLOAD else component, OTHER_ERROR)
