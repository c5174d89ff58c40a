"""What the core does in this process: translation paths, the session, and their baselines.

"l+d" is `orjson.dumps(orjson.loads(frame))` of the same frames. A translation path is what the
session does with a frame's content: decode, check, map, check, encode. Times are CPU times.
"""

import cProfile
import io
import pstats
import time
from collections.abc import Callable, Iterator
from itertools import cycle, pairwise
from random import Random
from typing import Any, NamedTuple

import orjson

from gateway.config.model import Resources
from gateway.core.codec import ocppj
from gateway.core.dialects import Leg, Side, Version
from gateway.core.frames import JsonObject
from gateway.core.session.bindings import Bindings
from gateway.core.session.desk import Revision
from gateway.core.session.effects import Message, Send
from gateway.core.session.preset import loaded_from
from gateway.core.session.session import TranslationSession
from gateway.core.session.state import Loaded
from gateway.core.settings import SessionSettings, Translation
from gateway.revision import load_revision
from tests.bench import package_translator
from tests.bench.figures import Figure, spread
from tests.bench.frames import SAMPLES, TRANSACTION_BODY, calls, timestamp, values

NOW = 1_750_000_000.0
ANSWER: JsonObject = {"currentTime": "2025-06-01T08:00:00Z"}
GOALS = {"TransactionEvent": 3.5, "BootNotification": 3.0, "Heartbeat": 2.5}
MAPS = {"TransactionEvent": "TransactionMeter"}
"""Which map a message of the steady state goes through, where its own name does not tell."""

TRANSACTION = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
STATE = {"connector_id": 1, "transaction_id16": 4711}
FRAMES = {"TransactionEvent": 1500, "BootNotification": 4000, "Heartbeat": 8000}
PACKAGE_FRAMES = 40


class Scale(NamedTuple):
    """How much to measure. thousands: stations of the large fleet; log: of the offline commands."""

    rounds: int = 7
    socket_rounds: int = 5
    fleet_rounds: int = 5
    window_s: float = 1.5
    thousands: int = 5000
    log_megabytes: int = 110
    log_rounds: int = 5


IDS = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(10_000)]


def message_ids() -> Iterator[str]:
    """Ready ids, as a session has them; they begin anew after ten thousand."""
    return cycle(IDS)


def cpu_us(work: Callable[[bytes], object], frames: list[bytes]) -> float:
    """CPU time of the work on each frame, in microseconds."""
    started = time.process_time_ns()
    for frame in frames:
        work(frame)
    return (time.process_time_ns() - started) / len(frames) / 1000


def load_and_dump(frame: bytes) -> bytes:
    return orjson.dumps(orjson.loads(frame))


def call_path(revision: Revision, action: str) -> Callable[[bytes], bytes]:
    """The translation path of a 2.0.1 CALL to 1.6."""
    direction = revision.maps.named(MAPS.get(action, action)).to(Version.V16)
    request = direction.request
    assert request is not None
    before = revision.catalog.bounded_checker(Version.V201, action, "request")
    after = revision.catalog.bounded_checker(Version.V16, direction.action, "request")
    context = Bindings(Loaded(), Translation())
    ids = message_ids()
    limits, version = ocppj.Limits(), Version.V201

    def path(data: bytes) -> bytes:
        payload = ocppj.read(data, version, limits).payload  # type: ignore[union-attr]
        assert before(payload)
        made = request(payload, context, STATE, [])
        assert after(made)
        return ocppj.encode_call(next(ids), direction.action, made)

    return path


class Step(NamedTuple):
    """What a translation path does after another one: `work` does that and all before it."""

    name: str
    work: Callable[[bytes], object]


