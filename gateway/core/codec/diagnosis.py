"""What is wrong with a frame that was refused or looks odd, exactly; the slow half of `ocppj`.

Rules: design/README.md decision 22, reliability S17. What cannot be read as a JSON array with an id
is answered by 2.0.1 only, under "-1"; an answer is never answered; every other fault is the
version's format error under the frame's own id.
"""

import json
import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from gateway.core.dialects import (
    FORMAT_VIOLATION,
    MESSAGE_TYPE_NOT_SUPPORTED,
    RPC_FRAMEWORK_ERROR,
    Version,
)
from gateway.core.errors import FrameError

CALL, CALL_RESULT, CALL_ERROR = 2, 3, 4
CALL_ARITY = 4
LONGEST_ID = 36
LONGEST_ACTION = 50

# One look at a frame's bytes: digits as 0, openers as [, all else as blanks. An integer beyond 64
# bits has 19 digits or more.
SIGNS = bytes(
    ord("0") if byte in b"0123456789" else ord("[") if byte in b"[{" else ord(" ")
    for byte in range(256)
)
LONG_NUMERAL = b"0" * 19

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WHITE_SPACE = b" \t\r\n"
_QUOTE = ord('"')
_INTEGERS = range(-(1 << 63), 1 << 64)
_LONGEST_INTEGER = 20

# Strings are matched possessively and up to the end of the data where they never end: no input
# makes these patterns look at a byte more than a few times.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_STRINGS = re.compile(_STRING, re.DOTALL)
_NUMERALS = re.compile(_STRING + rb"|(-?[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)", re.DOTALL)
_HEAD = re.compile(rb"[ \t\r\n]*\[[ \t\r\n]*([0-9]{1,9})[ \t\r\n]*,[ \t\r\n]*(" + _STRING + rb")")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*+\\u0000")
_OPENERS = b"[{"
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STEPS = [1 if byte in _OPENERS else -1 for byte in range(256)]


def undecodable(
    data: bytes, version: Version, depth: int, fault: json.JSONDecodeError
) -> FrameError:
    """The error for bytes that the decoder refused. fault: its own."""
    text = data.removeprefix(_BYTE_ORDER_MARK).lstrip(_WHITE_SPACE)
    if _depth(text) > depth:
        return refused(_head(text), version, f"nested deeper than {depth}")
    try:
        letters = text.decode()
        frame, end = _LENIENT.raw_decode(letters)
    except ValueError:
        return FrameError(f"not JSON: {fault.msg} at {fault.pos}", RPC_FRAMEWORK_ERROR)
    if data.startswith(_BYTE_ORDER_MARK):
        return refused(frame, version, "a byte order mark before the frame")
    if letters[end:].strip():
        return refused(frame, version, "more data after the frame")
    # All else that the lenient decoder reads and orjson does not.
    what = "a lone surrogate" if "surrogate" in fault.msg else "a number that is not finite"
    return refused(frame, version, f"{what} at {fault.pos}")


def forbidden(data: bytes, signs: bytes, depth: int, nodes: int) -> str:
    """What the limits forbid in data that is JSON; "" if nothing. signs: data through SIGNS."""
    if b"\\u0000" in data and _NUL.search(data):
        return "a NUL character"
    if _may_be_too_large(data, signs) and any(map(_is_too_large, _numerals(data))):
        return "an integer beyond 64 bits"
    if _deepest_possible(data) > depth and _depth(data) > depth:
        return f"nested deeper than {depth}"
    if len(data) > 2 * nodes and _nodes(data) > nodes:
        return f"more than {nodes} values"
    return ""


def refused(frame: Any, version: Version, reason: str) -> FrameError:
    """The error for a frame that holds what is forbidden: a format error, if it has an id."""
    error = malformed(frame, version)
    code = error.code if error.message_id is None else FORMAT_VIOLATION
    return FrameError(reason, code, error.message_id, error.answer)


