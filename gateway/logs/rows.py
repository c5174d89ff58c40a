"""Rows of tables: the line that names the columns, and cells by these names."""

import csv
import re

from gateway.logs import records
from gateway.logs.blocks import Ahead, Line
from gateway.logs.shapes import NEW_LINE

MOST_LINES = 1000
"""Lines of one row; a quote that never closes must not swallow a table."""
_QUOTE, _IN_CELL = b'"', b'""'
_SEPARATORS = b",;\t|"
_ARRAY = re.compile(rb'\[\s*[234]\s*,\s*\\?"')
_NAMES_A_FRAME = re.compile(
    rb"(?i)\b(msg|(?:ocpp[_ ]?)?message|payload|payload[_ ]json|raw|frame)\b"
)


class Rows:
    """names: of columns. header: the line of the names that count now, 0: there was none."""

    def __init__(self, names: records.Names, ahead: Ahead) -> None:
        self._names = names
        self._ahead = ahead
        self._columns: tuple[str, ...] = ()
        self._separator = b","
        self.header = 0

    def begin(self, number: int, line: bytes) -> bool:
        """Take the line as names of columns, if it is that."""
        separator = max((line.count(sign), bytes((sign,))) for sign in _SEPARATORS)
        if separator[0] < 2 or _ARRAY.search(line) or not _NAMES_A_FRAME.search(line):
            return False
        try:
            cells = _cells(line, separator[1])
        except csv.Error:
            return False
        columns = records.known_spelling((name.strip() for name in cells), self._names)
        if not records.carries_frames(columns, self._names):
            return False
        self._columns, self._separator, self.header = columns, separator[1], number
        return True

    def said(self, line: bytes) -> records.Said | None:
        """What a row says; one with an open quote goes on on the next line. None: it holds no
        frame. Raises csv.Error and FrameError."""
        if not self.header or self._separator not in line:
            return None
        cells = _cells(self._whole(line), self._separator)
        return records.said(dict(zip(self._columns, cells, strict=False)), self._names)

    def _whole(self, line: bytes) -> bytes:
        """The row that begins with line; no more than it where no line closes its quote."""
        is_open = line.count(_QUOTE) % 2
        if not is_open:
            return line
        pieces, taken = [line], list[Line]()
        while is_open and len(taken) < MOST_LINES and (following := self._ahead.take()):
            taken.append(following)
            if NEW_LINE.match(following[1]) and not following[1].startswith(_IN_CELL):
                break
            pieces.append(following[1].rstrip(b"\r"))
            is_open ^= following[1].count(_QUOTE) % 2
        if not is_open:
            return b"\n".join(pieces)
        for following in reversed(taken):
            self._ahead.back(following)
        return line


def _cells(line: bytes, separator: bytes) -> list[str]:
    text = line.decode("utf-8", "replace")
    return next(csv.reader([text], strict=True, delimiter=separator.decode()), [])
