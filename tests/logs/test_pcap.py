"""Frames out of packet captures."""

import gzip
import zlib

import pytest

from gateway.core.dialects import Side
from gateway.logs.connections import MOST_HELD
from gateway.logs.entry import Entry, one_by_one
from gateway.logs.inputs import Reading, runs
from tests.support.captures import Deflater, Talk, framed, pcap, pcapng, upgrade
from tests.support.golden_captures import GOLDEN, WRITTEN, Heartbeats

CALL = b'[2,"1","Heartbeat",{}]'
ANSWER = b'[3,"1",{"currentTime":"2025-06-01T09:00:00Z"}]'
MASK = b"\x11\x22\x33\x44"
LONG = b'[2,"2","DataTransfer",{"vendorId":"x","data":"' + b"y" * 5000 + b'"}]'


@pytest.fixture
def reading(tmp_path):
    """Reads a capture; gives its items."""

    def read(data: bytes):
        file = tmp_path / "capture"
        file.write_bytes(data)
        return list(one_by_one(runs([str(file)], Reading())))

    return read


def told(found):
    return [(i.station, i.sender, i.data) for i in found if isinstance(i, Entry)]


def rules(found):
    return [item.rule for item in found if not isinstance(item, Entry)]


def talked(*said):
    """A WebSocket conversation: (by client, text)."""
    talk = Talk()
    upgrade(talk)
    for by_client, text in said:
        talk.say(by_client, framed(text, mask=MASK if by_client else b""))
    talk.end()
    return talk.packets


@pytest.mark.parametrize("written", [pcap, pcapng])
def test_path_mask_and_protocol_say_who_and_what(reading, written):
    found = reading(written(talked((True, CALL), (False, ANSWER))))
    assert told(found) == [
        ("DEPOT-7", Side.STATION, CALL),
        ("DEPOT-7", Side.CSMS, ANSWER),
    ]
    assert rules(found) == []
    assert [entry.version for entry in found] == ["ocpp1.6", "ocpp1.6"]
    assert [entry.line for entry in found] == [5, 6]
    assert found[0].time == "2025-06-01T09:02:04.250Z"


@pytest.mark.parametrize("size", [1, 7, 1400])
def test_messages_may_stand_in_many_segments(reading, size):
    talk = Talk()
    upgrade(talk)
    talk.say(True, framed(LONG, mask=MASK) + framed(CALL, mask=MASK), size)
    assert [data for _, _, data in told(reading(pcap(talk.packets)))] == [LONG, CALL]


def test_fragments_are_joined_around_control_frames(reading):
    talk = Talk()
    upgrade(talk)
    parts = framed(CALL[:5], mask=MASK, first=0x01) + framed(b"", mask=MASK, first=0x89)
    talk.say(True, parts + framed(CALL[5:], mask=MASK, first=0x80))
    assert [data for _, _, data in told(reading(pcap(talk.packets)))] == [CALL]


@pytest.mark.parametrize("takeover", [True, False])
def test_compression_is_undone(reading, takeover):
    talk, deflater = Talk(), Deflater()
    agreed = "permessage-deflate" if takeover else "permessage-deflate; client_no_context_takeover"
    upgrade(talk, extensions=agreed)
    for _ in range(3):
        deflate = deflater if takeover else Deflater()
        talk.say(True, framed(deflate(LONG), mask=MASK, first=0xC1))
    assert [data for _, _, data in told(reading(pcap(talk.packets)))] == [LONG] * 3


def test_order_and_repeats_of_segments_do_not_matter(reading):
    talk = Talk()
    upgrade(talk)
    talk.say(True, framed(LONG, mask=MASK) + framed(CALL, mask=MASK), 700)
    *begin, a, b, c, d, e, f, g, h = talk.packets
    packets = [*begin, b, a, a, c, e, b, d, f, h, g, h]
    found = reading(pcap(packets))
    assert [data for _, _, data in told(found)] == [LONG, CALL]
    assert rules(found) == []


