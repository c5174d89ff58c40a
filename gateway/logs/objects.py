"""Lines that are JSON objects: records of Open OCPP Trace and of other tools, on one line or many.

A record that has no frame itself may hold a line of a log, as Docker, journald and loggers keep
them; it is read like one that stands alone, and what it does not tell the record tells.
"""

from collections.abc import Callable, Iterator
from re import compile as pattern
from typing import Any

import orjson

from gateway.core.codec import ocppj
from gateway.core.dialects import Side, Version
from gateway.core.errors import FrameError
from gateway.logs import inside, records
from gateway.logs.blocks import MOST_LINES, Ahead, Line, Part
from gateway.logs.doubles import says_as_much
from gateway.logs.entry import Entry, Envelope, Remark
from gateway.logs.framing import Balance

CONTINUES = pattern(rb'\s*(?:["{}\[\],:]|-?\d+(?:\.\d+)?[\s,}\]]*$|true|false|null|$)')
"""How a line begins that goes on with JSON."""
_SPELLINGS = 128
_BEGIN = b'{"'
_RECORD = pattern(rb"\s*" + _BEGIN)
_LIKE_A_RECORD = pattern(
    rb'(?i)"(?:schemaVersion|message_?(?:type|id)|ocpp\w*|payload|charge_?(?:point|box)_?id)"|'
    rb'\[\s*[234]\s*,\s*(?:\\?"|$)'
)


class Objects:
    """file: its name; leg: of recordings that hold both legs of a gateway, the one that is read;
    read: reads a line that stands in a record. told: the last line that is counted elsewhere."""

    def __init__(
        self,
        file: str,
        names: records.Names,
        leg: Side,
        ahead: Ahead,
        read: Callable[[int, bytes], Iterator[Part]],
    ) -> None:
        self._file = file
        self._names = names
        self._leg = leg.value
        self._ahead = ahead
        self._read = read
        self._spelled: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._joined_to = 0
        self._other_leg = (0, 0)
        self.told = 0

    def items(self, number: int, line: bytes, *, alone: bool = True) -> Iterator[Part]:
        """alone: False where the line has something else before its object."""
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            found = self._joined(number, line, str(error.msg)) if alone else None
            if found is None or isinstance(found, Remark):
                if found is not None:
                    yield found
                return
            line, record = found, orjson.loads(found)
        try:
            meta = record.get("meta")
            if self.says_more(meta):
                if meta.get("leg", self._leg) != self._leg:
                    self._pass_over(number)
                    return
                yield from self._of_recorder(number, meta)
                if "unreadable" in meta:
                    return
            said = self._said(record)
            if said is not None and said.frame is not None and not says_as_much(line, record):
                ocppj.examine(line, Version.V201)
                said = said._replace(data=said.data or line)
        except FrameError as error:
            rule = "untold" if isinstance(error, records.LeavesOut) else "unreadable"
            yield Remark(self._file, number, rule, str(error))
            return
        if said is not None:
            yield entry(self._file, number, said, "jsonl")
        else:
            yield from self._inside(number, record)

    def _said(self, record: dict[str, Any]) -> records.Said | None:
        """What a record, or an object in it, says."""
        for part in inside.objects(record):
            keys = tuple(part)
            spelled = self._spelled.get(keys)
            if spelled is None:
                if len(self._spelled) >= _SPELLINGS:
                    self._spelled.clear()
                spelled = self._spelled[keys] = records.known_spelling(keys, self._names)
            known = part if spelled == keys else dict(zip(spelled, part.values(), strict=True))
            said = records.said(known, self._names)
            if said is not None:
                return said if part is record else self._completed(record, said)
        return None

    def _completed(self, record: dict[str, Any], said: records.Said) -> records.Said:
        time, station, sender = records.about(record, self._names)
        return said._replace(
            time=said.time or time, station=said.station or station, sender=said.sender or sender
        )

    def _joined(self, number: int, line: bytes, why: str) -> bytes | Remark | None:
        """The text of the object that begins with the line and goes on over the next ones, or has
        something behind it; a remark where it is cut off; None where it is not about a frame."""
        balance, taken, pieces = Balance(), list[Line](), [line]
        end, begin = balance.feed(line), line.index(_BEGIN[:1])
        while end is None and number > self._joined_to and len(taken) < MOST_LINES:
            following = self._ahead.take()
            if following is None:
                break
            taken.append(following)
            fits = balance.in_string or CONTINUES.match(following[1])
            if not fits or _RECORD.match(following[1], 0, begin + len(_BEGIN)):
                break
            pieces.append(following[1])
            end = balance.feed(following[1])
        if end is not None:
            text = b"\n".join((*pieces[:-1], pieces[-1][:end]))
            if self._may_hold_frame(text):
                return text
        elif taken:
            self._joined_to = taken[-1][0]
        looks_like_one = _LIKE_A_RECORD.search(b"\n".join(pieces)) is not None
        keeps = len(pieces) - 1 if looks_like_one else 0
        for following in reversed(taken[keeps:]):
            self._ahead.back(following)
        if not looks_like_one:
            return None
        rule = "unreadable" if end is not None or keeps == 0 else "incomplete"
        return Remark(self._file, number, rule, f"not JSON: {why}", keeps + 1)

    def _may_hold_frame(self, text: bytes) -> bool:
        try:
            record = orjson.loads(text)
            told = "meta" in record or any(inside.texts(record))
            return told or self._said(record) is not None
        except orjson.JSONDecodeError:
            return False
        except FrameError:
            return True

    def _inside(self, number: int, record: dict[str, Any]) -> Iterator[Part]:
        time, station, sender = records.about(record, self._names)
        for text in inside.texts(record):
            for part in self._read(number, text):
                if isinstance(part, Entry | Envelope):
                    yield part._replace(
                        time=part.time or time,
                        station=part.station or station,
                        sender=part.sender or sender,
                    )
                else:
                    yield part

    # -- recordings of a gateway --------------------------------------------------------------

    def says_more(self, meta: Any) -> bool:
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
        self.told = number
        first, count = self._other_leg
        self._other_leg = first or number, count + 1

    def passed_over(self) -> Iterator[Remark]:
        """What is to be said at the end."""
        first, count = self._other_leg
        if count:
            other = Side(self._leg).other
            text = f"{count} records of the {other} leg, which --leg {other} reads"
            yield Remark(self._file, first, "other_leg", text, count)


def entry(file: str, number: int, said: records.Said, shape: str) -> Entry | Envelope:
    time, station, sender, frame, data, version, transport = said
    if frame is None:
        return Envelope(file, number, time, station, sender, data, shape)
    return Entry(file, number, time, station, sender, frame, data, shape, version, transport)
