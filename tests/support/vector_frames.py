"""The payloads of the conversation vectors, with placeholders filled in."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from gateway.core.dialects import Version

VECTORS = Path(__file__).parents[1] / "vectors"
_VERSIONS = {
    "A": {"station": Version.V201, "csms": Version.V16},
    "B": {"station": Version.V16, "csms": Version.V201},
}
_ANY = "$any"
_VALUES = {
    "$ts": "2025-06-01T17:00:00Z",
    "$tx": "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "$int": 1,
}


class VectorPayload(NamedTuple):
    """One payload of one vector. part: `request` or `response`."""

    vector: str
    message_id: str
    version: Version
    action: str
    part: str
    payload: Any

    def __str__(self) -> str:
        return f"{self.vector}-{self.message_id}-{self.action}-{self.part}"


@cache
def vector_payloads() -> list[VectorPayload]:
    """Every payload that is meant to be valid and is written out whole (no `$any` in it)."""
    files = sorted([*VECTORS.glob("station/*.json"), *VECTORS.glob("csms/*.json")])
    return [found for file in files for found in _payloads(json.loads(file.read_text("utf-8")))]


def _payloads(vector: dict[str, Any]) -> Iterator[VectorPayload]:
    wrong = set(vector.get("invalid_payload_ids", ()))
    versions = _VERSIONS[vector["direction"]]
    actions: dict[tuple[str, str], str] = {}
    for step in vector["steps"]:
        side = step.get("from") or step.get("expect")
        if side is None or step["frame"][0] not in (2, 3):
            continue
        kind, message_id, *rest = step["frame"]
        if kind == 2:
            actions[side, message_id] = rest[0]
        if message_id in wrong or _ANY in json.dumps(rest):
            continue
        action, part = actions[side, message_id], "request" if kind == 2 else "response"
        payload = _filled(rest[-1])
        yield VectorPayload(vector["name"], message_id, versions[side], action, part, payload)


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _filled(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_filled(item) for item in value]
    if isinstance(value, str) and value.startswith("$"):
        return next(given for start, given in _VALUES.items() if value.startswith(start))
    return value
