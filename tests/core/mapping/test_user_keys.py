"""Operators' own keys: on top of the table, and what is wrong with them."""

import pytest

from gateway.core.mapping.user_keys import problems_of, with_user_keys
from gateway.core.settings import UserKey


@pytest.fixture
def table(revision):
    return revision.maps.keys


def key(component="A", variable="B", **members):
    return UserKey(component=component, variable=variable, **members)


def test_an_own_key_comes_behind_and_takes_the_place_of_one_of_its_name(table):
    layered = with_user_keys(table, {"Mine": key(), "heartbeatinterval": key(variable="C")})
    assert layered.keys[-1].name == "Mine"
    found = layered.find("HeartbeatInterval").key
    assert found.variable.variable == "C"
    assert len(layered.keys) == len(table.keys) + 1
    assert with_user_keys(table, {}) is table


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"": key()}, "a 1.6 key has 1 to 50 characters"),
        ({"x" * 51: key()}, "a 1.6 key has 1 to 50 characters"),
        ({"One": key(), "one": key(variable="C")}, "the same key as One"),
        ({"One": key(converter="bool")}, "unknown converter 'bool'"),
        (
            {"One": key("SecurityCtrlr", "BasicAuthPassword")},
            "a password is changed by its own key only",
        ),
        ({"One": key(), "Two": key("a", "b")}, "Two has the same place as One"),
        (
            {"Beat": key("OCPPCommCtrlr", "HeartbeatInterval")},
            "Beat has the same place as HeartbeatInterval",
        ),
    ],
)
def test_mistakes(table, keys, message):
    found = [problem.message for problem in problems_of(table, keys)]
    assert message in found


def test_sound_keys(table):
    keys = {"HeartbeatInterval": key("OCPPCommCtrlr", "HeartbeatInterval"), "Mine": key(evse=1)}
    assert list(problems_of(table, keys)) == []
