"""Any valid payload translates into a valid one, or is refused as its map says; there and back
again says the same; nothing crosses that a map calls lost."""

import copy
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.dialects import Side, Version
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.mapping.rows import OTHER, REQUEST, RESPONSE, Block, Path, Row, Rows
from gateway.core.mapping.trace import LOST, fates, trace
from gateway.core.session.bindings import Bindings
from tests.support.mapping import (
    V16,
    V201,
    context,
    library,
    maps,
    source_of,
    state_values,
    target_of,
    translations,
)
from tests.support.payloads import catalog, full, payloads
from tests.support.samples import PRINTABLE, WORDS, sample

Way = tuple[str, str, Version]
"""Map, part, and the version that the Call travels to."""

WAYS = sorted(translations(), key=str)
ROUNDS = [
    way for way in WAYS if library().maps[way[0]].paired and library().maps[way[0]].only is None
]
QUICK, LONG = 200, 5000
NOTHING_LEFT, FAILED = "empty", "failed"
"""What maps need not name: a station's message of which nothing is left is answered as if it had
been sent; one that cannot be expressed, or such an answer, gets an error."""
GROWING = ("StopTransaction",)
"""Towards 2.0.1 the register at the end is one more reading."""
ENERGY_IN_HERTZ = re.compile("'(Hertz|Hz)'").search
"""1.6 has no word for hertz that all its schemas know: the unit goes, which tells frequencies
nothing, but energies something else."""


def station(towards: Version) -> Bindings:
    return context(version=V16 if towards is V201 else V201)


def state_of(way: Way) -> dict[str, Any]:
    """State values, and for an answer the fullest request that it could belong to."""
    name, part, towards = way
    state = dict(state_values(name))
    if part == RESPONSE:
        caller = OTHER[towards]
        state[REQUEST] = full(caller, library().maps[name].actions[caller], REQUEST)
    return state


def translate(
    way: Way, payload: JsonObject, memory: Bindings | None = None
) -> tuple[JsonObject | None, list[str], str]:
    """(payload or None, losses, name of the refusal)"""
    name, part, towards = way
    run = getattr(maps().named(name).to(towards), part)
    lost: list[str] = []
    try:
        return run(payload, memory or station(towards), state_of(way), lost), lost, ""
    except Untranslatable as error:
        return None, lost, error.reply


def samples(way: Way, count: int, words: tuple[str, ...] = WORDS) -> Iterator[JsonObject]:
    """Valid payloads, the same in each run; an answer without counterpart is made of nothing."""
    version, action = source_of(*way)
    random = Random(str(way))
    for _ in range(count if action else 1):
        yield sample(random, version, action, way[1], words) if action else {}


# -- validity ----------------------------------------------------------------------------------


def prove_valid(way: Way, payload: JsonObject) -> None:
    before = copy.deepcopy(payload)
    made, lost, refusal = translate(way, payload)
    assert payload == before
    if made is None:
        assert refusal in refusals(way)
        return
    version, action = target_of(*way)
    assert action is not None
    assert catalog().violations(version, action, way[1], made) == (), payload
    known = losable(*way[:2])
    assert {loss.partition("[] ")[0].removesuffix("[]") for loss in lost} <= known


@cache
def refusals(way: Way) -> frozenset[str]:
    """What a Call that cannot be translated is answered with: by its map, or the one that the
    Call opened with."""
    name, part, towards = way
    found = maps().named(name)
    opened = maps().entry(OTHER[towards], found.action(OTHER[towards]) or "") or found
    named = {*found.to(towards).replies, *opened.to(towards).replies}
    if part == RESPONSE or found.sender is not Side.CSMS:
        named |= {NOTHING_LEFT, FAILED}
    return frozenset(named)


@cache
def losable(name: str, part: str) -> frozenset[str]:
    found = fates(library().maps[name], library())
    ids = {f"{name}.{part}:{path}" for f in found if f.part == part for path in f.sources}
    return frozenset(ids | {loss.rsplit("[]", 1)[0] for loss in ids})


def prove_traced(way: Way, payload: JsonObject) -> None:
    made, lost, _ = translate(way, payload)
    name, part, towards = way
    told = trace(
        library().maps[name],
        library(),
        catalog().fields,
        part,
        towards,
        payload,
        station(towards),
        state_of(way),
    )
    assert (told.payload, sorted(told.lost)) == (made, sorted(lost))


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_valid_payload_gives_a_valid_one_or_the_refusal_that_the_map_names(way: Way) -> None:
    for payload in samples(way, QUICK):
        prove_valid(way, payload)


@pytest.mark.full
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_thousands_of_valid_payloads_give_valid_ones(way: Way) -> None:
    for payload in samples(way, LONG):
        prove_valid(way, payload)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_the_fullest_payload_gives_a_valid_one(way: Way) -> None:
    version, action = source_of(*way)
    payload = full(version, action, way[1]) if action else {}
    prove_valid(way, payload)
    prove_traced(way, payload)


@pytest.mark.full
@pytest.mark.parametrize("way", WAYS, ids=str)
@given(st.data())
@settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_odd_payloads_give_valid_ones_and_traces_agree(way: Way, data: st.DataObject) -> None:
    version, action = source_of(*way)
    payload = data.draw(payloads(version, action, way[1])) if action else {}
    prove_valid(way, payload)
    prove_traced(way, payload)


# -- there and back ----------------------------------------------------------------------------


