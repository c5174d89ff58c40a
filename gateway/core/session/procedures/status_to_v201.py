"""status_to_v201: what a 1.6 connector's status means to a 2.0.1 CSMS.

Spec: translation-station 8. One StatusNotification becomes up to five messages: a
StatusNotification (gating), an Updated event of the transaction on that connector, NotifyEvents for
an error code that went and one that came, and the end of a reservation. All are queued at once, in
that order, so that a station link lost meanwhile takes none of them along; the station's answer
waits for the first.

Must report. A connector is reported although its 2.0.1 status is unchanged when the CSMS cannot be
sure of it: after a boot was accepted, after the CSMS link was opened anew, and on a pending
trigger. The first two apply to every connector, so they raise a durable epoch, and a connector
remembers the epoch in which it was last reported.
"""

from collections.abc import Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any

from gateway.core.dialects import Side, Version
from gateway.core.frames import JsonObject
from gateway.core.session.desk import Desk
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures import transaction_events as events
from gateway.core.session.procedures.event_time import later
from gateway.core.session.procedures.reservation import left_reserved
from gateway.core.session.procedures.transaction_to_v201 import facts
from gateway.core.session.requests import Answer, Await, Outcome, Procedure, Reply
from gateway.core.session.state import STOPPING, Connector, Transaction
from gateway.core.timestamps import normalise, parse

AVAILABILITY, FAULT, TRANSACTION_STATUS = "NotifyAvailability", "NotifyFault", "TransactionStatus"
NO_ERROR, OTHER_ERROR = "NoError", "OtherError"
REPORT_EPOCH = "report_epoch"
"""Kind of the row that counts the times at which every connector had to report anew."""

_OF_RAISED_ONLY = frozenset({"info", "vendorId", "vendorErrorCode"})
_RESERVED = "Reserved"
_OUTDATED = -1
_content = attrgetter(*(field.name for field in fields(Connector)))


def csms_up(desk: Desk) -> None:
    """The CSMS link is open. Opened anew, every connector must report; the first time, none did."""
    table = desk.bindings.table
    epoch: int | None = table.get(REPORT_EPOCH, "")
    table.put(REPORT_EPOCH, "", 0 if epoch is None else epoch + 1)


def booted(desk: Desk) -> None:
    """A boot was accepted: every connector must report."""
    desk.bindings.table.put(REPORT_EPOCH, "", _epoch(desk) + 1)


def status_to_v201(x: Exchange) -> Procedure:
    desk, payload = x.desk, x.payload
    number: int = payload["connectorId"]
    if number == 0 and desk.settings.b.connector0_status == "drop":
        yield Answer({}, rule="connector0_dropped")
        return
    evse_id, connector_id = desk.bindings.evse201(number)
    connector = desk.bindings.connector(evse_id, connector_id)
    before = _content(connector)
    if not _OF_RAISED_ONLY.isdisjoint(payload):
        x.lost += _untold(x, connector)
    call = _station_status(x) if number == 0 else _connector_status(x, connector)
    if call is not None:
        _post(x, call, connector)
    record = desk.bindings.running_on(number)
    if record is not None and record.state != STOPPING:
        _charging_state(x, record)
    _faults(x, connector)
    if connector.status16 == _RESERVED and payload["status"] != _RESERVED:
        _left_reserved(x)
    connector.status16 = payload["status"]
    if _content(connector) != before:
        desk.bindings.keep_connector(connector)
    if call is None:
        yield Answer({}, rule="unchanged", losses=tuple(x.lost))
        return
    reply: Reply | None = yield Await(_topic(x), x.limit)
    while reply is not None and reply.outcome is Outcome.LOST:
        _post(x, call, connector)
        reply = yield Await(_topic(x), x.limit)
    yield x.conclude(Reply(Outcome.NONE, {}) if reply is None else reply)


# -- step 1: connectorStatus ------------------------------------------------------------------

_Call = tuple[str, JsonObject]


def _connector_status(x: Exchange, connector: Connector) -> _Call | None:
    """The StatusNotification that is due, if any."""
    payload = x.request()
    due = _must_report(x.desk, connector) or payload["connectorStatus"] != connector.status201
    connector.status201 = payload["connectorStatus"]
    return (x.direction.action, payload) if due else None


def _must_report(desk: Desk, connector: Connector) -> bool:
    asked = False
    for trigger in desk.bindings.triggers("StatusNotification", desk.now):
        if (trigger.evse_id, trigger.connector_id) == (connector.evse_id, connector.connector_id):
            desk.bindings.consume_trigger(trigger)
            asked = True
    return asked or connector.reported != _epoch(desk)


def _epoch(desk: Desk) -> int:
    epoch: int = desk.bindings.table.get(REPORT_EPOCH, "") or 0
    return epoch


def _topic(x: Exchange) -> tuple[str, Exchange]:
    return ("status", x)