def call_steps(revision: Revision, action: str) -> list[Step]:
    """`call_path` in growing pieces, and at the end all of it as one function.

    The last one is what is left if nothing stands between the libraries' calls: no function, no
    object for a frame, only the look at what the frame is.
    """
    direction = revision.maps.named(MAPS.get(action, action)).to(Version.V16)
    request, made_action = direction.request, direction.action
    assert request is not None
    before = revision.catalog.bounded_checker(Version.V201, action, "request")
    after = revision.catalog.bounded_checker(Version.V16, made_action, "request")
    context = Bindings(Loaded(), Translation())
    ids = message_ids()
    limits, version = ocppj.Limits(), Version.V201
    loads, dumps, backslash = orjson.loads, orjson.dumps, ord("\\")

    def read(data: bytes) -> Any:
        return ocppj.read(data, version, limits)

    def checked(data: bytes) -> Any:
        call: Any = ocppj.read(data, version, limits)
        assert before(call.payload)
        return call.payload

    def mapped(data: bytes) -> Any:
        call: Any = ocppj.read(data, version, limits)
        assert before(call.payload)
        return request(call.payload, context, STATE, [])

    def mapped_and_checked(data: bytes) -> Any:
        call: Any = ocppj.read(data, version, limits)
        assert before(call.payload)
        made = request(call.payload, context, STATE, [])
        assert after(made)
        return made

    def one_function(data: bytes) -> bytes | None:
        kind, message_id, name, payload = loads(data)
        if (
            kind == 2
            and type(message_id) is str
            and type(name) is str
            and type(payload) is dict
            and 0 < len(message_id) <= 36
            and backslash not in data
            and before(payload)
        ):
            made = request(payload, context, STATE, [])
            if after(made):
                return dumps((2, next(ids), made_action, made))
        return None

    return [
        Step("loads", orjson.loads),
        Step("frame", read),
        Step("check", checked),
        Step("map", mapped),
        Step("check", mapped_and_checked),
        Step("encode", call_path(revision, action)),
        Step("all in one function", one_function),
    ]


def answer_path(revision: Revision, action: str) -> Callable[[bytes], bytes]:
    """The translation path of the 1.6 answer back to 2.0.1."""
    direction = revision.maps.named(action).to(Version.V16)
    response = direction.response
    assert response is not None
    before = revision.catalog.bounded_checker(Version.V16, direction.action, "response")
    after = revision.catalog.bounded_checker(Version.V201, action, "response")
    context = Bindings(Loaded(), Translation())
    state: dict[str, Any] = {"request": {}}
    ids = message_ids()
    version = Version.V16

    def path(data: bytes) -> bytes:
        result: Any = ocppj.read(data, version)
        assert before(result.payload)
        made = response(result.payload, context, state, [])
        assert after(made)
        return ocppj.encode_result(next(ids), made)

    return path


def translation(scale: Scale) -> list[Figure]:
    """Each message against l+d of the same frames."""
    revision = load_revision(Resources())
    figures = []
    for action, goal in GOALS.items():
        frames, path = calls(action, FRAMES[action]), call_path(revision, action)
        cpu_us(path, frames[:100])
        ours, floor = [], []
        for _ in range(scale.rounds):
            floor.append(cpu_us(load_and_dump, frames))
            ours.append(cpu_us(path, frames))
        figures.append(
            Figure(
                f"translation path, {action} of {len(frames[0])} bytes",
                goal,
                [a / b for a, b in zip(ours, floor, strict=True)],
                "l+d",
                f"{spread(ours)} us, l+d {spread(floor)} us",
                note=_pieces(call_steps(revision, action), frames, scale.rounds),
            )
        )
    return figures


def _pieces(steps: list[Step], frames: list[bytes], rounds: int) -> str:
    """What each step costs, of the cheapest of all rounds."""
    floor, least = float("inf"), [float("inf")] * len(steps)
    for _ in range(rounds):
        floor = min(floor, cpu_us(load_and_dump, frames))
        least = [min(us, cpu_us(s.work, frames)) for us, s in zip(least, steps, strict=True)]
    *growing, whole = least
    own = [after - before for before, after in pairwise([0.0, *growing])]
    pieces = [f"{step.name} {us:.2f}" for step, us in zip(steps[:-1], own, strict=True)]
    return (
        f"us: {', '.join(pieces)}; {steps[-1].name} {whole:.2f}, which is {whole / floor:.2f} l+d"
    )


def against_package(scale: Scale) -> list[Figure]:
    """The same work by the straightforward translator, in this process."""
    frames = calls("TransactionEvent", FRAMES["TransactionEvent"], seed=2)
    path = call_path(load_revision(Resources()), "TransactionEvent")
    transactions: dict[str, int] = {}

    def theirs(data: bytes) -> str:
        return package_translator.translated(data, transactions)

    cpu_us(path, frames[:100])
    cpu_us(theirs, frames[:5])
    ours, package = [], []
    for number in range(scale.rounds):
        start = number * PACKAGE_FRAMES % 1000
        package.append(cpu_us(theirs, frames[start : start + PACKAGE_FRAMES]))
        ours.append(cpu_us(path, frames))
    return [
        Figure(
            "the ocpp package's translator / ours, TransactionEvent",
            100,
            [a / b for a, b in zip(package, ours, strict=True)],
            "x",
            f"{spread(package, 0)} us, ours {spread(ours)} us",
            at_least=True,
            note=_profile(theirs, frames[:PACKAGE_FRAMES]),
        )
    ]


