"""Random interleavings of both peers' calls: every action of both versions, generated payloads.

Whatever is said: a call is answered once, or its link ends without an answer; the gateway has one
call open with a peer; no id is used twice; and whatever it sends is valid.
"""

from collections import deque
from random import Random
from typing import Any, ClassVar

import pytest

from gateway.core.dialects import Side, Version
from gateway.core.session.desk import Revision
from gateway.core.settings import Translation
from tests.support.restless_links import Restless
from tests.support.samples import sample

STEPS = 500
PATIENCE_S = 1
"""A peer answers within this time, or never, so that no exchange runs out of time unnoticed."""
LONG_S = 300
CALL, RESULT, ERROR = 2, 3, 4
CODES = {
    Version.V16: ("NotImplemented", "NotSupported", "InternalError", "GenericError"),
    Version.V201: ("NotImplemented", "NotSupported", "InternalError", "RpcFrameworkError"),
}
MOODS = (*("kind",) * 14, *("refusing",) * 3, "silent")
SITE = ((1, 1), (2, 1))
KEYS = (
    "HeartbeatInterval",
    "MeterValuesSampledData",
    "AuthorizationKey",
    "LightIntensity",
    "NumberOfConnectors",
    "FooBar",
)
PLACES = (
    ("OCPPCommCtrlr", "HeartbeatInterval"),
    ("SampledDataCtrlr", "TxUpdatedMeasurands"),
    ("SecurityCtrlr", "BasicAuthPassword"),
    ("OCPP16LegacyCtrlr", "LightIntensity"),
    ("SmartChargingCtrlr", "RateUnit"),
)


