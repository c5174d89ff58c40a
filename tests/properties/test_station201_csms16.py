"""Random transactions of a 2.0.1 station, a moody 1.6 CSMS, broken links and restarts.

Whatever happens: every event that was answered is told, its readings are somewhere at the CSMS, a
stop names a start that was given that number and is not below it, nothing is told of a transaction
before its start. When the peers behave again, everything gets through.
"""

import random
from collections import deque
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from gateway.core.dialects import Side, Version
from gateway.core.session.desk import Revision
from gateway.core.settings import Translation
from tests.support.restless_links import Restless

TOKEN = {"idToken": "04A2B3C4", "type": "ISO14443"}
MOODS = ("kind", "kind", "kind", "blocked", "retry", "never", "silent", "cut", "crash")
CHARGING_STATES = ("Charging", "EVConnected", "SuspendedEV")
CONTEXTS = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}
POWER = "Power.Active.Import"
TRANSIENT = ("StatusNotification", "Authorize")
"""Calls that are given up when their time is over; the others stay open on their link."""
ATTEMPTS = 3
STEPS = 3000


class World(Restless):
    """The station keeps one event until it is answered, or refused too often.

    given: meterStart by the transaction number that the CSMS gave; told: readings of power that it
    has; answered: (event, answer) pairs.
    """

    versions: ClassVar = {Side.STATION: Version.V201, Side.CSMS: Version.V16}

    def __init__(self, revision: Revision, seed: int) -> None:
        self.random = random.Random(seed)
        topology = ((1, 1), (2, 1)) if seed % 2 else None
        super().__init__(revision, Translation(topology=topology))
        self.moods = deque(self.random.choices(MOODS, k=self.random.randint(0, 10)))
        self.at_csms: list[Any] | None = None
        self.asked: deque[str] = deque()
        self.open = ""
        self.answer: list[Any] | None = None
        self.serial = 0
        self.register = 1000
        self.given: dict[int, int] = {}
        self.told: set[str] = set()
        self.stopped: set[int] = set()
        self.answered: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self.connect()

    # -- frames -------------------------------------------------------------------------------

    def take(self, side: Side, frame: list[Any]) -> None:
        if side is Side.CSMS:
            assert self.at_csms is None or self.at_csms[2] in TRANSIENT, "two calls at once"
            self.at_csms = frame
        elif frame[0] == 2:
            self.asked.append(frame[1])
        elif frame[1] == self.open:
            self.open, self.answer = "", frame

    def forget(self, side: Side) -> None:
        if side is Side.STATION:
            self.open = ""
            self.asked.clear()
        else:
            self.at_csms = None

    # -- the CSMS -----------------------------------------------------------------------------

    def serve(self) -> None:
        assert self.at_csms is not None
        mood = self.moods.popleft() if self.moods else "kind"
        if mood == "cut":
            self.drop(Side.CSMS)
        elif mood == "crash":
            self.restart()
        elif mood == "silent":
            self.pass_time(self.random.choice((30, 60, 200)))
        elif mood in ("retry", "never"):
            code = "InternalError" if mood == "retry" else "FormationViolation"
            self.say([4, self.at_csms[1], code, "", {}])
        else:
            status = "Blocked" if mood == "blocked" else "Accepted"
            self.say([3, self.at_csms[1], self.result(status)])

    def say(self, frame: list[Any]) -> None:
        self.at_csms = None
        self.receive(Side.CSMS, frame)

    def result(self, status: str) -> dict[str, Any]:
        assert self.at_csms is not None
        _, _, action, payload = self.at_csms
        self.note(payload)
        if action == "Authorize":
            return {"idTagInfo": {"status": status}}
        if action == "StartTransaction":
            number = len(self.given) + 1
            self.given[number] = payload["meterStart"]
            return {"transactionId": number, "idTagInfo": {"status": status}}
        number = payload.get("transactionId", -1)
        if number != -1:
            assert number in self.given, "a number that was never given"
        if action == "StopTransaction" and number != -1:
            assert payload["meterStop"] >= self.given[number]
            self.stopped.add(number)
        return {}

    def note(self, payload: dict[str, Any]) -> None:
        for value in payload.get("meterValue", []) + payload.get("transactionData", []):
            self.told |= {s["value"] for s in value["sampledValue"] if s.get("measurand") == POWER}

    # -- the station --------------------------------------------------------------------------

    def transaction(self, number: int) -> Iterator[dict[str, Any]]:
        """The events of one transaction; token and EVSE come with any of them, or never."""
        length = self.random.randint(1, 4)
        token_at = self.random.choice((0, 0, 0, 1, length, None))
        evse_at = self.random.choice((0, 0, 0, 1))
        lost = self.random.random() < 0.1
        for at in range(length + 1):
            kind = "Ended" if at == length else "Started" if at == 0 else "Updated"
            event = self.event(kind, f"tx{number}", at)
            if at == token_at:
                event["idToken"] = TOKEN
            if at == evse_at:
                event["evse"] = {"id": 1, "connectorId": 1}
            if at > 0 or not lost:
                yield event

    def event(self, kind: str, tx201: str, at: int) -> dict[str, Any]:
        self.serial += 1
        self.register += self.random.choice((0, 100))
        timestamp = f"2025-06-01T{int(tx201[2:]):02}:{at:02}:00Z"
        context = CONTEXTS.get(kind, "Sample.Periodic")
        samples = [
            {"value": self.register, "context": context},
            {"value": self.serial, "context": context, "measurand": POWER},
        ]
        state = self.random.choice(CHARGING_STATES)
        return {
            "eventType": kind,
            "timestamp": timestamp,
            "triggerReason": "MeterValuePeriodic",
            "seqNo": at,
            "transactionInfo": {"transactionId": tx201, "chargingState": state},
            "meterValue": [{"timestamp": timestamp, "sampledValue": samples}],
        }

    def deliver(self, event: dict[str, Any]) -> None:
        attempts = 0
        for _ in range(STEPS):
            self.move(event)
            answer, self.answer = self.answer, None
            if answer is not None and answer[0] == 3:
                self.answered.append((event, answer[2]))
                return
            if answer is not None:
                assert answer[3].startswith("upstream"), "an error that the CSMS did not send"
                attempts += 1
                if attempts == ATTEMPTS:
                    return
        raise AssertionError("the event is never answered")

    def move(self, event: dict[str, Any] | None) -> None:
        """One step: say what there is to say, else let time pass."""
        self.connect()
        if self.asked:
            self.receive(Side.STATION, [3, self.asked.popleft(), {"status": "Accepted"}])
        elif not self.open and event is not None:
            self.serial += 1
            self.open = f"s{self.serial}"
            self.receive(Side.STATION, [2, self.open, "TransactionEvent", event])
        elif self.at_csms is not None:
            self.serve()
        else:
            self.pass_time(10)

    def settle(self) -> None:
        """Both peers behave until the gateway has nothing left to say."""
        self.moods.clear()
        for _ in range(STEPS):
            if not self.outbox and self.at_csms is None:
                return
            self.move(None)
        raise AssertionError("the outbox never empties")


