"""What procedures compute and maps fill in by name: `fill: {state: meter_start}`.

One table: name, JSON type, limits and how the value comes about. Values are plain JSON in the
*target* version's terms. A value that is missing (or None) leaves an optional field out; a required
field makes it mandatory, which the checker can see from the map. The checker compares every entry
with the field that it fills; `explain` prints the summary.
"""

from typing import NamedTuple, get_args

from gateway.core.settings import TokenType

_CHARGING_STATES = ("Charging", "EVConnected", "SuspendedEV", "SuspendedEVSE", "Idle")
_STATUS_16 = (
    "Available",
    "Preparing",
    "Charging",
    "SuspendedEVSE",
    "SuspendedEV",
    "Finishing",
    "Reserved",
    "Unavailable",
    "Faulted",
)
_ERROR_16 = (
    "ConnectorLockFailure",
    "EVCommunicationError",
    "GroundFailure",
    "HighTemperature",
    "InternalError",
    "LocalListConflict",
    "NoError",
    "OtherError",
    "OverCurrentFailure",
    "PowerMeterFailure",
    "PowerSwitchFailure",
    "ReaderFailure",
    "ResetFailure",
    "UnderVoltage",
    "OverVoltage",
    "WeakSignal",
)
_STOP_REASONS_16 = (
    "EmergencyStop",
    "EVDisconnected",
    "HardReset",
    "Local",
    "Other",
    "PowerLoss",
    "Reboot",
    "Remote",
    "SoftReset",
    "UnlockCommand",
    "DeAuthorized",
)
_TRIGGER_REASONS_201 = (
    "Authorized",
    "ChargingStateChanged",
    "EVCommunicationLost",
    "MeterValueClock",
    "MeterValuePeriodic",
    "Trigger",
    "RemoteStart",
    "AbnormalCondition",
)
_TOKEN_TYPES_201 = get_args(TokenType)
_BOOT_REASONS_201 = (
    "FirmwareUpdate",
    "RemoteReset",
    "ScheduledReset",
    "Triggered",
)


class State(NamedTuple):
    """One value that a procedure computes.

    type: JSON type; format: "date-time" for timestamps, already in normal form
    (translation-station 1.3); enum: every value that may occur; max_length: of a string.
    chosen: one of the target's own values, which the map's parameters list.
    """

    type: str
    summary: str
    enum: tuple[str, ...] = ()
    max_length: int | None = None
    format: str = ""
    chosen: bool = False


def _time(summary: str) -> State:
    return State("string", summary, format="date-time")


