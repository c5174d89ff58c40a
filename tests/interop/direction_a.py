"""What a 2.0.1 station and a 1.6 CSMS do with each other in a day (direction A).

Each exchange asserts what the far peer got and what came back; they run in this order.
"""

import asyncio
from typing import Any

from tests.interop.answers import ACCEPTED, BOOTED, CERTIFICATE, LOG_FILE, NOW, PERIODS, TX16
from tests.interop.both_directions import data_transfer, heartbeat, security
from tests.interop.peer import Exchanges, Payload, Session

LOCAL_TX = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
REMOTE_TX = "9b2e6679-7425-40de-944b-e07fc1f90ae8"
TAG = "04A2B3C4D5E680"
TOKEN = {"idToken": TAG, "type": "ISO14443"}
EVSE = {"id": 1, "connectorId": 1}
REGISTER = {"measurand": "Energy.Active.Import.Register"}
PEM = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUexample\n-----END CERTIFICATE-----\n"
LIMIT = {"chargingRateUnit": "A", "chargingSchedulePeriod": PERIODS}
FIRMWARE = {"location": "https://fw.example.org/2.4.bin"}


def _reading(at: str, value: float, context: str) -> Payload:
    sample = {"value": value, "context": context, **REGISTER, "unitOfMeasure": {"unit": "Wh"}}
    return {"meterValue": [{"timestamp": at, "sampledValue": [sample]}]}


def _read(at: str, value: str, context: str) -> list[Payload]:
    sample = {"value": value, "context": context, **REGISTER, "unit": "Wh"}
    return [{"timestamp": at, "sampledValue": [sample]}]


async def _event(
    s: Session, kind: str, at: str, trigger: str, seq_no: int, tx: str, **more: Any
) -> Payload:
    head = {"eventType": kind, "timestamp": at, "triggerReason": trigger, "seqNo": seq_no}
    info = {"transactionId": tx, **more.pop("info", {})}
    return await s.call_csms("TransactionEvent", {**head, "transactionInfo": info, **more})


async def _status(s: Session, at: str, status: str, expected: str) -> None:
    told = {"timestamp": at, "connectorStatus": status, "evseId": 1, "connectorId": 1}
    assert await s.call_csms("StatusNotification", told) == {}
    assert await s.at_csms.take("StatusNotification") == {
        "connectorId": 1,
        "errorCode": "NoError",
        "status": expected,
        "timestamp": at,
    }


# -- the station begins ------------------------------------------------------------------------


async def boot(s: Session) -> None:
    station = {"vendorName": "Vendor", "model": "AC-22", "serialNumber": "SN-1"}
    boots = {"chargingStation": station, "reason": "PowerUp"}
    assert await s.call_csms("BootNotification", boots) == BOOTED
    assert await s.at_csms.take("BootNotification") == {
        "chargePointVendor": "Vendor",
        "chargePointModel": "AC-22",
        "chargePointSerialNumber": "SN-1",
    }
    whole = await s.at_csms.take("StatusNotification")
    assert (whole["connectorId"], whole["status"]) == (0, "Available")


async def status(s: Session) -> None:
    await _status(s, "2025-06-01T08:01:00Z", "Available", "Available")


# -- the CSMS sets it up -----------------------------------------------------------------------


async def configuration(s: Session) -> None:
    answer = await s.call_station("GetConfiguration", {"key": ["HeartbeatInterval", "FooBar"]})
    heartbeats = {"key": "HeartbeatInterval", "readonly": False, "value": "300"}
    assert answer == {"configurationKey": [heartbeats], "unknownKey": ["FooBar"]}
    asked = (await s.at_station.take("GetVariables"))["getVariableData"]
    place = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
    assert asked == [{"attributeType": "Actual", **place}]
    change = {"key": "HeartbeatInterval", "value": "600"}
    assert await s.call_station("ChangeConfiguration", change) == ACCEPTED
    asked = (await s.at_station.take("SetVariables"))["setVariableData"]
    assert asked == [{"attributeType": "Actual", "attributeValue": "600", **place}]