def _post(x: Exchange, call: _Call, connector: Connector) -> None:
    """Queue the gating call. A connector whose report failed must report again."""
    desk = x.desk

    def settled(reply: Reply) -> None:
        reported = _epoch(desk) if reply.outcome is Outcome.RESULT else _OUTDATED
        if reported != connector.reported:
            connector.reported = reported
            desk.bindings.keep_connector(connector)
        desk.publish(_topic(x), reply)

    desk.post(Side.CSMS, *call, settled, tuple(x.lost))


# -- step 2: chargingState --------------------------------------------------------------------


def _charging_state(x: Exchange, record: Transaction) -> None:
    """Tell the open transaction of the connector, if the status says something new of it."""
    desk = x.desk
    told = _table(x, "ChargingState").get(x.payload["status"])
    if told is None or told[0] == record.charging_state:
        return
    timestamp = _time_of(x)
    lost: list[str] = []
    event = _translated(x, TRANSACTION_STATUS, x.payload, facts(desk, record, timestamp), lost)
    record.charging_state = told[0]
    record.last_event_time = later(timestamp, record.last_event_time)
    events.queue_new(desk, record, events.STATUS_UPDATED, event, lost=lost)


def _time_of(x: Exchange) -> str:
    timestamp = x.payload.get("timestamp")
    if timestamp is None:
        return x.desk.bindings.now_text
    return normalise(timestamp, x.desk.settings.timezone_default)


# -- step 3: error codes ----------------------------------------------------------------------


def _untold(x: Exchange, connector: Connector) -> list[str]:
    """Losses: what only an error code that came would carry, where none did."""
    if x.payload["errorCode"] not in (NO_ERROR, connector.error_code):
        return []
    told = (name for name in sorted(_OF_RAISED_ONLY) if x.payload.get(name))
    return [f"{x.call.action}.request:{name}" for name in told]


def _faults(x: Exchange, connector: Connector) -> None:
    """An error code that went is cleared before the one that came is raised: both may be told of
    one component, and the last word on it must be the true one."""
    payload = x.payload
    code: str = payload["errorCode"]
    old, new = connector.error_code, None if code == NO_ERROR else code
    if old == new:
        return
    connector.error_code = new
    if old is not None:
        gone = {name: value for name, value in payload.items() if name not in _OF_RAISED_ONLY}
        _notify(x, {**gone, "errorCode": old}, raised=False)
    if new is not None:
        _notify(x, payload, raised=True)


def _notify(x: Exchange, payload: JsonObject, *, raised: bool) -> None:
    desk, code = x.desk, payload["errorCode"]
    component, variable = _table(x, "FaultComponent")[code]
    if code == OTHER_ERROR and payload["connectorId"] == 0:
        component = "ChargingStation"
    state = {
        "event_id": desk.bindings.table.count("event_id"),
        "fault_active": "true" if raised else "false",
        "fault_cleared": None if raised else True,
        "component_name": component,
        "variable_name": variable,
    }
    lost: list[str] = []
    event = _translated(x, FAULT, payload, state, lost)
    _post_until_sent(desk, desk.map(FAULT).to(Version.V201).action, event, tuple(lost))


def _post_until_sent(desk: Desk, action: str, event: JsonObject, losses: tuple[str, ...]) -> None:
    """Queue an event that a broken link must not take along: nothing would repeat it."""

    def settled(reply: Reply) -> None:
        if reply.outcome is Outcome.LOST:
            _post_until_sent(desk, action, event, losses)

    desk.post(Side.CSMS, action, event, settled, losses)


# -- step 4: reservations ---------------------------------------------------------------------


def _left_reserved(x: Exchange) -> None:
    """A connector that leaves Reserved, other than for a transaction (translation-station 3.11)."""
    desk, payload = x.desk, x.payload
    at = parse(_time_of(x), desk.settings.timezone_default).timestamp()
    ending = desk.revision.maps.with_procedure("reservation_ended")
    for update in left_reserved(desk, payload["connectorId"], payload["status"], at):
        _post_until_sent(desk, ending.action(Version.V201) or "", update, ())


# -- connector 0 ------------------------------------------------------------------------------


def _station_status(x: Exchange) -> _Call:
    """The whole station's status, for which 2.0.1 has an event only."""
    state = {"event_id": x.desk.bindings.table.count("event_id")}
    event = _translated(x, AVAILABILITY, x.payload, state, x.lost)
    return (x.desk.map(AVAILABILITY).to(Version.V201).action, event)


def _table(x: Exchange, name: str) -> Mapping[str, tuple[Any, ...]]:
    return x.desk.revision.maps.table(name, Version.V201)


def _translated(
    x: Exchange, name: str, payload: JsonObject, state: JsonObject, lost: list[str]
) -> JsonObject:
    translate = x.desk.map(name).to(Version.V201).request
    return translate(payload, x.desk.bindings, state, lost) if translate else {}
