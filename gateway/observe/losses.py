"""How often a translation had to leave something behind, by station, action and field."""

from collections import Counter
from collections.abc import Iterable


class LossCounter:
    """Losses are data (design/README.md 1.1, 9): counted as they happen."""

    def __init__(self) -> None:
        self._by_station: dict[str, Counter[tuple[str, str]]] = {}

    def note(self, station: str, action: str, losses: Iterable[str]) -> None:
        """losses: names of what one translation of a message dropped, as a Record has them."""
        counter = self._by_station.setdefault(station, Counter())
        for loss in losses:
            counter[action, loss] += 1

    def of(self, station: str) -> dict[tuple[str, str], int]:
        """What one station's messages lost: (action, field) -> times."""
        return dict(self._by_station.get(station, {}))

    def stations(self) -> tuple[str, ...]:
        """Those that have lost anything."""
        return tuple(self._by_station)

    def total(self) -> dict[tuple[str, str], int]:
        """The same over all stations."""
        total: Counter[tuple[str, str]] = Counter()
        for counter in self._by_station.values():
            total.update(counter)
        return dict(total)
