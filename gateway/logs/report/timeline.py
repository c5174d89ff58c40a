"""When a station did what: counts over the time of its log, in a bounded number of spans.

Nobody knows beforehand how long a log is. So spans are one second long at first, and twice as long
whenever there would be too many of them; a span begins at a multiple of its length, so that the
order of the input does not matter.
"""

from gateway.logs.rules import Level

SPANS = 96
MOST_STATIONS = 1000
DETAILED = 100
"""Stations whose actions have a line of their own."""
MOST_ACTIONS = 20
OTHERS = "other actions"
SEVERITY = {None: 0, Level.NOTE: 1, Level.WARNING: 2, Level.ERROR: 3}
_LEVELS = 4

Lane = dict[int, int]
"""Number of the span -> exchanges in it, times four, plus the worst level (SEVERITY)."""


class Timeline:
    """One station's. width: of a span in seconds; first, last: moments, since the epoch."""

    def __init__(self) -> None:
        self.width = 1
        self.first = self.last = 0.0
        self.all: Lane = {}
        self.actions: dict[str, Lane] = {}

    def note(self, seconds: float, action: str, severity: int, *, detailed: bool) -> None:
        """Count one exchange."""
        self.first = min(self.first, seconds) if self.all else seconds
        self.last = max(self.last, seconds) if self.all else seconds
        while self.last // self.width - self.first // self.width >= SPANS:
            self._widen()
        span = int(seconds // self.width)
        _count(self.all, span, _LEVELS, severity)
        if detailed:
            name = action if action in self.actions or not self._is_full else OTHERS
            _count(self.actions.setdefault(name, {}), span, _LEVELS, severity)

    @property
    def _is_full(self) -> bool:
        return len(self.actions) >= MOST_ACTIONS

    def _widen(self) -> None:
        self.width *= 2
        self.all = _merged(self.all)
        self.actions = {name: _merged(lane) for name, lane in self.actions.items()}


def _count(lane: Lane, span: int, count: int, severity: int) -> None:
    before = lane.get(span, 0)
    lane[span] = (before // _LEVELS) * _LEVELS + count + max(before % _LEVELS, severity)


def _merged(lane: Lane) -> Lane:
    merged: Lane = {}
    for span, value in lane.items():
        _count(merged, span // 2, value // _LEVELS * _LEVELS, value % _LEVELS)
    return merged


def cells(lane: Lane, first: int) -> list[tuple[int, int, int]]:
    """(number of the span from the first on, exchanges, severity), in order."""
    return [(s - first, v // _LEVELS, v % _LEVELS) for s, v in sorted(lane.items())]
