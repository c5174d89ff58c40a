"""Log shapes that take several lines for one frame, each with its own beginning.

everest-html   <tr class="ChargePoint"> <td>time</td> .. <pre lang="json">frame</pre> .. </tr>
steve-soap     a logger line with REQ_IN, RESP_OUT, REQ_OUT or RESP_IN, then indented lines
               "ExchangeId: .." and "Payload: <soap:Envelope ..>"
soap           an envelope, maybe behind a prefix with a time and a direction word

Adding one: its beginning in `begun`, and a function that takes lines as long as they belong to it.
"""

import html
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from gateway.core.codec import ocppj
from gateway.core.dialects import Side, Version
from gateway.core.errors import FrameError
from gateway.logs.entry import Direction, Entry, Envelope, Remark
from gateway.logs.inside import unescaped
from gateway.logs.shapes import NEW_LINE, told_by

MOST_LINES = 20_000
"""Lines of one frame; a bracket that never closes must not swallow a log."""

Line = tuple[int, bytes]

_ROW = re.compile(rb'<tr class="(?P<word>ChargePoint|CentralSystem|ChargingStation|CSMS|SYS)"')
_ROW_END = b"</tr>"
_CELL = re.compile(rb"<td[^>]*>(.*?)</td>", re.DOTALL)
_FRAME = re.compile(rb"<pre[^>]*>(.*?)</pre>", re.DOTALL)
_TAG = re.compile(rb"<[^>]*>")
_ROW_SENDERS: dict[bytes, Side] = {
    b"ChargePoint": Side.STATION,
    b"ChargingStation": Side.STATION,
    b"CentralSystem": Side.CSMS,
    b"CSMS": Side.CSMS,
}

_SOAP_LINE = re.compile(
    rb"(?:[^\[]*\| )?\[\w+ ?\]\s+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[,.]?\d*).*?"
    rb"\b(?P<word>REQ_IN|RESP_OUT|REQ_OUT|RESP_IN)\b"
)
_SOAP_SENDERS: dict[bytes, Side] = {
    b"REQ_IN": Side.STATION,
    b"RESP_IN": Side.STATION,
    b"RESP_OUT": Side.CSMS,
    b"REQ_OUT": Side.CSMS,
}
_DETAIL = re.compile(rb"\s+(?P<name>[\w-]+): ?(?P<value>.*)")
_ENVELOPE = re.compile(rb"(?:<\?xml[^>]*\?>\s*)?<(?:[\w.-]+:)?Envelope\b")
_ENVELOPE_END = re.compile(rb"</(?:[\w.-]+:)?Envelope\s*>")


class Ahead(NamedTuple):
    """The lines that follow. back: for a line that was taken and does not belong."""

    take: Callable[[], Line | None]
    back: Callable[[Line], None]


Part = Entry | Envelope | Remark


class Block(NamedTuple):
    """read: the items of a block. begins: the match of its first line."""

    begins: re.Match[bytes]
    read: "Callable[[Block, str, int, bytes, Ahead], Iterator[Part]]"

    def items(self, file: str, number: int, line: bytes, ahead: Ahead) -> Iterator[Part]:
        return self.read(self, file, number, line, ahead)


def begun(line: bytes) -> Block | None:
    """The block that begins with this line."""
    if b"<tr " in line and (found := _ROW.search(line)):
        return Block(found, _row)
    if (b"REQ_" in line or b"RESP_" in line) and (found := _SOAP_LINE.match(line)):
        return Block(found, _steve_soap)
    if b"Envelope" in line and (found := _ENVELOPE.search(line)):
        return Block(found, _bare_soap)
    return None


def _row(block: Block, file: str, number: int, line: bytes, ahead: Ahead) -> Iterator[Part]:
    lines = [line]
    while _ROW_END not in lines[-1] and len(lines) < MOST_LINES:
        following = ahead.take()
        if following is None or _ROW.search(following[1]) is not None:
            if following is not None:
                ahead.back(following)
            yield Remark(file, number, "incomplete", "the table row is cut off", len(lines))
            return
        lines.append(following[1])
    text = b"\n".join(lines)
    frame = _FRAME.search(text)
    if frame is None:
        yield Remark(file, number, "no_frame", "no frame in this table row", len(lines))
        return
    cell = _CELL.search(text)
    time = _plain(cell[1]).decode() if cell else ""
    data = _plain(frame[1])
    try:
        decoded = ocppj.decode(data, Version.V201)
    except FrameError as error:
        yield Remark(file, number, "unreadable", str(error))
        return
    sender: Direction = _ROW_SENDERS.get(block.begins["word"])
    yield Entry(file, number, time, "", sender, decoded, data, "everest-html")


def _plain(text: bytes) -> bytes:
    return html.unescape(_TAG.sub(b"", text).decode("utf-8", "replace")).strip().encode()


def _steve_soap(block: Block, file: str, number: int, line: bytes, ahead: Ahead) -> Iterator[Part]:
    told, count = dict[bytes, bytes](), 1
    while b"Payload" not in told:
        following = ahead.take()
        if following is None or not following[1][:1].isspace():
            if following is not None:
                ahead.back(following)
            yield Remark(file, number, "no_frame", "no payload follows", count)
            return
        count += 1
        if found := _DETAIL.match(following[1]):
            told[found["name"]] = found["value"]
    payload = _whole_envelope(told[b"Payload"], ahead)
    if payload is None:
        yield Remark(file, number, "incomplete", "the envelope does not end")
        return
    time = block.begins["time"].decode()
    sender = _SOAP_SENDERS[block.begins["word"]]
    exchange = told.get(b"ExchangeId", b"").strip().decode("utf-8", "replace")
    yield Envelope(file, number, time, "", sender, payload, "steve-soap", exchange)


def _bare_soap(block: Block, file: str, number: int, line: bytes, ahead: Ahead) -> Iterator[Part]:
    begin = block.begins.start()
    time, sender = told_by(line[:begin])
    payload = unescaped(line[begin:]) or _whole_envelope(line[begin:], ahead)
    if payload is None:
        yield Remark(file, number, "incomplete", "the envelope does not end")
        return
    yield Envelope(file, number, time.decode(), "", sender, payload, "soap")


def _whole_envelope(begin: bytes, ahead: Ahead) -> bytes | None:
    """The envelope, of as many lines as it has; None: it breaks off before its end."""
    pieces = [begin]
    while not (end := _ENVELOPE_END.search(pieces[-1])):
        following = ahead.take()
        if following is None:
            return None
        if NEW_LINE.match(following[1]) or len(pieces) >= MOST_LINES:
            ahead.back(following)
            return None
        pieces.append(following[1].rstrip(b"\r"))
    pieces[-1] = pieces[-1][: end.end()]
    return b"\n".join(pieces).strip()
