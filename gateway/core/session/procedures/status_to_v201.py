"""status_to_v201: what a 1.6 connector's status means to a 2.0.1 CSMS.

Spec: translation-station 8. One StatusNotification becomes up to four messages: a
StatusNotification (gating), an Updated event of the transaction on that connector, and NotifyEvents
for an error code that went and one that came. All are queued at once, in that order, so that a
station link lost meanwhile takes none of them along; the station's answer waits for the first.

Must report. A connector is reported although its 2.0.1 status is unchanged when the CSMS cannot be
sure of it: after a boot was accepted, after the CSMS link was opened anew, and on a pending
trigger. The first two apply to every connector, so they raise a durable epoch, and a connector
remembers the epoch in which it was last reported.
"""

from gateway.core.dialects import Side, Version
from gateway.core.frames import JsonObject
from gateway.core.session.desk import Desk
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures import events_to_v201 as events
from gateway.core.session.procedures.transaction_to_v201 import facts
from gateway.core.session.requests import Answer, Await, Outcome, Procedure, Reply
from gateway.core.session.state import STOPPING, Connector
from gateway.core.timestamps import normalise

NO_ERROR = "NoError"

CHARGING_STATES: dict[str, tuple[str, str]] = {
    "Available": ("Idle", "EVCommunicationLost"),
    "Preparing": ("EVConnected", "ChargingStateChanged"),
    "Charging": ("Charging", "ChargingStateChanged"),
    "SuspendedEV": ("SuspendedEV", "ChargingStateChanged"),
    "SuspendedEVSE": ("SuspendedEVSE", "ChargingStateChanged"),
    "Finishing": ("EVConnected", "ChargingStateChanged"),
    "Faulted": ("SuspendedEVSE", "AbnormalCondition"),
}
"""1.6 status -> chargingState and triggerReason of an open transaction; others tell it nothing."""

FAULTS: dict[str, tuple[str, str]] = {
    "ConnectorLockFailure": ("ConnectorPlugRetentionLock", "Problem"),
    "EVCommunicationError": ("CPPWMController", "Problem"),
    "GroundFailure": ("RCD", "Tripped"),
    "HighTemperature": ("TemperatureSensor", "Problem"),
    "InternalError": ("Controller", "Problem"),
    "LocalListConflict": ("LocalAuthListCtrlr", "Problem"),
    "OverCurrentFailure": ("OverCurrentProtection", "Tripped"),
    "OverVoltage": ("ElectricalFeed", "Problem"),
    "UnderVoltage": ("ElectricalFeed", "Problem"),
    "PowerMeterFailure": ("FiscalMetering", "Problem"),
    "PowerSwitchFailure": ("PowerContactor", "Problem"),
    "ReaderFailure": ("TokenReader", "Problem"),
    "ResetFailure": ("Controller", "Problem"),
    "WeakSignal": ("DataLink", "Problem"),
    "OtherError": ("Connector", "Problem"),
}
"""1.6 errorCode -> component and variable (translation-station 6.5)."""

_EPOCH = "report_epoch"
_OUTDATED = -1


def csms_up(desk: Desk) -> None:
    """The CSMS link is open. Opened anew, every connector must report; the first time, none did."""
    table = desk.bindings.table
    epoch: int | None = table.get(_EPOCH, "")
    table.put(_EPOCH, "", 0 if epoch is None else epoch + 1)


def booted(desk: Desk) -> None:
    """A boot was accepted: every connector must report."""
    desk.bindings.table.put(_EPOCH, "", _epoch(desk) + 1)


def status_to_v201(x: Exchange) -> Procedure:
    desk, payload = x.desk, x.payload
    number: int = payload["connectorId"]
    if number == 0 and desk.settings.b.connector0_status == "drop":
        yield Answer({}, rule="connector0_dropped")
        return
    timestamp = payload.get("timestamp")
    zone = desk.settings.timezone_default
    at = normalise(timestamp, zone) if timestamp else desk.bindings.now_text
    evse_id, connector_id = desk.bindings.evse201(number)
    connector = desk.bindings.connector(evse_id, connector_id)
    call = _station_status(x) if number == 0 else _connector_status(x, connector)
    if call is not None:
        _post(x, call, connector)
    _charging_state(x, at)
    _faults(x, connector)
    connector.status16 = payload["status"]
    desk.bindings.keep_connector(connector)
    if call is None:
        yield Answer({}, losses=tuple(x.lost))
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
    due = payload["connectorStatus"] != connector.status201 or _must_report(x.desk, connector)
    connector.status201 = payload["connectorStatus"]
    connector.reported = _epoch(x.desk)
    return (x.direction.action, payload) if due else None


def _must_report(desk: Desk, connector: Connector) -> bool:
    asked = False
    for trigger in desk.bindings.triggers("StatusNotification", desk.now):
        if (trigger.evse_id, trigger.connector_id) == (connector.evse_id, connector.connector_id):
            desk.bindings.consume_trigger(trigger)
            asked = True
    return asked or connector.reported != _epoch(desk)


def _epoch(desk: Desk) -> int:
    epoch: int = desk.bindings.table.get(_EPOCH, "") or 0
    return epoch


def _topic(x: Exchange) -> tuple[str, Exchange]:
    return ("status", x)


def _post(x: Exchange, call: _Call, connector: Connector) -> None:
    """Queue the gating call. A connector whose report failed must report again."""
    desk = x.desk

    def settled(reply: Reply) -> None:
        if reply.outcome is not Outcome.RESULT:
            connector.reported = _OUTDATED
            desk.bindings.keep_connector(connector)
        desk.publish(_topic(x), reply)

    desk.post(Side.CSMS, *call, settled, tuple(x.lost))


# -- step 2: chargingState --------------------------------------------------------------------


def _charging_state(x: Exchange, timestamp: str) -> None:
    desk, status = x.desk, x.payload["status"]
    record = desk.bindings.running_on(x.payload["connectorId"])
    if record is None or record.state == STOPPING or status not in CHARGING_STATES:
        return
    charging_state, reason = CHARGING_STATES[status]
    if charging_state == record.charging_state:
        return
    state = {
        **facts(desk, record, timestamp),
        "trigger_reason": reason,
        "charging_state": charging_state,
    }
    lost: list[str] = []
    translate = desk.map("TransactionStatus").to(Version.V201).request
    event = translate(x.payload, desk.bindings, state, lost) if translate else {}
    record.charging_state = charging_state
    record.last_event_time = max(timestamp, record.last_event_time or timestamp)
    events.queue_new(desk, record, events.STATUS_UPDATED, event, lost=lost)


# -- step 3: error codes ----------------------------------------------------------------------


def _faults(x: Exchange, connector: Connector) -> None:
    """An error code that went is cleared before the one that came is raised: both may be told of
    one component, and the last word on it must be the true one."""
    code: str = x.payload["errorCode"]
    old, new = connector.error_code, None if code == NO_ERROR else code
    if old == new:
        return
    connector.error_code = new
    if old is not None:
        _notify(x, connector, old, raised=False)
    if new is not None:
        _notify(x, connector, new, raised=True)