async def report(s: Session) -> None:
    async with asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(s.call_station("GetConfiguration", {}))
        asked = await s.at_station.take("GetBaseReport")
        assert asked["reportBase"] == "FullInventory"
        parts = (
            _reported("OCPPCommCtrlr", "HeartbeatInterval", "600", "ReadWrite", "integer"),
            _reported("LocalAuthListCtrlr", "Entries", "2", "ReadOnly", "integer"),
        )
        for number, part in enumerate(parts):
            head = {"requestId": asked["requestId"], "generatedAt": NOW, "seqNo": number}
            told = {**head, "tbc": part is not parts[-1], "reportData": [part]}
            assert await s.call_csms("NotifyReport", told) == {}
    keys = {key["key"]: key for key in asking.result()["configurationKey"]}
    changed = {"key": "HeartbeatInterval", "readonly": False, "value": "600"}
    assert keys["HeartbeatInterval"] == changed
    assert keys["NumberOfConnectors"]["value"] == "2"


def _reported(component: str, variable: str, value: str, mutability: str, kind: str) -> Payload:
    return {
        "component": {"name": component},
        "variable": {"name": variable},
        "variableAttribute": [{"value": value, "mutability": mutability}],
        "variableCharacteristics": {"dataType": kind, "maxLimit": 500, "supportsMonitoring": False},
    }


async def profiles(s: Session) -> None:
    profile = {"stackLevel": 0, "chargingProfileKind": "Relative"}
    purpose = {"chargingProfilePurpose": "TxDefaultProfile"}
    sent = {"chargingProfileId": 7, **profile, **purpose, "chargingSchedule": LIMIT}
    set_profile = {"connectorId": 2, "csChargingProfiles": sent}
    assert await s.call_station("SetChargingProfile", set_profile) == ACCEPTED
    assert await s.at_station.take("SetChargingProfile") == {
        "evseId": 2,
        "chargingProfile": {
            "id": 7,
            **profile,
            **purpose,
            "chargingSchedule": [{"id": 7, **LIMIT}],
        },
    }
    wish = {"duration": 900, "chargingRateUnit": "A"}
    composite = await s.call_station("GetCompositeSchedule", {"connectorId": 2, **wish})
    assert await s.at_station.take("GetCompositeSchedule") == {"evseId": 2, **wish}
    assert (composite["status"], composite["connectorId"]) == ("Accepted", 2)
    assert composite["chargingSchedule"]["chargingSchedulePeriod"] == PERIODS
    assert await s.call_station("ClearChargingProfile", {}) == ACCEPTED
    cleared = [await s.at_station.take("ClearChargingProfile") for _ in range(3)]
    purposes = [asked["chargingProfileCriteria"]["chargingProfilePurpose"] for asked in cleared]
    assert purposes == ["ChargingStationMaxProfile", "TxDefaultProfile", "TxProfile"]


async def local_list(s: Session) -> None:
    entry = {"idTag": TAG, "idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET"}}
    sent = {"listVersion": 7, "updateType": "Full", "localAuthorizationList": [entry]}
    assert await s.call_station("SendLocalList", sent) == ACCEPTED
    group = {"idToken": "FLEET", "type": "Central"}
    info = {"status": "Accepted", "groupIdToken": group}
    assert await s.at_station.take("SendLocalList") == {
        "versionNumber": 7,
        "updateType": "Full",
        "localAuthorizationList": [{"idToken": TOKEN, "idTokenInfo": info}],
    }
    assert await s.call_station("GetLocalListVersion", {}) == {"listVersion": 7}
    assert await s.at_station.take("GetLocalListVersion") == {}
    assert await s.call_station("ClearCache", {}) == ACCEPTED
    assert await s.at_station.take("ClearCache") == {}


