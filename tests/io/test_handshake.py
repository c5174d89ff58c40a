"""The opening handshake, both ends."""

import pytest
from multidict import CIMultiDict

from gateway.core.errors import TransportError
from gateway.io import handshake

SOUND = {
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def test_the_answer_proves_that_the_key_was_read():
    """The example of RFC 6455, 1.3."""
    answer = handshake.response(SOUND, "ocpp1.6", None).decode()
    assert answer.startswith("HTTP/1.1 101 ")
    assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in answer
    assert "Sec-WebSocket-Protocol: ocpp1.6\r\n" in answer
    assert answer.endswith("\r\n\r\n")


@pytest.mark.parametrize(
    ("change", "is_upgrade", "is_sound"),
    [
        ({}, True, True),
        ({"Upgrade": "WebSocket"}, True, True),
        ({"Upgrade": "h2c"}, False, True),
        ({"Connection": "close"}, False, True),
        ({"Sec-WebSocket-Version": "8"}, True, False),
        ({"Sec-WebSocket-Key": "short"}, True, False),
        ({"Sec-WebSocket-Key": "AAAAAAAA"}, True, False),
        ({"Sec-WebSocket-Key": "\udcff"}, True, False),
        ({"Content-Length": "0"}, True, True),
        ({"Content-Length": "3"}, True, False),
        ({"Transfer-Encoding": "chunked"}, True, False),
    ],
)
def test_a_request_is_judged(change, is_upgrade, is_sound):
    headers = CIMultiDict({**SOUND, **change})
    assert handshake.is_upgrade("GET", headers) is is_upgrade
    assert handshake.is_sound(headers) is is_sound
    assert not handshake.is_upgrade("POST", headers)


def test_a_request_may_name_its_connection_in_several_headers():
    headers = CIMultiDict([("Connection", "keep-alive"), *SOUND.items()])
    assert handshake.is_upgrade("GET", headers)


def test_our_own_request_is_sound_and_never_the_same():
    first, second = (handshake.request(("ocpp2.0.1", "ocpp1.6"), None) for _ in range(2))
    assert handshake.is_upgrade("GET", CIMultiDict(first))
    assert handshake.is_sound(first)
    assert first["Sec-WebSocket-Protocol"] == "ocpp2.0.1, ocpp1.6"
    assert first["Sec-WebSocket-Key"] != second["Sec-WebSocket-Key"]


@pytest.mark.parametrize(
    "change",
    [
        {"Upgrade": "h2c"},
        {"Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo"},
        {"Sec-WebSocket-Extensions": "permessage-deflate"},
    ],
)
def test_an_answer_that_proves_nothing_fails(change):
    accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    answered = {"Upgrade": "websocket", "Sec-WebSocket-Accept": accept}
    handshake.check(SOUND, answered)
    with pytest.raises(TransportError):
        handshake.check(SOUND, {**answered, **change})
