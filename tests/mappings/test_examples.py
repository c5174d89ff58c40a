"""Every example of every map comes out as it says, valid by a validator that we do not use."""

import jsonschema
import pytest

from gateway.core.dialects import Side
from gateway.core.mapping.rows import travels
from gateway.core.session.desk import Revision
from gateway.core.session.scenario import play
from tests.support.map_examples import cases, told
from tests.support.mapping import V16, V201, context, library, maps
from tests.support.payloads import catalog

CASES = [case for m in library().maps.values() for case in cases(m, catalog().fields)]
TOLD = [one for m in library().maps.values() for one in told(m, catalog().fields)]
DIRECTIONS = {Side.STATION: "A", Side.CSMS: "B"}
"""Who sends a message that 1.6 lacks speaks 2.0.1."""


def of_map(case):
    return library().maps[case.name.split(":")[0]]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.name}, {c.part} to {c.towards.key}")
def test_an_example_comes_out_as_it_says(case):
    direction = maps().named(of_map(case).name).to(case.towards)
    translate = getattr(direction, case.part)
    station = context(version=V16 if case.towards is V201 else V201)
    before = repr(case.payload)
    assert translate(case.payload, station, case.state, []) == case.expected
    assert repr(case.payload) == before


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.name}, {c.part} to {c.towards.key}")
def test_both_sides_of_an_example_are_valid(case):
    versions = travels(case.part, case.towards)
    for version, payload in zip(versions, (case.payload, case.expected), strict=True):
        schema = catalog().schema(version, of_map(case).actions[version], case.part)
        jsonschema.validators.validator_for(schema)(schema).validate(payload)


def test_every_map_that_translates_has_an_example_of_each_direction():
    shown = {(of_map(case).name, case.towards) for case in CASES}
    expected = {
        (m.name, towards)
        for m in maps().maps.values()
        for towards, direction in m.directions.items()
        if direction.request is not None
    }
    assert shown == expected


@pytest.mark.parametrize("one", TOLD, ids=lambda one: one.name)
def test_what_the_gateway_answers_by_itself_is_what_the_example_says(one):
    sends = {"from": one.sender, "frame": [2, "1", one.action, one.request]}
    hears = {"expect": one.sender, "frame": [3, "1", one.response]}
    script = {"name": one.name, "direction": DIRECTIONS[one.sender], "steps": [sends, hears]}
    result = play(script, Revision(catalog(), maps(), "example"))
    assert result.ok, result.text


@pytest.mark.parametrize("one", TOLD, ids=lambda one: one.name)
def test_what_an_example_of_one_side_shows_is_valid(one):
    for part in ("request", "response"):
        schema = catalog().schema(one.version, one.action, part)
        jsonschema.validators.validator_for(schema)(schema).validate(getattr(one, part))


def test_every_message_of_one_side_has_an_example():
    assert {one.name.split(":")[0] for one in TOLD} == {
        m.name for m in library().maps.values() if not m.paired
    }
