"""Log shapes that take several lines for one frame, each with its own beginning.

everest-html   <tr class="ChargePoint"> <td>time</td> .. <pre lang="json">frame</pre> .. </tr>
steve-soap     a logger line with REQ_IN, RESP_OUT, REQ_OUT or RESP_IN, then indented lines
               "ExchangeId: .." and "Payload: <soap:Envelope ..>"
"""

import html
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from gateway.core.codec import ocppj
from gateway.core.dialects import Side, Version
from gateway.core.errors import FrameError
from gateway.logs.entry import SOAP, Direction, Entry, Item, Remark

MOST_LINES = 20_000
NextLine = Callable[[], tuple[int, bytes] | None]

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
_PAYLOAD = re.compile(rb"\s+Payload: (.*)")
_IDENTITY = re.compile(rb"<(?:\w+:)?chargeBoxIdentity[^>]*>([^<]*)<")


class Block(NamedTuple):
    """read: the items of a block. begins: the match of its first line."""

    begins: re.Match[bytes]
    read: "Callable[[Block, str, int, bytes, NextLine], Iterator[Item]]"


def begun(line: bytes) -> Block | None:
    """The block that begins with this line."""
    if b"<tr " in line and (found := _ROW.search(line)):
        return Block(found, _row)
    if (b"REQ_" in line or b"RESP_" in line) and (found := _SOAP_LINE.match(line)):
        return Block(found, _soap)
    return None


def items(block: Block, file: str, number: int, line: bytes, next_line: NextLine) -> Iterator[Item]:
    yield from block.read(block, file, number, line, next_line)


def _row(block: Block, file: str, number: int, line: bytes, next_line: NextLine) -> Iterator[Item]:
    lines = [line]
    while _ROW_END not in lines[-1] and len(lines) < MOST_LINES:
        following = next_line()
        if following is None:
            yield Remark(file, number, "incomplete", "the table row does not end")
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


def _soap(block: Block, file: str, number: int, line: bytes, next_line: NextLine) -> Iterator[Item]:
    payload = None
    for _ in range(MOST_LINES):
        following = next_line()
        if following is None:
            break
        found = _PAYLOAD.match(following[1])
        if found is not None:
            payload = found[1]
            break
        if not following[1][:1].isspace():
            break
    if payload is None:
        yield Remark(file, number, "incomplete", "no payload follows")
        return
    while b"Envelope>" not in payload[-40:] and (following := next_line()) is not None:
        payload += b"\n" + following[1]
    time = block.begins["time"].decode()
    identity = _IDENTITY.search(payload)
    station = identity[1].decode("utf-8", "replace") if identity else ""
    sender = _SOAP_SENDERS[block.begins["word"]]
    yield Entry(
        file, number, time, station, sender, None, payload.strip(), "steve-soap", "1.6", SOAP
    )
