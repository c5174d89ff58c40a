"""Patterns with * and ? that are matched in one pass, and whether two of them can mean the same.

No regular expressions: what a station says of itself must not decide how long a match takes. All
states that a pattern can be in are the bits of one number, moved on once per character.
"""

from collections.abc import Iterable, Iterator

ANY_TEXT, ANY_ONE = "*", "?"
LONGEST = 200


class Pattern:
    """Letters count in any case; * is any text, ? any one character.

    Raises ValueError for a pattern that is empty or too long.
    """

    __slots__ = ("_end", "_moves", "_stays", "_tokens", "text")

    def __init__(self, text: str) -> None:
        if not 0 < len(text) <= LONGEST:
            raise ValueError(f"a pattern has 1 to {LONGEST} characters")
        self.text = text
        self._tokens = tuple(_tokens(text.casefold()))
        steps = [token for token in self._tokens if token != ANY_TEXT]
        self._end = 1 << len(steps)
        self._stays = 0
        self._moves: dict[str, int] = {}
        for token, state in zip(self._tokens, _states(self._tokens), strict=True):
            if token == ANY_TEXT:
                self._stays |= 1 << state
            else:
                self._moves[token] = self._moves.get(token, 0) | 1 << state

    def matches(self, text: str) -> bool:
        """Whether the whole text is as the pattern says."""
        states, anything = 1, self._moves.get(ANY_ONE, 0)
        for letter in text.casefold():
            moves = self._moves.get(letter, 0) | anything if letter != ANY_ONE else anything
            states = (states & moves) << 1 | states & self._stays
            if not states:
                return False
        return bool(states & self._end)

    def overlaps(self, other: "Pattern") -> bool:
        """Whether there is a text that both match."""
        seen: set[tuple[int, int]] = set()
        open_pairs = [(0, 0)]
        while open_pairs:
            pair = open_pairs.pop()
            if pair in seen:
                continue
            seen.add(pair)
            mine, others = self._tokens[pair[0] :], other._tokens[pair[1] :]
            if not (set(mine) | set(others)) - {ANY_TEXT}:
                return True
            open_pairs += _onwards(pair, mine[:1], others[:1])
        return False

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"


def _tokens(text: str) -> Iterator[str]:
    """The characters, a run of * as one."""
    before = ""
    for letter in text:
        if letter != ANY_TEXT or before != ANY_TEXT:
            yield letter
        before = letter


def _states(tokens: Iterable[str]) -> Iterator[int]:
    """The state before each token; a * adds none."""
    state = 0
    for token in tokens:
        yield state
        state += token != ANY_TEXT


def _onwards(
    pair: tuple[int, int], mine: tuple[str, ...], others: tuple[str, ...]
) -> Iterator[tuple[int, int]]:
    """The pairs of positions that are reached by at most one character."""
    first, second = pair
    if ANY_TEXT in mine:
        yield first + 1, second
        if others:
            yield first, second + 1
    if ANY_TEXT in others:
        yield first, second + 1
        if mine:
            yield first + 1, second
    both = (*mine, *others)
    if mine and others and ANY_TEXT not in both and (mine == others or ANY_ONE in both):
        yield first + 1, second + 1
