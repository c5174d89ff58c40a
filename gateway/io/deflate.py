"""permessage-deflate, with nothing kept between messages. Spec: RFC 7692.

A window that lives on from message to message costs some 40 kB for each direction of each station.
Both directions are therefore agreed on without "context takeover": each message stands for itself.
"""

import zlib
from typing import NamedTuple

from gateway.io.wire import FramingError

OFFER = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
"""What we offer to a CSMS, and in essence what we answer to a station."""

WINDOW_BITS = 12
MEMORY_LEVEL = 5
LEVEL = 1
WORTH_BYTES = 128
"""Shorter messages are sent as they are."""

_NAME = "permessage-deflate"
_TAIL = b"\x00\x00\xff\xff"
_FLAGS = frozenset({"server_no_context_takeover", "client_no_context_takeover"})
_WINDOWS = frozenset({"server_max_window_bits", "client_max_window_bits"})


class Deflate:
    """The compression of one link. keeps_window: the peer's messages refer to earlier ones."""

    __slots__ = ("_inflating", "_keeps_window", "_window_bits")

    def __init__(self, window_bits: int = WINDOW_BITS, keeps_window: bool = False) -> None:
        self._window_bits = min(window_bits, WINDOW_BITS)
        self._keeps_window = keeps_window
        self._inflating: zlib._Decompress | None = None

    def deflate(self, message: bytes) -> bytes:
        """One message, compressed."""
        deflating = zlib.compressobj(LEVEL, zlib.DEFLATED, -self._window_bits, MEMORY_LEVEL)
        data = deflating.compress(message) + deflating.flush(zlib.Z_SYNC_FLUSH)
        return data.removesuffix(_TAIL)

    def inflate(self, data: bytes, limit: int) -> bytes:
        """One message of at most limit bytes; more is never produced. Raises FramingError."""
        inflating = self._inflating or zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            message = inflating.decompress(data + _TAIL, limit + 1)
        except zlib.error as error:
            raise FramingError(1002, "a compressed message that cannot be inflated") from error
        if len(message) > limit:
            raise FramingError(1009, "message too big")
        self._inflating = inflating if self._keeps_window and not inflating.eof else None
        return message


class Agreed(NamedTuple):
    """A compression and the header that says so."""

    deflate: Deflate
    header: str


def accepted(offers: str) -> Agreed | None:
    """What we take of a station's Sec-WebSocket-Extensions, None if nothing suits."""
    for offer in offers.split(","):
        parameters = _parameters(offer)
        if parameters is None:
            continue
        window_bits = int(parameters.get("server_max_window_bits") or WINDOW_BITS)
        if window_bits < 9:  # zlib cannot do raw deflate with a window of 256 bytes
            continue
        header = OFFER
        if "server_max_window_bits" in parameters:
            header += f"; server_max_window_bits={window_bits}"
        return Agreed(Deflate(window_bits), header)
    return None


def answered(extensions: str) -> Deflate | None:
    """What a CSMS made of our offer; None: it does not compress. Raises ValueError."""
    if not extensions.strip():
        return None
    parameters = _parameters(extensions)
    if parameters is None or "client_max_window_bits" in parameters:
        raise ValueError("the CSMS answered with an extension that was not offered")
    return Deflate(keeps_window="server_no_context_takeover" not in parameters)


def _parameters(extension: str) -> dict[str, str | None] | None:
    """The parameters of a permessage-deflate element, None if it is something else or faulty."""
    name, *rest = (part.strip() for part in extension.split(";"))
    if name != _NAME:
        return None
    parameters: dict[str, str | None] = {}
    for part in rest:
        key, equals, value = part.partition("=")
        key, value = key.strip(), value.strip().strip('"')
        if key in parameters or not _allowed(key, bool(equals), value):
            return None
        parameters[key] = value if equals else None
    return parameters


def _allowed(key: str, has_value: bool, value: str) -> bool:
    if key in _FLAGS:
        return not has_value
    if key not in _WINDOWS:
        return False
    if not has_value:
        return key == "client_max_window_bits"
    return value in {str(bits) for bits in range(8, 16)}
