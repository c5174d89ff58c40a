"""Names of variables among 1.6 keys: written and read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.mapping.variables import (
    ATTRIBUTES,
    LONGEST_KEY,
    Attribute,
    Variable,
    is_alias,
    key_of,
    parse_key,
    shortened,
    variable_of,
)

NAMES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=50)
NUMBERS = st.integers(0, 10**9 - 1)
VARIABLES = st.builds(
    Variable,
    NAMES,
    NAMES,
    st.none() | NAMES,
    st.none() | NAMES,
    st.none() | NUMBERS,
    st.none(),
) | st.builds(Variable, NAMES, NAMES, st.none(), st.none(), NUMBERS, NUMBERS)


@pytest.mark.parametrize(
    ("key", "attribute"),
    [
        ("ClockCtrlr.TimeZone", Attribute(Variable("ClockCtrlr", "TimeZone"))),
        (
            "TariffCostCtrlr.Enabled[Cost]",
            Attribute(Variable("TariffCostCtrlr", "Enabled", "Cost")),
        ),
        ("EVSE(1).Power#MaxSet", Attribute(Variable("EVSE", "Power", evse=1), "MaxSet")),
        (
            "Connector(1,2).ConnectorType",
            Attribute(Variable("Connector", "ConnectorType", evse=1, connector=2)),
        ),
        (
            "TokenReader[Left].Enabled",
            Attribute(Variable("TokenReader", "Enabled", instance="Left")),
        ),
        ("A%2EB.C[%23x]", Attribute(Variable("A.B", "C", "#x"))),
    ],
)
def test_names_of_the_grammar(key, attribute):
    assert parse_key(key) == attribute
    assert key_of(attribute) == key


@pytest.mark.parametrize(
    "key",
    [
        *("HeartbeatInterval", "", ".", "A.", ".B", "A.B.C", "A[.B", "A().B", "A(x).B", "A(1,).B"),
        *("A.B#Actual", "A.B#", "A.B[x]y", "A.B%", "A.B%2", "A,B.C", "A[].B", "A(1)[x].B"),
        *("A(1234567890).B", "A." + "b" * 51),
    ],
)
def test_what_is_no_name(key):
    assert parse_key(key) is None


@given(VARIABLES, st.sampled_from(ATTRIBUTES))
def test_every_name_is_read_back(variable, kind):
    assert parse_key(key_of(Attribute(variable, kind))) == Attribute(variable, kind)


@given(VARIABLES)
def test_json_is_read_back(variable):
    assert variable_of(variable.component_json, variable.variable_json) == variable


def test_the_attribute_is_read_in_any_case():
    assert parse_key("EVSE(1).Power#maxset") == Attribute(
        Variable("EVSE", "Power", evse=1), "MaxSet"
    )


def test_long_names_become_aliases_that_tell_them_apart():
    one, other = "A." + "b" * 49, "A." + "b" * 50
    assert len(shortened(one)) == len(shortened(other)) == LONGEST_KEY
    assert shortened(one) != shortened(other)
    assert is_alias(shortened(one))
    assert is_alias(shortened(one).upper())
    assert shortened("A.B") == "A.B"
    assert not is_alias("A.B")


def test_reports_are_sorted_with_absent_parts_first():
    rising = [
        Variable("A", "x"),
        Variable("A", "x", "i"),
        Variable("A", "y"),
        Variable("A", "x", evse=1),
        Variable("A", "x", evse=1, connector=1),
        Variable("A", "x", evse=2),
        Variable("A", "x", evse=10),
        Variable("A", "x", instance="i"),
        Variable("a", "x"),
    ]
    falling = rising[::-1]
    assert sorted(falling, key=lambda v: v.order) == rising