def malformed(frame: Any, version: Version) -> FrameError:
    """The error for JSON that is not a frame."""
    if not isinstance(frame, list) or not frame:
        return FrameError("not a JSON array with a type and an id", RPC_FRAMEWORK_ERROR)
    kind = frame[0]
    message_id = _readable(frame[1]) if len(frame) > 1 else None
    if isinstance(kind, bool) or kind not in (CALL, CALL_RESULT, CALL_ERROR):
        known = version is not Version.V16
        text = "the message type is none of 2, 3, 4"
        return FrameError(text, MESSAGE_TYPE_NOT_SUPPORTED, message_id, answer=known)
    if kind != CALL:
        text = "a CALLRESULT or CALLERROR of the wrong shape"
        return FrameError(text, FORMAT_VIOLATION, message_id, answer=False)
    if message_id is None:
        return FrameError("the message id is no string of 1 to 36 characters", RPC_FRAMEWORK_ERROR)
    return FrameError(_fault_of_call(frame), FORMAT_VIOLATION, message_id)


def _fault_of_call(frame: list[Any]) -> str:
    if len(frame) != CALL_ARITY:
        return f"a CALL has {CALL_ARITY} elements, this one {len(frame)}"
    if not isinstance(frame[2], str):
        return "the action is not a string"
    if len(frame[2]) > LONGEST_ACTION:
        return f"the action is longer than {LONGEST_ACTION} characters"
    return "the payload is not an object"


def _readable(message_id: Any) -> str | None:
    """The id, if an answer can be sent under it."""
    if not isinstance(message_id, str) or not 0 < len(message_id) <= LONGEST_ID:
        return None
    unwritable = any("\ud800" <= letter <= "\udfff" or letter == "\0" for letter in message_id)
    return None if unwritable else message_id


def _head(data: bytes) -> list[Any] | None:
    """Message type and id, where the rest is not fit to be decoded."""
    found = _HEAD.match(data)
    if found is None:
        return None
    try:
        return [int(found[1]), json.loads(found[2])]
    except ValueError:
        return None


def _deepest_possible(data: bytes) -> int:
    """No less than the depth: openers, but for those that follow a closer at once.

    Each of these has a closer before it, so never both add to the depth of one place. That holds
    as well where brackets stand in strings, since each such pair brings an opener of its own.
    """
    openers = data.count(b"{") + data.count(b"[")
    return openers - data.count(b"},{") - data.count(b"}, {")


def _depth(data: bytes) -> int:
    brackets = _STRINGS.sub(b"", data).translate(None, _NOT_BRACKETS)
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0)


def _nodes(data: bytes) -> int:
    """Values in data: each but the first of a container has a comma before it."""
    bare = _STRINGS.sub(b'"', data).translate(None, _WHITE_SPACE)
    empty = bare.count(b"[]") + bare.count(b"{}")
    return 1 + bare.count(b",") + bare.count(b"[") + bare.count(b"{") - empty


def _may_be_too_large(data: bytes, signs: bytes) -> bool:
    """Whether a long numeral stands elsewhere than right after a quote, so in no string for sure
    (SIM and card numbers do)."""
    place = signs.find(LONG_NUMERAL)
    while place > 0:
        if data[place - 1] != _QUOTE:
            return True
        place = signs.find(LONG_NUMERAL, place + len(LONG_NUMERAL))
    return False


def _numerals(data: bytes) -> Iterator[bytes]:
    return (found[1] for found in _NUMERALS.finditer(data) if found[1])


def _is_too_large(numeral: bytes) -> bool:
    digits = numeral.removeprefix(b"-")
    if not digits.isdigit():
        return False
    return len(digits) > _LONGEST_INTEGER or int(numeral) not in _INTEGERS


def _short_int(numeral: str) -> int:
    """As int, without its cost for a numeral that fills a frame; only the type number matters."""
    return int(numeral[:_LONGEST_INTEGER])


_LENIENT = json.JSONDecoder(parse_int=_short_int, parse_float=lambda numeral: 0.0)
