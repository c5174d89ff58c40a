"""Patterns of overlays: what they match, and when two of them can mean the same station."""

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.mapping.patterns import LONGEST, Pattern

PATTERNS = st.text("ab*?", min_size=1, max_size=6)
TEXTS = [""] + ["".join(t) for n in range(1, 6) for t in product("ab", repeat=n)]


def plainly(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("EV-BOX", "EV-BOX", True),
        ("EV-BOX", "ev-box", True),
        ("EV-BOX", "EV-BOX2", False),
        ("G4*", "G4E-WBW-M7500E", True),
        ("*4E-*", "G4E-WBW", True),
        ("v?.2*", "v1.2.7", True),
        ("v?.2*", "v.2.7", False),
        ("*", "", True),
        ("?", "*", True),
        ("?", "?", True),
        ("?", "", False),
    ],
)
def test_a_pattern_means_the_whole_text(pattern, text, fits):
    assert Pattern(pattern).matches(text) is fits


@given(PATTERNS, st.text("ab?*", max_size=8))
def test_matching_agrees_with_regular_expressions(pattern, text):
    assert Pattern(pattern).matches(text) is (plainly(pattern).fullmatch(text) is not None)


@given(PATTERNS, PATTERNS)
def test_patterns_overlap_where_a_text_fits_both(first, second):
    common = any(Pattern(first).matches(t) and Pattern(second).matches(t) for t in TEXTS)
    overlap = Pattern(first).overlaps(Pattern(second))
    assert overlap is Pattern(second).overlaps(Pattern(first))
    # Longer texts than those tried may fit both, so only one way holds for certain.
    assert overlap or not common


@given(PATTERNS, PATTERNS)
def test_patterns_that_overlap_have_a_text_that_both_match(first, second):
    letters = [len(p.replace("*", "")) for p in (first, second)]
    longest = sum(letters) + 1
    texts = ("".join(t) for n in range(min(longest, 9) + 1) for t in product("ab", repeat=n))
    if Pattern(first).overlaps(Pattern(second)) and longest <= 9:
        assert any(Pattern(first).matches(t) and Pattern(second).matches(t) for t in texts)


def test_a_text_that_makes_backtracking_matchers_slow_is_only_read_once():
    assert not Pattern("*a" * 60 + "b").matches("a" * 20_000)


@pytest.mark.parametrize("text", ["", "x" * (LONGEST + 1)])
def test_a_pattern_has_a_length(text):
    with pytest.raises(ValueError, match="characters"):
        Pattern(text)
