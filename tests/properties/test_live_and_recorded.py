"""A day that passes live and the same day out of a log tell the other side the same.

Out of the log it takes the quick ways where there are some. One station: transactions on three of
its outlets, refused tokens, repeats, late messages, lost numbers, registers that fall. The CSMS
answers at once, in the live session what the log's CSMS answers.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import Any, NamedTuple

import orjson
import pytest

from gateway.config.model import Resources
from gateway.core.codec import templates
from gateway.core.codec.templates import Templates
from gateway.core.dialects import CSMS, STATION, Leg, Side, Version
from gateway.core.frames import Call, CallResult, JsonObject
from gateway.core.session.desk import Revision
from gateway.core.session.effects import Effect, Message, Record, Send
from gateway.core.session.preset import loaded_from
from gateway.core.session.recorded import Recording
from gateway.core.session.session import TranslationSession
from gateway.core.settings import SessionSettings, Translation
from gateway.revision import load_revision
from tests.core.session.test_recorded_meter import as_recorded, written_of

EXCHANGES = 400
BEGIN = 1_748_768_520.0
OUTLETS = (1, 1, 2, 3)
TAGS = ("04A2B3C4", "ABC", "x" * 20)
WORDS = ("Accepted",) * 9 + ("Invalid", "Blocked")
REGISTER = "Energy.Active.Import.Register"
TIME = "2025-06-01T08:00:00Z"
BOOTED = {"status": "Accepted", "currentTime": TIME, "interval": 300}


class Said(NamedTuple):
    """One exchange that the station begins. answer: as the log's CSMS gave it."""

    at: float
    action: str
    payload: JsonObject
    answer: JsonObject