@pytest.mark.parametrize("many", [3, MOST_HELD + 5])
def test_a_lost_segment_is_told_and_messages_behind_it_are_read(reading, many):
    said = [(True, CALL), (True, LONG), *[(True, CALL)] * many, (False, ANSWER)]
    packets = talked(*said)
    del packets[6]
    found = reading(pcap(packets))
    assert rules(found) == ["lost_segment"]
    assert sorted(told(found)) == sorted(
        [("DEPOT-7", Side.STATION, CALL)] * (1 + many) + [("DEPOT-7", Side.CSMS, ANSWER)]
    )


def test_a_segment_that_the_other_side_has_is_not_waited_for(reading):
    """The answers behind it come after their calls."""
    talk = Talk(acknowledges=True)
    upgrade(talk)
    for _ in range(4):
        talk.say(True, framed(CALL, mask=MASK))
        talk.say(False, framed(ANSWER))
    del talk.packets[6]
    found = reading(pcap(talk.packets))
    assert [i.line for i in found] == [5, 6, 7, 8, 8, 9, 10, 11]
    assert [i.data for i in found if isinstance(i, Entry)] == [
        CALL,
        ANSWER,
        ANSWER,
        *[CALL, ANSWER] * 2,
    ]


def test_what_is_packed_with_what_is_missing_is_left(reading):
    talk, deflated = Talk(), Deflater()
    upgrade(talk, extensions="permessage-deflate")
    for _ in range(4):
        talk.say(True, framed(deflated(CALL), mask=MASK, first=0xC1))
    talk.say(False, framed(ANSWER))
    talk.end()
    del talk.packets[5]
    found = reading(pcap(talk.packets))
    assert [i.text for i in found if not isinstance(i, Entry)] == [
        "packets of this connection are missing; the rest of its direction is left"
    ]
    assert [data for *_, data in told(found)] == [CALL, ANSWER]


def test_what_began_before_the_capture_is_read_all_the_same(reading):
    packets = talked((True, CALL), (False, ANSWER))[4:]
    assert told(reading(pcap(packets))) == [
        ("", Side.STATION, CALL),
        ("", Side.CSMS, ANSWER),
    ]


@pytest.mark.parametrize(
    "first", [framed(b"", mask=MASK, first=0x89), b'": "the end of a message"}]']
)
def test_what_began_before_the_capture_may_begin_with_anything(reading, first):
    talk = Talk()
    talk.packets.clear()
    talk.say(True, first)
    talk.say(True, framed(CALL, mask=MASK))
    talk.say(False, framed(ANSWER))
    found = reading(pcap(talk.packets))
    assert told(found) == [("", Side.STATION, CALL), ("", Side.CSMS, ANSWER)]
    assert rules(found) == ([] if first[0] == 0x89 else ["no_frame"])


def test_sequence_numbers_may_wrap(reading):
    talk = Talk(sequence=(1 << 32) - 300)
    upgrade(talk)
    talk.say(True, framed(LONG, mask=MASK) + framed(CALL, mask=MASK))
    assert len(told(reading(pcap(talk.packets)))) == 2


def test_tls_and_other_traffic_are_told(reading):
    tls, other = Talk(), Talk(client=(b"\x0a\0\0\x09", 1234))
    tls.say(True, b"\x16\x03\x01\x00\x10" + b"x" * 16)
    tls.say(False, b"\x16\x03\x03\x00\x10" + b"x" * 16)
    other.say(True, b"\x00\x01\x02 hello")
    assert rules(reading(pcap(tls.packets + other.packets))) == ["encrypted", "no_frame"]


@pytest.mark.parametrize("written", [pcap, pcapng])
@pytest.mark.parametrize("cut", [3, 30, 100])
def test_a_capture_that_ends_early_is_read_as_far_as_it_goes(reading, written, cut):
    data = written(talked((True, CALL), (False, ANSWER)))
    found = reading(data[:-cut])
    assert told(found)[0] == ("DEPOT-7", Side.STATION, CALL)
    assert "truncated" in rules(found)


