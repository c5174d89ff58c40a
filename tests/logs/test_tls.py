"""TLS in packet captures, with the key logs of the connections, and without."""

import re
import ssl
import struct
import sys

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from gateway.core.dialects import Side
from gateway.core.errors import ConfigError
from gateway.logs.entry import Entry, one_by_one
from gateway.logs.inputs import Reading, runs
from gateway.logs.tls import Tls
from gateway.logs.tls_keys import Encrypted, KeyLog
from tests.support.captures import Talk, framed, pcap, pcapng, upgrade
from tests.support.tls_talks import talked, talked13

CALL = b'[2,"1","Heartbeat",{}]'
LONG = b'[2,"2","DataTransfer",{"vendorId":"x","data":"' + b"y" * 40_000 + b'"}]'
ANSWER = b'[3,"1",{"currentTime":"2025-06-01T09:00:00Z"}]'
MASK = b"\x11\x22\x33\x44"
CLIENT, SERVER = (b"\x0a\0\0\x01", 40000), (b"\x0a\0\0\x02", 9000)
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


class Plain(Talk):
    """What is said, before it is encrypted."""

    def __init__(self):
        self.said = []

    def say(self, by_client, data, size=1400):
        self.said.append((by_client, data))


def conversation():
    plain = Plain()
    upgrade(plain)
    for by_client, text in ((True, CALL), (False, ANSWER), (True, LONG)):
        plain.say(by_client, framed(text, mask=MASK) if by_client else framed(text))
    return plain.said


def packets(wire, size=1400):
    talk = Talk()
    for by_client, data in wire:
        talk.say(by_client, data, size)
    talk.end()
    return talk.packets


@pytest.fixture
def reading(tmp_path):
    """Reads a capture with a key log; gives its items."""

    def read(data, key_log=""):
        file = tmp_path / "capture"
        file.write_bytes(data)
        keys = KeyLog()
        keys.add(key_log.encode())
        return list(one_by_one(runs([str(file)], Reading(keys=keys))))

    return read


def told(found):
    return [(i.station, i.sender, i.data) for i in found if isinstance(i, Entry)]


def remarks(found):
    return [(i.rule, i.text) for i in found if not isinstance(i, Entry)]


EXPECTED = [
    ("DEPOT-7", Side.STATION, CALL),
    ("DEPOT-7", Side.CSMS, ANSWER),
    ("DEPOT-7", Side.STATION, LONG),
]


@pytest.mark.parametrize(
    "suite", ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]
)
def test_tls_1_3_is_read_with_its_key_log(reading, suite):
    talk = talked13(conversation(), suite)
    assert talk.suite == suite
    found = reading(pcap(packets(talk.wire)), talk.key_log)
    assert (told(found), remarks(found)) == (EXPECTED, [])


@pytest.mark.parametrize(
    "suite",
    [
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
    ],
)
@pytest.mark.parametrize("size", [7, 1400])
def test_tls_1_2_is_read_with_its_key_log(reading, suite, size):
    talk = talked(conversation(), TLS12, suite)
    assert talk.suite == suite
    found = reading(pcap(packets(talk.wire, size)), talk.key_log)
    assert (told(found), remarks(found)) == (EXPECTED, [])


def test_a_pcapng_may_hold_its_key_log(reading):
    talk = talked(conversation(), TLS13)
    found = reading(pcapng(packets(talk.wire), talk.key_log.encode()))
    assert (told(found), remarks(found)) == (EXPECTED, [])


def test_without_a_key_log_one_sentence_tells_of_each_connection(reading):
    talk = talked(conversation(), TLS13)
    found = reading(pcap(packets(talk.wire)))
    assert remarks(found) == [
        ("encrypted", "TLS, which is not read without its keys (--tls-keylog FILE)")
    ]
    assert told(found) == []


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_keys_of_another_connection_are_none_of_this_one(reading, version):
    found = reading(
        pcap(packets(talked(conversation(), version).wire)), talked([], version).key_log
    )
    assert remarks(found) == [("encrypted", "TLS, whose keys are not in the key log")]


def test_wrong_secrets_are_told(reading):
    talk = talked(conversation(), TLS13)
    wrong = re.sub(r"(?m) \w{96}$", f" {'00' * 48}", talk.key_log)
    found = reading(pcap(packets(talk.wire)), wrong)
    assert remarks(found) == [("encrypted", "TLS, which the keys of the key log do not open")]


