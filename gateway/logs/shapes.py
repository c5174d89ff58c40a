r"""The line shapes of other tools' logs: one entry each, a pattern and what its words mean.

A pattern ends where the frame begins and may name these groups, all optional:

    time      of the line, in any form that `clock.py` knows
    station   who the line is about
    word      who sent; `words` says what each spelling means

A Side in `words` is the sender whoever wrote the log; IN and OUT depend on which peer wrote it
(`--perspective`, else found out from the actions). `where` tells how the frame stands behind the
pattern. Shapes are tried in this order; the one that fitted last is tried first, `generic` last.
Spec: reliability 6.1.
"""

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple

from gateway.core.dialects import Side
from gateway.logs.entry import IN, OUT, Direction


class Where(Enum):
    """How the frame stands in the log."""

    HERE = auto()  # right behind the pattern, maybe over several lines
    NEXT = auto()  # on the lines that follow
    ESCAPED = auto()  # behind the pattern as a JSON string
    NOWHERE = auto()  # the line is known to carry none


class Shape(NamedTuple):
    name: str
    pattern: re.Pattern[bytes]
    words: Mapping[bytes, Direction] = {}
    where: Where = Where.HERE


_STEVE_WORDS = {b"Received": Side.STATION, b"Sending": Side.CSMS}
_LIBRARY_WORDS = {b"receive message": IN, b"send": OUT}
_EVCC_WORDS: Mapping[bytes, Direction] = {
    b"received": Side.STATION,
    b"recv": Side.STATION,
    b"sent": Side.CSMS,
    b"send": Side.CSMS,
}
_EVEREST_WORDS: Mapping[bytes, Direction] = {
    b"ChargePoint>CentralSystem": Side.STATION,
    b"CentralSystem>ChargePoint": Side.CSMS,
    b"ChargingStation>CSMS": Side.STATION,
    b"CSMS>ChargingStation": Side.CSMS,
}
_GENERIC_WORDS: Mapping[bytes, Direction] = {
    **dict.fromkeys((b"recv", b"rx", b"<<", b"<<<", b"received", b"receive", b"in"), IN),
    **dict.fromkeys((b"send", b"tx", b">>", b">>>", b"sent", b"sending", b"out"), OUT),
    **dict.fromkeys((b"msg-in", b"incoming", b"inbound", b"receiving", b"message received"), IN),
    **dict.fromkeys((b"msg-out", b"outgoing", b"outbound", b"message sent"), OUT),
}

_ARRAY = rb"(?=\[\s*[234]\s*,)"
_DAY = rb"\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d:\d\d"
_ZONED = _DAY + rb"[,.]?\d*(?: ?[+-]\d\d:?\d\d|Z)?"


def _shape(
    name: str, pattern: bytes, words: Mapping[bytes, Direction], where: Where = Where.HERE
) -> Shape:
    """The shape with every group there, so that all are read alike."""
    for group in (b"time", b"station", b"word"):
        if b"(?P<" + group not in pattern:
            pattern += b"(?P<" + group + b">)"
    return Shape(name, re.compile(pattern), words, where)


SHAPES: tuple[Shape, ...] = (
    _shape(
        "steve",
        rb"(?:[^\[]*\| )?\[\w+ ?\]\s+(?P<time>" + _ZONED + rb")\s+\S+(?:\s+\([^)]*\))?\s+-\s+"
        rb"\[chargeBoxId=(?P<station>[^,\]]*?),? sessionId=[^\]]*\]\s+"
        rb"(?P<word>Received|Sending):\s+" + _ARRAY,
        _STEVE_WORDS,
    ),
    _shape(
        "everest",
        rb"(?P<time>" + _DAY + rb"[^\s]*?):?\s+(?P<word>"
        rb"ChargePoint>CentralSystem|CentralSystem>ChargePoint|ChargingStation>CSMS|"
        rb"CSMS>ChargingStation)\b.*",
        _EVEREST_WORDS,
        Where.NEXT,
    ),
    _shape("everest", rb"(?P<time>" + _DAY + rb"[^\s]*?):?\s+SYS>.*", {}, Where.NOWHERE),
    _shape(
        "openwb",
        rb"(?P<time>" + _ZONED + rb") - \{ocpp:\d+\} - \{[^}]*\} - (?P<station>[^\s:]+): "
        rb"(?P<word>receive message|send) " + _ARRAY,
        _LIBRARY_WORDS,
    ),
    _shape(
        "mobility",
        rb'(?:[^"]{0,99}?(?P<time>' + _ZONED + rb"))?(?:.*?[\s\]])??(?:\w+:ocpp:)?"
        rb"(?P<station>[^\s\[\]]*): (?P<word>receive message|send) " + _ARRAY,
        _LIBRARY_WORDS,
    ),
    _shape(
        "evcc",
        rb"(?:.*? )?\[ocpp\s*\] TRACE (?P<time>" + _DAY + rb") "
        rb"(?P<word>received|recv|sent|send)(?: JSON message)?(?: from| to)? (?P<station>.*?): "
        + _ARRAY,
        _EVCC_WORDS,
    ),
    _shape(
        "escaped",
        rb'.*?\b(?P<word>(?i:tx|rx|send|sent|recv|received)):?\s*(?="\[\s*[234]\s*,\s*\\")',
        _GENERIC_WORDS,
        Where.ESCAPED,
    ),
)

