"""Frames that end before their last brackets, as stations of one model send them.

Off unless a route or an overlay names the profile: a frame that was cut somewhere else may look the
same, and nobody can say what is lost of it.
"""

import re

from gateway.core.codec.ocppj import Limits, decode
from gateway.core.dialects import Version
from gateway.core.errors import FrameError
from gateway.core.frames import Frame

CLOSE_BRACKETS = "close_brackets"
CLOSED = "brackets that were missing at its end were added"
"""What is said of a frame that was completed."""

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}"]', re.DOTALL)
_CLOSERS = {b"[": b"]", b"{": b"}"}
_QUOTE = b'"'


def decode_closed(data: bytes, version: Version, limits: Limits | None = None) -> Frame | None:
    """The frame that data holds once its missing brackets are closed; None if it then holds none,
    or if no bracket is missing."""
    limits = limits or Limits()
    closers = _missing(data, limits.json_depth)
    if not closers:
        return None
    try:
        return decode(data + closers, version, limits)
    except FrameError:
        return None


def _missing(data: bytes, depth: int) -> bytes:
    """The brackets that are open at the end; none where a string is open, or they do not match."""
    opened: list[bytes] = []
    for token in _TOKEN.finditer(data):
        sign = token[0]
        if sign in _CLOSERS:
            opened.append(_CLOSERS[sign])
        elif sign == _QUOTE or (sign[:1] != _QUOTE and (not opened or opened.pop() != sign)):
            return b""
        if len(opened) > depth:
            return b""
    return b"".join(reversed(opened))