async def certificates(s: Session) -> None:
    use = {"certificateType": "CentralSystemRootCertificate"}
    assert await s.call_station("InstallCertificate", {**use, "certificate": PEM}) == ACCEPTED
    installed = await s.at_station.take("InstallCertificate")
    assert installed == {"certificateType": "CSMSRootCertificate", "certificate": PEM}
    found = await s.call_station("GetInstalledCertificateIds", use)
    assert found == {"status": "Accepted", "certificateHashData": [CERTIFICATE]}
    asked = await s.at_station.take("GetInstalledCertificateIds")
    assert asked == {"certificateType": ["CSMSRootCertificate"]}
    named = {"certificateHashData": CERTIFICATE}
    assert await s.call_station("DeleteCertificate", named) == ACCEPTED
    assert await s.at_station.take("DeleteCertificate") == named
    request = {"csr": "-----BEGIN CERTIFICATE REQUEST-----\nMIIB"}
    assert await s.call_csms("SignCertificate", request) == ACCEPTED
    assert await s.at_csms.take("SignCertificate") == request
    signed = {"certificateChain": PEM}
    assert await s.call_station("CertificateSigned", signed) == ACCEPTED
    assert (await s.at_station.take("CertificateSigned"))["certificateChain"] == PEM


# -- vehicles come -----------------------------------------------------------------------------


async def authorize(s: Session) -> None:
    assert await s.call_csms("Authorize", {"idToken": TOKEN}) == {"idTokenInfo": ACCEPTED}
    assert await s.at_csms.take("Authorize") == {"idTag": TAG}


async def transaction_cable_first(s: Session) -> None:
    times = [f"2025-06-01T09:0{minute}:00Z" for minute in range(5)]
    at = times[0]
    await _status(s, at, "Occupied", "Preparing")
    plugged = {"info": {"chargingState": "EVConnected"}}
    begin = _reading(at, 10500, "Transaction.Begin")
    await _event(s, "Started", at, "CablePluggedIn", 0, LOCAL_TX, evse=EVSE, **plugged, **begin)
    at = times[1]
    answer = await _event(s, "Updated", at, "Authorized", 1, LOCAL_TX, idToken=TOKEN)
    assert answer == {"idTokenInfo": ACCEPTED}
    assert await s.at_csms.take("StartTransaction") == {
        "connectorId": 1,
        "idTag": TAG,
        "meterStart": 10500,
        "timestamp": at,
    }
    charging = {"info": {"chargingState": "Charging"}}
    await _event(s, "Updated", times[2], "ChargingStateChanged", 2, LOCAL_TX, **charging)
    assert (await s.at_csms.take("StatusNotification"))["status"] == "Charging"
    at = times[3]
    values = _reading(at, 13200, "Sample.Periodic")
    await _event(s, "Updated", at, "MeterValuePeriodic", 3, LOCAL_TX, **values)
    assert await s.at_csms.take("MeterValues") == {
        "connectorId": 1,
        "transactionId": TX16,
        "meterValue": _read(at, "13200", "Sample.Periodic"),
    }
    await _ends(s, times[4], 4, LOCAL_TX, "StopAuthorized", "Local")


async def _ends(s: Session, at: str, seq_no: int, tx: str, trigger: str, reason: str) -> None:
    info = {"chargingState": "EVConnected", "stoppedReason": reason}
    values = _reading(at, 18750.6, "Transaction.End")
    answer = await _event(s, "Ended", at, trigger, seq_no, tx, info=info, idToken=TOKEN, **values)
    assert answer == {"idTokenInfo": ACCEPTED}
    # A stop in person is what an absent reason stands for.
    told = {} if reason == "Local" else {"reason": reason}
    stopped = await s.at_csms.take("StopTransaction")
    assert {"reason": "Local", **stopped} == {
        "transactionId": TX16,
        "idTag": TAG,
        "meterStop": 18751,
        "timestamp": at,
        "reason": "Local",
        "transactionData": _read(at, "18750.6", "Transaction.End"),
        **told,
    }
    assert (await s.at_csms.take("StatusNotification"))["status"] == "Finishing"
    await _status(s, at, "Available", "Available")


