"""What a 1.6 station and a 2.0.1 CSMS do with each other in a day (direction B).

Each exchange asserts what the far peer got and what came back; they run in this order.
"""

from typing import Any

from tests.interop.answers import ACCEPTED, BOOTED, CERTIFICATE, LOG_FILE, NOW, PERIODS
from tests.interop.both_directions import data_transfer, heartbeat, security
from tests.interop.peer import Exchanges, Payload, Session

TAG = "04A2B3C4D5E680"
TOKEN = {"idToken": TAG, "type": "ISO14443"}
EVSE = {"id": 1, "connectorId": 1}
REGISTER = {"measurand": "Energy.Active.Import.Register"}
PEM = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUexample\n-----END CERTIFICATE-----\n"
LIMIT = {"chargingRateUnit": "A", "chargingSchedulePeriod": PERIODS}
FIRMWARE = {"location": "https://fw.example.org/2.4.bin"}
UNSUPPORTED = {"statusInfo": {"reasonCode": "UnsupportedRequest"}}


def _reading(at: str, value: str, context: str) -> list[Payload]:
    sample = {"value": value, "context": context, **REGISTER, "unit": "Wh"}
    return [{"timestamp": at, "sampledValue": [sample]}]


def _read(at: str, value: float, context: str) -> list[Payload]:
    sample = {"value": value, "context": context, **REGISTER, "unitOfMeasure": {"unit": "Wh"}}
    return [{"timestamp": at, "sampledValue": [sample]}]


