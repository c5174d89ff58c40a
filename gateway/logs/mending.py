"""Frames that are not quite JSON, made readable where there is only one way to read them."""

import re

from gateway.core.codec import ocppj
from gateway.core.dialects import Version
from gateway.core.errors import FrameError
from gateway.core.frames import Frame

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_NO_COMMA = re.compile(rb"(" + _STRING + rb"|[}\]\d])(\s*)(?=[\"{\[])")
_TRAILING_COMMA = re.compile(rb"(" + _STRING + rb")|,(\s*[}\]])")
_LETTERS = "cp1252"


def mended(data: bytes) -> tuple[bytes, Frame, str] | None:
    """(the text made readable, its frame, what was done); None where nothing helps."""
    steps = (
        ("the text is not UTF-8 and was read as Windows-1252", _as_utf8),
        ("a comma was missing", _with_commas),
        ("a comma was too many", _without_trailing_commas),
    )
    done: list[str] = []
    for what, mend in steps:
        better = mend(data)
        if better == data:
            continue
        data = better
        done.append(what)
        try:
            return data, ocppj.decode(data, Version.V201), "; ".join(done)
        except FrameError:
            continue
    return None


def _as_utf8(data: bytes) -> bytes:
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode(_LETTERS, "replace").encode()
    return data


def _with_commas(data: bytes) -> bytes:
    return _NO_COMMA.sub(rb"\1,\2", data)


def _without_trailing_commas(data: bytes) -> bytes:
    return _TRAILING_COMMA.sub(lambda found: found[1] or found[2], data)
