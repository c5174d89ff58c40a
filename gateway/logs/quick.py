"""Lines as most logs have them, read at a glance; None for a line that needs the close look.

A text that is byte for byte what orjson writes for what it read in it holds no member twice and no
number that lost digits: writing it out and comparing costs less than looking for these. Texts of
other writers (blanks, trailing zeros) are looked through.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Any

from orjson import dumps, loads

from gateway.core.codec import ocppj
from gateway.core.codec.diagnosis import (
    CALL,
    CALL_ARITY,
    CALL_RESULT,
    LONGEST_ACTION,
    LONGEST_ID,
)
from gateway.core.dialects import Version
from gateway.core.errors import FrameError
from gateway.core.frames import Call, CallResult, Frame
from gateway.logs.doubles import says_as_much
from gateway.logs.entry import JSON, Entry, Item, one_by_one
from gateway.logs.heads import LONG, Heads
from gateway.logs.shapes import Shape
from gateway.logs.traces import Trace, Traces, entry_of
from gateway.observe.trace import DIRECTIONS

_LIMITS = ocppj.Limits()
LONGEST = 2 * _LIMITS.json_nodes
"""Bytes of a line that is read here."""

_PATIENCE = 64
"""Lines from one that orjson would have written otherwise to the next that is compared."""
_PARTS = itemgetter(
    "messageType",
    "messageId",
    "payload",
    "timestamp",
    "direction",
    "transport",
    "chargePointId",
    "ocppVersion",
)
_OPTIONAL = {"chargePointId": "", "ocppVersion": ""}
_SENDERS = {word: side for side, word in DIRECTIONS.items()}
_DEPTH = _LIMITS.json_depth
_BACKSLASH, _RETURN = ord("\\"), b"\r"
_BEGIN = b"{"
_EMPTY = b"{}}"
"""The end of a record without a payload; such are read in no time."""
_BRACKET, _BRACE, _NEXT_OBJECT = ord("["), ord("{"), b"},{"
_new = tuple.__new__


Line = tuple[int, bytes]
Traced = tuple[list[Trace], Line | None]

Found = Item | list[Entry] | Traces
"""What a reader finds: one thing, or several of a kind that nothing stands between."""


def runs_of(found: Iterable[Found]) -> Iterator[Item | list[Entry]]:
    """The same, with the entries that traces are."""
    for one in found:
        if isinstance(one, Traces):
            yield [entry_of(one.file, row) for row in one.rows]
        else:
            yield one


def items_of(found: Iterable[Found]) -> Iterator[Item]:
    """The same, one by one."""
    return one_by_one(runs_of(found))


class Quick:
    """file: the name that entries bear; says_more: whether what stands under `meta` of a trace
    record has to be looked at; heads: of such records, None: they are all read."""

    def __init__(
        self,
        file: str,
        says_more: Callable[[Any], bool] | None = None,
        heads: Heads | None = None,
    ) -> None:
        self._heads = heads
        self._file = file
        self._says_more = says_more
        self._compare_from = 0

    def trace(self, number: int, line: bytes) -> Trace | None:
        """A record of Open OCPP Trace whose parts are sound."""
        try:
            record = loads(line)
            try:
                parts = _PARTS(record)
            except KeyError:
                parts = _PARTS(_OPTIONAL | record)
            kind, message_id, payload, time, direction, transport, station, version = parts
            sender = _SENDERS[direction]
            if kind == "CALLRESULT":
                action = None
            elif kind != "CALL" or type(action := record["action"]) is not str:
                return None
        except (ValueError, KeyError, TypeError):
            return None
        if not (
            type(message_id) is type(time) is type(station) is type(version) is str
            and type(payload) is dict
            and transport == JSON
            and 0 < len(message_id) <= LONGEST_ID
        ):
            return None
        if self._says_more is not None and "meta" in record and self._says_more(record["meta"]):
            return None
        if not says_as_much(line, record):
            return None
        return number, time, station, sender, version, message_id, action, payload

    def traces(self, lines: Iterator[Line], most: int, remarks: list[Any]) -> Traced:
        """Records of Open OCPP Trace as long as they stand right behind each other and nothing is
        to be remarked, `most` at the most; and the line behind them, None: there is none.

        Looks at most of them as `trace` does, without a call for each.
        """
        rows: list[Trace] = []
        append, trace, heads = rows.append, self.trace, self._heads
        for line in lines:
            number, text = line
            if remarks or len(text) > LONGEST or len(rows) == most:
                return rows, line
            if heads is not None:
                if text[LONG:] == heads.awaited:
                    row = heads.answer(number, text)
                elif text[-3:] != _EMPTY:
                    row = heads.trace(number, text)
                else:
                    row = None
                if row is not None:
                    append(row)
                    continue
            if text[:1] != _BEGIN:
                return rows, line
            try:
                record = loads(text)
                parts = _PARTS(record)
                kind, message_id, payload, time, direction, transport, station, version = parts
                action = None if kind == "CALLRESULT" else record["action"]
                sender = _SENDERS[direction]
                if (
                    type(message_id) is type(time) is type(station) is type(version) is str
                    and type(payload) is dict
                    and (action is None or (type(action) is str and kind == "CALL"))
                    and transport == JSON
                    and 0 < len(message_id) <= LONGEST_ID
                    and "meta" not in record
                    and (not payload or dumps(record) == text)
                ):
                    row = number, time, station, sender, version, message_id, action, payload
                    append(row)
                    if heads is not None and payload:
                        heads.learn(text, row)
                    continue
            except (ValueError, KeyError, TypeError):
                pass
            row = trace(number, text)
            if row is None:
                return rows, line
            append(row)
        return rows, None

    def here(self, number: int, line: bytes, shape: Shape, found: re.Match[bytes]) -> Entry | None:
        """A line whose frame stands on it, behind what its shape found, and is sound."""
        data = line[found.end() :]
        if data[-1:] == _RETURN:
            data = data[:-1]
        frame, exact = None, True
        if number >= self._compare_from:
            frame = self._frame(number, data)
        if frame is None:
            exact = False
            try:
                frame = ocppj.decode(data, Version.V201)
            except FrameError:
                return None
        time, station, word = found.group("time", "station", "word")
        parts = (
            self._file,
            number,
            time.decode() if time else "",
            station.decode("utf-8", "replace"),
            shape.words.get(word),
            frame,
            data,
            shape.name,
            "",
            JSON,
            exact,
        )
        return _new(Entry, parts)

    def _frame(self, number: int, data: bytes) -> Frame | None:
        """A call or result whose text is exact, so that it needs no look."""
        try:
            frame = loads(data)
            if dumps(frame) != data or _BACKSLASH in data:
                self._compare_from = number + _PATIENCE
                return None
        except (ValueError, TypeError):
            return None
        openers = data.count(_BRACKET) + data.count(_BRACE)
        if openers > _DEPTH and openers - data.count(_NEXT_OBJECT) > _DEPTH:
            return None
        made: Frame
        if type(frame) is list and len(frame) == CALL_ARITY:
            kind, message_id, action, payload = frame
            if kind != CALL or type(action) is not str or len(action) > LONGEST_ACTION:
                return None
            made = _new(Call, (message_id, action, payload))
        elif type(frame) is list and len(frame) == 3 and frame[0] == CALL_RESULT:
            _, message_id, payload = frame
            made = _new(CallResult, (message_id, payload))
        else:
            return None
        sound = type(message_id) is str and type(payload) is dict
        return made if sound and 0 < len(message_id) <= LONGEST_ID else None