async def _status(s: Session, at: str, status: str, expected: str) -> None:
    told = {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": at}
    assert await s.call_csms("StatusNotification", told) == {}
    if expected:
        assert await s.at_csms.take("StatusNotification") == {
            "timestamp": at,
            "connectorStatus": expected,
            "evseId": 1,
            "connectorId": 1,
        }


def _place(component: str, variable: str) -> Payload:
    return {"component": {"name": component}, "variable": {"name": variable}}


HEARTBEATS = _place("OCPPCommCtrlr", "HeartbeatInterval")


# -- the station begins ------------------------------------------------------------------------


async def boot(s: Session) -> None:
    station = {"chargePointModel": "AC-22", "chargePointVendor": "Vendor", "firmwareVersion": "1.2"}
    assert await s.call_csms("BootNotification", station) == BOOTED
    told = await s.at_csms.take("BootNotification")
    expected = {"vendorName": "Vendor", "model": "AC-22", "firmwareVersion": "1.2"}
    assert told["chargingStation"] == expected


async def status(s: Session) -> None:
    await _status(s, "2025-06-01T08:01:00Z", "Available", "Available")


# -- the CSMS sets it up -----------------------------------------------------------------------


async def configuration(s: Session) -> None:
    unknown = _place("NoSuchCtrlr", "X")
    answer = await s.call_station("GetVariables", {"getVariableData": [HEARTBEATS, unknown]})
    found, missing = answer["getVariableResult"]
    actual = {"attributeType": "Actual", "attributeStatus": "Accepted"}
    assert found == {**HEARTBEATS, **actual, "attributeValue": "300"}
    assert missing["attributeStatus"] == "UnknownComponent"
    assert await s.at_station.take("GetConfiguration") == {"key": ["HeartbeatInterval"]}
    settings = [{**HEARTBEATS, "attributeValue": "600"}, {**unknown, "attributeValue": "1"}]
    answer = await s.call_station("SetVariables", {"setVariableData": settings})
    done, missing = answer["setVariableResult"]
    assert (done, missing["attributeStatus"]) == ({**HEARTBEATS, **actual}, "UnknownComponent")
    changed = await s.at_station.take("ChangeConfiguration")
    assert changed == {"key": "HeartbeatInterval", "value": "600"}


async def report(s: Session) -> None:
    wish = {"requestId": 501, "reportBase": "FullInventory"}
    assert await s.call_station("GetBaseReport", wish) == ACCEPTED
    assert await s.at_station.take("GetConfiguration") == {}
    rows, seq_no, more = [], 0, True
    while more:
        part = await s.at_csms.take("NotifyReport")
        assert (part["requestId"], part["seqNo"]) == (501, seq_no)
        rows += part["reportData"]
        seq_no, more = seq_no + 1, part["tbc"]
    values = {_name(row): row["variableAttribute"][0].get("value") for row in rows}
    assert values["OCPPCommCtrlr", "HeartbeatInterval"] == "300"
    assert values["SmartChargingCtrlr", "RateUnit"] == "A,W"
    assert values["OCPP16LegacyCtrlr", "AcmeLight"] == "on"
    wish = {"requestId": 502, "componentVariable": [HEARTBEATS]}
    assert await s.call_station("GetReport", wish) == ACCEPTED
    assert await s.at_station.take("GetConfiguration") == {"key": ["HeartbeatInterval"]}
    (row,) = (await s.at_csms.take("NotifyReport"))["reportData"]
    assert _name(row) == ("OCPPCommCtrlr", "HeartbeatInterval")


def _name(row: Payload) -> tuple[str, str]:
    return row["component"]["name"], row["variable"]["name"]


async def profiles(s: Session) -> None:
    profile = {"stackLevel": 0, "chargingProfileKind": "Relative"}
    purpose = {"chargingProfilePurpose": "TxDefaultProfile"}
    own = {"id": 9, **profile, **purpose, "chargingSchedule": [{"id": 1, **LIMIT}]}
    wish = {"evseId": 2, "chargingProfile": own}
    assert await s.call_station("SetChargingProfile", wish) == ACCEPTED
    sent = {"chargingProfileId": 9, **profile, **purpose, "chargingSchedule": LIMIT}
    asked = await s.at_station.take("SetChargingProfile")
    assert asked == {"connectorId": 2, "csChargingProfiles": sent}
    wish = {"requestId": 77, "evseId": 2, "chargingProfile": {"chargingLimitSource": ["CSO"]}}
    assert await s.call_station("GetChargingProfiles", wish) == ACCEPTED
    told = await s.at_csms.take("ReportChargingProfiles")
    assert (told["requestId"], told["evseId"], told["chargingProfile"]) == (77, 2, [own])
    wish = {"duration": 900, "chargingRateUnit": "A"}
    composite = await s.call_station("GetCompositeSchedule", {"evseId": 2, **wish})
    assert await s.at_station.take("GetCompositeSchedule") == {"connectorId": 2, **wish}
    schedule = {"evseId": 2, "duration": 900, "scheduleStart": NOW, **LIMIT}
    assert composite == {"status": "Accepted", "schedule": schedule}
    criteria = {"evseId": 2, "chargingProfilePurpose": "TxDefaultProfile"}
    wish = {"chargingProfileCriteria": criteria}
    assert await s.call_station("ClearChargingProfile", wish) == ACCEPTED
    asked = await s.at_station.take("ClearChargingProfile")
    assert asked == {"connectorId": 2, "chargingProfilePurpose": "TxDefaultProfile"}


async def local_list(s: Session) -> None:
    info = {"status": "Accepted", "groupIdToken": {"idToken": "FLEET", "type": "Central"}}
    entries = [{"idToken": TOKEN, "idTokenInfo": info}]
    wish = {"versionNumber": 7, "updateType": "Full", "localAuthorizationList": entries}
    assert await s.call_station("SendLocalList", wish) == ACCEPTED
    entry = {"idTag": TAG, "idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET"}}
    sent = {"listVersion": 7, "updateType": "Full", "localAuthorizationList": [entry]}
    assert await s.at_station.take("SendLocalList") == sent
    assert await s.call_station("GetLocalListVersion", {}) == {"versionNumber": 7}
    assert await s.at_station.take("GetLocalListVersion") == {}
    assert await s.call_station("ClearCache", {}) == ACCEPTED
    assert await s.at_station.take("ClearCache") == {}