def test_without_the_package_it_is_told_how_to_get_it(reading, monkeypatch):
    talk = talked(conversation(), TLS13)
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers", None)
    ((rule, text),) = remarks(reading(pcap(packets(talk.wire)), talk.key_log))
    assert rule == "encrypted"
    assert "pip install 'ocpp-gateway[pcap]'" in text


def test_a_suite_that_is_not_read_is_named(reading):
    talk = talked(conversation(), TLS12, "ECDHE-ECDSA-AES128-SHA256")
    ((_, text),) = remarks(reading(pcap(packets(talk.wire)), talk.key_log))
    assert text == "TLS with the cipher suite 0xC023, which is not read"


def test_what_began_before_the_capture_is_told(reading):
    talk = talked(conversation(), TLS13)
    ((_, text),) = remarks(reading(pcap(packets(talk.wire[4:])), talk.key_log))
    assert text == "TLS, whose beginning is not in the capture"


def test_a_lost_segment_ends_its_direction_only(reading):
    said = conversation()
    said = [*said[:4], *[(True, framed(CALL, mask=MASK))] * 70, (False, framed(ANSWER))]
    talk = talked(said, TLS13)
    capture = packets(talk.wire)
    place = len(capture) - 70
    found = reading(pcap(capture[:place] + capture[place + 1 :]), talk.key_log)
    assert [rule for rule, _ in remarks(found)] == ["lost_segment"]
    assert told(found)[-1] == ("DEPOT-7", Side.CSMS, ANSWER)


def test_keys_may_be_updated_in_between():
    """The standard library never does that, so the test encrypts by itself."""
    talk = talked([(True, b"before")], TLS13)
    keys = KeyLog()
    keys.add(talk.key_log.encode())
    tls = Tls(keys, CLIENT)
    for by_client, data in talk.wire:
        heard = list(tls.feed(CLIENT if by_client else SERVER, data))
    assert heard == [b"before"]
    secret = next(
        bytes.fromhex(line.split()[2])
        for line in talk.key_log.splitlines()
        if line.startswith("CLIENT_TRAFFIC_SECRET_0 ")
    )
    update = sealed(secret, 1, b"\x18\0\0\x01\0\x16")
    assert list(tls.feed(CLIENT, update)) == []
    after = expanded(secret, b"traffic upd", 48)
    padded = sealed(after, 0, b"after\x17" + b"\0" * 9)
    assert list(tls.feed(CLIENT, padded)) == [b"after"]


def sealed(secret, number, content):
    key, iv = expanded(secret, b"key", 32), expanded(secret, b"iv", 12)
    nonce = (int.from_bytes(iv) ^ number).to_bytes(12)
    head = struct.pack(">BHH", 23, 0x0303, len(content) + 16)
    return head + AESGCM(key).encrypt(nonce, content, head)


def expanded(secret, label, size):
    name = b"tls13 " + label
    info = struct.pack(">HB", size, len(name)) + name + b"\0"
    return HKDFExpand(hashes.SHA384(), size, info).derive(secret)


def test_no_handshake_is_too_strange():
    talk = talked(conversation(), TLS13)
    keys = KeyLog()
    keys.add(talk.key_log.encode())
    hello, answer = talk.wire[0][1], talk.wire[1][1][:140]
    for place in range(len(hello) + len(answer)):
        data = bytearray(hello + answer)
        data[place] ^= 0xFF
        tls = Tls(keys, CLIENT)
        try:
            heard = [*tls.feed(CLIENT, bytes(data[: len(hello)]))]
            heard += tls.feed(SERVER, bytes(data[len(hello) :]))
        except Encrypted as error:
            heard = [str(error).encode()]
        assert all(heard)


def test_a_file_that_is_no_key_log_is_the_users_mistake(tmp_path):
    file = tmp_path / "keys"
    file.write_text("# nothing\n")
    with pytest.raises(ConfigError, match="holds no TLS keys"):
        KeyLog.load(str(file))
    with pytest.raises(ConfigError, match="cannot be read"):
        KeyLog.load(str(tmp_path / "none"))