async def remote_start(s: Session) -> None:
    profile = {"stackLevel": 1, "chargingProfileKind": "Relative"}
    purpose = {"chargingProfilePurpose": "TxProfile"}
    sent = {"chargingProfileId": 41, **profile, **purpose, "chargingSchedule": LIMIT}
    start = {"idTag": TAG, "connectorId": 1, "chargingProfile": sent}
    assert await s.call_station("RemoteStartTransaction", start) == ACCEPTED
    asked = await s.at_station.take("RequestStartTransaction")
    assert (asked["evseId"], asked["idToken"]["idToken"]) == (1, TAG)
    schedules = [{"id": 41, **LIMIT}]
    assert asked["chargingProfile"] == {
        "id": 41,
        **profile,
        **purpose,
        "chargingSchedule": schedules,
    }
    at = "2025-06-01T10:00:00Z"
    await _status(s, at, "Occupied", "Preparing")
    await _event(
        s, "Started", at, "RemoteStart", 0, REMOTE_TX, evse=EVSE, idToken=asked["idToken"],
        info={"chargingState": "Charging", "remoteStartId": asked["remoteStartId"]},
        **_reading(at, 18751, "Transaction.Begin"),
    )  # fmt: skip
    assert await s.at_csms.take("StartTransaction") == {
        "connectorId": 1,
        "idTag": TAG,
        "meterStart": 18751,
        "timestamp": at,
    }
    assert (await s.at_csms.take("StatusNotification"))["status"] == "Charging"


async def remote_stop(s: Session) -> None:
    assert await s.call_station("RemoteStopTransaction", {"transactionId": TX16}) == ACCEPTED
    assert await s.at_station.take("RequestStopTransaction") == {"transactionId": REMOTE_TX}
    await _ends(s, "2025-06-01T10:30:00Z", 1, REMOTE_TX, "RemoteStop", "Remote")


async def meter_values(s: Session) -> None:
    at = "2025-06-01T11:00:00Z"
    told = {"evseId": 1, **_reading(at, 18751, "Sample.Clock")}
    assert await s.call_csms("MeterValues", told) == {}
    read = _read(at, "18751", "Sample.Clock")
    assert await s.at_csms.take("MeterValues") == {"connectorId": 1, "meterValue": read}


async def reservation(s: Session) -> None:
    until = "2036-03-01T11:00:00Z"
    wish = {"reservationId": 7, "connectorId": 1, "idTag": TAG, "expiryDate": until}
    assert await s.call_station("ReserveNow", wish) == ACCEPTED
    assert await s.at_station.take("ReserveNow") == {
        "id": 7,
        "evseId": 1,
        "idToken": TOKEN,
        "expiryDateTime": until,
    }
    await _status(s, "2025-06-01T11:01:00Z", "Reserved", "Reserved")
    assert await s.call_station("CancelReservation", {"reservationId": 7}) == ACCEPTED
    assert await s.at_station.take("CancelReservation") == {"reservationId": 7}
    ended = {"reservationId": 7, "reservationUpdateStatus": "Removed"}
    assert await s.call_csms("ReservationStatusUpdate", ended) == {}
    await _status(s, "2025-06-01T11:02:00Z", "Available", "Available")


# -- upkeep ------------------------------------------------------------------------------------


async def firmware(s: Session) -> None:
    at = "2025-06-02T01:00:00Z"
    retries = {"retries": 2, "retryInterval": 300}
    update = {**FIRMWARE, "retrieveDate": at, **retries}
    assert await s.call_station("UpdateFirmware", update) == {}
    asked = await s.at_station.take("UpdateFirmware")
    assert asked.pop("firmware") == {**FIRMWARE, "retrieveDateTime": at}
    number = asked.pop("requestId")
    assert asked == retries
    for progress in ("Downloading", "Downloaded", "Installing", "Installed"):
        told = {"status": progress, "requestId": number}
        assert await s.call_csms("FirmwareStatusNotification", told) == {}
        assert await s.at_csms.take("FirmwareStatusNotification") == {"status": progress}


