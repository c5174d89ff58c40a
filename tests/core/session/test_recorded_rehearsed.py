"""What was rehearsed becomes what it becomes in a run: calls, answers, losses, state."""

from itertools import islice
from random import Random

import pytest

from gateway.core.codec import templates
from gateway.core.frames import Call, CallError, CallResult
from gateway.core.session import recorded_rehearsed
from gateway.core.session.recorded import Recording
from gateway.core.session.recorded_rehearsed import RehearsedWay
from gateway.core.settings import SessionSettings, Translation
from tests.core.session.test_recorded_meter import generated, recorded

EXCHANGES = 4000
STATUSES = (
    *("Available", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing"),
    *("Charging", "SuspendedEV", "Charging", "SuspendedEV", "Reserved", "Unavailable", "Faulted"),
)
NOTICES = (
    ("FirmwareStatusNotification", "Downloading"),
    ("FirmwareStatusNotification", "Installed"),
    ("DiagnosticsStatusNotification", "Uploaded"),
)
TIMES = ("2025-06-01T07:00:00Z", "2025-06-01T12:01:00Z", "2025-06-01 15:00:00", "then")
ACCEPTED = {"status": "Accepted"}


def mixed(seed=1):
    """Statuses, heartbeats and notices between what changes how statuses come out."""
    random, running, number = Random(seed), {}, 0
    for step in range(EXCHANGES):
        time = f"2025-06-01T1{2 + step // 3600}:{step // 60 % 60:02}:{step % 60:02}.{step % 7}00Z"
        time = random.choice((time,) * 12 + TIMES)
        place, kind, answer = random.choice((1, 1, 2, 3)), random.random(), {}
        if kind < 0.7:
            action = "StatusNotification"
            payload = {"connectorId": place, "errorCode": "NoError"}
            payload |= {"status": random.choice(STATUSES), "timestamp": time}
            odd = random.random()
            if odd < 0.03:
                payload["errorCode"] = random.choice(("OtherError", "HighTemperature"))
            elif odd < 0.05:
                payload["info"] = random.choice(("", "so", "so%s"))
            elif odd < 0.07:
                del payload["timestamp"]
            elif odd < 0.08:
                payload["connectorId"] = 0
            elif odd < 0.09:
                payload |= {"vendorId": "V", "vendorErrorCode": "E"}
        elif kind < 0.8:
            action, payload, answer = "Heartbeat", {}, {"currentTime": time}
        elif kind < 0.84:
            action, status = random.choice(NOTICES)
            payload = {"status": status}
        elif kind < 0.9:
            number += 1
            action, running[place] = "StartTransaction", number
            payload = {"connectorId": place, "idTag": "A", "meterStart": step, "timestamp": time}
            answer = {"transactionId": number, "idTagInfo": {"status": "Accepted"}}
        elif kind < 0.95:
            action = "StopTransaction"
            payload = {"transactionId": running.pop(place, 99), "meterStop": step}
            payload["timestamp"] = time
        elif kind < 0.96:
            action, answer = "TriggerMessage", ACCEPTED
            payload = {"requestedMessage": "StatusNotification", "connectorId": place}
        elif kind < 0.97:
            action, answer = "BootNotification", {"currentTime": time, "interval": 60, **ACCEPTED}
            payload = {"chargePointVendor": "V", "chargePointModel": "M"}
        else:
            action, payload = "MeterValues", {"connectorId": place, "meterValue": []}
            payload["meterValue"] = [{"timestamp": time, "sampledValue": [{"value": "17"}]}]
        result = CallResult(str(step), answer)
        if random.random() < 0.03:
            result = random.choice((None, CallError(str(step), "InternalError", "", {})))
        yield "MIXED", Call(str(step), action, payload), result


@pytest.mark.parametrize("connector0", ["drop", "notify_event"])
@pytest.mark.parametrize("exchanges", [lambda: islice(generated(), 2000), mixed])
def test_what_was_rehearsed_is_as_in_a_run(revision, monkeypatch, exchanges, connector0):
    monkeypatch.setattr(templates, "PATIENCE", 1)
    translation = Translation.model_validate({"b": {"connector0_status": connector0}})
    settings, found, written = SessionSettings(translation=translation), [], RehearsedWay.written

    def counted(self, *exchange):
        made = written(self, *exchange)
        found.append(made is not None)
        return made

    monkeypatch.setattr(RehearsedWay, "written", counted)
    rehearsed = recorded(revision, exchanges(), settings)
    monkeypatch.setattr(Recording, "way", lambda *_: None)
    assert rehearsed == recorded(revision, exchanges(), settings)
    assert sum(found) > len(found) / 3


@pytest.mark.parametrize("seed", range(2, 6))
def test_what_is_forgotten_is_rehearsed_anew(revision, monkeypatch, seed):
    monkeypatch.setattr(templates, "TEMPLATES_KEPT", 5)
    monkeypatch.setattr(templates, "PATIENCE", 1)
    monkeypatch.setattr(recorded_rehearsed, "SCENES_KEPT", 7)
    settings = SessionSettings()
    rehearsed = recorded(revision, mixed(seed), settings)
    monkeypatch.setattr(Recording, "way", lambda *_: None)
    assert rehearsed == recorded(revision, mixed(seed), settings)
