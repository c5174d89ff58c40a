"""Numbers as forms of meter values write them, and the ids that can stand in an event."""

from random import Random

import orjson
import pytest

from gateway.core.mapping.metering import plain_numbers
from gateway.core.session.recorded_form import is_plain_id, numerals


@pytest.mark.parametrize(
    ("values", "written"),
    [
        (["17", "-0.5", "0", "123456789.123"], ["17", "-0.5", "0", "123456789.123"]),
        (["12.50", "-0", "230.00"], ["12.5", "0", "230"]),
        (["0.000001", "9999999999999"], ["1e-6", "9999999999999"]),
        (["17", ""], None),
        (["16,5"], None),
        (["1", "2,3"], None),
        (["1e3"], None),
        (["007"], None),
        ([], None),
    ],
)
def test_values_are_written_as_json_numbers_or_not_at_all(values, written):
    assert numerals(values) == written


def test_what_is_taken_as_written_is_what_its_number_is_written_as():
    random = Random(1)
    for _ in range(3000):
        whole = str(random.randrange(10 ** random.randrange(1, 14)))
        fraction = str(random.randrange(10 ** random.randrange(1, 6)))
        text = random.choice(("", "-")) + whole + random.choice(("", "." + fraction))
        (number,) = plain_numbers([text])
        assert numerals([text]) == [orjson.dumps(number).decode()]


@pytest.mark.parametrize("tx201", ['a"b', "a\\b", "ü\n", "x" * 37])
def test_an_id_that_json_spells_otherwise_has_no_form(tx201):
    assert is_plain_id("7c9e6679-7425-40de-944b-e07fc1f90ae7")
    assert not is_plain_id(tx201)
