"""Frames without their last brackets: completed where only those are missing."""

import pytest

from gateway.core.codec.brackets import decode_closed
from gateway.core.codec.ocppj import Limits
from gateway.core.dialects import Version
from gateway.core.frames import Call, CallResult

V16 = Version.V16


@pytest.mark.parametrize(
    ("data", "frame"),
    [
        (b'[3,"1",{"configurationKey":[]', CallResult("1", {"configurationKey": []})),
        (b'[3,"1",{', CallResult("1", {})),
        (b'[3,"1",{}', CallResult("1", {})),
        (b'[2,"1","Heartbeat",{', Call("1", "Heartbeat", {})),
        (b'[3,"1",{"a":"[{\\"]"', CallResult("1", {"a": '[{"]'})),
        (b'[3,"1",{"a":[{"b":1}\n', CallResult("1", {"a": [{"b": 1}]})),
    ],
)
def test_the_brackets_that_are_open_are_closed(data: bytes, frame: object) -> None:
    assert decode_closed(data, V16) == frame


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no JSON",
        b'[3,"1",{}]',
        b'[3,"1",{}]]',
        b'[3,"1",{"a":[}',
        b'[3,"1",{"a":"open',
        b'[3,"1",{"a":',
        b'[3,"1",{"a":1,',
        b'[3,"1"',
        b'{"a":[',
        b"[" * 100_000,
    ],
)
def test_what_lacks_more_than_brackets_stays_unreadable(data: bytes) -> None:
    assert decode_closed(data, V16) is None


def test_limits_hold_for_what_was_completed() -> None:
    assert decode_closed(b'[3,"1",{"a":{"b":{', V16, Limits(json_depth=3)) is None
