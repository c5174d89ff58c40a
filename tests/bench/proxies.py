"""Everything through sockets: the gateway beside the relay and the ocpp package's gateway."""

from statistics import median

from gateway.config.model import Resources
from gateway.revision import load_revision
from tests.bench.figures import Figure, spread
from tests.bench.paths import Scale, reading_exchange_us, session_exchange_us
from tests.bench.targets import PACKAGE, RELAY, Target, Window, baseline, gateway, generator

STATIONS = 100
WARM_S = 0.3
EXCHANGES = 6000
READINGS = 1500
TURNS = 200
"""Exchanges of each of a hundred stations; thousands share as many."""

MB = 1e6
KB = 1e3


async def session(scale: Scale) -> list[Figure]:
    """What the session adds to an exchange, in messages of the relay."""
    revision = load_revision(Resources())
    added, relayed = [], []
    async with generator() as (load, csms), baseline(RELAY, load, csms) as relay:
        await relay.connect(STATIONS)
        for _ in range(scale.socket_rounds):
            window = await relay.run("authorize", STATIONS, WARM_S, scale.window_s)
            through, path = session_exchange_us(revision, EXCHANGES)
            relayed.append(window.cpu_us)
            added.append(through - path)
    return [
        Figure(
            "session of a Heartbeat exchange / relay CPU a message",
            0.7,
            [a / b for a, b in zip(added, relayed, strict=True)],
            "x",
            f"{spread(added)} us, relay {spread(relayed)} us",
        )
    ]


async def hundred(scale: Scale) -> list[Figure]:
    """Throughput and CPU of a hundred stations.

    The package's gateway writes nothing down. Ours does, as the bench configuration has it; what it
    would cost with its state in memory, too, is shown beside it.
    """
    seen: dict[tuple[str, str], list[Window]] = {}
    async with (
        generator() as (load, csms),
        baseline(RELAY, load, csms) as relay,
        baseline(PACKAGE, load, csms) as package,
        gateway(load, csms) as ours,
        gateway(load, csms, durable=False) as forgetful,
    ):
        targets = {"relay": relay, "package": package, "gateway": ours, "memory": forgetful}
        for name, target in targets.items():
            await target.connect(STATIONS)
            await target.once(*(("boot",) if name == "package" else ("boot", "begin")))
        for _ in range(scale.socket_rounds):
            for kind in ("authorize", "reading"):
                for name, target in targets.items():
                    if kind == "reading" or name in ("relay", "gateway"):
                        window = await target.run(kind, STATIONS, WARM_S, scale.window_s)
                        seen.setdefault((name, kind), []).append(window)
    return [
        _cpu_ratio(
            seen["package", "reading"], seen["gateway", "reading"], seen["memory", "reading"]
        ),
        _throughput("Authorize", 0.70, seen["gateway", "authorize"], seen["relay", "authorize"]),
        _throughput(
            "12 samples, journal", 0.30, seen["gateway", "reading"], seen["relay", "reading"]
        )._replace(note=_of_a_reading(seen)),
    ]


def _of_a_reading(seen: dict[tuple[str, str], list[Window]]) -> str:
    """Where the CPU of an exchange with the journal goes; the median of each."""
    through, path = reading_exchange_us(load_revision(Resources()), READINGS)
    ours, memory, relay = (seen[name, "reading"] for name in ("gateway", "memory", "relay"))
    main = 2 * median(w.main_us for w in ours)
    store = 2 * median(w.cpu_us - w.main_us for w in ours)
    plain = 2 * median(w.cpu_us for w in memory)
    relayed = 2 * median(w.cpu_us for w in relay)
    return (
        f"us an exchange: main thread {main:.0f}, store's thread {store:.0f}; in memory"
        f" {plain:.0f}; relay {relayed:.0f}; the session by itself, in one process and with one"
        f" station, {through:.0f}, translation {path:.0f} of it"
    )


def _cpu_ratio(package: list[Window], ours: list[Window], memory: list[Window]) -> Figure:
    without = f"{spread([w.cpu_us for w in memory])} us without the journal"
    return Figure(
        "the ocpp package's gateway / ours, CPU a message",
        15,
        [a.cpu_us / b.cpu_us for a, b in zip(package, ours, strict=True)],
        "x",
        f"{spread([w.cpu_us for w in package], 0)} us, ours {spread([w.cpu_us for w in ours])} us,"
        f" {without}",
        at_least=True,
    )


def _throughput(what: str, goal: float, ours: list[Window], relay: list[Window]) -> Figure:
    rates = {name: [w.exchanges_per_s for w in ws] for name, ws in (("o", ours), ("r", relay))}
    busy = [f"{max(w.busy for w in ws):.0%}" for ws in (ours, relay)]
    return Figure(
        f"throughput of 100 stations / relay, {what}",
        goal,
        [a / b for a, b in zip(rates["o"], rates["r"], strict=True)],
        "x",
        f"{spread(rates['o'], 0)}/s at {busy[0]} CPU, relay {spread(rates['r'], 0)}/s at {busy[1]}",
        at_least=True,
    )


async def thousands(scale: Scale) -> list[Figure]:
    """Thousands of stations: fresh processes in each round."""
    rounds: dict[str, list[Fleet]] = {"relay": [], "gateway": []}
    async with generator() as (load, csms):
        for _ in range(scale.fleet_rounds):
            async with baseline(RELAY, load, csms) as relay:
                rounds["relay"].append(await fleet(relay, scale))
            async with gateway(load, csms) as ours:
                rounds["gateway"].append(await fleet(ours, scale))
    ours_, relay_ = rounds["gateway"], rounds["relay"]
    pairs = list(zip(ours_, relay_, strict=True))
    many = f"{scale.thousands} stations"
    return [
        Figure(
            f"CPU a message, {many} / 100",
            2.2,
            [f.many_us / f.few_us for f in ours_],
            "x",
            f"{spread([f.many_us for f in ours_])} us / {spread([f.few_us for f in ours_])} us,"
            f" relay {spread([f.many_us / f.few_us for f in relay_], 2)}",
        ),
        Figure(
            f"memory a station, both legs, {many}",
            35,
            [f.memory / KB for f in ours_],
            "kB",
            f"process {spread([f.whole / MB for f in ours_])} MB",
        ),
        Figure(
            f"memory a station / relay, {many}",
            1.2,
            [o.memory / r.memory for o, r in pairs],
            "x",
            f"relay {spread([f.memory / KB for f in relay_])} kB",
        ),
        Figure(
            f"time to accept {many} / relay",
            1.3,
            [o.accept_s / r.accept_s for o, r in pairs],
            "x",
            f"{spread([f.accept_s for f in ours_])} s, relay {spread([f.accept_s for f in relay_])}"
            " s",
        ),
    ]


class Fleet:
    """What one process showed when it was filled with stations."""

    accept_s = memory = whole = few_us = many_us = 0.0


async def fleet(target: Target, scale: Scale) -> Fleet:
    """A hundred stations, then all of them: time, memory, CPU of a message."""
    seen = Fleet()
    empty = target.resident()
    seen.accept_s = await target.connect(STATIONS)
    await target.once("boot")
    seen.few_us = (await target.each("authorize", TURNS)).cpu_us
    seen.accept_s += await target.connect(scale.thousands - STATIONS)
    await target.once("boot")
    seen.whole = target.resident()
    seen.memory = (seen.whole - empty) / scale.thousands
    seen.many_us = (await target.each("authorize", TURNS * STATIONS // scale.thousands)).cpu_us
    await target.load.ask("drop", port=target.port)
    return seen
