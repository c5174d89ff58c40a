"""A measured figure, the goal it has, and how a run of them is shown."""

import json
import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple


class Figure(NamedTuple):
    """One row of design/README.md section 4.

    values: one a round; at_least: whether the goal is a lower bound. absolute: what stands behind
    the ratio, for people.
    """

    name: str
    goal: float
    values: Sequence[float]
    unit: str
    absolute: str
    at_least: bool = False
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def reached(self) -> bool:
        return self.median >= self.goal if self.at_least else self.median <= self.goal

    @property
    def shown(self) -> dict[str, Any]:
        return {
            "figure": self.name,
            "goal": self.goal,
            "bound": "at least" if self.at_least else "at most",
            "unit": self.unit,
            "median": self.median,
            "least": min(self.values),
            "most": max(self.values),
            "rounds": len(self.values),
            "reached": self.reached,
            "absolute": self.absolute,
            "note": self.note,
        }


def table(figures: Sequence[Figure]) -> str:
    """For people: one line a figure, notes below."""
    head = f"{'figure':<58} {'goal':>10} {'median':>9} {'least':>8} {'most':>8}      absolute"
    lines = [head, "-" * len(head)]
    for f in figures:
        bound = ">=" if f.at_least else "<="
        goal = f"{bound} {f.goal:g} {f.unit}"
        verdict = "ok" if f.reached else "MISS"
        numbers = f"{f.median:>9.2f} {min(f.values):>8.2f} {max(f.values):>8.2f}"
        lines.append(f"{f.name:<58} {goal:>10} {numbers} {verdict:<4} {f.absolute}")
    notes = [f"\n{f.name}:\n{f.note}" for f in figures if f.note]
    return "\n".join(lines + notes)


def as_json(figures: Sequence[Figure]) -> str:
    return json.dumps([f.shown for f in figures], indent=1)


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Median, least and most of absolute values."""
    middle = statistics.median(values)
    return f"{middle:.{digits}f} ({min(values):.{digits}f}..{max(values):.{digits}f})"
