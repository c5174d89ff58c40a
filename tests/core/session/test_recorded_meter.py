"""Meter values without a run become what they become in a run: calls, answers, losses, state."""

from itertools import count, islice
from random import Random

import orjson
import pytest

from gateway.core.codec import templates
from gateway.core.codec.templates import ANSWER, Templates
from gateway.core.dialects import Side, Version
from gateway.core.frames import Call, CallError, CallResult
from gateway.core.session.recorded import Made, Recorded, Recording, Written
from gateway.core.session.recorded_form import Told
from gateway.core.session.recorded_meter import MeterWay
from gateway.core.session.recorded_relay import RelayWay
from gateway.core.settings import SessionSettings, Translation
from tests.bench import offline

NOW = 1_748_779_200.0
EXCHANGES = 3000
FROM_CSMS = ("TriggerMessage",)
ONE_READING = {"timestamp": "2025-06-01T12:00:00Z", "sampledValue": [{"value": "17"}]}


def recorded(revision, exchanges, settings) -> list[Recorded]:
    """What becomes of exchanges (station, call, answer), each station by a recording of its own."""
    recordings: dict[str, Recording] = {}
    made, known, found = [], Templates(), {}
    for station, call, answer in exchanges:
        if station not in recordings:
            ids = (f"{station}-{number}" for number in count(1))
            recordings[station] = Recording(
                station, Version.V16, Version.V201, revision, settings, ids, NOW, found
            )
        side = Side.CSMS if call.action in FROM_CSMS else Side.STATION
        written = written_of(recordings[station], known, side, call, answer)
        if written is None:
            made.append(recordings[station].recorded(side, call, answer, NOW + len(made)))
        else:
            made.append(as_recorded(call.message_id, written))
    return made


def written_of(recording, known, side, call, answer) -> Written | None:
    """What becomes of an exchange by its templates, if it has some."""
    way = recording.way(side, call.action)
    if type(answer) is not CallResult or way is None:
        return None
    asked, told = known.of(call.action, call.payload), known.of(ANSWER, answer.payload)
    return asked and told and way(asked, told)


def as_recorded(message_id: str, written: Written) -> Recorded:
    """What was written, as what becomes of any other exchange."""
    fate, texts, own, lost = written
    made = []
    for own_id, action, payload, reply, answered_by, losses in texts:
        id_ = own_id or message_id
        call = Call(id_, action, orjson.loads(payload))
        result = CallResult(id_, orjson.loads(reply))
        made.append(Made(Side.STATION, call, result, answered_by, not own_id, losses=losses))
    return Recorded(fate, made, own, losses=lost)


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
    # A transaction that another one takes the place of ends at the latest time that was told of it,
    # with what was read then.
    third = {**start, "connectorId": 3}
    yield exchange("StartTransaction", third, {**told, "transactionId": 8})
    for time, value in (("05:00Z", 5), ("09:00.500Z", 9), ("09:00Z", 8), ("03:00Z", 3)):
        sample = {"value": f"{value}00"}
        reading = {"timestamp": f"2025-06-01T12:{time}", "sampledValue": [sample]}
        payload = {"connectorId": 3, "transactionId": 8, "meterValue": [reading]}
        yield exchange("MeterValues", payload, {})
    third["timestamp"] = "2025-06-01T13:00:00Z"
    yield exchange("StartTransaction", third, {**told, "transactionId": 9})


FAILED = object()

VALUES = (
    *("17", "0", "-0", "-0.5", "12.50", "230.00", "16,5", "1e3", "007", "", "x", "0.0001", "1."),
    *("123456789", "123456789.123", "9999999999999", "0.000000000001", "00", "+4", "-3", " 5"),
)
MEMBERS = {
    "context": ("Sample.Periodic", "Sample.Clock", "Trigger", "Transaction.Begin"),
    "measurand": ("Power.Active.Import", "Energy.Active.Import.Register", "Voltage", "Temperature"),
    "phase": ("L1", "L2", "L1-N"),
    "unit": ("Wh", "kWh", "V", "Celsius", "Celcius"),
    "location": ("Outlet", "Inlet", "Body"),
    "format": ("Raw", "SignedData"),
}


