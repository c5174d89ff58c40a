"""The exact half of the codec: bounds that never lie, and patterns that never crawl."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.codec import diagnosis
from gateway.core.codec.ocppj import decode
from gateway.core.dialects import Version
from gateway.core.errors import FrameError
from tests.support.payloads import json_values


def depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


def nodes(value: object) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(nodes, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(nodes, value))
    return 1


tricky = st.text(alphabet='[]{}",:\\ 0', max_size=8)
documents = (
    st.recursive(
        tricky | st.integers(0, 9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(tricky, inner, max_size=3),
        max_leaves=12,
    )
    | json_values()
)


def found(data: bytes, deepest: int, most: int) -> str:
    return diagnosis.forbidden(data, data.translate(diagnosis.SIGNS), deepest, most)


@given(documents)
def test_depth_is_exact_whatever_strings_hold(document: object) -> None:
    data = orjson.dumps(document)

    assert found(data, depth(document), 10_000) == ""
    if depth(document):
        assert "deeper" in found(data, depth(document) - 1, 10_000)


@given(documents)
def test_the_number_of_values_is_exact_once_data_is_long_enough_to_matter(
    document: object,
) -> None:
    padded = [document, *["a pad so long that the count is looked at at all"] * 8]
    data, size = orjson.dumps(padded, option=orjson.OPT_INDENT_2), nodes(padded)

    assert found(data, 99, size) == ""
    if len(data) > 2 * (size - 1):
        assert "values" in found(data, 99, size - 1)


@given(st.integers(-(10**25), 10**25), tricky)
def test_integers_are_told_from_text(number: int, text: str) -> None:
    allowed = -(2**63) <= number < 2**64
    as_text = orjson.dumps({"a": text + str(number), str(number): 1})
    as_number = b'{"a":' + orjson.dumps(text) + b',"b":%d}' % number

    assert found(as_text, 9, 99) == ""
    assert (found(as_number, 9, 99) == "") == allowed


@pytest.mark.parametrize(
    "data",
    [
        b'[2,"1","A",{"a":"' + b'\\"' * 100_000,
        b'"' * 200_000,
        b'[2,"1","A",' + b"[" * 200_000,
        b'[2,"' + b"\\" * 200_001,
        b"[2," + b" " * 200_000,
        b'[2,"1","A",{"a":' + b"1" * 200_000,
        b'[2,"1","A",{"a":"' + b"\\u0000" * 40_000,
    ],
    ids=lambda data: data[:30],
)
def test_no_input_makes_the_patterns_backtrack(data: bytes) -> None:
    """With a pattern that backtracks, one of these runs for minutes."""
    with pytest.raises(FrameError):
        decode(data, Version.V201)
