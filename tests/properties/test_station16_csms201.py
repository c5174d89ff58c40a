"""Random interleavings of a 1.6 station, a 2.0.1 CSMS, broken links and restarts.

Whatever happens: one event is open at the CSMS, every seqNo that was delivered has one content,
numbers have no gap, no id is given twice; and when the peers behave again, everything that the
station has to say gets through.
"""

import random
from collections import defaultdict, deque
from datetime import UTC, datetime
from itertools import count
from typing import Any

import orjson
import pytest

from gateway.core.dialects import Leg, Side, Version
from gateway.core.session.desk import Revision
from gateway.core.session.effects import (
    Ack,
    Append,
    Close,
    Drop,
    Effect,
    Message,
    NoAnswer,
    Put,
    Record,
    Save,
    Send,
    Update,
)
from gateway.core.session.session import TranslationSession
from gateway.core.session.state import Loaded
from gateway.core.settings import SessionSettings

EVENT = "TransactionEvent"
VERSIONS = {Side.STATION: Version.V16, Side.CSMS: Version.V201}
STATUSES = ("Available", "Preparing", "Charging", "SuspendedEV", "Finishing", "Faulted")
ATTEMPTS = 3
STEPS = 400


class World:
    """Both peers, the links between them, and a store that survives restarts."""

    def __init__(self, revision: Revision, seed: int) -> None:
        self.random = random.Random(seed)
        self.revision = revision
        self.now = 1748736000.0
        self.ids = (f"{number:036}" for number in count())
        self.bindings: dict[tuple[str, str], bytes] = {}
        self.outbox: dict[int, bytes] = {}
        self.up: set[Side] = set()
        self.at_csms: list[Any] | None = None
        self.asked: deque[str] = deque()
        self.waiting: deque[tuple[str, dict[str, Any]]] = deque()
        self.open: list[Any] | None = None
        self.attempts = 0
        self.serial = 0
        self.running: dict[int, tuple[int, str] | None] = {1: None, 2: None}
        self.numbers: dict[tuple[int, str], int] = {}
        self.delivered: dict[tuple[str, int], dict[str, Any]] = {}
        self.sent: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.session: TranslationSession
        self.connect()

    # -- links and time ----------------------------------------------------------------------

    def connect(self) -> None:
        for side in Side:
            if side not in self.up:
                if not self.up:
                    self.session = self.new_session()
                self.up.add(side)
                self.carry_out(self.session.leg_up(Leg(side, VERSIONS[side], self.now), self.now))

    def new_session(self) -> TranslationSession:
        rows = tuple((kind, key, value) for (kind, key), value in self.bindings.items())
        loaded = Loaded(rows, tuple(sorted(self.outbox.items())))
        return TranslationSession("CP1", 1, loaded, self.ids, self.revision, SessionSettings())

    def drop(self, side: Side) -> None:
        if side in self.up:
            self.up.discard(side)
            self.forget(side)
            self.carry_out(self.session.leg_down(side, self.now))

    def forget(self, side: Side) -> None:
        if side is Side.STATION:
            self.open = None
            self.asked.clear()
        else:
            self.at_csms = None

    def restart(self) -> None:
        for side in Side:
            self.up.discard(side)
            self.forget(side)
        self.connect()

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        while (due := self.session.next_deadline) is not None and due <= self.now:
            self.carry_out(self.session.tick(self.now))

    def carry_out(self, effects: list[Effect]) -> None:
        gone = []
        for effect in effects:
            if isinstance(effect, Save):
                self.save(effect)
            elif isinstance(effect, Send) and effect.side in self.up:
                self.take(effect.side, orjson.loads(effect.data))
            elif isinstance(effect, Close | NoAnswer):
                gone.append(effect.side)
            elif isinstance(effect, Record):
                assert effect.outcome != "internal_failure", effect.text
        for side in gone:
            self.drop(side)

    def save(self, save: Save) -> None:
        for op in save.ops:
            if isinstance(op, Put):
                self.bindings[op.kind, op.key] = op.value
            elif isinstance(op, Drop):
                self.bindings.pop((op.kind, op.key), None)
            elif isinstance(op, Append | Update):
                self.outbox[op.seq] = op.value
            elif isinstance(op, Ack):
                del self.outbox[op.seq]

    def take(self, side: Side, frame: list[Any]) -> None:
        if side is Side.STATION:
            if frame[0] == 2:
                self.asked.append(frame[1])
            else:
                self.answered(frame)
            return
        assert self.at_csms is None or self.at_csms[2] != EVENT, "two calls at once"
        self.at_csms = frame
        if frame[2] == EVENT:
            self.sent[frame[3]["transactionInfo"]["transactionId"]].append(frame[3])

    def receive(self, side: Side, frame: list[Any]) -> None:
        self.carry_out(self.session.receive(side, Message(orjson.dumps(frame)), self.now))

    # -- the station: keeps each message until it is answered, or refused too often -----------

    def say(self) -> None:
        if not self.waiting:
            self.waiting.append(self.news())
        action, payload = self.waiting[0]
        if "transaction" in payload:
            rest = {name: value for name, value in payload.items() if name != "transaction"}
            payload = rest | {"transactionId": self.numbers.get(payload["transaction"], -1)}
        self.serial += 1
        self.open = [2, f"s{self.serial}", action, payload]
        self.receive(Side.STATION, self.open)

    def news(self) -> tuple[str, dict[str, Any]]:
        connector, at = self.random.choice((1, 2)), self.time()
        transaction, chance = self.running[connector], self.random.random()
        if chance < 0.3:
            status = self.random.choice(STATUSES)
            code = self.random.choice(("NoError", "GroundFailure", "OtherError"))
            content = {"connectorId": connector, "errorCode": code, "status": status}
            return "StatusNotification", content | {"timestamp": at}
        if transaction is None or chance > 0.97:
            self.running[connector] = (connector, at)
            content = {"connectorId": connector, "idTag": "TAG", "meterStart": 100}
            return "StartTransaction", content | {"timestamp": at}
        if chance < 0.75:
            values = [{"timestamp": at, "sampledValue": [{"value": str(self.serial)}]}]
            content = {"connectorId": connector, "meterValue": values}
            return "MeterValues", content | {"transaction": transaction}
        self.running[connector] = None
        content = {"transaction": transaction, "meterStop": self.serial, "timestamp": at}
        return "StopTransaction", content

    def time(self) -> str:
        return datetime.fromtimestamp(self.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def answered(self, frame: list[Any]) -> None:
        assert self.open is not None
        assert frame[1] == self.open[1]
        _, _, action, payload = self.open
        self.open = None
        self.attempts += 1
        if frame[0] == 3 or self.attempts == ATTEMPTS or action == "StatusNotification":
            self.waiting.popleft()
            self.attempts = 0
        if frame[0] == 3 and action == "StartTransaction":
            key, number = (payload["connectorId"], payload["timestamp"]), frame[2]["transactionId"]
            assert self.numbers.setdefault(key, number) == number, "two numbers for one start"
            assert len(set(self.numbers.values())) == len(self.numbers), "a number given twice"

    # -- the CSMS ----------------------------------------------------------------------------

    def answer(self, *, kindly: bool = False) -> None:
        assert self.at_csms is not None
        _, message_id, action, payload = self.at_csms
        self.at_csms = None
        chance = 0 if kindly else self.random.random()
        if action == EVENT and chance < 0.75:
            key = (payload["transactionInfo"]["transactionId"], payload["seqNo"])
            assert self.delivered.setdefault(key, payload) == payload, "one number, two contents"
        if chance < 0.6:
            self.receive(Side.CSMS, [3, message_id, {}])
        elif chance < 0.7 and action == EVENT:
            self.receive(Side.CSMS, [3, message_id, {"idTokenInfo": {"status": "Invalid"}}])
        elif chance < 0.75 and action == EVENT:
            self.receive(Side.CSMS, [3, message_id, {"idTokenInfo": {}}])
        else:
            code = "InternalError" if chance < 0.92 else "FormatViolation"
            self.receive(Side.CSMS, [4, message_id, code, "", {}])

    def given_up(self, events: list[dict[str, Any]]) -> set[int]:
        """Numbers of one transaction that were never delivered though later ones were.

        Status events, which bear no meter values, give their number back when they are dropped.
        """
        tx201 = events[0]["transactionInfo"]["transactionId"]
        delivered = {number for tx, number in self.delivered if tx == tx201}
        return set(range(max(delivered, default=0))) - delivered

    # -- one step ----------------------------------------------------------------------------

    def step(self) -> None:
        self.pass_time(self.random.choice((0, 1, 5)))
        chance = self.random.random()
        if chance < 0.02:
            self.restart()
        elif chance < 0.04:
            self.drop(self.random.choice(list(Side)))
        elif chance < 0.09:
            self.pass_time(self.random.choice((10, 30, 100)))
        elif len(self.up) < 2:
            self.connect()
        elif chance < 0.55 and self.at_csms is not None:
            self.answer()
        else:
            self.speak()

    def speak(self) -> None:
        if self.asked:
            self.receive(Side.STATION, [3, self.asked.popleft(), {"status": "Accepted"}])
        elif self.open is None:
            self.say()

    def settle(self) -> None:
        """Both peers behave until nobody has anything left to say."""
        for _ in range(STEPS):
            self.connect()
            self.pass_time(1)
            if self.at_csms is not None:
                self.answer(kindly=True)
            elif self.waiting or self.asked:
                self.speak()


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_events_keep_their_numbers_and_get_through(
    revision: Revision, seed: int
) -> None:
    world = World(revision, seed)
    for _ in range(STEPS):
        world.step()
    world.settle()
    assert not world.waiting
    assert not world.outbox
    for events in world.sent.values():
        assert events[0]["eventType"] in ("Started", "Ended")
        numbers = {event["seqNo"] for event in events}
        assert numbers == set(range(len(numbers)))
        assert world.given_up(events) <= {e["seqNo"] for e in events if "meterValue" in e}
