"""Any valid payload translates into a valid one, or not at all; and going round settles."""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.core.errors import Untranslatable
from gateway.core.mapping.rows import OTHER, REQUEST, RESPONSE
from gateway.core.mapping.trace import fates, trace
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

TRANSLATIONS = list(translations())
ROUNDS = sorted({(name, part) for name, part, _ in TRANSLATIONS if library().maps[name].paired})
QUICK = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
LONG = settings(QUICK, max_examples=200)


def station(towards):
    return context(version=V16 if towards is V201 else V201)


def state_of(name, part, towards):
    """State values, and for an answer the fullest request that it could belong to."""
    state = dict(state_values(name))
    if part == RESPONSE:
        caller = OTHER[towards]
        state[REQUEST] = full(caller, library().maps[name].actions[caller], REQUEST)
    return state


def translate(name, part, towards, payload, memory=None):
    """(payload or None, losses)"""
    run = getattr(maps().named(name).to(towards), part)
    lost = []
    try:
        return run(payload, memory or station(towards), state_of(name, part, towards), lost), lost
    except Untranslatable:
        return None, lost


def sources(name, part, towards):
    """Valid payloads; an answer without counterpart is made of nothing."""
    version, action = source_of(name, part, towards)
    return payloads(version, action, part) if action else st.just({})


@cache
def losable(name, part):
    found = fates(library().maps[name], library())
    return {f"{name}.{part}:{path}" for f in found if f.part == part for path in f.sources}


def prove_valid(name, part, towards, payload):
    before = repr(payload)
    made, lost = translate(name, part, towards, payload)
    assert repr(payload) == before
    if made is None:
        return
    version, action = target_of(name, part, towards)
    assert catalog().violations(version, action, part, made) == ()
    known = losable(name, part)
    assert {loss.removesuffix("[]") for loss in lost} <= known | {
        k.rsplit("[]", 1)[0] for k in known
    }


def prove_traced(name, part, towards, payload):
    made, lost = translate(name, part, towards, payload)
    told = trace(
        library().maps[name],
        library(),
        catalog().fields,
        part,
        towards,
        payload,
        station(towards),
        state_of(name, part, towards),
    )
    assert (told.payload, sorted(told.lost)) == (made, sorted(lost))


def prove_settled(name, part, payload):
    """Whatever the first round changes, the second changes no more."""
    memory = context(version=V16)
    rounds = []
    for towards in (V16, V201) * 3:
        way = towards if part == REQUEST else OTHER[towards]
        if payload is None or way not in maps().named(name).directions:
            return
        payload, _ = translate(name, part, way, payload, memory)
        rounds.append(payload)
    assert rounds[4] == rounds[2]
    assert rounds[5] == rounds[3]


@pytest.mark.parametrize(("name", "part", "towards"), TRANSLATIONS)
@given(st.data())
@QUICK
def test_a_valid_payload_gives_a_valid_one(name, part, towards, data):
    payload = data.draw(sources(name, part, towards))
    prove_valid(name, part, towards, payload)


@pytest.mark.parametrize(("name", "part", "towards"), TRANSLATIONS)
def test_the_fullest_payload_gives_a_valid_one(name, part, towards):
    version, action = source_of(name, part, towards)
    payload = full(version, action, part) if action else {}
    prove_valid(name, part, towards, payload)
    prove_traced(name, part, towards, payload)


@pytest.mark.parametrize(("name", "part"), ROUNDS)
@given(st.data())
@QUICK
def test_going_round_settles(name, part, data):
    action = library().maps[name].actions[V201]
    prove_settled(name, part, data.draw(payloads(V201, action, part)))


@pytest.mark.full
@pytest.mark.parametrize(("name", "part", "towards"), TRANSLATIONS)
@given(st.data())
@LONG
def test_many_valid_payloads_give_valid_ones_and_traces_agree(name, part, towards, data):
    payload = data.draw(sources(name, part, towards))
    prove_valid(name, part, towards, payload)
    prove_traced(name, part, towards, payload)


@pytest.mark.full
@pytest.mark.parametrize(("name", "part"), ROUNDS)
@given(st.data())
@LONG
def test_many_rounds_settle(name, part, data):
    action = library().maps[name].actions[V201]
    prove_settled(name, part, data.draw(payloads(V201, action, part)))