@pytest.mark.parametrize("seed", range(150))
def test_whatever_happens_what_was_answered_is_told(revision: Revision, seed: int) -> None:
    world = World(revision, seed)
    for number in range(world.random.randint(1, 3)):
        for event in world.transaction(number):
            world.deliver(event)
            if world.random.random() < 0.1:
                world.restart()
    world.settle()
    for payload in world.dead:
        world.note(payload)
    records = {record["tx201"]: record for record in world.records("transaction")}
    for event, answer in world.answered:
        assert ("idTokenInfo" in answer) == ("idToken" in event)
        record = records[event["transactionInfo"]["transactionId"]]
        power = event["meterValue"][0]["sampledValue"][1]["value"]
        assert str(power) in world.told or untold(record, event), record
    ended = {e["transactionInfo"]["transactionId"] for e, _ in world.answered if is_end(e)}
    for tx201 in ended:
        assert records[tx201]["state"] in ("CLOSED", "DISCARDED")
        number = records[tx201]["tx16"]
        given_up = any("meterStop" in payload for payload in world.dead)
        assert number is None or number in world.stopped or given_up


def is_end(event: dict[str, Any]) -> bool:
    return bool(event["eventType"] == "Ended")


def untold(record: dict[str, Any], event: dict[str, Any]) -> bool:
    """Readings for which 1.6 has no place: of a transaction that never started, or that was
    started only when it ended."""
    rebuilt = (record["start_key"] or "").endswith("Ended") and not is_end(event)
    return rebuilt or record["state"] == "DISCARDED"
