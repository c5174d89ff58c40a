"""The table of what procedures compute."""

from gateway.core.mapping.rows import Block
from gateway.core.mapping.states import STATES
from tests.support.mapping import library


def names(rows):
    for row in rows:
        if isinstance(row, Block):
            yield from names(row.rows)
            continue
        for fills in (row.fill, row.default, *row.fills.values()):
            yield from (fill.value for fill in fills if fill.kind == "state")


def test_every_value_is_filled_in_somewhere():
    used = {n for m in library().maps.values() for rows in m.rows.values() for n in names(rows)}
    assert set(STATES) == used


def test_every_value_says_what_it_is():
    for name, state in STATES.items():
        assert state.summary, name
        assert state.type in ("string", "integer", "boolean", "object", "array")
