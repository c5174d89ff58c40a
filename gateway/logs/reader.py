"""Lines to entries: which shape each line has, frames over several lines, and what is left over.

The shape that fitted last is asked first, so that a log of one shape costs one match a line. Lines
without a frame are counted in runs and become one remark each; frames that had to be mended become
an entry and a remark.
"""

import csv
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import orjson

from gateway.core.codec import ocppj
from gateway.core.codec.brackets import decode_closed
from gateway.core.dialects import Side, Version
from gateway.core.errors import FrameError
from gateway.logs import blocks, records, shapes
from gateway.logs.doubles import says_as_much
from gateway.logs.entry import Direction, Entry, Envelope, Item, Remark
from gateway.logs.envelopes import Envelopes
from gateway.logs.framing import Balance
from gateway.logs.mending import mended
from gateway.logs.opening import Source
from gateway.logs.quick import LONGEST, Found, Quick, Traces, items_of
from gateway.logs.shapes import GENERIC, NEW_LINE, RAW, SHAPES, Where

AUTO = "auto"
RUN = 128
"""Entries that are handed on together."""

_BRACE = b"{"
_HERE = Where.HERE
_CONTINUES = re.compile(rb'\s*(?:["{}\[\],:]|-?\d+(?:\.\d+)?[\s,}\]]*$|true|false|null|$)')
_ARRAY = re.compile(rb'\[\s*[234]\s*,\s*\\?"')
_NAMES_A_FRAME = re.compile(rb"(?i)\b(msg|message|payload|payload_json|raw|frame)\b")

Lines = Iterator[tuple[int, bytes]]