async def signed_firmware(s: Session) -> None:
    proof = {"signingCertificate": PEM, "signature": "MEUCIQ=="}
    image = {**FIRMWARE, "retrieveDateTime": "2025-06-03T01:00:00Z", **proof}
    update = {"requestId": 31, "firmware": image}
    assert await s.call_station("SignedUpdateFirmware", update) == ACCEPTED
    assert await s.at_station.take("UpdateFirmware") == update
    told = {"status": "InvalidSignature", "requestId": 31}
    assert await s.call_csms("FirmwareStatusNotification", told) == {}
    assert await s.at_csms.take("SignedFirmwareStatusNotification") == told


async def diagnostics(s: Session) -> None:
    upload = {"location": "ftp://files.example.org/logs", "startTime": "2025-06-01T00:00:00Z"}
    assert await s.call_station("GetDiagnostics", upload) == {"fileName": LOG_FILE}
    asked = await s.at_station.take("GetLog")
    assert asked["logType"] == "DiagnosticsLog"
    assert asked["log"] == {
        "remoteLocation": "ftp://files.example.org/logs",
        "oldestTimestamp": "2025-06-01T00:00:00Z",
    }
    for progress in ("Uploading", "Uploaded"):
        told = {"status": progress, "requestId": asked["requestId"]}
        assert await s.call_csms("LogStatusNotification", told) == {}
        assert await s.at_csms.take("DiagnosticsStatusNotification") == {"status": progress}


async def fault(s: Session) -> None:
    head = {"generatedAt": "2025-06-01T12:00:00Z", "seqNo": 0}
    event = {
        "eventId": 1,
        "timestamp": "2025-06-01T12:00:00Z",
        "trigger": "Alerting",
        "actualValue": "true",
        "techCode": "L-17",
        "component": {"name": "ConnectorPlugRetentionLock", "evse": EVSE},
        "variable": {"name": "Problem"},
        "eventNotificationType": "HardWiredNotification",
    }
    assert await s.call_csms("NotifyEvent", {**head, "eventData": [event]}) == {}
    told = await s.at_csms.take("StatusNotification")
    assert (told["errorCode"], told["vendorErrorCode"]) == ("ConnectorLockFailure", "L-17")
    over = {**event, "eventId": 2, "actualValue": "false", "cleared": True}
    assert await s.call_csms("NotifyEvent", {**head, "eventData": [over]}) == {}
    told = await s.at_csms.take("StatusNotification")
    assert (told["errorCode"], told["status"]) == ("NoError", "Available")


async def change_availability(s: Session) -> None:
    change = {"connectorId": 1, "type": "Inoperative"}
    assert await s.call_station("ChangeAvailability", change) == {"status": "Scheduled"}
    asked = await s.at_station.take("ChangeAvailability")
    assert asked == {"operationalStatus": "Inoperative", "evse": {"id": 1}}


async def unlock(s: Session) -> None:
    assert await s.call_station("UnlockConnector", {"connectorId": 1}) == {"status": "Unlocked"}
    assert await s.at_station.take("UnlockConnector") == {"evseId": 1, "connectorId": 1}


async def trigger(s: Session) -> None:
    wish = {"requestedMessage": "StatusNotification", "connectorId": 1}
    assert await s.call_station("TriggerMessage", wish) == ACCEPTED
    asked = await s.at_station.take("TriggerMessage")
    assert asked == {"requestedMessage": "StatusNotification", "evse": EVSE}
    await status(s)


async def reset(s: Session) -> None:
    assert await s.call_station("Reset", {"type": "Hard"}) == ACCEPTED
    assert await s.at_station.take("Reset") == {"type": "Immediate"}
    await boot(s)


EXCHANGES: Exchanges = (
    boot,
    status,
    heartbeat,
    configuration,
    report,
    profiles,
    local_list,
    certificates,
    authorize,
    transaction_cable_first,
    remote_start,
    remote_stop,
    meter_values,
    reservation,
    firmware,
    signed_firmware,
    diagnostics,
    security,
    fault,
    change_availability,
    unlock,
    trigger,
    data_transfer,
    reset,
)
