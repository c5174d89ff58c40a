"""The gateway is killed at any point; nothing that was promised is lost (reliability R18)."""

from pathlib import Path
from random import Random

import pytest

from tests.faults.kills import Trigger, at_random, died_at, killed, when

STARTS = ("StartTransaction", "Started")
STOPS = ("StopTransaction", "Ended")


def telling(rng: Random) -> list[Trigger]:
    """A random point; in WAIT; in STARTING; between a stop and its answer; just behind it."""
    return [
        at_random(rng),
        when("answered", "Waiting", after=rng.randrange(1, 6)),
        when("receives", *STARTS, after=rng.randrange(1, 20)),
        when("receives", *STOPS, after=rng.randrange(1, 20)),
        when("receives", *STOPS, after=rng.randrange(1, 20), delay_s=rng.uniform(0, 0.005)),
    ]


async def test_a_killed_gateway_loses_repeats_and_confuses_nothing(tmp_path: Path) -> None:
    assert await killed(tmp_path, telling(Random(1)), seed=1) == []


async def test_the_same_kills_without_a_durable_store_are_found_out(tmp_path: Path) -> None:
    found = await killed(tmp_path, telling(Random(1)), seed=1, state="memory:")
    assert found, "the ledger sees no harm in a gateway that forgets"


@pytest.mark.parametrize(("point", "number"), [("before_commit", 9), ("after_commit", 30)])
async def test_death_at_a_commit_is_survived(tmp_path: Path, point: str, number: int) -> None:
    assert await died_at(tmp_path, point, number, seed=number) == []


@pytest.mark.full
@pytest.mark.parametrize("seed", range(2, 7))
async def test_fifty_kills_lose_repeat_and_confuse_nothing(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    triggers = telling(rng) + [at_random(rng) for _ in range(5)]
    assert await killed(tmp_path, triggers, seed) == []


@pytest.mark.full
@pytest.mark.parametrize("point", ["before_commit", "after_commit"])
@pytest.mark.parametrize("number", [1, 2, 3, 5, 8, 13, 21, 34, 55, 89])
async def test_death_at_any_commit_is_survived(tmp_path: Path, point: str, number: int) -> None:
    assert await died_at(tmp_path, point, number, seed=number) == []