def _profile(work: Callable[[bytes], object], frames: list[bytes]) -> str:
    """Where the straightforward translator's time goes."""
    profile = cProfile.Profile()
    profile.enable()
    for frame in frames:
        work(frame)
    profile.disable()
    text = io.StringIO()
    stats = pstats.Stats(profile, stream=text).strip_dirs().sort_stats("cumulative")
    stats.print_stats("validat|translated|case|serialize|json|unpack", 12)
    lines = text.getvalue().splitlines()
    start = next(i for i, line in enumerate(lines) if "ncalls" in line)
    return "\n".join(line for line in lines[start:] if line)


def session_exchange_us(revision: Revision, exchanges: int) -> tuple[float, float]:
    """A Heartbeat's CALL and CALLRESULT: through the session, and its translation path alone."""
    frames = calls("Heartbeat", exchanges, seed=3)
    answers = [orjson.dumps([3, message_id, ANSWER]) for message_id in IDS[:exchanges]]
    session = _session(revision)
    there, back = call_path(revision, "Heartbeat"), answer_path(revision, "Heartbeat")
    for frame, answer in zip(frames[:50], answers[:50], strict=True):
        there(frame)
        back(answer)
    started = time.process_time_ns()
    for frame, answer in zip(frames, answers, strict=True):
        there(frame)
        back(answer)
    path_done = time.process_time_ns()
    for frame, answer in zip(frames, answers, strict=True):
        session.receive(Side.STATION, Message(frame), NOW)
        effects = session.receive(Side.CSMS, Message(answer), NOW)
    session_done = time.process_time_ns()
    assert any(isinstance(effect, Send) for effect in effects)
    return (session_done - path_done) / exchanges / 1000, (path_done - started) / exchanges / 1000


def reading_exchange_us(revision: Revision, exchanges: int) -> tuple[float, float]:
    """The same of a TransactionEvent with 12 samples, in a transaction that runs."""
    place = {"evseId": 1, "connectorId": 1}
    row = {"tx201": TRANSACTION, "tx16": 4711, "state": "ACTIVE", "idTag": "TAG", "lastSeqNo": 0}
    connector = place | {"connectorStatus": "Occupied", "status16": "Charging"}
    preset = {
        "transactions": [place | row | {"chargingState": "Charging"}],
        "connector_status": [connector],
    }
    session = _session(revision, preset)
    path, rng = call_path(revision, "TransactionEvent"), Random(4)
    body = TRANSACTION_BODY.replace("%(samples)s", SAMPLES.replace("%", "%%"))
    frames = []
    for number in range(1, exchanges + 1):
        text = body % {"ts": timestamp(number), "seq": number, "tx": TRANSACTION}
        frames.append(f'[2,"{IDS[number]}","TransactionEvent",{text % values(rng)}]'.encode())
    started = time.process_time_ns()
    for frame in frames:
        path(frame)
    path_done = time.process_time_ns()
    for frame in frames:
        effects = session.receive(Side.STATION, Message(frame), NOW)
        call = next(effect for effect in effects if isinstance(effect, Send))
        answer = b'[3,"%s",{}]' % call.data[4:40]
        effects = session.receive(Side.CSMS, Message(answer), NOW)
    session_done = time.process_time_ns()
    assert any(isinstance(effect, Send) for effect in effects)
    return (session_done - path_done) / exchanges / 1000, (path_done - started) / exchanges / 1000


def _session(revision: Revision, preset: JsonObject | None = None) -> TranslationSession:
    loaded = loaded_from(preset or {}, Version.V201, Translation(), NOW)
    ids = message_ids()
    session = TranslationSession("CP-1", 1, loaded, ids, revision, SessionSettings())
    session.leg_up(Leg(Side.CSMS, Version.V16, NOW), NOW)
    session.leg_up(Leg(Side.STATION, Version.V201, NOW), NOW)
    return session
