"""OCPP-J framing: JSON arrays to and from frames.

Every frame passes `decode`, so good ones are looked at with byte scans that C carries out; only
what looks odd is examined exactly. orjson itself refuses NaN, infinities, lone surrogates, byte
order marks and trailing data; `diagnosis.py` finds out which of these it was.
Spec: OCPP-J 1.6, 4; OCPP 2.0.1 Part 4, 4. Limits: reliability S17, design/README.md decision 22.
"""

from typing import Any, NamedTuple

from orjson import JSONDecodeError, dumps, loads

from gateway.core.codec import diagnosis
from gateway.core.codec.diagnosis import (
    CALL,
    CALL_ARITY,
    CALL_ERROR,
    CALL_RESULT,
    LONG_NUMERAL,
    LONGEST_ACTION,
    LONGEST_ID,
    SIGNS,
)
from gateway.core.dialects import Version, spell_error
from gateway.core.frames import Call, CallError, CallResult, Frame, JsonObject

LONGEST_DESCRIPTION = 255

# As integers: to look for one byte is a fifth of the work of looking for a string of one.
_BACKSLASH = ord("\\")
_QUOTE = ord('"')
_OPENER = ord("[")
# Calling a NamedTuple's own constructor takes half as long again.
_new = tuple.__new__


class Limits(NamedTuple):
    """json_depth: nested lists and objects, the frame's own list included; json_nodes: values."""

    json_depth: int = 32
    json_nodes: int = 20_000


_DEFAULT = Limits()


def decode(data: bytes, version: Version, limits: Limits = _DEFAULT) -> Frame:
    """The frame that data holds. The size of data is the caller's to bound.

    A CallError's code is as the peer spelled it. Of duplicate members the last one counts.
    Raises FrameError (the peer's fault): what may be answered, under which id, with which code.
    """
    frame = read(data, version, limits)
    examine(data, version, limits)
    return frame


def read(data: bytes, version: Version, limits: Limits = _DEFAULT) -> Frame:
    """The same without a look at how deep the payload is nested and how large its integers are.

    For a caller that holds the payload against `Catalog.bounded`, which tells both, and calls
    `examine` where that says no. A look at each byte would cost half as much as decoding them.
    """
    try:
        frame = loads(data)
    except JSONDecodeError as error:
        raise diagnosis.undecodable(data, version, limits.json_depth, error) from None
    if type(frame) is list and len(frame) == CALL_ARITY:
        kind, message_id, action, payload = frame
        if (
            kind == CALL
            and type(message_id) is str
            and type(action) is str
            and type(payload) is dict
            and 0 < len(message_id) <= LONGEST_ID
            and len(action) <= LONGEST_ACTION
        ):
            if _BACKSLASH in data or len(data) > 2 * limits[1]:
                examine(data, version, limits)
            return _new(Call, (message_id, action, payload))
    elif type(frame) is list and len(frame) == 3:
        kind, message_id, payload = frame
        if (
            kind == CALL_RESULT
            and type(message_id) is str
            and type(payload) is dict
            and 0 < len(message_id) <= LONGEST_ID
        ):
            if _BACKSLASH in data or len(data) > 2 * limits[1]:
                examine(data, version, limits)
            return _new(CallResult, (message_id, payload))
    return _error(data, frame, version, limits)


def examine(data: bytes, version: Version, limits: Limits = _DEFAULT) -> None:
    """Raise FrameError if data, which holds a frame, is JSON that the limits forbid."""
    signs = data.translate(SIGNS)
    at = signs.find(LONG_NUMERAL)
    if (
        # A numeral behind a quote is text: SIM card numbers have as many digits.
        (at >= 0 and (data[at - 1] != _QUOTE or signs.find(LONG_NUMERAL, at + 20) >= 0))
        or signs.count(_OPENER) > limits.json_depth
        or _BACKSLASH in data
        or len(data) > 2 * limits.json_nodes
    ) and (reason := diagnosis.forbidden(data, signs, limits.json_depth, limits.json_nodes)):
        raise diagnosis.refused(loads(data), version, reason)


def encode_call(message_id: str, action: str, payload: JsonObject) -> bytes:
    return dumps((CALL, message_id, action, payload))


def encode_result(message_id: str, payload: JsonObject) -> bytes:
    return dumps((CALL_RESULT, message_id, payload))


def encode_error(
    message_id: str, code: str, description: str, details: dict[str, Any], version: Version
) -> bytes:
    """code: inside spelling, put out as the version spells it; description is cut to 255."""
    code = spell_error(code, version)
    return dumps((CALL_ERROR, message_id, code, description[:LONGEST_DESCRIPTION], details))


def _error(data: bytes, frame: Any, version: Version, limits: Limits) -> CallError:
    """A CALLERROR, with or without its details, or FrameError for what is no frame at all."""
    if isinstance(frame, list) and len(frame) in (4, 5) and frame[0] == CALL_ERROR:
        message_id, code, description = frame[1:4]
        details = frame[4] if len(frame) == 5 else {}
        texts = (
            isinstance(message_id, str) and isinstance(code, str) and isinstance(description, str)
        )
        if texts and 0 < len(message_id) <= LONGEST_ID and isinstance(details, dict):
            examine(data, version, limits)
            return CallError(message_id, code, description, details)
    raise diagnosis.malformed(frame, version)