def test_no_packet_is_too_strange(reading):
    data = pcap(talked((True, CALL)))
    for place in range(0, len(data), 3):
        for value in (0x00, 0xFF):
            found = reading(data[:place] + bytes((value,)) + data[place + 1 :])
            assert all(item.file for item in found)


@pytest.mark.parametrize("name", WRITTEN)
def test_golden_captures_are_those_that_the_support_module_writes(name):
    assert (GOLDEN / name).read_bytes() == WRITTEN[name]()


def test_a_refused_upgrade_leaves_http(reading):
    talk = Talk()
    ask = b"GET /ocpp/X HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"
    talk.say(True, ask)
    talk.say(
        False, b"HTTP/1.1 401 Unauthorized\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nno"
    )
    upgrade(talk)
    talk.say(True, framed(CALL, mask=MASK))
    found = reading(pcap(talk.packets))
    assert told(found) == [("DEPOT-7", Side.STATION, CALL)]
    assert rules(found) == []


def soap_talk(count):
    """Requests and answers, one after the other; what was said, by packet."""
    talk, golden = Talk(), Heartbeats()
    for number in range(count):
        talk.say(True, golden.request(number))
        talk.say(False, golden.answer(number))
    return talk


def test_a_lost_segment_between_envelopes_costs_what_was_in_it_only(reading):
    """Behind the gap RelatesTo tells which answer is whose."""
    count = MOST_HELD + 10
    packets = soap_talk(count).packets
    del packets[2 + 2 * 3]
    found = reading(pcap(packets))
    entries = [item for item in found if isinstance(item, Entry)]
    ids = [(e.sender, e.frame.message_id) for e in entries]
    assert rules(found) == ["lost_segment"]
    assert (Side.STATION, "3") not in ids
    assert ids.count((Side.CSMS, "5")) == ids.count((Side.STATION, "5")) == 1
    assert len(ids) == 2 * count - 1


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_conversation_of_envelopes_may_begin_and_end_anywhere(reading, cut):
    talk = soap_talk(3)
    assert all(item.file for item in reading(pcap(talk.packets[cut:])))
    assert all(item.file for item in reading(pcap(talk.packets[:-cut])))


def test_a_body_may_go_on_until_the_connection_ends(reading):
    talk, golden = Talk(), Heartbeats()
    talk.say(True, golden.request(1))
    _, _, body = golden.answer(1).partition(b"\r\n\r\n")
    talk.say(False, b"HTTP/1.0 200 OK\r\n\r\n" + body)
    talk.end()
    assert [e.sender for e in reading(pcap(talk.packets))] == [Side.STATION, Side.CSMS]


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda body: zlib.compress(body, wbits=-15)),
    ],
)
def test_packed_bodies_are_unpacked(reading, coding, packed):
    talk, golden = Talk(), Heartbeats()
    talk.say(True, golden.request(1, coding, packed))
    assert [e.frame.action for e in reading(pcap(talk.packets))] == ["Heartbeat"]


@pytest.mark.parametrize(("coding", "text"), [("br", "packed as br"), ("gzip", "not packed as")])
def test_bodies_that_cannot_be_unpacked_are_told(reading, coding, text):
    talk, golden = Talk(), Heartbeats()
    talk.say(True, golden.request(1, coding, lambda body: body))
    remark, _ = reading(pcap(talk.packets))
    assert text in remark.text


def test_a_wide_encoding_is_read(reading):
    talk, golden = Talk(), Heartbeats()
    wide = lambda body: body.decode().encode("utf-16")  # noqa: E731
    talk.say(True, golden.request(1, "", wide))
    assert [e.frame.action for e in reading(pcap(talk.packets))] == ["Heartbeat"]
