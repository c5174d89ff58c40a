"""What was said in captured TLS connections, by the secrets of a key log.

TLS 1.2 and 1.3 with AES-GCM or ChaCha20-Poly1305. The handshake is followed only as far as it tells
which keys hold from where on:

    1.2   both sides: from their ChangeCipherSpec on
    1.3   handshake keys from the ServerHello on, a side's traffic keys behind its Finished, the
          next ones behind each of its KeyUpdates

Spec: RFC 5246, 6 and 7; RFC 8446, 4 and 5.
"""

import re
from collections.abc import Iterator

from gateway.logs.connections import End
from gateway.logs.tls_keys import (
    SUITES,
    Cipher,
    Encrypted,
    KeyLog,
    Suite,
    cipher13,
    ciphers12,
    next_secret,
)

_RECORD = re.compile(rb"[\x14-\x17]\x03[\x00-\x04]")
_CHANGE_CIPHER, _HANDSHAKE, _DATA = 20, 22, 23
_CLIENT_HELLO, _SERVER_HELLO, _FINISHED, _KEY_UPDATE = 1, 2, 20, 24
_SUPPORTED_VERSIONS = 43
_TLS12, _TLS13 = 0x0303, 0x0304
_LONGEST = (1 << 14) + 2048
_LONGEST_HANDSHAKE = 1 << 18
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random number of a ServerHello that is a HelloRetryRequest."""


def begins_tls(data: bytes) -> bool:
    return bool(_RECORD.match(data))


class _Way:
    """One direction. secret: that of cipher, in TLS 1.3."""

    def __init__(self) -> None:
        self.rest = self.handshake = self.secret = b""
        self.cipher: Cipher | None = None


class Tls:
    """One connection. keys: where its secrets are; client: who sent its first bytes."""

    def __init__(self, keys: KeyLog, client: End) -> None:
        self._keys = keys
        self._client = client
        self._ways: dict[bool, _Way] = {True: _Way(), False: _Way()}
        self._client_random = b""
        self._version = 0
        self._suite: Suite | None = None
        self._next: dict[bool, Cipher] = {}

    def feed(self, sender: End, data: bytes) -> Iterator[bytes]:
        """What the sender said, as far as it is complete. Raises Encrypted."""
        by_client = sender == self._client
        way = self._ways[by_client]
        way.rest += data
        while len(way.rest) >= 5:
            head, size = way.rest[:5], int.from_bytes(way.rest[3:5], "big")
            if not begins_tls(head) or size > _LONGEST:
                raise Encrypted("TLS with bytes in between that are no record")
            if len(way.rest) < 5 + size:
                return
            body, way.rest = way.rest[5 : 5 + size], way.rest[5 + size :]
            yield from self._record(by_client, way, head, body)

    def _record(self, by_client: bool, way: _Way, head: bytes, body: bytes) -> Iterator[bytes]:
        kind = head[0]
        if kind == _CHANGE_CIPHER:
            if by_client in self._next:
                way.cipher = self._next.pop(by_client)
            return
        if way.cipher is not None and (kind == _DATA or self._version == _TLS12):
            body = way.cipher.open(head, body)
            if self._version == _TLS13:
                # Padding is zeros; the last byte that is none tells the kind.
                body = body.rstrip(b"\0")
                kind, body = body[-1] if body else 0, body[:-1]
        elif kind == _DATA:
            raise Encrypted("TLS, whose beginning is not in the capture")
        if kind == _DATA:
            yield body
        elif kind == _HANDSHAKE:
            self._handshake(by_client, way, body)

    def _handshake(self, by_client: bool, way: _Way, data: bytes) -> None:
        way.handshake += data
        while len(way.handshake) >= 4:
            size = int.from_bytes(way.handshake[1:4], "big")
            if size > _LONGEST_HANDSHAKE:
                raise Encrypted("TLS with a handshake that cannot be read")
            if len(way.handshake) < 4 + size:
                return
            kind, body = way.handshake[0], way.handshake[4 : 4 + size]
            way.handshake = way.handshake[4 + size :]
            self._message(by_client, way, kind, body)

    def _message(self, by_client: bool, way: _Way, kind: int, body: bytes) -> None:
        if kind == _CLIENT_HELLO and by_client:
            if way.cipher is not None:
                raise Encrypted("TLS with a second handshake inside, which is not read")
            self._client_random = body[2:34]
        elif kind == _SERVER_HELLO and not by_client and body[2:34] != _RETRY:
            self._server_hello(body)
        elif self._version == _TLS13 and self._suite is not None:
            if kind == _FINISHED:
                side = "CLIENT" if by_client else "SERVER"
                self._use(way, f"{side}_TRAFFIC_SECRET_0", self._suite)
            elif kind == _KEY_UPDATE:
                way.secret = next_secret(self._suite, way.secret)
                way.cipher = cipher13(self._suite, way.secret)

    def _server_hello(self, body: bytes) -> None:
        if len(self._client_random) != 32:
            raise Encrypted("TLS, whose beginning is not in the capture")
        try:
            self._version, number = _agreed(body)
        except IndexError:
            raise Encrypted("TLS with a handshake that cannot be read") from None
        self._suite = suite = SUITES.get(number)
        if self._version not in (_TLS12, _TLS13):
            raise Encrypted("TLS older than 1.2, which is not read")
        if suite is None:
            raise Encrypted(f"TLS with the cipher suite 0x{number:04X}, which is not read")
        if self._version == _TLS13:
            for by_client, side in ((True, "CLIENT"), (False, "SERVER")):
                self._use(self._ways[by_client], f"{side}_HANDSHAKE_TRAFFIC_SECRET", suite)
            return
        master = self._keys.secret("CLIENT_RANDOM", self._client_random)
        client, server = ciphers12(suite, master, self._client_random, body[2:34])
        self._next = {True: client, False: server}

    def _use(self, way: _Way, label: str, suite: Suite) -> None:
        way.secret = self._keys.secret(label, self._client_random)
        way.cipher = cipher13(suite, way.secret)


def _agreed(body: bytes) -> tuple[int, int]:
    """(version, cipher suite) of a ServerHello. Raises IndexError if it is cut off."""
    version, place = int.from_bytes(body[:2], "big"), 35 + body[34]
    suite = body[place] << 8 | body[place + 1]
    place += 5
    while place + 4 <= len(body):
        kind, size = (int.from_bytes(body[at : at + 2], "big") for at in (place, place + 2))
        if kind == _SUPPORTED_VERSIONS:
            version = body[place + 4] << 8 | body[place + 5]
        place += 4 + size
    return version, suite
