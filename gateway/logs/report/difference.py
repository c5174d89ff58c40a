"""Two payloads side by side: their lines, and on each line what is different about it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from gateway.observe.escape import visible

ROOT = "$"
LONGEST_TEXT = 300
_TELLING = 3
_CANDIDATES = 50
"""Fields with one value that are looked at for the one that it moved to."""


class Mark(StrEnum):
    """What is different about a field."""

    SAME = ""
    CHANGED = "changed"
    MOVED = "moved"
    ONLY = "only"
    LOST = "lost"
    BROKEN = "broken"


class Note(NamedTuple):
    """mark: a Mark, or several with spaces between; text: what a reader should know of it."""

    mark: str
    text: str = ""


class Line(NamedTuple):
    """A line of JSON as people read it. depth: how far it stands in."""

    depth: int
    text: str
    mark: str
    note: str


Notes = dict[str, Note]
"""By path, `$.meterValue[0].timestamp`."""


def leaves(payload: Any, path: str = ROOT) -> Iterator[tuple[str, Any]]:
    """(path, value) of everything that holds nothing further."""
    if isinstance(payload, dict) and payload:
        for name, value in payload.items():
            yield from leaves(value, f"{path}.{name}")
    elif isinstance(payload, list) and payload:
        for number, value in enumerate(payload):
            yield from leaves(value, f"{path}[{number}]")
    else:
        yield path, payload


def differing(one: Any, others: Sequence[Any]) -> Notes:
    """What is different about each field of one payload. others: what stands on the other side."""
    there = [dict(leaves(other)) for other in others]
    here = dict(leaves(one))
    places = _places(there, here)
    found = {path: _note(path, value, there, places) for path, value in here.items()}
    return {path: note for path, note in found.items() if note.mark}


def _places(there: list[dict[str, Any]], here: Mapping[str, Any]) -> dict[str, list[str]]:
    """By value: where it stands on the other side, in fields that this side does not have."""
    places: dict[str, list[str]] = {}
    for other in there:
        for path, value in other.items():
            if path not in here:
                places.setdefault(_plain(value), []).append(path)
    return places


def _note(
    path: str, value: Any, there: list[dict[str, Any]], places: Mapping[str, list[str]]
) -> Note:
    counterparts = [other[path] for other in there if path in other]
    if any(value == other and type(value) is type(other) for other in counterparts):
        return Note(Mark.SAME)
    if counterparts:
        return Note(Mark.CHANGED)
    candidates = places.get(_plain(value), ())[:_CANDIDATES]
    last = path.rpartition(".")[2]
    named = [other for other in candidates if other.rpartition(".")[2] == last]
    found = named or (list(candidates) if _is_telling(value) else [])
    return Note(Mark.MOVED, found[0].removeprefix("$.")) if found else Note(Mark.ONLY)


def _is_telling(value: Any) -> bool:
    """Whether a value found in a field of another name is likely to be the same one: texts are,
    small numbers are everywhere."""
    return len(_plain(value)) >= _TELLING or (isinstance(value, str) and not value.isdigit())


def _plain(value: Any) -> str:
    """The value as text: what was the text 5 and is the number 5 now has moved, not changed."""
    return value if isinstance(value, str) else json.dumps(value)


def lines(payload: Any, notes: Mapping[str, Note], most: int) -> list[Line]:
    """The payload, a member a line; at most that many, then one that says how many are missing."""
    shown: list[Line] = []
    missing = 0
    for line in _lines(payload, ROOT, 0, "", "", notes):
        if len(shown) < most:
            shown.append(line)
        else:
            missing += 1
    if missing:
        shown.append(Line(0, f"... {missing:,} lines more", "", ""))
    return shown


def _lines(
    value: Any, path: str, depth: int, head: str, tail: str, notes: Mapping[str, Note]
) -> Iterator[Line]:
    """head: what stands before the value on its line, tail: after its end."""
    note = notes.get(path, Note(Mark.SAME))
    if not value or not isinstance(value, dict | list):
        yield Line(depth, head + shortened(_json(value)) + tail, note.mark, note.text)
        return
    is_object = isinstance(value, dict)
    opening, closing = "{}" if is_object else "[]"
    members = value.items() if isinstance(value, dict) else enumerate(value)
    yield Line(depth, head + opening, note.mark, note.text)
    for number, (name, member) in enumerate(members, 1):
        below = f"{path}.{name}" if is_object else f"{path}[{name}]"
        label = f"{shortened(_json(name))}: " if is_object else ""
        comma = "," if number < len(value) else ""
        yield from _lines(member, below, depth + 1, label, comma, notes)
    yield Line(depth, closing + tail, "", "")


def _json(value: Any) -> str:
    return visible(json.dumps(value, ensure_ascii=False))


def shortened(text: str) -> str:
    """text, or its beginning and how long it is."""
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[:LONGEST_TEXT]}... ({len(text):,} characters)"
