"""Lines to entries: which shape each line has, frames over several lines, and what is left over.

The shape that fitted last is asked first, so that a log of one shape costs one match a line. Lines
without a frame are counted in runs and become one remark each; frames that had to be mended become
an entry and a remark.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from itertools import chain

import orjson

from gateway.core.codec import ocppj
from gateway.core.codec.brackets import decode_closed
from gateway.core.dialects import Side, Version
from gateway.core.errors import FrameError
from gateway.logs import blocks, inside, objects, records, shapes
from gateway.logs.entry import Direction, Entry, Envelope, Item, Remark
from gateway.logs.envelopes import Envelopes
from gateway.logs.framing import Balance
from gateway.logs.heads import Heads
from gateway.logs.mending import mended
from gateway.logs.objects import CONTINUES, Objects
from gateway.logs.opening import Source
from gateway.logs.quick import LONGEST, Found, Quick, items_of
from gateway.logs.rows import Rows
from gateway.logs.shapes import CARRIES, GENERIC, NEW_LINE, OPENED, RAW, SHAPES, Where
from gateway.logs.traces import Traces

AUTO = "auto"
RUN = 128
"""Entries that are handed on together."""

_BRACE = b"{"
_HERE = Where.HERE
_ARRAY = re.compile(rb'\[\s*[234]\s*,\s*\\?"')
_RECORD = re.compile(rb'[^"{\']*(?=\{\s*"[^\n]*\}\s*$)')
_OPENING_LINES = 3
_ALONE = (RAW.name, "soap")
_LINES_BEFORE = 12
"""Lines without a frame that may tell of the one behind them."""
_REST_OF_WORD = re.compile(rb"[\w.+-]{1,20}\s*[,}\]]")
_REST_OF_TIME = re.compile(rb'(?:[:,]?\s*")?[\d:.TZ+-]{2,35}"\s*[,}\]]')

Lines = Iterator[blocks.Line]


class LineReader:
    """One file of lines. only: the shape that lines may have, AUTO: any. envelopes: what reads
    SOAP; one for all inputs of a run, since a call and its answer may stand in two of them. leg: of
    recordings that hold both legs of a gateway; heads: of records that need not be read."""

    def __init__(
        self,
        source: Source,
        names: records.Names = records.DEFAULT,
        only: str = AUTO,
        envelopes: Envelopes | None = None,
        leg: Side = Side.STATION,
        heads: Heads | None = None,
    ) -> None:
        self._envelopes = envelopes or Envelopes()
        self._source = source
        self._file = source.name
        self._shapes = [s for s in SHAPES if only in (AUTO, s.name)]
        self._by_name = {s.name: s for s in (*self._shapes, RAW)}
        self._generic = only in (AUTO, GENERIC.name, "raw")
        self._records = only in (AUTO, "jsonl")
        self._rows = only in (AUTO, "csv")
        self._blocks = only in (AUTO, "everest", "steve", "soap")
        self._told = 0
        self._lines: Lines = source.lines()
        self._pending: list[blocks.Line] = []
        self._sealed = False
        self._without: deque[bytes] = deque(maxlen=_LINES_BEFORE)
        ahead = self._ahead = blocks.Ahead(self._next_line, self._pending.append)
        self._table = Rows(names, ahead)
        self._objects = Objects(self._file, names, leg, ahead, self._in_record)
        self._quick = Quick(self._file, self._objects.says_more, heads)
        self._blank: tuple[int, int] = (0, 0)
        self._found: list[Item] = []

    def items(self) -> Iterator[Item]:
        """Everything in the file, in its order."""
        return items_of(self.found())

    def found(self) -> Iterator[Found]:
        """The same; what was read at a glance comes by the list, up to RUN of a kind."""
        remarks, lines, here = self._source.remarks, self._lines, self._quick.here
        shape = self._shapes[0] if self._shapes else RAW
        match = shape.pattern.match
        run: list[Entry] = []
        line = next(lines, None)
        while line is not None:
            number, text = line
            if remarks:
                yield from self._broken_off(run)
                yield from self._take_remarks()
                run = []
            entry: Entry | None = None
            if len(text) > LONGEST:
                pass
            elif text[:1] == _BRACE and self._records:
                rows, following = self._quick.traces(chain((line,), lines), RUN, remarks)
                if rows:
                    yield from self._broken_off(run)
                    run = []
                    if self._blank[1]:
                        yield self._run_of_blanks()
                    yield Traces(self._file, rows)
                    line = following
                    continue
            elif shape.where is _HERE and (found := match(text)) is not None:
                entry = here(number, text, shape, found)
            if entry is not None:
                if self._blank[1]:
                    entry = self._told_before(entry)
                    yield self._run_of_blanks()
                if len(run) == RUN:
                    yield run
                    run = []
                run.append(entry)
                line = next(lines, None)
                continue
            yield from self._broken_off(run)
            run = []
            for item in self._slowly(number, text):
                yield item
                if isinstance(item, Entry) and item.shape != shape.name:
                    shape = self._by_name.get(item.shape, shape)
                    match = shape.pattern.match
            line = next(lines, None)
        yield from self._broken_off(run)
        yield from self._take_remarks()
        if self._blank[1]:
            yield self._run_of_blanks()
        yield from self._objects.passed_over()

    def _broken_off(self, run: list[Entry]) -> Iterator[list[Entry]]:
        if run:
            yield run

    def _take_remarks(self) -> Iterator[Item]:
        remarks = self._source.remarks
        yield from remarks
        remarks.clear()

    # -- the close look -----------------------------------------------------------------------

    def _slowly(self, number: int, line: bytes) -> Iterator[Item]:
        self._pending.append((number, line))
        while self._pending:
            number, line = self._pending.pop()
            line = self._clean(number, line.rstrip(b"\r"))
            said = list(self._opened(self._items_of(number, line)))
            if said and self._blank[1]:
                yield self._run_of_blanks()
            yield from self._found
            self._found.clear()
            for one in said:
                yield one if isinstance(one, Remark) else self._told_before(one)
            if not said and line.strip() and number not in (self._told, self._objects.told):
                self._count_blank(number)
                self._without.append(line)

    def _told_before(self, entry: Entry) -> Entry:
        """A frame that stands alone on its line; the lines before it may tell of it."""
        lines = self._without
        if not lines:
            return entry
        self._without = deque(maxlen=_LINES_BEFORE)
        if entry.time or entry.shape not in _ALONE:
            return entry
        for line in reversed(lines):
            time, sender = shapes.told_by(line)
            if time:
                station = entry.station or shapes.station_named(line)
                sender = entry.sender or sender
                return entry._replace(time=time.decode(), station=station, sender=sender)
        return entry

    def _opened(self, parts: Iterator[blocks.Part]) -> Iterator[Item]:
        for part in parts:
            if isinstance(part, Envelope):
                yield from self._envelopes.items(part)
            else:
                yield part

    def _items_of(self, number: int, line: bytes) -> Iterator[blocks.Part]:
        if self._records and line.lstrip()[:1] == _BRACE:
            yield from self._objects.items(number, line)
            return
        if self._rows:
            item = self._row(number, line)
            if item is not None:
                yield item
                return
            if self._table.begin(number, line):
                self._told = number
                return
        block = blocks.begun(line) if self._blocks else None
        if block is not None:
            yield from block.items(self._file, number, line, self._ahead)
            return
        yield from self._shaped(number, self._opened_frame(line))

    def _opened_frame(self, line: bytes) -> bytes:
        """The line; with those that follow if a frame begins at its end."""
        found = OPENED.search(line)
        if found is None:
            return line
        text, taken = line, list[blocks.Line]()
        while OPENED.match(text, found.start()) and len(taken) < _OPENING_LINES:
            following = self._next_line()
            if following is None:
                break
            taken.append(following)
            text += b"\n" + following[1].rstrip(b"\r")
        if GENERIC.pattern.match(text, found.start()):
            return text
        self._pending.extend(reversed(taken))
        return line

    def _shaped(self, number: int, line: bytes) -> Iterator[blocks.Part]:
        for shape in self._shapes:
            found = shape.pattern.match(line)
            if found is not None:
                parts = found.group("time", "station", "word")
                time, station, word = ((part or b"").decode("utf-8", "replace") for part in parts)
                break
        else:
            yield from self._generically(number, line)
            return
        about = (
            time,
            station,
            shape.words.get(word.encode(), shape.words.get(word.lower().encode())),
        )
        if shape.where is Where.ESCAPED:
            yield from self._escaped(number, line[found.end() :], about, shape.name)
        elif shape.where is Where.NEXT:
            yield from self._on_next_lines(number, line, about, shape.name)
        elif shape.where is Where.HERE:
            yield from self._framed(number, line[found.end() :], about, shape.name)

    def _generically(self, number: int, line: bytes) -> Iterator[blocks.Part]:
        found = GENERIC.pattern.search(line) if self._generic else None
        quoted = inside.unquoted(line) if self._generic and found is None else None
        if found is not None:
            begin, text = found.start(), line[found.start() :]
        elif quoted is not None:
            begin, text = quoted
        elif self._generic and CARRIES.search(line):
            yield Remark(self._file, number, "unreadable", "what the line tells of is no frame")
            return
        else:
            yield from self._behind(number, line)
            return
        prefix = line[:begin]
        time, sender = shapes.told_by(prefix)
        about = (time.decode(), shapes.station_named(prefix), sender)
        name = GENERIC.name if prefix.strip() else RAW.name
        if quoted is None:
            yield from self._framed(number, text, about, name)
        else:
            yield from self._decoded(number, text, about, name, complete=True)

    def _framed(
        self, number: int, data: bytes, about: tuple[str, str, Direction], shape: str
    ) -> Iterator[Item]:
        """The frame that begins with data and may go on over the next lines."""
        balance = Balance()
        end, last = balance.feed(data), data
        pieces = [data]
        while end is None and len(pieces) < blocks.MOST_LINES:
            in_word = not balance.in_string and last[-1:].isalnum()
            piece = self._continuation(balance.in_string, in_word=in_word)
            if piece is None:
                break
            if not (balance.in_string or (in_word and piece[:1].isalnum())):
                pieces.append(b"\n")
            pieces.append(piece)
            end, last = balance.feed(piece), piece
        text = b"".join(pieces)
        rest = b""
        if end is not None:
            cut = len(text) - len(last) + end
            text, rest = text[:cut], text[cut:]
        if _ARRAY.search(rest):
            self._pending.append((number, rest))
        yield from self._decoded(number, text, about, shape, complete=end is not None)

    def _decoded(
        self,
        number: int,
        data: bytes,
        about: tuple[str, str, Direction],
        shape: str,
        *,
        complete: bool,
    ) -> Iterator[Item]:
        try:
            frame = ocppj.decode(data, Version.V201)
        except FrameError as error:
            better = mended(data)
            if better is None:
                whole = None if complete else decode_closed(data, Version.V201)
                entry = whole and Entry(self._file, number, *about, whole, b"", shape)
                rule = "unreadable" if complete else "incomplete"
                yield Remark(self._file, number, rule, str(error), 1, about[1], entry)
                return
            data, frame, how = better
            yield Remark(self._file, number, "mended", how, station=about[1])
        yield Entry(self._file, number, *about, frame, data, shape)

    def _on_next_lines(
        self, number: int, line: bytes, about: tuple[str, str, Direction], shape: str
    ) -> Iterator[Item]:
        here = GENERIC.pattern.search(line)
        if here is not None:
            yield from self._framed(number, line[here.start() :], about, shape)
            return
        following = self._next_line()
        while following is not None and not following[1].strip():
            following = self._next_line()
        if following is None or not following[1].lstrip().startswith(b"["):
            yield Remark(self._file, number, "incomplete", "no frame follows", station=about[1])
            if following is not None:
                self._pending.append(following)
            return
        yield from self._framed(following[0], following[1].lstrip(), about, shape)

    def _escaped(
        self, number: int, text: bytes, about: tuple[str, str, Direction], shape: str
    ) -> Iterator[Item]:
        try:
            data = orjson.loads(text.strip()).encode()
        except (orjson.JSONDecodeError, AttributeError) as error:
            yield Remark(self._file, number, "unreadable", f"not JSON text: {error}")
            return
        yield from self._decoded(number, data, about, shape, complete=True)

    # -- records and rows ---------------------------------------------------------------------

    def _in_record(self, number: int, text: bytes) -> Iterator[blocks.Part]:
        """A text in a record; what it begins does not go on over the next lines of the file."""
        if self._sealed:
            return
        self._sealed = True
        try:
            yield from self._items_of(number, text)
        finally:
            self._sealed = False

    def _behind(self, number: int, line: bytes) -> Iterator[blocks.Part]:
        """A record that stands behind the prefix of another logger."""
        found = _RECORD.match(line) if self._records else None
        if found is None:
            return
        time = shapes.told_by(found[0])[0].decode()
        for part in self._objects.items(number, line[found.end() :], alone=False):
            if isinstance(part, Entry | Envelope) and not part.time:
                part = part._replace(time=time)
            yield part

    def _row(self, number: int, line: bytes) -> blocks.Part | None:
        try:
            said = self._table.said(line)
        except (csv.Error, FrameError) as error:
            return Remark(self._file, number, "unreadable", str(error))
        return None if said is None else objects.entry(self._file, number, said, "csv")

    # -- lines --------------------------------------------------------------------------------

    def _next_line(self) -> blocks.Line | None:
        if self._sealed:
            return None
        return self._pending.pop() if self._pending else next(self._lines, None)

    def _continuation(self, in_string: bool, *, in_word: bool) -> bytes | None:
        """The next line, if a frame that is open can go on with it, maybe in a number or `true`."""
        following = self._next_line()
        if following is None:
            return None
        line = following[1].rstrip(b"\r")
        fits = in_string or CONTINUES.match(line) or (in_word and _REST_OF_WORD.match(line))
        anew = NEW_LINE.match(line) and not _REST_OF_TIME.match(line)
        if not fits or anew or self._begins_anew(line):
            self._pending.append(following)
            return None
        return line

    def _begins_anew(self, line: bytes) -> bool:
        return bool(_ARRAY.match(line)) or any(s.pattern.match(line) for s in self._shapes)

    def _clean(self, number: int, line: bytes) -> bytes:
        if b"\0" not in line:
            return line
        self._found.append(Remark(self._file, number, "nul_bytes", "NUL bytes were left out"))
        return line.replace(b"\0", b"")

    def _count_blank(self, number: int) -> None:
        first, count = self._blank
        if count and first + count != number:
            self._found.append(self._run_of_blanks())
            count = 0
        self._blank = (first if count else number, count + 1)

    def _run_of_blanks(self) -> Remark:
        (first, count), self._blank = self._blank, (0, 0)
        text = "no frame on this line" if count == 1 else f"no frame on these {count} lines"
        return Remark(self._file, first, "no_frame", text, count)