class LineReader:
    """One file of lines. only: the shape that lines may have, AUTO: any. envelopes: what reads
    SOAP; one for all inputs of a run, since a call and its answer may stand in two of them. leg: of
    recordings that hold both legs of a gateway."""

    def __init__(
        self,
        source: Source,
        names: records.Names = records.DEFAULT,
        only: str = AUTO,
        envelopes: Envelopes | None = None,
        leg: Side = Side.STATION,
    ) -> None:
        self._leg = leg.value
        self._other_leg = (0, 0)
        self._envelopes = envelopes or Envelopes()
        self._source = source
        self._file = source.name
        self._names = names
        self._shapes = [s for s in SHAPES if only in (AUTO, s.name)]
        self._by_name = {s.name: s for s in (*self._shapes, RAW)}
        self._quick = Quick(self._file, self._says_more)
        self._generic = only in (AUTO, GENERIC.name, "raw")
        self._records = only in (AUTO, "jsonl")
        self._rows = only in (AUTO, "csv")
        self._blocks = only in (AUTO, "everest", "steve", "soap")
        self._columns: list[str] | None = None
        self._told = 0
        self._lines: Lines = source.lines()
        self._pending: list[tuple[int, bytes]] = []
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
        if self._other_leg[1]:
            yield self._of_the_other_leg()

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
            yield from said
            if not said and line.strip() and number != self._told:
                self._count_blank(number)

    def _opened(self, parts: Iterator[blocks.Part]) -> Iterator[Item]:
        for part in parts:
            if isinstance(part, Envelope):
                yield from self._envelopes.items(part)
            else:
                yield part

    def _items_of(self, number: int, line: bytes) -> Iterator[blocks.Part]:
        if line[:1] == _BRACE and self._records:
            yield from self._record(number, line)
            return
        if self._columns is not None and self._rows and b"," in line:
            item = self._row(number, line)
            if item is not None:
                yield item
                return
        if self._rows and self._is_header(number, line):
            return
        block = blocks.begun(line) if self._blocks else None
        if block is not None:
            ahead = blocks.Ahead(self._next_line, self._pending.append)
            yield from block.items(self._file, number, line, ahead)
            return
        yield from self._shaped(number, line)

    def _shaped(self, number: int, line: bytes) -> Iterator[Item]:
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
            yield from self._on_next_lines(number, about, shape.name)
        elif shape.where is Where.HERE:
            yield from self._framed(number, line[found.end() :], about, shape.name)

    def _generically(self, number: int, line: bytes) -> Iterator[Item]:
        found = GENERIC.pattern.search(line) if self._generic else None
        if found is None:
            return
        prefix = line[: found.start()]
        time, sender = shapes.told_by(prefix)
        name = GENERIC.name if prefix.strip() else "raw"
        yield from self._framed(number, line[found.start() :], (time.decode(), "", sender), name)

    def _framed(
        self, number: int, data: bytes, about: tuple[str, str, Direction], shape: str
    ) -> Iterator[Item]:
        """The frame that begins with data and may go on over the next lines."""
        balance = Balance()
        end, last = balance.feed(data), data
        pieces = [data]
        while end is None and len(pieces) < blocks.MOST_LINES:
            piece = self._continuation(balance.in_string)
            if piece is None:
                break
            if not balance.in_string:
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
        self, number: int, about: tuple[str, str, Direction], shape: str
    ) -> Iterator[Item]:
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

    def _record(self, number: int, line: bytes) -> Iterator[blocks.Part]:
        try:
            record = orjson.loads(line)
            meta = record.get("meta")
            if self._says_more(meta):
                if meta.get("leg", self._leg) != self._leg:
                    self._pass_over(number)
                    return
                yield from self._of_recorder(number, meta)
                if "unreadable" in meta:
                    return
            said = records.said(record, self._names)
            if said is not None and said.frame is not None and not says_as_much(line, record):
                ocppj.examine(line, Version.V201)
                said = said._replace(data=said.data or line)
        except orjson.JSONDecodeError as error:
            yield Remark(self._file, number, "unreadable", f"not JSON: {error.msg}")
            return
        except FrameError as error:
            yield Remark(self._file, number, "unreadable", str(error))
            return
        if said is not None:
            yield self._entry(number, said, "jsonl")

    def _says_more(self, meta: Any) -> bool:
        """Whether `serve --record` says something about this record (observe/trace.py)."""
        if type(meta) is not dict:
            return False
        return "leftOut" in meta or "unreadable" in meta or meta.get("leg", self._leg) != self._leg

    def _of_recorder(self, number: int, meta: dict[str, Any]) -> Iterator[Remark]:
        if "leftOut" in meta:
            text = f"{meta['leftOut']!s:.20} messages before this one were not recorded"
            yield Remark(self._file, number, "left_out", text)
        if "unreadable" in meta:
            yield Remark(self._file, number, "unreadable", f"{meta['unreadable']!s:.200}")

    def _pass_over(self, number: int) -> None:
        self._told = number
        first, count = self._other_leg
        self._other_leg = first or number, count + 1

    def _of_the_other_leg(self) -> Remark:
        first, count = self._other_leg
        other = Side(self._leg).other
        text = f"{count} records of the {other} leg, which --leg {other} reads"
        return Remark(self._file, first, "other_leg", text, count)

    def _row(self, number: int, line: bytes) -> blocks.Part | None:
        """A CSV row; one with an open quote goes on on the next line."""
        columns, text = self._columns or [], line
        while text.count(b'"') % 2 and (following := self._next_line()) is not None:
            text += b"\n" + following[1].rstrip(b"\r")
        try:
            cells = next(csv.reader([text.decode("utf-8", "replace")], strict=True), [])
            said = records.said(dict(zip(columns, cells, strict=False)), self._names)
        except (csv.Error, FrameError) as error:
            return Remark(self._file, number, "unreadable", str(error))
        return None if said is None else self._entry(number, said, "csv")

    def _is_header(self, number: int, line: bytes) -> bool:
        """Take the line as names of columns, if it is that."""
        if line.count(b",") < 2 or _ARRAY.search(line) or not _NAMES_A_FRAME.search(line):
            return False
        text = line.decode("utf-8", "replace")
        try:
            columns = [name.strip() for name in next(csv.reader([text]), [])]
        except csv.Error:
            return False
        if not records.carries_frames(columns, self._names):
            return False
        self._columns, self._told = columns, number
        return True

    def _entry(self, number: int, said: records.Said, shape: str) -> Entry | Envelope:
        time, station, sender, frame, data, version, transport = said
        file = self._file
        if frame is None:
            return Envelope(file, number, time, station, sender, data, shape)
        return Entry(file, number, time, station, sender, frame, data, shape, version, transport)

    # -- lines --------------------------------------------------------------------------------

    def _next_line(self) -> tuple[int, bytes] | None:
        return self._pending.pop() if self._pending else next(self._lines, None)

    def _continuation(self, in_string: bool) -> bytes | None:
        """The next line, if a frame that is open can go on with it."""
        following = self._next_line()
        if following is None:
            return None
        line = following[1].rstrip(b"\r")
        fits = in_string or _CONTINUES.match(line)
        if not fits or NEW_LINE.match(line) or self._begins_anew(line):
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
