"""permessage-deflate: what is agreed on, and what comes out."""

import zlib

import pytest

from gateway.io.deflate import OFFER, Deflate, accepted, answered
from gateway.io.wire import FramingError

TAIL = b"\x00\x00\xff\xff"


@pytest.mark.parametrize(
    ("offer", "header"),
    [
        ("permessage-deflate", OFFER),
        ("permessage-deflate; client_max_window_bits", OFFER),
        ("permessage-deflate;client_max_window_bits=15", OFFER),
        ("permessage-deflate; server_no_context_takeover; client_no_context_takeover", OFFER),
        (
            "permessage-deflate; server_max_window_bits=10",
            OFFER + "; server_max_window_bits=10",
        ),
        ('permessage-deflate; server_max_window_bits="9"', OFFER + "; server_max_window_bits=9"),
        ("permessage-bzip2, permessage-deflate", OFFER),
        ("permessage-deflate; server_max_window_bits=8, permessage-deflate", OFFER),
    ],
)
def test_an_offer_is_taken_without_keeping_a_window(offer, header):
    agreed = accepted(offer)
    assert agreed is not None
    assert agreed.header == header


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "x-webkit-deflate-frame",
        "permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; unknown",
        "permessage-deflate; client_no_context_takeover=1",
        "permessage-deflate; client_max_window_bits=9; client_max_window_bits=9",
    ],
)
def test_an_offer_that_cannot_be_met_is_declined(offer):
    assert accepted(offer) is None


def test_messages_stand_for_themselves_and_fit_the_agreed_window():
    agreed = accepted("permessage-deflate; server_max_window_bits=9")
    assert agreed is not None
    for message in (b"x" * 5000, b"x" * 5000, bytes(range(256)) * 20):
        packed = agreed.deflate.deflate(message)
        assert zlib.decompressobj(-9).decompress(packed + TAIL) == message
        assert agreed.deflate.inflate(packed, 10_000) == message


def test_a_csms_that_keeps_its_window_is_understood():
    peer = zlib.compressobj(6, zlib.DEFLATED, -15)
    deflate = answered("permessage-deflate")
    assert deflate is not None
    for _ in range(3):
        packed = (peer.compress(b"[3,1,{}]" * 50) + peer.flush(zlib.Z_SYNC_FLUSH))[:-4]
        assert deflate.inflate(packed, 1000) == b"[3,1,{}]" * 50


def test_a_csms_may_decline_but_not_invent():
    assert answered("") is None
    for strange in ("permessage-foo", "permessage-deflate; client_max_window_bits=10"):
        with pytest.raises(ValueError, match="not offered"):
            answered(strange)


def test_a_final_block_ends_a_window_that_was_kept():
    deflate = Deflate(keeps_window=True)
    final = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = final.compress(b"one") + final.flush(zlib.Z_FINISH)
    assert deflate.inflate(packed, 100) == b"one"
    assert deflate.inflate(packed, 100) == b"one"


def test_what_is_no_deflate_data_is_refused():
    with pytest.raises(FramingError) as caught:
        Deflate().inflate(b"\xff\xff\xff\xff", 100)
    assert caught.value.code == 1002


@pytest.mark.parametrize(("limit", "fits"), [(999, False), (1000, True)])
def test_the_limit_is_exact(limit, fits):
    deflate = Deflate()
    packed = deflate.deflate(b"a" * 1000)
    if fits:
        assert deflate.inflate(packed, limit) == b"a" * 1000
    else:
        with pytest.raises(FramingError) as caught:
            deflate.inflate(packed, limit)
        assert caught.value.code == 1009