async def certificates(s: Session) -> None:
    use = {"certificateType": "CSMSRootCertificate"}
    assert await s.call_station("InstallCertificate", {**use, "certificate": PEM}) == ACCEPTED
    root = {"certificateType": "CentralSystemRootCertificate"}
    assert await s.at_station.take("InstallCertificate") == {**root, "certificate": PEM}
    wish = {"certificateType": ["CSMSRootCertificate"]}
    chain = [{**use, "certificateHashData": CERTIFICATE}]
    found = await s.call_station("GetInstalledCertificateIds", wish)
    assert found == {"status": "Accepted", "certificateHashDataChain": chain}
    assert await s.at_station.take("GetInstalledCertificateIds") == root
    named = {"certificateHashData": CERTIFICATE}
    assert await s.call_station("DeleteCertificate", named) == ACCEPTED
    assert await s.at_station.take("DeleteCertificate") == named
    request = {"csr": "-----BEGIN CERTIFICATE REQUEST-----\nMIIB"}
    assert await s.call_csms("SignCertificate", request) == ACCEPTED
    assert (await s.at_csms.take("SignCertificate"))["csr"] == request["csr"]
    assert await s.call_station("CertificateSigned", {"certificateChain": PEM}) == ACCEPTED
    assert await s.at_station.take("CertificateSigned") == {"certificateChain": PEM}


# -- vehicles come -----------------------------------------------------------------------------


async def authorize(s: Session) -> None:
    assert await s.call_csms("Authorize", {"idTag": TAG}) == {"idTagInfo": ACCEPTED}
    assert await s.at_csms.take("Authorize") == {"idToken": TOKEN}


async def transaction_token_first(s: Session) -> None:
    times = [f"2025-06-01T09:0{minute}:00Z" for minute in range(5)]
    await _status(s, times[0], "Preparing", "Occupied")
    tx16, tx201 = await _starts(s, times[1], 10500, TOKEN, "Authorized")
    await _status(s, times[2], "Charging", "")
    changed = await s.at_csms.take("TransactionEvent")
    info = {"transactionId": tx201, "chargingState": "Charging"}
    assert (changed["transactionInfo"], changed["seqNo"]) == (info, 1)
    at = times[3]
    values = _reading(at, "13200", "Sample.Periodic")
    told = {"connectorId": 1, "transactionId": tx16, "meterValue": values}
    assert await s.call_csms("MeterValues", told) == {}
    updated = await s.at_csms.take("TransactionEvent")
    assert updated["triggerReason"] == "MeterValuePeriodic"
    assert updated["transactionInfo"] == {"transactionId": tx201}
    assert (updated["seqNo"], updated["meterValue"]) == (2, _read(at, 13200, "Sample.Periodic"))
    await _ends(s, times[4], (tx16, tx201, 3), ("Local", "StopAuthorized", "Local"))


async def _starts(
    s: Session, at: str, register: int, token: dict[str, str], trigger: str, **info: Any
) -> tuple[int, str]:
    """A transaction begins: its 1.6 and its 2.0.1 id."""
    starts = {"connectorId": 1, "idTag": TAG, "meterStart": register, "timestamp": at}
    answer = await s.call_csms("StartTransaction", starts)
    assert answer["idTagInfo"] == ACCEPTED
    started = await s.at_csms.take("TransactionEvent")
    tx201: str = started["transactionInfo"].pop("transactionId")
    assert started.pop("offline", True) is True
    assert started == {
        "eventType": "Started",
        "timestamp": at,
        "triggerReason": trigger,
        "seqNo": 0,
        "transactionInfo": {"chargingState": "EVConnected", **info},
        "evse": EVSE,
        "idToken": token,
        "meterValue": _read(at, register, "Transaction.Begin"),
    }
    return answer["transactionId"], tx201


async def _ends(
    s: Session, at: str, tx: tuple[int, str, int], reasons: tuple[str, str, str]
) -> None:
    """It ends. tx: its ids and next seqNo; reasons: of 1.6, then trigger and reason of 2.0.1."""
    tx16, tx201, seq_no = tx
    stops = {"meterStop": 18751, "timestamp": at, "transactionId": tx16, "idTag": TAG}
    answer = await s.call_csms("StopTransaction", {**stops, "reason": reasons[0]})
    assert answer == {"idTagInfo": ACCEPTED}
    ended = await s.at_csms.take("TransactionEvent")
    assert (ended["eventType"], ended["seqNo"]) == ("Ended", seq_no)
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == reasons[1:]
    assert ended["transactionInfo"]["transactionId"] == tx201
    assert ended["meterValue"] == _read(at, 18751, "Transaction.End")
    await _status(s, at, "Finishing", "")
    await _status(s, at, "Available", "Available")