def mixed():
    """Meter values of all forms, some again and again, between the messages of transactions."""
    random = Random(7)
    forms = [sorted(MEMBERS, key=lambda _: random.random()) for _ in range(6)]
    sent = []
    for number in range(EXCHANGES):
        time = (
            f"2025-06-01T12:{number // 60 % 60:02}:{number % 60:02}{random.choice(('Z', '.250Z'))}"
        )
        samples = []
        for _ in range(random.choice((1, 1, 2, 3, 0))):
            names = random.choice(forms)[: random.randrange(4)]
            members = [
                (name, random.choice(MEMBERS[name][: random.choice((1, 9))])) for name in names
            ]
            value = VALUES[0] if random.random() < 0.3 else random.choice(VALUES)
            members.insert(random.randrange(len(members) + 1), ("value", value))
            samples.append(dict(members))
        reading = {"timestamp": time, "sampledValue": samples}
        if random.random() < 0.05:
            reading = {"timestamp": "2025-06-01 10:00:00", "sampledValue": samples}
        payload = {"connectorId": 1, "transactionId": 7, "meterValue": [reading]}
        if random.random() < 0.1:
            payload["meterValue"].append(ONE_READING)
        if random.random() < 0.1 and sent:
            payload = random.choice(sent[-60:])
        sent.append(payload)
        if random.random() < 0.05:
            payload = {**payload, **random.choice(({"transactionId": True}, {"connectorId": "1"}))}
        action, answer = "MeterValues", {}
        if number % 100 == 1:
            start = {"connectorId": 1, "idTag": "A", "meterStart": number, "timestamp": time}
            action, payload = "StartTransaction", start
            answer = {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}
        elif number % 100 == 80:
            stop = {"transactionId": 7, "meterStop": number, "timestamp": time}
            action, payload = "StopTransaction", stop
        elif number % 7 == 0:
            status = random.choice(("Charging", "SuspendedEV", "Faulted"))
            told = {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": time}
            action, payload = "StatusNotification", told
        elif number % 11 == 0:
            action, payload, answer = "Heartbeat", {}, {"currentTime": time}
        result = CallResult(str(number), answer)
        if random.random() < 0.03:
            result = CallError(str(number), "InternalError", "", {})
        yield "MIXED", Call(str(number), action, payload), result


def test_plain_values_are_written_and_odd_ones_are_not(revision, monkeypatch):
    monkeypatch.setattr(templates, "PATIENCE", 1)
    found, written = [], MeterWay.written

    def counted(self, *exchange):
        made = written(self, *exchange)
        found.append(made is not None)
        return made

    monkeypatch.setattr(MeterWay, "written", counted)
    recorded(revision, mixed(), SessionSettings())
    assert 200 < sum(found) < len(found) - 200


@pytest.mark.interpreted
@pytest.mark.parametrize("custom_data", [True, False])
@pytest.mark.parametrize("exchanges", [lambda: islice(generated(), EXCHANGES), odd, mixed])
def test_without_a_run_all_is_as_in_a_run(revision, monkeypatch, exchanges, custom_data):
    monkeypatch.setattr(templates, "PATIENCE", 1)
    settings = SessionSettings(translation=Translation(custom_data=custom_data))
    taken = []
    take = MeterWay.take

    def counted(self, call, done):
        taken.append(take(self, call, done))
        return taken[-1]

    monkeypatch.setattr(MeterWay, "take", counted)
    written = recorded(revision, exchanges(), settings)
    monkeypatch.setattr(Recording, "way", lambda *_: None)
    quick = recorded(revision, exchanges(), settings)
    monkeypatch.setattr(MeterWay, "take", lambda *_: False)
    monkeypatch.setattr(RelayWay, "take", lambda *_: False)
    in_runs = recorded(revision, exchanges(), settings)
    assert written == quick == in_runs
    assert True in taken


@pytest.mark.parametrize("most", range(60, 500, 45))
def test_what_forms_tell_of_values_is_what_their_events_tell(revision, monkeypatch, most):
    monkeypatch.setattr(templates, "PATIENCE", 1)
    asked = Call("last", "Authorize", {"idTag": "A"})
    ending = ("MIXED", asked, CallResult("last", {"idTagInfo": {"status": "Accepted"}}))
    taken, take, memories = [], Told.take, []

    def counted(self, *told):
        taken.append(self)
        take(self, *told)

    monkeypatch.setattr(Told, "take", counted)
    init = Recording.__init__

    def noted(self, *args):
        init(self, *args)
        memories.append(self._desk.bindings)

    monkeypatch.setattr(Recording, "__init__", noted)
    for way in (Recording.way, lambda *_: None):
        monkeypatch.setattr(Recording, "way", way)
        memories.append(None)
        recorded(revision, [*islice(mixed(), most), ending], SessionSettings())
    first, second = memories[1], memories[-1]
    assert first.measured == second.measured
    assert first.running() == second.running()
    assert taken
