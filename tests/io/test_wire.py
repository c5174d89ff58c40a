"""Frames: what is read, what is refused and with which code, in any slices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.io.deflate import Deflate
from gateway.io.wire import (
    BINARY,
    CLOSE,
    NO_STATUS,
    PING,
    PONG,
    TEXT,
    Event,
    FramingError,
    Reader,
    ReadLimits,
    client_frame,
    close_code,
    close_payload,
    masked,
    masked_by_arithmetic,
    may_be_sent,
    server_frame,
)
from tests.io.rig import frame

LIMITS = ReadLimits(message_bytes=1000, fragments=4)
SIZES = (0, 1, 125, 126, 127, 999, 1000)

FIN, RSV1, RSV2, RSV3 = 0x80, 0x40, 0x20, 0x10


def read(data: bytes, from_client: bool = True, deflate: Deflate | None = None) -> list[Event]:
    reader = Reader(from_client, LIMITS, deflate)
    reader.feed(data)
    events = []
    while (event := reader.next()) is not None:
        events.append(event)
    return events


def read_byte_by_byte(data: bytes) -> None:
    reader = Reader(True, LIMITS)
    for byte in data:
        reader.feed(bytes((byte,)))
        while reader.next() is not None:
            pass


def code_of(data: bytes, from_client: bool = True, deflate: Deflate | None = None) -> int:
    with pytest.raises(FramingError) as caught:
        read(data, from_client, deflate)
    return caught.value.code


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("from_client", [True, False])
def test_a_message_of_any_size_is_read(size, from_client):
    payload = b"a" * size
    mask = b"\x11\x22\x33\x44" if from_client else None
    data = frame(payload, mask=mask)
    assert read(data, from_client) == [Event(TEXT, payload)]
    reader = Reader(from_client, LIMITS)
    assert reader.text(data) in (payload, None)


@pytest.mark.parametrize("size", [*SIZES, 65535, 65536, 70000])
def test_what_we_write_is_what_the_other_end_reads(size):
    limits = ReadLimits(1 << 20, 4)
    payload = bytes(i % 128 for i in range(size))
    for write, from_client in ((server_frame, False), (client_frame, True)):
        reader = Reader(from_client, limits)
        reader.feed(write(FIN | TEXT, payload))
        assert reader.next() == Event(TEXT, payload)


@pytest.mark.parametrize("work", [masked, masked_by_arithmetic])
@given(payload=st.binary(max_size=300), mask=st.binary(min_size=4, max_size=4))
def test_masking_twice_gives_the_payload_back(work, payload, mask):
    once = work(payload, mask)
    assert work(once, mask) == payload
    assert once == bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_slices_do_not_matter(cuts):
    stream = (
        frame(b"one")
        + frame(b"tw", first=TEXT)
        + frame(b"ping", first=FIN | PING)
        + frame(b"o" * 200, first=FIN)
        + frame("drei \u00fc".encode())
    )
    reader = Reader(True, LIMITS)
    events = []
    at = 0
    for cut in [*cuts, len(stream)]:
        reader.feed(stream[at : at + cut])
        at += cut
        while (event := reader.next()) is not None:
            events.append(event)
    assert events == [
        Event(TEXT, b"one"),
        Event(PING, b"ping"),
        Event(TEXT, b"tw" + b"o" * 200),
        Event(TEXT, "drei \u00fc".encode()),
    ]
    assert reader.unread == 0


REFUSED = {
    "a client's frame without a mask": (frame(b"a", mask=None), 1002),
    "a client's ping without a mask": (frame(b"a", first=FIN | PING, mask=None), 1002),
    "reserved bit 1 without compression": (frame(b"a", first=FIN | RSV1 | TEXT), 1002),
    "reserved bit 2": (frame(b"a", first=FIN | RSV2 | TEXT), 1002),
    "reserved bit 3": (frame(b"a", first=FIN | RSV3 | TEXT), 1002),
    "reserved bit 1 on a ping": (frame(b"", first=FIN | RSV1 | PING), 1002),
    **{
        f"opcode {opcode:#x}": (frame(b"", first=FIN | opcode), 1002)
        for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)
    },
    "a fragmented ping": (frame(b"", first=PING), 1002),
    "a fragmented close": (frame(b"", first=CLOSE), 1002),
    "a ping of 126 bytes": (frame(b"a" * 126, first=FIN | PING), 1002),
    "a continuation of nothing": (frame(b"a", first=FIN), 1002),
    "an open continuation of nothing": (frame(b"a", first=0), 1002),
    "a message inside another": (frame(b"a", first=TEXT) + frame(b"b"), 1002),
    "binary inside a text message": (frame(b"a", first=TEXT) + frame(b"b", first=BINARY), 1002),
    "five fragments": (
        frame(b"a", first=TEXT) + 3 * frame(b"b", first=0) + frame(b"c", first=FIN),
        1002,
    ),
    "endless empty fragments": (frame(b"", first=TEXT) + 4 * frame(b"", first=0), 1002),
    "a message of 1001 bytes": (frame(b"a" * 1001), 1009),
    "a header that promises too much": (frame(b"a" * 1001)[:8], 1009),
    "a header that promises 2^63": (bytes((FIN | TEXT, 0xFF)) + b"\x80" + bytes(7), 1009),
    "fragments of 1001 bytes together": (
        frame(b"a" * 600, first=TEXT) + frame(b"a" * 401, first=FIN),
        1009,
    ),
    "text that is not UTF-8": (frame(b"\xff"), 1007),
    "text that ends inside a character": (frame("\u20ac".encode()[:2]), 1007),
    "a surrogate": (frame(b"\xed\xa0\x80"), 1007),
    "an overlong slash": (frame(b"\xc0\xaf"), 1007),
    "a fragmented message that is not UTF-8": (
        frame(b"\xe2\x82", first=TEXT) + frame(b"a", first=FIN),
        1007,
    ),
}


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_breaks_the_rules_is_refused(data, code):
    assert code_of(data) == code


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused_byte_by_byte_as_well(data, code):
    with pytest.raises(FramingError) as caught:
        read_byte_by_byte(data)
    assert caught.value.code == code


def test_a_server_does_not_mask():
    assert code_of(frame(b"a"), from_client=False) == 1002


@pytest.mark.parametrize("data", [b"\xff", "\u20ac".encode()[:2]])
def test_a_single_frame_is_checked_for_utf8_as_well(data):
    with pytest.raises(FramingError) as caught:
        Reader(True, LIMITS).text(frame(data))
    assert caught.value.code == 1007


@pytest.mark.parametrize(
    "data",
    [
        frame(b"a" * 1001),
        frame(b"a", mask=None),
        frame(b"a", first=TEXT),
        frame(b"a", first=FIN | PING),
        frame(b"a") + frame(b"b"),
        frame(b"abc")[:-1],
        b"\x81",
    ],
)
def test_whatever_is_not_one_plain_frame_goes_the_long_way(data):
    assert Reader(True, LIMITS).text(data) is None


def test_a_character_may_be_split_over_fragments():
    euro = "\u20ac".encode()
    data = frame(euro[:1], first=TEXT) + frame(euro[1:], first=FIN)
    assert read(data) == [Event(TEXT, euro)]


def test_control_frames_may_come_between_fragments():
    data = frame(b"a", first=TEXT) + frame(b"p", first=FIN | PONG) + frame(b"b", first=FIN)
    assert read(data) == [Event(PONG, b"p"), Event(TEXT, b"ab")]


def test_a_compressed_message_is_inflated_and_a_plain_one_left_alone():
    deflate = Deflate()
    packed = deflate.deflate(b"a" * 900)
    data = frame(packed, first=FIN | RSV1 | TEXT) + frame(b"plain")
    assert read(data, deflate=deflate) == [Event(TEXT, b"a" * 900), Event(TEXT, b"plain")]


def test_a_compressed_message_may_be_fragmented():
    deflate = Deflate()
    packed = deflate.deflate(b"a" * 900)
    data = frame(packed[:3], first=RSV1 | TEXT) + frame(packed[3:], first=FIN)
    assert read(data, deflate=deflate) == [Event(TEXT, b"a" * 900)]


def test_only_the_first_fragment_says_that_a_message_is_compressed():
    data = frame(b"a", first=RSV1 | TEXT) + frame(b"b", first=FIN | RSV1)
    assert code_of(data, deflate=Deflate()) == 1002


def test_the_limit_counts_after_inflation():
    deflate = Deflate()
    bomb = deflate.deflate(b"a" * 1_000_000)
    assert len(bomb) < 10_000
    reader = Reader(True, ReadLimits(20_000, 4), deflate)
    reader.feed(frame(bomb, first=FIN | RSV1 | TEXT))
    with pytest.raises(FramingError) as caught:
        reader.next()
    assert caught.value.code == 1009


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1005, 999, 0, 3000, 4999, 65535])
def test_every_close_code_is_accepted(code):
    assert close_code(code.to_bytes(2) + b"why") == code


def test_codes_that_no_close_frame_may_hold_are_not_sent():
    for code in (1000, 1003, 1007, 1011, 1014, 3000, 4999):
        assert may_be_sent(code)
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535):
        assert not may_be_sent(code)


def test_a_close_frame_may_be_empty_but_not_half():
    assert close_code(b"") == NO_STATUS
    with pytest.raises(FramingError):
        close_code(b"\x03")
    with pytest.raises(FramingError):
        close_code(b"\x03\xe8\xff")


def test_a_long_close_reason_is_cut_between_characters():
    payload = close_payload(1008, "\u00fc" * 100)
    assert len(payload) <= 125
    payload[2:].decode()
