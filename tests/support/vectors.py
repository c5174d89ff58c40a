"""The given vectors, all of them."""

import json
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
VECTORS = TESTS / "vectors"

SCOPE = [
    f"{folder}/{path.stem}"
    for folder in ("station", "csms")
    for path in sorted((VECTORS / folder).glob("*.json"))
]


def vector(name: str) -> dict[str, Any]:
    """One vector of SCOPE."""
    plain: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text())
    return plain
