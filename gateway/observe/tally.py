"""How often something happened to a station's messages: what was lost, and what was repaired."""

from collections import Counter
from collections.abc import Iterable


class Tally:
    """Losses and repairs are data (design/README.md 1.1, 9): counted as they happen.

    group: what names are counted under, the action of a loss or the leg of a repair.
    """

    def __init__(self) -> None:
        self._by_station: dict[str, dict[str, Counter[str]]] = {}

    def note(self, station: str, group: str, names: Iterable[str]) -> None:
        """names: what one message lost, or how it was repaired, as a Record has them."""
        groups = self._by_station.setdefault(station, {})
        groups.setdefault(group, Counter()).update(names)

    def of(self, station: str) -> dict[str, dict[str, int]]:
        """Of one station: group -> name -> times."""
        return {group: dict(names) for group, names in self._by_station.get(station, {}).items()}

    def stations(self) -> tuple[str, ...]:
        """Those of which anything was counted."""
        return tuple(self._by_station)