GENERIC = Shape(
    "generic",
    re.compile(
        rb"(?<![\'\"\\])\[\s*(?:[234]\s*,\s*(?:\"(?!\")|\d+\s*,\s*[\"{])|"
        rb'"?\d+"?\s*,\s*"[^"]{1,40}"\s*,\s*(?:"\w+"\s*,\s*)?\{)'
    ),
    _GENERIC_WORDS,
)
"""A prefix, an optional direction word, an array that starts with 2, 3 or 4; searched for, not
matched. A quote right before the array makes it a quotation, which is no frame of its own. What is
a frame but for its type or its id is found, too, to be told of."""

CARRIES = re.compile(
    rb"\[chargeBoxId=[^\]]*\]\s+(?:Received|Sending):\s+\S|: receive message \S|"
    rb"\[ocpp\s*\] TRACE \S+ \S+ (?:recv|send|received JSON message from|sent JSON message to) "
    rb"[^:]+:\s*\S"
)
"""A line of a tool that says that a message follows, whatever it is."""

OPENED = re.compile(rb"(?<![\'\"\\])\[\s*(?:[234]\s*,?\s*)?$")
"""The end of a line with which a frame may begin that is printed over many lines."""

RAW = _shape("raw", rb"\s*" + _ARRAY, {})
"""One frame a line and nothing else."""

NEW_LINE = re.compile(rb"\W{0,3}\d{1,4}[-/.:]\d\d?[-/.:]\d\d|\[?(?:TRACE|DEBUG|INFO|WARN|ERROR)\b")
"""How a line begins that does not go on with what the line before began."""

_WORD = re.compile(
    rb"(?<![\w-])(?:%s)(?![\w-])"
    % b"|".join(re.escape(word) for word in sorted(_GENERIC_WORDS, key=len, reverse=True))
)
_TIME = re.compile(
    rb"\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d:\d\d(?:[,.]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?|"
    rb"\d\d?\.\d\d?\.\d{4},? \d\d?:\d\d:\d\d(?:[.,]\d+)?|"
    rb"\d\d?/\d\d?/\d{4},? \d\d?:\d\d:\d\d(?:[.,]\d+)?(?: ?[AaPp]\.?[Mm]\b)?|"
    rb"\b[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d|\d\d:\d\d:\d\d(?:[:.,]\d{3,6})?"
)
_LONGEST_PREFIX = 400
_WORDS = rb"(?:RX|TX|(?:re(?:cv|ceiv(?:ed|e|ing))|sen(?:t|d|ding)|in(?:coming)?|out(?:going)?)\b)"
_ARROW = rb"(?:[-=]+>|<[-=]+|>{2,3}|<{2,3})"
_NAME = rb"[\'\"\[(]?(?P<station>[\w.@/+-]*\w)[\'\"\])]?"
_STATION = tuple(
    re.compile(pattern)
    for pattern in (
        rb"\bchargeBoxId=(?P<station>[^,\]\s][^,\]]*)",
        rb"(?i)\b(?:charge_?(?:box|point)|charging_?station|station|charger|cp|client|identity)"
        rb"(?:_?id(?:entity)?)?[\'\"]?\s?[=:]\s?" + _NAME,
        rb"(?i)\b(?:from|to|for)\s+(?:(?:charge ?point|charger|station|client)\s+)?"
        + _NAME
        + rb"\s*[-:=>]*\s*$",
        rb"(?i)(?:^|[\s|])" + _NAME + rb":\s+" + _WORDS + rb"(?:\s+\w+)?\W*$",
        rb"(?i)\[(?P<station>(?![\w.-]*(?:thread|exec|pool|worker|nio|qtp|task|http))"
        rb"[a-z][\w.@/+-]*\d[\w.@/+-]*)\]\s+" + _WORDS + rb"(?:\s+\w+)?\W*$",
        rb"(?i)\b" + _WORDS + rb"\s+" + _NAME + rb":\s*$",
        rb"(?i)\bwss?://\S+/(?P<station>[\w.@%+-]+)[\s:,\]]",
        rb"(?i)(?:^|\s)(?P<station>[\w.@/+-]*\w)\s+(?:" + _WORDS + rb":?|" + _ARROW + rb")\s*$",
    )
)
"""How generic lines name a station: with what it is, or right beside the word that tells who
sent."""
_NO_NAME = re.compile(
    rb"(?i)(?:central|cs|csms|cp|evse|server|backend|system|station|charger|charge_?point|client|"
    rb"ocpp[\w.]*|json|ws|websocket\w*|socket|raw|text|data|log|frame|msg|messages?|payload|"
    rb"call(?:result|error)?|req(?:uest)?|res(?:ponse|ult)?|conf|info|debug|trace|warn(?:ing)?|"
    rb"error|from|to|is|was|id|\d{1,5}|[\d.]*[.][\d.]*)$|" + _WORDS + rb"$"
)


def told_by(prefix: bytes) -> tuple[bytes, Direction]:
    """(time, direction) of what stands before a generic frame; the word nearest to it counts."""
    time = _TIME.search(prefix)
    words = _WORD.findall(prefix.lower())
    return time[0] if time else b"", _GENERIC_WORDS[words[-1]] if words else None


def station_named(prefix: bytes) -> str:
    """The station that stands before a generic frame, "" without one."""
    near = prefix[-_LONGEST_PREFIX:]
    for pattern in _STATION:
        found = pattern.search(near)
        if found is not None and not _NO_NAME.match(found["station"]):
            return found["station"].decode("utf-8", "replace")
    return ""