async def remote_start_and_stop(s: Session) -> None:
    token = {"idToken": TAG, "type": "Central"}
    profile = {"stackLevel": 1, "chargingProfileKind": "Relative"}
    purpose = {"chargingProfilePurpose": "TxProfile"}
    schedules = [{"id": 1, **LIMIT}]
    limit = {"id": 41, **profile, **purpose, "chargingSchedule": schedules}
    wish = {"idToken": token, "remoteStartId": 77, "evseId": 1, "chargingProfile": limit}
    answer = await s.call_station("RequestStartTransaction", wish)
    assert answer["status"] == "Accepted"
    sent = {"chargingProfileId": 41, **profile, **purpose, "chargingSchedule": LIMIT}
    asked = await s.at_station.take("RemoteStartTransaction")
    assert asked == {"connectorId": 1, "idTag": TAG, "chargingProfile": sent}
    at = "2025-06-01T10:00:00Z"
    await _status(s, at, "Preparing", "Occupied")
    tx16, tx201 = await _starts(s, at, 18751, token, "RemoteStart", remoteStartId=77)
    wish = {"transactionId": tx201}
    assert (await s.call_station("RequestStopTransaction", wish))["status"] == "Accepted"
    assert await s.at_station.take("RemoteStopTransaction") == {"transactionId": tx16}
    reasons = ("Remote", "RemoteStop", "Remote")
    await _ends(s, "2025-06-01T10:30:00Z", (tx16, tx201, 1), reasons)


async def meter_values(s: Session) -> None:
    at = "2025-06-01T11:00:00Z"
    told = {"connectorId": 1, "meterValue": _reading(at, "18751", "Sample.Clock")}
    assert await s.call_csms("MeterValues", told) == {}
    read = _read(at, 18751, "Sample.Clock")
    assert await s.at_csms.take("MeterValues") == {"evseId": 1, "meterValue": read}


async def reservation(s: Session) -> None:
    until = "2036-03-01T11:00:00Z"
    wish = {"id": 7, "expiryDateTime": until, "idToken": TOKEN, "evseId": 1}
    assert await s.call_station("ReserveNow", wish) == ACCEPTED
    assert await s.at_station.take("ReserveNow") == {
        "reservationId": 7,
        "connectorId": 1,
        "idTag": TAG,
        "expiryDate": until,
    }
    await _status(s, "2025-06-01T11:01:00Z", "Reserved", "Reserved")
    assert await s.call_station("CancelReservation", {"reservationId": 7}) == ACCEPTED
    assert await s.at_station.take("CancelReservation") == {"reservationId": 7}
    await _status(s, "2025-06-01T11:02:00Z", "Available", "Available")


# -- upkeep ------------------------------------------------------------------------------------


async def firmware(s: Session) -> None:
    at = "2025-06-02T01:00:00Z"
    image = {**FIRMWARE, "retrieveDateTime": at}
    wish = {"requestId": 71, "retries": 2, "retryInterval": 300, "firmware": image}
    assert await s.call_station("UpdateFirmware", wish) == ACCEPTED
    asked = await s.at_station.take("UpdateFirmware")
    assert asked == {**FIRMWARE, "retrieveDate": at, "retries": 2, "retryInterval": 300}
    for progress in ("Downloading", "Downloaded", "Installing", "Installed"):
        assert await s.call_csms("FirmwareStatusNotification", {"status": progress}) == {}
        told = await s.at_csms.take("FirmwareStatusNotification")
        assert told == {"status": progress, "requestId": 71}


