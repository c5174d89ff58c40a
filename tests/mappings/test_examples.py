"""Every example of every map comes out as it says, valid by a validator that we do not use."""

import jsonschema
import pytest

from gateway.core.mapping.examples import cases
from gateway.core.mapping.rows import travels
from tests.support.mapping import V16, V201, context, library, maps
from tests.support.payloads import catalog

CASES = [case for m in library().maps.values() for case in cases(m, catalog().fields)]


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
