"""Plays a scripted conversation through the core, offline, with a simulated clock and store.

Spec: vectors/README.md section 1. This is `ocpp-gateway scenario`, and the pure half of the tests
that play the same scripts over real sockets.
"""

import difflib
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple

import orjson

from gateway.core.dialects import Leg, Side, Version
from gateway.core.errors import ConfigError
from gateway.core.frames import JsonObject
from gateway.core.mapping.model import MapSet
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
from gateway.core.session.matching import Matcher
from gateway.core.session.preset import loaded_from
from gateway.core.session.session import TranslationSession
from gateway.core.session.state import Loaded
from gateway.core.settings import ExtensionSettings, SessionSettings, Translation

OPENED = "2025-01-01T00:00:00Z"
STATION = "SCENARIO"
TICKS_AT_MOST = 1000
VERSIONS = {
    "A": {Side.STATION: Version.V201, Side.CSMS: Version.V16},
    "B": {Side.STATION: Version.V16, Side.CSMS: Version.V201},
}


class Result(NamedTuple):
    """text: of a failure, what was expected and what came, as a diff; records: what happened."""

    name: str
    ok: bool
    text: str
    records: tuple[Record, ...]


class Difference(Exception):
    """The gateway did not do what the script expects."""


def play(vector: JsonObject, revision: Revision, *, profiles: tuple[str, ...] = ()) -> Result:
    """Play one script. Raises ConfigError if the script itself is wrong."""
    player = _Player(vector, revision, profiles)
    try:
        player.run()
    except Difference as difference:
        return Result(vector["name"], False, str(difference), tuple(player.records))
    return Result(vector["name"], True, "", tuple(player.records))


def settings_of(vector: JsonObject) -> Translation:
    """The translation settings of a script: the defaults and its deviations."""
    return Translation.model_validate(vector.get("config", {}))


def preset_of(vector: JsonObject, maps: MapSet) -> JsonObject:
    """A script's preset; without a boot in it the station counts as accepted."""
    preset: JsonObject = dict(vector.get("preset", {}))
    if "registration" not in preset and _boots(vector, maps):
        preset["registration"] = "none"
    return preset


def seconds(timestamp: str) -> float:
    """An RFC 3339 timestamp as seconds since the epoch."""
    return datetime.fromisoformat(timestamp).timestamp()


def _boots(vector: JsonObject, maps: MapSet) -> bool:
    """Whether the station registers in the script."""
    boots = [[maps.registering.action(version)] for version in Version]
    calls = [step["frame"] for step in vector["steps"] if step.get("from") == Side.STATION]
    return any(frame[:1] == [2] and frame[2:3] in boots for frame in calls)


class _Store:
    """Rows of one station, as a durable store would keep them."""

    def __init__(self, loaded: Loaded) -> None:
        self._bindings = {(kind, key): value for kind, key, value in loaded.bindings}
        self._outbox = dict(loaded.outbox)

    def apply(self, save: Save) -> None:
        for op in save.ops:
            if isinstance(op, Put):
                self._bindings[(op.kind, op.key)] = op.value
            elif isinstance(op, Drop):
                self._bindings.pop((op.kind, op.key), None)
            elif isinstance(op, Append | Update):
                self._outbox[op.seq] = op.value
            elif isinstance(op, Ack):
                self._outbox.pop(op.seq, None)

    def loaded(self) -> Loaded:
        rows = tuple((kind, key, value) for (kind, key), value in self._bindings.items())
        return Loaded(rows, tuple(sorted(self._outbox.items())))