async def signed_firmware(s: Session) -> None:
    proof = {"signingCertificate": PEM, "signature": "MEUCIQ=="}
    image = {**FIRMWARE, "retrieveDateTime": "2025-06-03T01:00:00Z", **proof}
    wish = {"requestId": 72, "firmware": image}
    assert await s.call_station("UpdateFirmware", wish) == ACCEPTED
    assert await s.at_station.take("SignedUpdateFirmware") == wish
    told = {"status": "InvalidSignature", "requestId": 72}
    assert await s.call_csms("SignedFirmwareStatusNotification", told) == {}
    assert await s.at_csms.take("FirmwareStatusNotification") == told
    wish = {"requestId": 73, "location": FIRMWARE["location"], "checksum": "0f" * 16}
    refused = await s.call_station("PublishFirmware", wish)
    assert refused == {"status": "Rejected", **UNSUPPORTED}


async def diagnostics(s: Session) -> None:
    """Nothing is known of the security extension yet: diagnostics go the old way."""
    log = {"remoteLocation": "ftp://files.example.org/logs", "oldestTimestamp": NOW}
    wish = {"logType": "DiagnosticsLog", "requestId": 81, "log": log}
    answer = await s.call_station("GetLog", wish)
    assert answer == {"status": "Accepted", "filename": LOG_FILE}
    asked = await s.at_station.take("GetDiagnostics")
    assert asked == {"location": "ftp://files.example.org/logs", "startTime": NOW}
    for progress in ("Uploading", "Uploaded"):
        assert await s.call_csms("DiagnosticsStatusNotification", {"status": progress}) == {}
        told = await s.at_csms.take("LogStatusNotification")
        assert told == {"status": progress, "requestId": 81}


async def fault(s: Session) -> None:
    at = "2025-06-01T12:00:00Z"
    told = {"connectorId": 1, "errorCode": "ConnectorLockFailure", "status": "Faulted"}
    told |= {"timestamp": at, "vendorErrorCode": "L-17"}
    assert await s.call_csms("StatusNotification", told) == {}
    assert (await s.at_csms.take("StatusNotification"))["connectorStatus"] == "Faulted"
    (event,) = (await s.at_csms.take("NotifyEvent"))["eventData"]
    assert (event["component"]["evse"], event["actualValue"]) == (EVSE, "true")
    await _status(s, "2025-06-01T12:05:00Z", "Available", "Available")
    (event,) = (await s.at_csms.take("NotifyEvent"))["eventData"]
    assert (event["cleared"], event["actualValue"]) == (True, "false")


async def monitoring(s: Session) -> None:
    wish = {"requestId": 91, "monitoringCriteria": ["ThresholdMonitoring"]}
    answer = await s.call_station("GetMonitoringReport", wish)
    assert answer["status"] in ("NotSupported", "EmptyResultSet")
    level = await s.call_station("SetMonitoringLevel", {"severity": 5})
    assert level["status"] == "Rejected"


async def change_availability(s: Session) -> None:
    change = {"operationalStatus": "Inoperative", "evse": {"id": 1}}
    assert await s.call_station("ChangeAvailability", change) == {"status": "Scheduled"}
    asked = await s.at_station.take("ChangeAvailability")
    assert asked == {"connectorId": 1, "type": "Inoperative"}


async def unlock(s: Session) -> None:
    wish = {"evseId": 1, "connectorId": 1}
    assert await s.call_station("UnlockConnector", wish) == {"status": "Unlocked"}
    assert await s.at_station.take("UnlockConnector") == {"connectorId": 1}


async def trigger(s: Session) -> None:
    wish = {"requestedMessage": "StatusNotification", "evse": EVSE}
    assert await s.call_station("TriggerMessage", wish) == ACCEPTED
    asked = await s.at_station.take("TriggerMessage")
    assert asked == {"requestedMessage": "StatusNotification", "connectorId": 1}
    await status(s)


async def reset(s: Session) -> None:
    assert await s.call_station("Reset", {"type": "Immediate"}) == ACCEPTED
    assert await s.at_station.take("Reset") == {"type": "Hard"}
    await boot(s)


EXCHANGES: Exchanges = (
    boot,
    status,
    heartbeat,
    configuration,
    report,
    profiles,
    local_list,
    authorize,
    transaction_token_first,
    remote_start_and_stop,
    meter_values,
    reservation,
    firmware,
    diagnostics,
    certificates,
    signed_firmware,
    security,
    fault,
    monitoring,
    change_availability,
    unlock,
    trigger,
    data_transfer,
    reset,
)
