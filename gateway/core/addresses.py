"""Addresses as messages carry them: URIs that people have typed."""

import re

_NOT_ESCAPED = re.compile("%(?![0-9A-Fa-f]{2})")
_BLANKS = re.compile(r"\s")


def escaped(text: str) -> str:
    """The address with what no URI may hold as it stands: blanks, and a % that escapes nothing."""
    text = _BLANKS.sub(lambda found: f"%{ord(found[0]):02X}", text)
    return _NOT_ESCAPED.sub("%25", text)
