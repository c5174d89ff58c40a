r"""Frames inside other texts: quoted with escapes, in a cell, in a member that a logger made.

... frame="[2,\"7\",\"Heartbeat\",{}]"          a text in a text, once or more
...;"[2,""7"",""Heartbeat"",{}]"              a cell of a table whose header is not there
{"log": "... send [2,\"7\", ..", "time": ..}  a line in a record, as Docker keeps it
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

_ESCAPED = re.compile(rb'(?<![\'\\])\[\s*[234]\s*,\s*\\+"')
_TO_QUOTE = re.compile(rb'(?:[^"\\]|\\.)*', re.DOTALL)
_DOUBLED = re.compile(rb'\[\s*[234]\s*,\s*""[^"]')
_TO_LONE_QUOTE = re.compile(rb'(?:[^"]|"")*')
_BACKSLASH = b"\\"
_DEEPEST = 3


def unquoted(line: bytes) -> tuple[int, bytes] | None:
    """(where it begins, its text) of a frame that stands on the line as a quoted text."""
    found = _ESCAPED.search(line)
    if found is not None:
        text = line[found.start() :]
        for _ in range(_DEEPEST):
            text = unescaped(text)
            if not _ESCAPED.match(text):
                return (found.start(), text) if text else None
    found = _DOUBLED.search(line)
    if found is not None:
        cell = _TO_LONE_QUOTE.match(line, found.start())
        assert cell is not None
        return found.start(), cell[0].replace(b'""', b'"')
    return None


def unescaped(line: bytes) -> bytes:
    """The text up to the quote that ends it; b"" where it has no escapes, or wrong ones."""
    end = _TO_QUOTE.match(line)
    if end is None or _BACKSLASH not in end[0]:
        return b""
    try:
        return str(orjson.loads(b'"' + end[0] + b'"')).encode()
    except orjson.JSONDecodeError:
        return b""


def objects(record: Mapping[str, Any], depth: int = _DEEPEST) -> Iterator[Mapping[str, Any]]:
    """A record and the objects in it, the outermost first."""
    yield record
    for value in record.values():
        if depth and isinstance(value, dict):
            yield from objects(value, depth - 1)


def texts(record: Mapping[str, Any]) -> Iterator[bytes]:
    """What a record says in words that may hold a frame."""
    for part in objects(record):
        for value in part.values():
            if isinstance(value, str) and "[" in value:
                yield value.rstrip("\r\n").encode("utf-8", "replace")
