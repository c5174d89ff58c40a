"""HTTP messages out of the bytes of one direction, however they are cut."""

import gzip

import pytest

from gateway.logs.http import LONGEST_BODY, LONGEST_HEAD, HttpWay, NotHttp

POST = b"POST /soap?x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    b"%x;n=v\r\n%s\r\n0\r\nTrailer: x\r\n\r\n"
)
PACKED = gzip.compress(b"packed", mtime=0)
WHOLE = POST + CHUNKED % (len(PACKED), PACKED) + b"HTTP/1.1 204 No\r\n\r\n" + POST


def read(data, size=1 << 20):
    way = HttpWay()
    found = []
    for start in range(0, len(data), size):
        found += way.feed(data[start : start + size])
    return way, found


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_messages_may_come_in_any_pieces(size):
    way, found = read(WHOLE, size)
    assert [(m.method, m.path, m.status, m.body) for m in found] == [
        ("POST", "/soap?x", 0, b"hello"),
        ("", "", 200, b"packed"),
        ("", "", 204, b""),
        ("POST", "/soap?x", 0, b"hello"),
    ]
    assert (way.rest, way.end()) == (b"", None)


def test_names_of_headers_have_no_case_and_repeats_are_joined():
    _, (message,) = read(b"GET / HTTP/1.1\r\nACCEPT: a\r\nAccept:b\r\n\r\n")
    assert message.headers == {"accept": "a, b"}


def test_behind_an_upgrade_there_is_no_http():
    way = HttpWay()
    head = b"HTTP/1.1 101 Switching\r\nUpgrade: WebSocket\r\n\r\n"
    message = next(way.feed(head + b"\x81\x00"))
    assert (message.upgrades, way.rest) == (True, b"\x81\x00")


def test_a_body_without_a_length_ends_with_the_connection():
    way, found = read(b"HTTP/1.0 200 OK\r\n\r\nto the end")
    assert found == []
    assert way.end().body == b"to the end"


def test_one_that_is_cut_off_is_none():
    way, found = read(POST[:-1])
    assert (found, way.end()) == ([], None)


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\x03",
        b"POST\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"GET " + b"x" * (LONGEST_HEAD + 1),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (LONGEST_BODY + 1),
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (LONGEST_BODY + LONGEST_HEAD + 1),
    ],
)
def test_what_is_no_http_or_too_long_is_refused(data):
    with pytest.raises(NotHttp):
        read(data)


def test_behind_a_gap_the_next_message_is_found():
    way = HttpWay(torn=True)
    assert list(way.feed(b"lo, world, POST is a word")) == []
    assert [m.body for m in way.feed(b"\r\n" + POST)] == [b"hello"]


def test_no_bytes_are_too_strange():
    for place in range(len(WHOLE)):
        for letter in b"\0\n9\xff":
            try:
                _, found = read(WHOLE[:place] + bytes((letter,)) + WHOLE[place + 1 :], 40)
            except NotHttp as error:
                found = [str(error)]
            assert all(found)