def text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Day:
    """Makes exchanges; `odd` is how many of them are not as they should be."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.odd = self.random.choice((0.0, 0.05, 0.2))
        self.at = BEGIN
        self.registers = dict.fromkeys(OUTLETS, 1000.0)
        self.running: dict[int, Any] = {}
        self.numbers = count(1)

    def happens(self, probability: float) -> bool:
        return self.random.random() < probability

    def exchanges(self) -> Iterator[Said]:
        for _ in range(EXCHANGES):
            self.at += self.random.choice((1, 7, 61, 300))
            outlet, kind = self.random.choice(OUTLETS), self.random.random()
            if kind < 0.65:
                said = self.charges(outlet)
            elif kind < 0.85:
                said = self.status(outlet), {}
            elif kind < 0.95:
                said = ("Heartbeat", {}), {"currentTime": text(self.at)}
            else:
                said = self.boot(), BOOTED
            (action, payload), answer = said
            yield Said(self.at, action, payload, answer)
            if self.happens(self.odd / 4):
                self.at += 10
                yield Said(self.at, action, payload, answer)

    def time(self) -> str:
        return text(self.at - (self.random.choice((5, 70, 400)) if self.happens(self.odd) else 0))

    def metered(self, outlet: int) -> float:
        self.registers[outlet] += self.random.choice((0, 10, 123.4, 1000))
        return self.registers[outlet]

    def charges(self, outlet: int) -> tuple[tuple[str, JsonObject], JsonObject]:
        raise NotImplementedError

    def status(self, outlet: int) -> tuple[str, JsonObject]:
        raise NotImplementedError

    def boot(self) -> tuple[str, JsonObject]:
        raise NotImplementedError


class Day16(Day):
    """Of a 1.6 station. running: transaction id by connector."""

    def charges(self, outlet: int) -> tuple[tuple[str, JsonObject], JsonObject]:
        time, word = self.time(), {"idTagInfo": {"status": self.random.choice(WORDS)}}
        if outlet not in self.running or self.happens(self.odd / 5):
            number = self.running[outlet] = next(self.numbers)
            start = {"connectorId": outlet, "idTag": self.random.choice(TAGS), "timestamp": time}
            start["meterStart"] = int(self.metered(outlet))
            return ("StartTransaction", start), {"transactionId": number, **word}
        number, wh = self.running[outlet], self.metered(outlet)
        if self.happens(0.7):
            measured = "1.50" if self.happens(2 * self.odd) else f"{wh:.1f}"
            values = [{"timestamp": time, "sampledValue": [{"value": measured}]}]
            meter = {"connectorId": outlet, "transactionId": number, "meterValue": values}
            return ("MeterValues", meter), {}
        del self.running[outlet]
        stop = {"transactionId": number, "meterStop": int(wh), "timestamp": time}
        if self.happens(0.5):
            stop["reason"] = self.random.choice(("Local", "Remote", "EVDisconnected", "PowerLoss"))
        if self.happens(0.5):
            stop["idTag"] = self.random.choice(TAGS)
        return ("StopTransaction", stop), word if "idTag" in stop else {}

    def status(self, outlet: int) -> tuple[str, JsonObject]:
        status = self.random.choice(("Available", "Preparing", "Charging", "Finishing", "Faulted"))
        told = {"connectorId": outlet, "status": status, "errorCode": "NoError"}
        return "StatusNotification", {**told, "timestamp": text(self.at)}

    def boot(self) -> tuple[str, JsonObject]:
        return "BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"}


class Day201(Day):
    """Of a 2.0.1 station. running: transactionId and next seqNo by EVSE."""

    def charges(self, outlet: int) -> tuple[tuple[str, JsonObject], JsonObject]:
        random, time = self.random, self.time()
        if outlet not in self.running or self.happens(self.odd / 5):
            self.running[outlet] = [f"tx-{next(self.numbers)}", 0]
        (name, seq), kind, context = self.running[outlet], "Updated", "Sample.Periodic"
        if seq == 0:
            kind, context = "Started", "Transaction.Begin"
        elif self.happens(0.25):
            kind, context = "Ended", "Transaction.End"
            del self.running[outlet]
        info = {"transactionId": name}
        event = {"eventType": kind, "timestamp": time, "seqNo": seq, "transactionInfo": info}
        event["triggerReason"] = random.choice(("Authorized", "ChargingStateChanged", "Trigger"))
        if outlet in self.running:
            self.running[outlet][1] += 1 if not self.happens(self.odd / 5) else 2
        if kind == "Started":
            event["evse"] = {"id": outlet, "connectorId": 1}
        if self.happens(0.5):
            info["chargingState"] = random.choice(("Charging", "EVConnected", "SuspendedEV"))
        if self.happens(0.6):
            sample = {"value": self.metered(outlet), "context": context, "measurand": REGISTER}
            event["meterValue"] = [{"timestamp": time, "sampledValue": [sample]}]
        if self.happens(self.odd):
            event["offline"] = True
        if kind == "Ended" and self.happens(0.5):
            info["stoppedReason"] = random.choice(("Local", "Remote", "EVDisconnected", "Timeout"))
        if self.happens(0.8 if kind == "Started" else 0.15):
            event["idToken"] = {"idToken": random.choice(TAGS), "type": "ISO14443"}
            return ("TransactionEvent", event), {"idTokenInfo": {"status": random.choice(WORDS)}}
        return ("TransactionEvent", event), {}

    def status(self, outlet: int) -> tuple[str, JsonObject]:
        status = self.random.choice(("Available", "Occupied", "Faulted", "Unavailable"))
        told = {"evseId": outlet, "connectorId": 1, "connectorStatus": status}
        return "StatusNotification", {**told, "timestamp": text(self.at)}

    def boot(self) -> tuple[str, JsonObject]:
        station = {"model": "M", "vendorName": "V"}
        return "BootNotification", {"reason": "PowerUp", "chargingStation": station}


class Live:
    """The day through a session. told: what the CSMS gets."""

    def __init__(self, revision: Revision, source: Version, target: Version) -> None:
        loaded = loaded_from({}, source, Translation(), BEGIN)
        ids = (f"{number:036}" for number in count())
        self.told: list[tuple[str, JsonObject]] = []
        self._answered: JsonObject = {}
        self._numbers = count(1)
        self._word = ""
        self._now = BEGIN
        self._real: dict[int, int] = {}
        self._session = TranslationSession("CP", 1, loaded, ids, revision, SessionSettings())
        for side, version in ((CSMS, target), (STATION, source)):
            self._carry_out(self._session.leg_up(Leg(side, version, BEGIN), BEGIN))

    def passes(self, said: Said) -> None:
        while (due := self._session.next_deadline) is not None and due <= said.at:
            self._now = due
            self._carry_out(self._session.tick(due))
        self._now = said.at
        info = said.answer.get("idTokenInfo") or said.answer.get("idTagInfo") or {}
        self._word = info.get("status", "")
        payload = said.payload
        if payload.get("transactionId") in self._real:
            payload = {**payload, "transactionId": self._real[payload["transactionId"]]}
        self._receive(STATION, [2, "station", said.action, payload])
        if "transactionId" in said.answer and "transactionId" in self._answered:
            # The station of the log goes by the log's number, this one by what it is told.
            self._real[said.answer["transactionId"]] = self._answered["transactionId"]

    def _receive(self, side: Side, frame: list[Any]) -> None:
        message = Message(orjson.dumps(frame))
        self._carry_out(self._session.receive(side, message, self._now))

    def _carry_out(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Record):
                assert effect.outcome not in ("internal_failure", "invalid_output"), effect
            elif isinstance(effect, Send):
                frame = orjson.loads(effect.data)
                if effect.side is STATION and frame[0] == 3:
                    self._answered = frame[2]
                elif effect.side is STATION:
                    self._receive(STATION, [4, frame[1], "NotImplemented", "", {}])
                else:
                    self.told.append((frame[2], frame[3]))
                    self._receive(CSMS, [3, frame[1], self._reply(*frame[2:])])

    def _reply(self, action: str, payload: JsonObject) -> JsonObject:
        word = {"status": self._word or "Accepted"}
        if action == "StartTransaction":
            return {"transactionId": next(self._numbers), "idTagInfo": word}
        if action == "StopTransaction":
            return {"idTagInfo": word} if "idTag" in payload and self._word else {}
        if action == "TransactionEvent":
            return {"idTokenInfo": word} if "idToken" in payload else {}
        answers = {"BootNotification": BOOTED, "Heartbeat": {"currentTime": TIME}}
        return answers.get(action, {"idTagInfo": word} if action == "Authorize" else {})


def out_of_a_log(
    revision: Revision, source: Version, target: Version, day: list[Said]
) -> list[tuple[str, JsonObject]]:
    ids = (f"made-up-{number}" for number in count())
    recording = Recording("CP", source, target, revision, SessionSettings(), ids, BEGIN)
    told, known = [], Templates()
    for number, said in enumerate(day):
        call = Call(str(number), said.action, said.payload)
        answer = CallResult(str(number), said.answer)
        written = written_of(recording, known, STATION, call, answer)
        if written is None:
            done = recording.recorded(STATION, call, answer, said.at)
        else:
            done = as_recorded(call.message_id, written)
        assert not done.faults
        told += [(m.call.action, m.call.payload) for m in done.made if m.side is STATION]
    return told


def renamed(told: list[tuple[str, JsonObject]]) -> list[tuple[str, JsonObject]]:
    """Transactions by the order in which they come: their names and numbers are made up."""
    names: dict[Any, int] = {}
    for _, payload in told:
        for holder in (payload, payload.get("transactionInfo", {})):
            if holder.get("transactionId", -1) != -1:
                holder["transactionId"] = names.setdefault(holder["transactionId"], len(names))
    return told


@pytest.fixture(scope="module")
def revision() -> Revision:
    return load_revision(Resources())


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize(
    ("makes", "source", "target"),
    [(Day16, Version.V16, Version.V201), (Day201, Version.V201, Version.V16)],
    ids=["1.6 station", "2.0.1 station"],
)
def test_a_day_is_told_alike(revision, monkeypatch, makes, source, target, seed):
    monkeypatch.setattr(templates, "PATIENCE", 1)
    day = list(makes(seed).exchanges())
    live = Live(revision, source, target)
    before = len(live.told)
    for said in day:
        live.passes(said)
    recorded = out_of_a_log(revision, source, target, day)
    assert len(recorded) > EXCHANGES / 2
    assert renamed(live.told[before:]) == renamed(recorded)
