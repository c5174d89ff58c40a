"""Meter values without a run become what they become in a run: calls, answers, losses, state."""

from itertools import count, islice

import pytest

from gateway.core.dialects import Side, Version
from gateway.core.frames import Call, CallError, CallResult
from gateway.core.session.recorded import Recorded, Recording
from gateway.core.session.recorded_meter import MeterWay
from gateway.core.settings import SessionSettings, Translation
from tests.bench import offline

NOW = 1_748_779_200.0
EXCHANGES = 3000
ONE_READING = {"timestamp": "2025-06-01T12:00:00Z", "sampledValue": [{"value": "17"}]}


def recorded(revision, exchanges, settings) -> list[Recorded]:
    """What becomes of exchanges (station, call, answer), each station by a recording of its own."""
    recordings: dict[str, Recording] = {}
    made = []
    for station, call, answer in exchanges:
        if station not in recordings:
            ids = (f"{station}-{number}" for number in count(1))
            recordings[station] = Recording(
                station, Version.V16, Version.V201, revision, settings, ids, NOW
            )
        made.append(recordings[station].recorded(Side.STATION, call, answer, NOW + len(made)))
    return made


def generated():
    """The exchanges of the bench log."""
    frames = offline.frames()
    while True:
        (_, station, _, call), (_, _, _, answer) = next(frames), next(frames)
        yield station, Call(*call[1:]), CallResult(*answer[1:])


def odd():
    """Meter values around a transaction, as the plain case does not have them."""
    start = {"connectorId": 1, "idTag": "A", "meterStart": 5, "timestamp": "2025-06-01T12:00:00Z"}
    told = {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}
    numbered = count(1)

    def exchange(action, payload, answer):
        message_id = str(next(numbered))
        if answer is not None and answer is not FAILED:
            answer = CallResult(message_id, answer)
        elif answer is FAILED:
            answer = CallError(message_id, "InternalError", "", {})
        return "ODD", Call(message_id, action, payload), answer

    def meter(value, number=7, answer=None, **members):
        reading = {**ONE_READING, "sampledValue": [{"value": value, **members}]}
        payload = {"connectorId": 1, "transactionId": number, "meterValue": [reading]}
        return exchange("MeterValues", payload, {} if answer is None else answer)

    yield meter("1")
    yield exchange("StartTransaction", start, told)
    yield meter("17")
    yield meter("17")
    yield meter("18", unit="kWh", context="Trigger")
    yield meter("not a number")
    yield meter("19", answer=FAILED)
    yield meter("19")
    yield meter("20", number=99)
    yield meter("21", number=0)
    yield meter("22", measurand="Voltage", phase="L1", unit="V")
    yield exchange("MeterValues", {"connectorId": 1, "meterValue": [ONE_READING]}, {})
    yield exchange("MeterValues", {"connectorId": 2, "meterValue": [ONE_READING]}, {})
    yield exchange("MeterValues", {"connectorId": 1, "meterValue": [ONE_READING]}, None)
    stop = {"transactionId": 7, "meterStop": 30, "timestamp": "2025-06-01T13:00:00Z"}
    yield exchange("StopTransaction", stop, {})
    yield meter("31")
    yield exchange("StartTransaction", {**start, "meterStart": 40}, FAILED)
    yield meter("41", number=-1)


FAILED = object()


@pytest.mark.parametrize("custom_data", [True, False])
@pytest.mark.parametrize("exchanges", [lambda: islice(generated(), EXCHANGES), odd])
def test_without_a_run_all_is_as_in_a_run(revision, monkeypatch, exchanges, custom_data):
    settings = SessionSettings(translation=Translation(custom_data=custom_data))
    taken = []
    take = MeterWay.take

    def counted(self, desk, call, done):
        taken.append(take(self, desk, call, done))
        return taken[-1]

    monkeypatch.setattr(MeterWay, "take", counted)
    quick = recorded(revision, exchanges(), settings)
    monkeypatch.setattr(MeterWay, "take", lambda *_: False)
    in_runs = recorded(revision, exchanges(), settings)
    assert quick == in_runs
    assert True in taken
