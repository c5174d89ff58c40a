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