def prove_settled(way: Way, payload: JsonObject) -> None:
    """There, back and there again is as there once, in every field that has two sides.

    Fields that are filled come from elsewhere: they are what they are each time. Two signed
    readings of one kind may change their order. Blanks at the end of a text are lost to `cut`.
    """
    name, part, towards = way
    memory = context(version=V16)
    there, _, _ = translate(way, payload, memory)
    back = there and translate((name, part, OTHER[towards]), there, memory)[0]
    if there is None or back is None or ENERGY_IN_HERTZ(str(payload)):
        return
    again, _, _ = translate(way, back, memory)
    assert again is not None
    for path in two_sided(way):
        before, after = Counter(values(there, path)), Counter(values(again, path))
        assert not before - after, (path, payload, back)
        assert name in GROWING or before == after, (path, payload, back)


@cache
def two_sided(way: Way) -> tuple[Path, ...]:
    """Full paths of the target's fields that a row takes over in both directions alike."""
    name, part, _ = way
    target, _ = target_of(*way)
    return tuple(_two_sided(library().maps[name].rows[part], target, ()))


def _two_sided(rows: Rows, target: Version, at: Path) -> Iterator[Path]:
    for row in rows:
        if row.only is not None or (len(row.sides) < 2 and not isinstance(row, Block)):
            continue
        if isinstance(row, Block) and not row.default:
            yield from _two_sided(row.rows, target, at + row.sides.get(target, ()))
        elif isinstance(row, Row) and not row.fills:
            yield from (at + path for path in row.sides[target])


def values(value: Any, path: Path) -> Iterator[Any]:
    """What stands at a path, through all lists on the way."""
    if isinstance(value, list) and path:
        for item in value:
            yield from values(item, path)
    elif not path:
        if isinstance(value, str):
            yield value.rstrip()
        else:
            yield value if isinstance(value, int | float) else repr(value)
    elif path[0] in value:
        yield from values(value[path[0]], path[1:])


@pytest.mark.parametrize("way", ROUNDS, ids=str)
def test_there_back_and_there_again_is_there(way: Way) -> None:
    for payload in samples(way, QUICK, PRINTABLE):
        prove_settled(way, payload)


@pytest.mark.full
@pytest.mark.parametrize("way", ROUNDS, ids=str)
def test_thousands_go_there_back_and_there_again(way: Way) -> None:
    for payload in samples(way, LONG, PRINTABLE):
        prove_settled(way, payload)


# -- losses ------------------------------------------------------------------------------------


def prove_unheard(way: Way, payload: JsonObject, other: JsonObject) -> None:
    """Whatever the fields say that the map calls lost, the translation is the same; and each of
    them that is there is told.

    other: of the same message, to take other values from.
    """
    version, action = source_of(*way)
    assert action is not None
    fields = catalog().fields(version, action, way[1])
    changed = copy.deepcopy(payload)
    for path in lost(way):
        exchange(changed, other, tuple(path.split(".")), keep=fields[path].required)
    made, told, refusal = translate(way, payload)
    assert (made, refusal) == translate(way, changed)[::2], (payload, changed)
    if made is not None:
        for path in lost(way):
            if any(present(payload, tuple(path.split(".")))):
                assert told_of(path) & {loss.partition(":")[2] for loss in told}, (path, payload)


def told_of(path: str) -> set[str]:
    """What may be said of a lost field: its name, or that of a list item that it went with."""
    parts = path.split("[]")
    return {path, *("[]".join(parts[:n]) + "[]" for n in range(1, len(parts)))}


@cache
def lost(way: Way) -> tuple[str, ...]:
    """Full paths of the source's fields of which nothing goes over, not even by another row."""
    name, part, towards = way
    found = [
        f for f in fates(library().maps[name], library()) if (f.part, f.towards) == (part, towards)
    ]
    heard = {path for f in found if f.kind != LOST for path in f.sources}
    return tuple(
        path
        for f in found
        if f.kind == LOST
        for path in f.sources
        if not any(h == path or h.startswith((f"{path}.", f"{path}[]")) for h in heard)
    )


def exchange(value: Any, other: Any, path: Path, *, keep: bool) -> None:
    """Take the field away, wherever lists on its path have it; or give it the other's value."""
    name = path[0].removesuffix("[]")
    if not isinstance(value, dict) or name not in value:
        return
    counterpart = other.get(name) if isinstance(other, dict) else None
    if len(path) == 1 and not keep:
        del value[name]
    elif len(path) == 1:
        value[name] = value[name] if counterpart is None else counterpart
    elif isinstance(value[name], list):
        spare = counterpart[0] if counterpart else None
        for item in value[name]:
            exchange(item, spare, path[1:], keep=keep)
    else:
        exchange(value[name], counterpart, path[1:], keep=keep)


def present(value: Any, path: Path) -> Iterator[bool]:
    """True for each place where the field is there."""
    name = path[0].removesuffix("[]")
    if not isinstance(value, dict) or name not in value:
        return
    if len(path) == 1:
        yield True
        return
    for item in value[name] if isinstance(value[name], list) else [value[name]]:
        yield from present(item, path[1:])


LOSING = [way for way in WAYS if lost(way)]


@pytest.mark.parametrize("way", LOSING, ids=str)
def test_nothing_crosses_that_the_map_calls_lost(way: Way) -> None:
    for payload, other in pairwise(samples(way, QUICK)):
        prove_unheard(way, payload, other)


@pytest.mark.full
@pytest.mark.parametrize("way", LOSING, ids=str)
def test_of_thousands_nothing_crosses_that_the_map_calls_lost(way: Way) -> None:
    for payload, other in pairwise(samples(way, LONG)):
        prove_unheard(way, payload, other)
