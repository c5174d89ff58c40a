"""status_to_v16: what a 1.6 CSMS learns of the connectors of a 2.0.1 station.

A StatusNotification of the station passes with the status of `connector_status.py` in it. The
others are made here: after transaction events, for connector 0, and again on a new link. They gate
nothing and do not survive their leg; what survives is the knowledge that one is due:

    Connector.posted    on its way: said, but not answered
    Connector.status16  last one that the CSMS has taken; None: it does not know the present one

Spec: translation-station 6.3, 6.4, 5.8 (last row).
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from gateway.core.dialects import UNSUPPORTED, Side, Version
from gateway.core.session.bindings import Bindings
from gateway.core.session.desk import Desk
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.connector_status import (
    AVAILABLE,
    error_code16,
    station_status16,
    status16,
)
from gateway.core.session.procedures.cost_to_v16 import freed_of, unplugged
from gateway.core.session.procedures.event_time import later
from gateway.core.session.requests import Outcome, Procedure, Reply
from gateway.core.session.state import Connector, Transaction
from gateway.core.timestamps import normalise, utc_text

_OF_STATION, _AFTER_EVENT = "StatusNotification", "TransactionStatus"
"""Maps of the messages made here; all that they carry is computed."""


def status_to_v16(x: Exchange) -> Procedure:
    """A station's StatusNotification: always one for the CSMS, and gating."""
    desk, bindings, payload = x.desk, x.desk.bindings, x.payload
    evse_id, connector_id = payload["evseId"], payload["connectorId"]
    number = bindings.connector16(evse_id, connector_id)
    freed = freed_of(bindings, evse_id, connector_id, payload["connectorStatus"])
    connector = reported(bindings, evse_id, connector_id, payload["connectorStatus"])
    status = computed(bindings, connector)
    time = normalise(payload["timestamp"], desk.settings.timezone_default)
    connector.posted, connector.posted_time, connector.posted_fault = status, time, None
    request = x.request(_values(connector, number, status, time))
    reply = yield x.ask(request, late=partial(_late, desk, connector, status))
    _taken(desk, connector, status, time, reply)
    yield x.conclude(reply)
    unplugged(desk, freed, time)


def reported(bindings: Bindings, evse_id: int, connector_id: int, status: str) -> Connector:
    """Take a connectorStatus of the station into what is known of the connector."""
    connector = bindings.connector(evse_id, connector_id)
    connector.status201 = status
    if status == AVAILABLE:
        connector.after_tx = False
    bindings.keep_connector(connector)
    return connector


def report(
    desk: Desk,
    connector: Connector,
    time: str,
    values: Mapping[str, Any] | None = None,
) -> None:
    """Post the status of a connector of which a message other than a StatusNotification spoke.

    time: of that message, as maps put it out; values: of the state table, where it says more.
    """
    _post(desk, connector, computed(desk.bindings, connector), time, _OF_STATION, values)


def computed(bindings: Bindings, connector: Connector) -> str:
    """The connector's 1.6 status as everything known makes it."""
    if connector.evse_id == 0:
        return station_status16(connector.status201 or AVAILABLE)
    return _status(connector, _running(bindings, connector))


def after_event(desk: Desk, record: Transaction, time: str) -> None:
    """Post a StatusNotification if a transaction event has changed what the status is.

    record: as it is after the event; nothing is said of one whose connector is unknown. Where it
    has ended, another one may run there by now.
    time: of the event, as maps put it out.
    """
    if record.evse_id is None or record.connector_id is None or record.connector16 is None:
        return
    connector = desk.bindings.connector(record.evse_id, record.connector_id)
    running = record if record.is_open else _running(desk.bindings, connector)
    status = _status(connector, running)
    if status != (connector.posted or connector.status16):
        _post(desk, connector, status, time, _AFTER_EVENT)


def connector0_up(desk: Desk) -> None:
    """The station has been accepted: connector 0 is Available, before anything else is said (6.4).

    Nothing where `a.status_connector0` is off.
    """
    if desk.settings.a.status_connector0:
        connector = reported(desk.bindings, 0, 0, AVAILABLE)
        _post(desk, connector, AVAILABLE, utc_text(desk.now), _OF_STATION)


def connector0_asked(desk: Desk) -> None:
    """The CSMS asks how connector 0 is: as the station said last (translation-csms 3.9)."""
    connector = desk.bindings.connector(0, 0)
    report(desk, connector, utc_text(desk.now))


