"""What stations and CSMSs of a site answer, by action: a payload, or a function of the request."""

from tests.interop.peer import Answer, Payload

NOW = "2025-06-01T08:00:00Z"
ACCEPTED = {"status": "Accepted"}
TX16 = 4711
BOOTED: Payload = {"currentTime": NOW, "interval": 300, "status": "Accepted"}
CERTIFICATE = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "a1" * 32,
    "issuerKeyHash": "b2" * 32,
    "serialNumber": "1f3d",
}
LOG_FILE = "diagnostics-0601.zip"
PERIODS = [{"startPeriod": 0, "limit": 16.0}]


def _reversed(payload: Payload) -> Payload:
    return {"status": "Accepted", "data": payload["data"][::-1]}


def _of_token(payload: Payload) -> Payload:
    return {"idTokenInfo": ACCEPTED} if "idToken" in payload else {}


CSMS16: dict[str, Answer] = {
    "Authorize": {"idTagInfo": ACCEPTED},
    "BootNotification": BOOTED,
    "DataTransfer": _reversed,
    "DiagnosticsStatusNotification": {},
    "FirmwareStatusNotification": {},
    "Heartbeat": {"currentTime": NOW},
    "LogStatusNotification": {},
    "MeterValues": {},
    "SecurityEventNotification": {},
    "SignCertificate": ACCEPTED,
    "SignedFirmwareStatusNotification": {},
    "StartTransaction": {"transactionId": TX16, "idTagInfo": ACCEPTED},
    "StatusNotification": {},
    "StopTransaction": {"idTagInfo": ACCEPTED},
}

CSMS201: dict[str, Answer] = {
    "Authorize": {"idTokenInfo": ACCEPTED},
    "BootNotification": BOOTED,
    "DataTransfer": _reversed,
    "FirmwareStatusNotification": {},
    "Heartbeat": {"currentTime": NOW},
    "LogStatusNotification": {},
    "MeterValues": {},
    "NotifyEvent": {},
    "NotifyReport": {},
    "ReportChargingProfiles": {},
    "SecurityEventNotification": {},
    "SignCertificate": ACCEPTED,
    "StatusNotification": {},
    "TransactionEvent": _of_token,
}

VARIABLES = {("OCPPCommCtrlr", "HeartbeatInterval"): "300"}


def _variables(payload: Payload) -> Payload:
    return {"getVariableResult": [_variable(asked) for asked in payload["getVariableData"]]}


def _variable(asked: Payload) -> Payload:
    value = VARIABLES.get((asked["component"]["name"], asked["variable"]["name"]))
    if value is None:
        return {**asked, "attributeStatus": "UnknownComponent"}
    return {**asked, "attributeStatus": "Accepted", "attributeValue": value}


def _set_variables(payload: Payload) -> Payload:
    kept = ("attributeType", "component", "variable")
    results = [{n: asked[n] for n in kept if n in asked} for asked in payload["setVariableData"]]
    return {"setVariableResult": [{**result, "attributeStatus": "Accepted"} for result in results]}


def _schedule201(payload: Payload) -> Payload:
    schedule = {
        "evseId": payload["evseId"],
        "duration": payload["duration"],
        "scheduleStart": NOW,
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": PERIODS,
    }
    return {"status": "Accepted", "schedule": schedule}


STATION201: dict[str, Answer] = {
    "CancelReservation": ACCEPTED,
    "CertificateSigned": ACCEPTED,
    "ChangeAvailability": {"status": "Scheduled"},
    "ClearCache": ACCEPTED,
    "ClearChargingProfile": ACCEPTED,
    "DataTransfer": _reversed,
    "DeleteCertificate": ACCEPTED,
    "GetBaseReport": ACCEPTED,
    "GetCompositeSchedule": _schedule201,
    "GetInstalledCertificateIds": {
        "status": "Accepted",
        "certificateHashDataChain": [
            {"certificateType": "CSMSRootCertificate", "certificateHashData": CERTIFICATE}
        ],
    },
    "GetLocalListVersion": {"versionNumber": 7},
    "GetLog": {"status": "Accepted", "filename": LOG_FILE},
    "GetVariables": _variables,
    "InstallCertificate": ACCEPTED,
    "RequestStartTransaction": ACCEPTED,
    "RequestStopTransaction": ACCEPTED,
    "ReserveNow": ACCEPTED,
    "Reset": {"status": "Scheduled"},
    "SendLocalList": ACCEPTED,
    "SetChargingProfile": ACCEPTED,
    "SetVariables": _set_variables,
    "TriggerMessage": ACCEPTED,
    "UnlockConnector": {"status": "Unlocked"},
    "UpdateFirmware": ACCEPTED,
}

KEYS = {
    "HeartbeatInterval": ("300", False),
    "NumberOfConnectors": ("2", True),
    "MeterValueSampleInterval": ("60", False),
    "ChargingScheduleAllowedChargingRateUnit": ("Current,Power", True),
    "AcmeLight": ("on", False),
}
"""1.6 configuration: value, and whether it is read-only."""


def _configuration(payload: Payload) -> Payload:
    asked = payload.get("key") or list(KEYS)
    known = [
        {"key": key, "readonly": KEYS[key][1], "value": KEYS[key][0]}
        for key in asked
        if key in KEYS
    ]
    unknown = [key for key in asked if key not in KEYS]
    return {"configurationKey": known} | ({"unknownKey": unknown} if unknown else {})


def _schedule16(payload: Payload) -> Payload:
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": PERIODS}
    return {
        "status": "Accepted",
        "connectorId": payload["connectorId"],
        "scheduleStart": NOW,
        "chargingSchedule": {"duration": payload["duration"], **schedule},
    }


STATION16: dict[str, Answer] = {
    "CancelReservation": ACCEPTED,
    "CertificateSigned": ACCEPTED,
    "ChangeAvailability": {"status": "Scheduled"},
    "ChangeConfiguration": ACCEPTED,
    "ClearCache": ACCEPTED,
    "ClearChargingProfile": ACCEPTED,
    "DataTransfer": _reversed,
    "DeleteCertificate": ACCEPTED,
    "ExtendedTriggerMessage": ACCEPTED,
    "GetCompositeSchedule": _schedule16,
    "GetConfiguration": _configuration,
    "GetDiagnostics": {"fileName": LOG_FILE},
    "GetInstalledCertificateIds": {"status": "Accepted", "certificateHashData": [CERTIFICATE]},
    "GetLocalListVersion": {"listVersion": 7},
    "GetLog": {"status": "Accepted", "filename": LOG_FILE},
    "InstallCertificate": ACCEPTED,
    "RemoteStartTransaction": ACCEPTED,
    "RemoteStopTransaction": ACCEPTED,
    "ReserveNow": ACCEPTED,
    "Reset": ACCEPTED,
    "SendLocalList": ACCEPTED,
    "SetChargingProfile": ACCEPTED,
    "SignedUpdateFirmware": ACCEPTED,
    "TriggerMessage": ACCEPTED,
    "UnlockConnector": {"status": "Unlocked"},
    "UpdateFirmware": {},
}