STATES: dict[str, State] = {
    # Addresses and tokens
    "connector_id": State(
        "integer", "1.6 connectorId of the EVSE's connector (translation-station 1.7)"
    ),
    "evse_id": State("integer", "2.0.1 EVSE of the 1.6 connectorId; absent: the whole station"),
    "evse_connector_id": State(
        "integer",
        "connector on that EVSE; absent unless the EVSE has several or the message needs it",
    ),
    "id_tag": State(
        "string",
        "1.6 idTag of the start token (translation-station 5.2, 1.8)",
        max_length=20,
    ),
    "id_token": State(
        "string", "2.0.1 token of the idTag in a remote start (translation-csms 1.4)", max_length=36
    ),
    "token_type": State(
        "string", "type of that token (translation-csms 1.4)", enum=_TOKEN_TYPES_201
    ),
    # 2.0.1 station, 1.6 CSMS
    "transaction_id16": State(
        "integer",
        "1.6 transactionId of the transaction: as the CSMS gave it, -1 if it never did; "
        "absent where no single open transaction applies",
    ),
    "meter_start": State("integer", "register at the start, Wh (translation-station 5.9)"),
    "start_time": _time("when the transaction started (translation-station 5.5)"),
    "reservation_id": State("integer", "reservation of this or an earlier event"),
    "meter_stop": State("integer", "register at the end, Wh (translation-station 5.9)"),
    "stop_time": _time("when the transaction ended (translation-station 5.5)"),
    "stop_reason16": State(
        "string",
        "from stoppedReason, triggerReason and what the gateway did (translation-station 5.10)",
        enum=_STOP_REASONS_16,
    ),
    "status16": State(
        "string", "the nine-state status of the connector (translation-station 6.2)", _STATUS_16
    ),
    "error_code16": State(
        "string",
        "remembered error code if the connector is faulted, else NoError (translation-station 6.3)",
        _ERROR_16,
    ),
    "status_time": _time("timestamp of the message that caused the status"),
    "status_info": State(
        "string", "text of the fault event behind the status, if any", max_length=50
    ),
    "vendor_error_code": State(
        "string", "code of the fault event behind the status, if any", max_length=50
    ),
    "id_token_info": State(
        "object",
        "what the CSMS says of a token that the same event brought (translation-station 5.6)",
    ),
    # 1.6 station, 2.0.1 CSMS
    "transaction_id201": State(
        "string", "2.0.1 transactionId bound to the 1.6 number (7.1)", max_length=36
    ),
    "sequence": State("integer", "next seqNo of the transaction (translation-station 7.1)"),
    "trigger_reason": State(
        "string",
        "why the event is sent (translation-station 7.2, 7.4, 8)",
        enum=_TRIGGER_REASONS_201,
    ),
    "charging_state": State(
        "string", "from the connector's last 1.6 status (translation-station 7.2)", _CHARGING_STATES
    ),
    "offline": State(
        "boolean",
        "true if older than the station's connection (translation-station 7.3), else absent",
    ),
    "remote_start_id": State(
        "integer",
        "id of the remote start that this transaction answers; made by the gateway where a "
        "1.6 CSMS starts one (translation-csms 1.5)",
    ),
    "event_time": _time("latest timestamp of the meter values (translation-station 7.4)"),
    "boot_reason": State(
        "string",
        "why the station booted, where the gateway knows it (translation-station 3.1)",
        enum=_BOOT_REASONS_201,
    ),
    "event_id": State("integer", "durable counter of the station's events (translation-station 8)"),
    "fault_active": State(
        "string", "true while the fault lasts, false when it is cleared", enum=("true", "false")
    ),
    "fault_cleared": State("boolean", "true when the fault is cleared, else absent"),
    "component_name": State(
        "string", "component of the error code, table FaultComponent", max_length=50
    ),
    "variable_name": State("string", "variable of the error code, same table", max_length=50),
    # Commands of the CSMS
    "requested_duration": State(
        "integer", "duration of the schedule that was asked for, seconds (translation-csms 4.7)"
    ),
    "reset_type16": State("string", "translation-csms 3.3", enum=("Hard", "Soft")),
    "reset_type201": State("string", "translation-csms 3.3", enum=("Immediate", "OnIdle")),
    "requested_message16": State(
        "string", "which message to trigger (translation-csms 3.9)", chosen=True
    ),
    "requested_message201": State(
        "string", "which message to trigger (translation-csms 3.9)", chosen=True
    ),
    "item_results": State(
        "array", "one result for each item of the request (procedure `answer`, parameter items)"
    ),
    "certificate_use16": State(
        "string", "which certificates are asked for (translation-csms 3.14)", chosen=True
    ),
    "certificate_use201": State("string", "what the certificates were asked as", chosen=True),
    "certificate_uses201": State("array", "the same, as the list that 2.0.1 has"),
    # Configuration
    "key_names": State("array", "1.6 keys to read; absent: all (translation-csms 6.6)"),
    "key_name": State("string", "1.6 key to write (translation-csms 6.6)", max_length=50),
    "key_value": State("string", "its value (translation-csms 5)", max_length=500),
    "key_status": State(
        "string",
        "fold of what became of the variables (translation-csms 6.4)",
        enum=("Accepted", "Rejected", "RebootRequired", "NotSupported"),
    ),
    "configuration_keys": State("array", "1.6 keys with their values (translation-csms 6.2, 6.3)"),
    "unknown_keys": State("array", "1.6 keys that the station does not have"),
    "variable_queries": State("array", "variables to read (translation-csms 6.2)"),
    "variable_results": State("array", "what became of each (translation-csms 6.6)"),
    "variable_settings": State("array", "variables to write (translation-csms 6.4)"),
    "setting_results": State("array", "what became of each (translation-csms 6.6)"),
    "request_id": State("integer", "id of a request of the gateway's own (translation-csms 1.5)"),
    "report_base": State(
        "string",
        "`devicemodel.report_base`, or what the station supports of it (translation-csms 6.3)",
        enum=("FullInventory", "ConfigurationInventory"),
    ),
    "report_variables": State("array", "variables whose characteristics are asked for"),
    "report_status": State(
        "string", "whether a report follows", enum=("Accepted", "EmptyResultSet")
    ),
}
"""Every state value by name. Besides these a response translator finds the caller's own request
under "request"; maps reach it with `when: {request: ...}` and `with: {request: ...}` only."""