def csms_up(desk: Desk) -> None:
    """The CSMS has a new link: the newest status of each connector whose last one it never took.

    Where the station still waits for its own StatusNotification, that goes out again by itself.
    """
    bindings, waiting = desk.bindings, _waiting(desk)
    for connector in list(bindings.connectors()):
        if connector.posted is None and connector.status16 is not None:
            continue
        if connector.posted_time is None and connector.status201 is None:
            continue  # nothing was ever due: offline events change no status
        if bindings.connector16(connector.evse_id, connector.connector_id) in waiting:
            continue
        time = connector.posted_time or utc_text(desk.now)
        fault = connector.posted_fault if _lasts(connector, connector.posted_fault) else None
        _post(desk, connector, computed(bindings, connector), time, _OF_STATION, fault)


def _waiting(desk: Desk) -> set[int]:
    """1.6 numbers of the connectors whose status is queued on behalf of the station."""
    action = desk.map(_OF_STATION).to(Version.V16).action
    calls = desk.ledgers[Side.CSMS].queue
    return {
        call.payload["connectorId"]
        for call in calls
        if call.exchange is not None and call.action == action
    }


def _running(bindings: Bindings, connector: Connector) -> Transaction | None:
    """The newest open transaction of the connector."""
    on_it = [
        record
        for record in bindings.running(connector.evse_id)
        if record.connector_id == connector.connector_id and record.is_open
    ]
    return on_it[-1] if on_it else None


def _status(connector: Connector, running: Transaction | None) -> str:
    if running is None:
        return status16(connector.status201, False, after_tx=connector.after_tx)
    return status16(connector.status201, True, running.charging_state, running.energised)


def _values(connector: Connector, number: int, status: str, time: str) -> dict[str, Any]:
    return {
        "connector_id": number,
        "status16": status,
        "error_code16": error_code16(connector.status201, connector.error_code),
        "status_time": time,
    }


def _post(
    desk: Desk,
    connector: Connector,
    status: str,
    time: str,
    name: str,
    more: Mapping[str, Any] | None = None,
    *,
    repeated: bool = False,
) -> None:
    """Queue a status that no message of the station carries. name: of the map that makes it.

    more: values beside, or in place of, those that the connector itself tells.
    """
    bindings = desk.bindings
    number = bindings.connector16(connector.evse_id, connector.connector_id)
    direction = desk.map(name).to(Version.V16)
    assert direction.request is not None
    values = {**_values(connector, number, status, time), **(more or {})}
    payload = direction.request({}, bindings, values, [])
    connector.posted, connector.posted_time = status, time
    connector.posted_fault = dict(more) if more else None
    bindings.keep_connector(connector)
    again = None if repeated else partial(_repeat, desk, connector, status, time, name, more)
    settled = partial(_settled, desk, connector, status, time, again)
    desk.post(Side.CSMS, direction.action, payload, settled)


def _repeat(
    desk: Desk,
    connector: Connector,
    status: str,
    time: str,
    name: str,
    more: Mapping[str, Any] | None,
) -> None:
    """Post what is true by now. Where that is on its way already, only a fault that lasts: the
    newer status says nothing of it."""
    if _lasts(connector, more) or _is_newest(connector, status, time):
        time = later(time, connector.posted_time)
        _post(desk, connector, computed(desk.bindings, connector), time, name, more, repeated=True)


def _lasts(connector: Connector, fault: Mapping[str, Any] | None) -> bool:
    """Whether what a status said of a fault still holds."""
    return fault is not None and fault["error_code16"] == connector.error_code


def _settled(
    desk: Desk,
    connector: Connector,
    status: str,
    time: str,
    again: Callable[[], None] | None,
    reply: Reply,
) -> None:
    """The end of a status that was posted: refused for the moment, it is repeated once (5.8).

    again: does that; None where this was the repeat.
    """
    if again is not None and reply.is_retryable:
        again()
    else:
        _taken(desk, connector, status, time, reply)


def _late(desk: Desk, connector: Connector, status: str, reply: Reply) -> None:
    """An answer that the station no longer waits for, unless a newer status is on its way."""
    if connector.status16 is None and connector.posted is None:
        _taken(desk, connector, status, "", reply)


def _taken(desk: Desk, connector: Connector, status: str, time: str, reply: Reply) -> None:
    """Note what the CSMS knows now. A lasting refusal counts as taken: it is absorbed.

    time: as posted; the same status may be on its way once more, behind another one.
    """
    if _is_newest(connector, status, time):
        connector.posted = None
    unheard = reply.outcome in (Outcome.NONE, Outcome.LOST)
    connector.status16 = None if unheard else status
    desk.bindings.keep_connector(connector)
    if reply.error is not None and reply.error.code not in UNSUPPORTED:
        desk.note("absorbed", f"the CSMS refuses status {status}: {reply.error.code}")


def _is_newest(connector: Connector, status: str, time: str) -> bool:
    """Whether nothing has been posted since; status, time: as posted then."""
    return (connector.posted, connector.posted_time) == (status, time)
