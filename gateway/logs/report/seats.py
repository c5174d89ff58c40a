"""Which of very many things are shown: a selection that is bounded, fair and can be told.

The same input gives the same selection, and a selection of selections is the selection of the
whole: what has no seat among a few has none among more. So processes that see a share of the
stations may select first.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Plan(NamedTuple):
    """first: seats for whatever comes first. each: seats of every action and reason, as long as
    fewer than most_each were taken that way. Then one seat for every station, action and reason,
    most_station of them."""

    first: int
    each: int
    most_each: int
    most_station: int

    @property
    def most(self) -> int:
        """Seats in all."""
        return self.first + self.most_each + self.most_station

    def told(self, things: str) -> str:
        """The selection in words."""
        return (
            f"the first {self.first:,} {things}, the first {self.each} of every action and finding,"
            f" and the first of every station, action and finding"
        )


class Seats:
    """The seats of one plan, filled in the order of the input."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._first = self._each = self._station = 0
        self._of_action: dict[tuple[str, str], int] = {}
        self._of_station: set[tuple[str, str, str]] = set()

    def take(self, station: str, action: str, reasons: Iterable[str]) -> bool:
        """Whether there is room for it; reasons: what makes it worth looking at."""
        wanted = tuple(reasons)
        if not self._has_room(station, action, wanted):
            return False
        for reason in wanted:
            kind = action, reason
            self._of_action[kind] = self._of_action.get(kind, 0) + 1
            self._of_station.add((station, action, reason))
        return True

    def _has_room(self, station: str, action: str, reasons: tuple[str, ...]) -> bool:
        plan, taken = self._plan, self._of_action
        if self._first < plan.first:
            self._first += 1
            return True
        if self._each < plan.most_each and any(
            taken.get((action, reason), 0) < plan.each for reason in reasons
        ):
            self._each += 1
            return True
        if self._station < plan.most_station and any(
            (station, action, reason) not in self._of_station for reason in reasons
        ):
            self._station += 1
            return True
        return False