class World(Restless):
    """Two peers that say anything at any time.

    asked: the gateway's open call at a peer, and since when; waiting: a peer's own open calls, by
    id; decks: what a peer has still to say, each action once before any comes again.
    """

    def __init__(self, revision: Revision, seed: int) -> None:
        self.random = Random(seed)
        super().__init__(revision, Translation(topology=SITE))
        self.catalog = revision.catalog
        self.asked: dict[Side, tuple[list[Any], float]] = {}
        self.waiting: dict[Side, dict[str, str]] = {side: {} for side in Side}
        self.decks: dict[Side, deque[str]] = {side: deque() for side in Side}
        self.said: set[tuple[Side, str]] = set()
        self.used: set[str] = set()
        self.names: dict[str, list[Any]] = {}
        self.answered = 0
        self.number = 0
        self.connect()

    # -- what comes from the gateway ------------------------------------------------------------

    def take(self, side: Side, frame: list[Any]) -> None:
        version = self.versions[side]
        if frame[0] == CALL:
            _, message_id, action, payload = frame
            assert side not in self.asked, ("two calls at once", self.asked[side], frame)
            assert message_id not in self.used, "an id used twice"
            self.used.add(message_id)
            self.asked[side] = frame, self.now
            self.check(version, action, "request", payload)
        else:
            action = self.waiting[side].pop(frame[1])  # KeyError: answered twice
            self.answered += 1
            if frame[0] == RESULT:
                self.check(version, action, "response", frame[2])

    def check(self, version: Version, action: str, part: str, payload: Any) -> None:
        assert self.catalog.violations(version, action, part, payload) == (), (action, payload)
        self.remember(payload)

    def remember(self, value: Any) -> None:
        """Ids that were told are spoken of again."""
        if isinstance(value, dict):
            for name, member in value.items():
                if name.endswith(("transactionId", "requestId", "eservationId")):
                    self.names.setdefault(name, []).append(member)
                self.remember(member)
        elif isinstance(value, list):
            for member in value:
                self.remember(member)

    def forget(self, side: Side) -> None:
        self.asked.pop(side, None)
        self.waiting[side].clear()

    # -- what the peers do ----------------------------------------------------------------------

    def say(self, side: Side) -> None:
        if not self.decks[side]:
            self.decks[side] = deque(self.actions(side))
            self.random.shuffle(self.decks[side])
        action = self.decks[side].popleft()
        payload = self.likely(sample(self.random, self.versions[side], action, "request"))
        self.number += 1
        self.said.add((side, action))
        message_id = f"{side.name}{self.number}"
        self.waiting[side][message_id] = action
        self.remember(payload)
        self.receive(side, [CALL, message_id, action, payload])

    def actions(self, side: Side) -> list[str]:
        version = self.versions[side]
        known = sorted(self.catalog.actions(version))
        return [action for action in known if side in (self.catalog.sender(version, action) or ())]

    def answer(self, side: Side, mood: str) -> None:
        (_, message_id, action, _), _ = self.asked.pop(side)
        version = self.versions[side]
        if mood == "silent":
            self.wait_long()
        elif mood == "refusing":
            self.receive(side, [ERROR, message_id, self.random.choice(CODES[version]), "", {}])
        else:
            payload = self.likely(sample(self.random, version, action, "response"))
            if action == "BootNotification":
                payload["status"] = "Accepted"
            self.receive(side, [RESULT, message_id, payload])

    def wait_long(self) -> None:
        """Whoever was to answer does not; nobody else waits for that."""
        for _ in range(LONG_S):
            self.pass_time(1)
            while self.asked:
                self.answer(next(iter(self.asked)), "kind")

    def likely(self, value: Any) -> Any:
        """The payload with places and settings of this site, and ids that somebody knows."""
        if isinstance(value, list):
            return [self.likely(member) for member in value]
        if not isinstance(value, dict):
            return value
        if "component" in value and "variable" in value:
            component, variable = self.random.choice(PLACES)
            value = {**value, "component": {"name": component}, "variable": {"name": variable}}
        return {name: self.likely_member(name, member) for name, member in value.items()}

    def likely_member(self, name: str, member: Any) -> Any:
        if self.random.random() < 0.1:
            return member
        if name in ("evseId", "connectorId"):
            return self.random.choice((0, 1, 1, 2)) if name == "evseId" else 1
        if name == "key":
            return self.random.choice(KEYS) if isinstance(member, str) else list(KEYS[:3])
        if name == "evse":
            return {"id": self.random.choice((1, 2)), "connectorId": 1}
        known = [i for i in self.names.get(name, ())[-5:] if type(i) is type(member)]
        return self.random.choice(known) if known else self.likely(member)

    # -- one step -------------------------------------------------------------------------------

    def step(self) -> None:
        self.pass_time(self.random.choice((0, 0, 0.25)))
        chance = self.random.random()
        late = [side for side, (_, since) in self.asked.items() if self.now - since > PATIENCE_S]
        if len(self.up) < len(Side):
            self.connect()
        elif late:
            self.answer(late[0], "kind")
        elif chance < 0.003:
            self.restart()
        elif chance < 0.01:
            self.drop(self.random.choice(list(Side)))
        elif chance < 0.6 and self.asked:
            self.answer(self.random.choice(list(self.asked)), self.random.choice(MOODS))
        else:
            self.speak()

    def speak(self) -> None:
        side = self.random.choice(list(Side))
        if not self.waiting[side] or self.random.random() < 0.05:
            self.say(side)

    def settle(self) -> None:
        """Nobody says anything new; whoever is asked answers."""
        for _ in range(STEPS):
            if self.asked:
                self.answer(next(iter(self.asked)), "kind")
            elif not any(self.waiting.values()):
                return
            else:
                self.pass_time(10)


class WorldA(World):
    versions: ClassVar = {Side.STATION: Version.V201, Side.CSMS: Version.V16}


class WorldB(World):
    versions: ClassVar = {Side.STATION: Version.V16, Side.CSMS: Version.V201}


def prove(world: World) -> None:
    for _ in range(STEPS):
        world.step()
    world.settle()
    assert not any(world.waiting.values())
    assert world.said == {(side, action) for side in Side for action in world.actions(side)}
    assert world.answered > world.number / 2


WORLDS = pytest.mark.parametrize("made", [WorldA, WorldB], ids=["A", "B"])


@WORLDS
@pytest.mark.parametrize("seed", range(12))
def test_every_call_is_answered_once_or_its_link_ends(
    made: type[World], seed: int, revision: Revision
) -> None:
    prove(made(revision, seed))


@pytest.mark.full
@WORLDS
@pytest.mark.parametrize("seed", range(12, 400))
def test_every_call_of_many_more_is_answered_once_or_its_link_ends(
    made: type[World], seed: int, revision: Revision
) -> None:
    prove(made(revision, seed))
