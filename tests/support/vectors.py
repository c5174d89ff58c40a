"""The vectors that the gateway covers so far."""

import json
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
VECTORS = TESTS / "vectors"

_STATION_A = "A01 A02 A03 A04 A05 A08 A09 A10 A11 A12 A19 A20 A21 A23"
_STATION_B = "B01 B02 B03 B04 B05 B07 B08 B10 B11 B14"
_CSMS = "A01 A02 A03 A04 A05 A06 A08 A12 A13 A15 A17 B01 B02 B04 B06 B12 B13 B17"


def _named(folder: str, numbers: str) -> list[str]:
    """Names of the vectors with these numbers, as `folder/name`."""
    names = []
    for number in numbers.split():
        (path,) = (VECTORS / folder).glob(f"{number}-*.json")
        names.append(f"{folder}/{path.stem}")
    return names


SCOPE = _named("station", f"{_STATION_A} {_STATION_B}") + _named("csms", _CSMS)


def vector(name: str) -> dict[str, Any]:
    """One vector of SCOPE."""
    plain: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text())
    return plain
