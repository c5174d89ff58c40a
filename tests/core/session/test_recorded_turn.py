"""Starts and stops that are only written become what they become in a run."""

from random import Random

import pytest

from gateway.core.codec import templates
from gateway.core.frames import Call, CallError, CallResult
from gateway.core.session import recorded_turn
from gateway.core.session.recorded import Recording
from gateway.core.session.recorded_turn import TurnWay
from gateway.core.settings import SessionSettings, Translation
from tests.core.session.test_recorded_meter import recorded

EXCHANGES = 3000
TIMES = ("2025-06-01T07:00:00Z", "2025-06-01T12:01:00Z", "2025-06-01 15:00:00", "then")
TAGS = ("TAG1", "tag1", "04A2B3C4D5E680", "", "x" * 20, "x" * 21, 'a"b', "über")
STATUSES = ("Available", "Preparing", "Charging", "SuspendedEV", "Finishing", "Faulted")
PLACES = (1, 1, 1, 2, 3, 0, -1)
ACCEPTED = {"status": "Accepted"}


def mixed(seed, odd):
    """Transactions of one station. odd: how many of its messages are not as the others."""
    random, running, sent, number = Random(seed), {}, [], 0
    for step in range(EXCHANGES):
        time = f"2025-06-01T1{2 + step // 3600}:{step // 60 % 60:02}:{step % 60:02}.{step % 7}00Z"
        time = random.choice(TIMES) if random.random() < odd / 2 else time
        place, kind, answer = random.choice(PLACES), random.random(), {}
        if kind < 0.3:
            number += random.choice((1, 1, 1, 0))
            action, running[place] = "StartTransaction", number
            tag = random.choice(TAGS) if random.random() < 0.3 else f"T{step:05}"
            payload = {"connectorId": place, "idTag": tag, "meterStart": step, "timestamp": time}
            info = {"status": "Accepted" if random.random() > odd else "Invalid"}
            if random.random() < 0.1:
                info["parentIdTag"] = random.choice(TAGS)
            if random.random() < 0.1:
                payload["reservationId"] = 7
            if random.random() < odd / 2:
                payload["meterStart"] = -5
            given = random.choice((0, -1, 4711)) if random.random() < odd / 2 else number
            answer = {"transactionId": given, "idTagInfo": info}
        elif kind < 0.6:
            action = "StopTransaction"
            payload = {"transactionId": running.pop(place, random.choice((99, -1)))}
            payload |= {"meterStop": step, "timestamp": time}
            if random.random() < 0.3:
                payload["idTag"] = random.choice(TAGS)
                answer = {"idTagInfo": {"status": random.choice(("Accepted", "Invalid"))}}
            if random.random() < 0.3:
                payload["reason"] = random.choice(("Local", "Remote", "PowerLoss", "Other"))
            if random.random() < odd:
                sample = {"value": "17", "context": "Transaction.End"}
                payload["transactionData"] = [{"timestamp": time, "sampledValue": [sample]}]
        elif kind < 0.75:
            action, payload = "MeterValues", {"connectorId": place}
            payload["transactionId"] = running.get(place, 0)
            payload["meterValue"] = [{"timestamp": time, "sampledValue": [{"value": str(step)}]}]
        elif kind < 0.92:
            action, payload = "StatusNotification", {"connectorId": place, "errorCode": "NoError"}
            payload |= {"status": random.choice(STATUSES), "timestamp": time}
        elif kind < 0.95:
            action, payload = "Authorize", {"idTag": random.choice(TAGS)}
            answer = {"idTagInfo": ACCEPTED}
        elif random.random() < odd / 20:
            action, payload, answer = (
                "TriggerMessage",
                {"requestedMessage": "MeterValues"},
                ACCEPTED,
            )
        else:
            action, payload, answer = "Heartbeat", {}, {"currentTime": time}
        if random.random() < odd / 2 and sent:
            action, payload, answer = random.choice(sent[-8:])
        sent.append((action, payload, answer))
        result = CallResult(str(step), answer)
        if random.random() < odd / 3:
            result = random.choice((None, CallError(str(step), "InternalError", "", {})))
        yield "MIXED", Call(str(step), action, payload), result


@pytest.mark.parametrize("custom_data", [True, False])
@pytest.mark.parametrize(("seed", "odd"), [(1, 0.1), (2, 0.01), (3, 0.3)])
def test_turns_come_out_as_in_a_run(revision, monkeypatch, seed, odd, custom_data):
    monkeypatch.setattr(templates, "PATIENCE", 1)
    monkeypatch.setattr(recorded_turn, "TURNS_KEPT", 40)
    settings = SessionSettings(translation=Translation(custom_data=custom_data))
    begun, ended, written, memories, init = [], [], TurnWay.written, [], Recording.__init__

    def counted(self, *exchange):
        made = written(self, *exchange)
        (begun if self._begins else ended).append(made is not None)
        return made

    def noted(self, *args):
        init(self, *args)
        memories.append(self._desk.bindings)

    monkeypatch.setattr(TurnWay, "written", counted)
    monkeypatch.setattr(Recording, "__init__", noted)
    said = list(mixed(seed, odd))
    # What was told of meter values is looked at before the next call of another kind.
    asked = Call("last", "Authorize", {"idTag": "A"})
    said.append((said[0][0], asked, CallResult("last", {"idTagInfo": ACCEPTED})))
    made = recorded(revision, said, settings)
    first = memories[0].running()
    memories.clear()
    monkeypatch.setattr(Recording, "way", lambda *_: None)
    assert made == recorded(revision, said, settings)
    assert first == memories[0].running()
    assert sum(begun) > 40
    assert sum(ended) > 40
