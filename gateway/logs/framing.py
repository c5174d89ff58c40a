"""Where a frame ends, by the balance of its brackets, over as many lines as it takes."""

import re

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}"]', re.DOTALL)
_STRING_END = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_QUOTE, _OPENERS = b'"', b"[{"


class Balance:
    """Fed the pieces of a text that begins with an opening bracket.

    depth: brackets that are open; in_string: the last piece ended inside a string.
    """

    def __init__(self) -> None:
        self.depth = 0
        self.in_string = False

    def feed(self, piece: bytes) -> int | None:
        """Where in the piece the outermost bracket closes; None if it does not yet."""
        start = 0
        if self.in_string:
            end = _STRING_END.match(piece)
            if end is None:
                return None
            start, self.in_string = end.end(), False
        for token in _TOKEN.finditer(piece, start):
            sign = token[0]
            if sign in _OPENERS:
                self.depth += 1
            elif sign == _QUOTE:
                self.in_string = True
                return None
            elif sign[:1] != _QUOTE:
                self.depth -= 1
                if self.depth <= 0:
                    return token.end()
        return None