class _Player:
    def __init__(self, vector: JsonObject, revision: Revision, profiles: tuple[str, ...]) -> None:
        if vector["direction"] not in VERSIONS:
            raise ConfigError(f"direction {vector['direction']!r} is neither A nor B")
        self._vector = vector
        self._revision = revision
        self._versions = VERSIONS[vector["direction"]]
        translation = settings_of(vector)
        self._settings = SessionSettings(
            translation=translation,
            profiles=profiles,
            extensions=ExtensionSettings.model_validate(vector.get("extensions", {})),
        )
        self._now = seconds(OPENED)
        self._opened = dict.fromkeys(Side, self._now)
        station = self._versions[Side.STATION]
        self._store = _Store(
            loaded_from(preset_of(vector, revision.maps), station, translation, self._now)
        )
        self._ids = _ids()
        self._matcher = Matcher()
        self._sent: dict[Side, deque[list[Any]]] = {side: deque() for side in Side}
        self._up: set[Side] = set()
        self._away: set[Side] = set()
        self.records: list[Record] = []
        self._session = self._new_session()

    def run(self) -> None:
        for side in Side:
            self._connect(side)
        for number, step in enumerate(self._vector["steps"], start=1):
            try:
                self._step(step)
            except Difference as difference:
                raise Difference(f"step {number}: {difference}") from None
        for side, frames in self._sent.items():
            if frames:
                raise Difference(f"frame to the {side} that no step expects:\n{_text(frames[0])}")

    def _step(self, step: JsonObject) -> None:
        if "from" in step:
            side = Side(step["from"])
            self._speak(side)
            data = orjson.dumps(self._matcher.fill(step["frame"]))
            self._carry_out(self._session.receive(side, Message(data), self._now))
        elif "expect" in step:
            self._expect(Side(step["expect"]), step["frame"])
        else:
            self._do(step)

    def _do(self, step: JsonObject) -> None:
        match step["do"]:
            case "expect_silence":
                self._silence(Side(step["side"]), step["seconds"])
            case "disconnect":
                self._away.add(Side(step["side"]))
                self._disconnect(Side(step["side"]))
            case "connect":
                self._away.clear()
                for side in Side:
                    self._connect(side)
            case "restart":
                self._restart()
            case "connected_at":
                side = Side(step["side"])
                self._opened[side] = seconds(step["timestamp"])
                # The CSMS would be told anew on a new link; when it was opened, no rule asks.
                if side is Side.STATION and side in self._up:
                    self._carry_out(self._session.leg_up(self._leg(side), self._now))
            case other:
                raise ConfigError(f"unknown step {other!r}")

    # -- what the gateway sends -------------------------------------------------------------

    def _expect(self, side: Side, expected: list[Any]) -> None:
        for _ in range(TICKS_AT_MOST):
            if self._sent[side] or not self._advance(None):
                break
        if not self._sent[side]:
            raise Difference(f"nothing was sent to the {side}, expected:\n{_text(expected)}")
        got = self._sent[side].popleft()
        if not self._matcher.matches(expected, got):
            raise Difference(f"to the {side}:\n{_diff(self._matcher.fill(expected), got)}")

    def _silence(self, side: Side, seconds_: float) -> None:
        until = self._now + seconds_
        while self._advance(until):
            pass
        self._now = until
        if self._sent[side]:
            raise Difference(f"frame to the {side} in a silence:\n{_text(self._sent[side][0])}")

    def _advance(self, until: float | None) -> bool:
        """Move the clock to the next deadline (not beyond until). False if there is none."""
        deadline = self._session.next_deadline
        if deadline is None or (until is not None and deadline > until):
            return False
        self._now = max(self._now, deadline)
        self._carry_out(self._session.tick(self._now))
        return True

    def _carry_out(self, effects: list[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Save):
                self._store.apply(effect)
            elif isinstance(effect, Send):
                self._sent[effect.side].append(orjson.loads(effect.data))
            elif isinstance(effect, Record):
                self.records.append(effect)
            elif isinstance(effect, Close | NoAnswer):
                self._disconnect(effect.side)

    # -- links ------------------------------------------------------------------------------

    def _leg(self, side: Side) -> Leg:
        return Leg(side, self._versions[side], self._opened[side], backend=_backend(side))

    def _speak(self, side: Side) -> None:
        """Open the link of a side that is about to say something; a station's opens the other."""
        if side is Side.STATION and Side.CSMS not in self._away:
            self._connect(Side.STATION)
            self._connect(Side.CSMS)
        elif side is Side.STATION and not self._up:
            raise Difference("the station is not let in while the CSMS is away")
        else:
            self._connect(side)

    def _connect(self, side: Side) -> None:
        if side in self._up:
            return
        if not self._up:
            self._session = self._new_session()
        self._up.add(side)
        self._carry_out(self._session.leg_up(self._leg(side), self._now))

    def _disconnect(self, side: Side) -> None:
        if side in self._up:
            self._up.discard(side)
            self._carry_out(self._session.leg_down(side, self._now))

    def _restart(self) -> None:
        self._up.clear()
        self._away.clear()
        for side in Side:
            self._connect(side)

    def _new_session(self) -> TranslationSession:
        loaded = self._store.loaded()
        return TranslationSession(STATION, 1, loaded, self._ids, self._revision, self._settings)


def _backend(side: Side) -> str:
    return "primary" if side is Side.CSMS else ""


def _ids() -> Iterator[str]:
    """Message ids in the form of UUIDs, the same in every run."""
    return (f"00000000-0000-4000-8000-{number:012x}" for number in count(1))


def _text(frame: Any) -> str:
    return orjson.dumps(frame, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()


def _diff(expected: Any, got: Any) -> str:
    lines = difflib.unified_diff(
        _text(expected).splitlines(), _text(got).splitlines(), "expected", "sent", lineterm=""
    )
    return "\n".join(lines)
