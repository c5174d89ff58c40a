"""Whatever is asked, in whatever order, all engines answer alike, also after a restart."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.config.model import Store as StoreSettings
from gateway.core.errors import GatewayError
from gateway.core.session.effects import Ack, Append, Drop, Put, Update
from gateway.storage import open_store
from gateway.storage.port import Store
from tests.storage.conftest import Clock

CAPS = StoreSettings(outbox_rows_per_station=4, outbox_bytes=60, keep_done_s=50)
STATIONS = st.sampled_from(["CP1", "CP2", "CP3"])
REPLICAS = st.sampled_from(["r1", "r2"])
KEYS = st.sampled_from(["a", "b", "c"])
SEQS = st.integers(min_value=1, max_value=12)
VALUES = st.binary(max_size=20)
OPS = st.one_of(
    st.builds(Put, st.just("k"), KEYS, VALUES),
    st.builds(Drop, st.just("k"), KEYS),
    st.builds(Append, SEQS, KEYS, st.just("A"), VALUES),
    st.builds(Update, SEQS, VALUES),
    st.builds(Ack, SEQS, st.booleans()),
)
AGES = st.sampled_from([0, 0, 0, 1])
"""How many grants ago the epoch of a call was given; mostly it is the present one."""


class Engines(RuleBasedStateMachine):
    """Memory is the model, SQLite the engine under test."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp()
        self.clock = Clock()
        self.runner = asyncio.Runner()
        self.memory = open_store("memory:", CAPS, clock=self.clock)
        self.sqlite = self.reopened()
        self.epochs: dict[str, int] = {}

    def reopened(self) -> Store:
        return open_store(f"sqlite://{self.folder}/state.db", CAPS, clock=self.clock)

    def teardown(self) -> None:
        self.runner.run(self.sqlite.close())
        self.runner.close()
        shutil.rmtree(self.folder)

    def both(self, verb: str, *args: Any, **named: Any) -> Any:
        """What both engines answer, or the error that both raise."""
        return self.compare(lambda store: answer(store, verb, *args, **named))

    def compare(self, ask: Callable[[Store], Coroutine[Any, Any, Any]]) -> Any:
        answers = [self.runner.run(ask(store)) for store in (self.memory, self.sqlite)]
        assert answers[0] == answers[1]
        return answers[0]

    def epoch(self, station: str, age: int) -> int:
        return self.epochs.get(station, 1) - age

    @rule(station=STATIONS, replica=REPLICAS, force=st.booleans())
    def acquire(self, station: str, replica: str, force: bool) -> None:
        epoch = self.both("acquire", station, replica, force)
        if epoch is not None:
            self.epochs[station] = epoch

    @rule(station=STATIONS, age=AGES)
    def release(self, station: str, age: int) -> None:
        self.both("release", station, self.epoch(station, age))

    @rule(replica=REPLICAS)
    def heartbeat(self, replica: str) -> None:
        self.both("heartbeat", replica, f"http://{replica}")

    @rule(station=STATIONS, age=AGES, ops=st.lists(OPS, max_size=6))
    def commit(self, station: str, age: int, ops: list[Any]) -> None:
        self.both("commit", station, self.epoch(station, age), tuple(ops))

    @rule(saves=st.lists(st.tuples(STATIONS, st.lists(OPS, max_size=3)), max_size=6))
    def commit_at_once(self, saves: list[tuple[str, list[Any]]]) -> None:
        calls = [(station, self.epoch(station, 0), tuple(ops)) for station, ops in saves]
        self.compare(lambda store: gathered(store, calls))

    @rule(station=STATIONS, age=AGES, key=KEYS, value=VALUES)
    def append(self, station: str, age: int, key: str, value: bytes) -> None:
        self.both("append", station, self.epoch(station, age), key, "A", value)

    @rule(station=STATIONS, dead=st.booleans())
    def ack_head(self, station: str, dead: bool) -> None:
        head = self.both("head", station)
        if isinstance(head, tuple):
            self.both("ack", station, self.epoch(station, 0), head[0], dead)

    @rule(seconds=st.sampled_from([1, 11, 60]))
    def time_passes(self, seconds: int) -> None:
        self.clock.now += seconds

    @rule()
    def purge(self) -> None:
        self.both("purge", self.clock.now)

    @rule()
    def restart(self) -> None:
        """Nobody owns anything after it, and nobody is known to live."""
        self.runner.run(self.sqlite.close())
        self.sqlite = self.reopened()
        for station, epoch in self.epochs.items():
            self.runner.run(answer(self.memory, "release", station, epoch))
        for replica in ("r1", "r2"):
            self.both("heartbeat", replica, f"http://{replica}")

    @invariant()
    def what_is_kept_is_the_same(self) -> None:
        for station in ("CP1", "CP2", "CP3"):
            self.both("load", station, self.epoch(station, 0))
            self.both("bindings", station)
            self.both("owner", station)
        self.both("stations")
        assert self.both("totals").balanced


async def answer(store: Store, verb: str, *args: Any, **named: Any) -> Any:
    try:
        return await getattr(store, verb)(*args, **named)
    except GatewayError as error:
        return type(error)


async def gathered(store: Store, calls: list[Any]) -> list[Any]:
    return await asyncio.gather(*(answer(store, "commit", *call) for call in calls))


TestEngines = Engines.TestCase
TestEngines.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
