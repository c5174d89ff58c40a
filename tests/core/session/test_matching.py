"""Placeholders and comparison of scripted conversations (vectors/README.md)."""

from typing import Any

import pytest

from gateway.core.session.matching import Matcher

UUID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"a": "1"}, False),
        ({"a": 1}, {}, False),
        ({}, {"a": None}, False),
        ([1, 2], [2, 1], False),
        ([1], [1, 2], False),
        ("$any", {"x": [1]}, True),
        (["$any", {"x": "$any"}], [{"y": 1}, {"x": None}], True),
        ("$0.30 per kWh", "$0.30 per kWh", True),
        ("$0.30 per kWh", "$0.40 per kWh", False),
        ({"data": '{"a":1,"b":2}'}, {"data": '{"b": 2, "a": 1.0}'}, True),
        ({"data": '{"a":1}'}, {"data": '{"a":2}'}, False),
        ({"data": "plain"}, {"data": "plain "}, False),
    ],
)
def test_values_compare_exactly_but_for_member_order(expected: Any, got: Any, same: bool) -> None:
    assert Matcher().matches(expected, got) is same


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("$id1", "a" * 36, "a" * 37),
        ("$id1", "a", ""),
        ("$ts1", "2025-01-01T00:00:00Z", "2025-01-01"),
        ("$tx1", UUID, "not-a-uuid"),
        ("$int1", 4, "4"),
        ("$int1", 4, 4.0),
        ("$int1", 4, True),
    ],
)
def test_a_placeholder_captures_its_kind_only(name: str, good: Any, bad: Any) -> None:
    assert not Matcher().matches(name, bad)
    matcher = Matcher()
    assert matcher.matches(name, good)
    assert matcher.matches(name, good)


def test_a_placeholder_stays_equal_to_what_it_captured() -> None:
    matcher = Matcher()
    assert matcher.matches(["$int1", "$int1"], [3, 3])
    assert not matcher.matches("$int1", 4)


def test_captured_values_are_put_into_what_a_peer_sends() -> None:
    matcher = Matcher()
    matcher.matches("$int1", 42)
    assert matcher.fill([3, "$any", {"transactionId": "$int1"}]) == [3, "", {"transactionId": 42}]
    assert matcher.fill({"priceText": ["$0.30", "$any"]}) == {"priceText": ["$0.30", ""]}
