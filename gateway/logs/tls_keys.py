"""Keys of captured TLS connections: key logs, and the ciphers that their secrets lead to.

A key log is what browsers and servers write where SSLKEYLOGFILE tells them to: a label, the
client's random number and a secret a line. Spec: draft-ietf-tls-keylogfile; RFC 5246, 5 and 6.3;
RFC 5288; RFC 7905; RFC 8446, 5.2, 7.1 and 7.3.
"""

import hmac
import re
from pathlib import Path
from typing import NamedTuple, Protocol

from gateway.core.errors import ConfigError

_LINE = re.compile(
    rb"(?m)^[ \t]*([A-Z_0-9]+)[ \t]+([0-9A-Fa-f]{64})[ \t]+((?:[0-9A-Fa-f]{2})+)\s*$"
)
_PACKAGE = "cryptography"
_GCM, _CHACHA = "AES-GCM", "ChaCha20-Poly1305"
TAG = 16
_EXPLICIT = 8
"""Bytes of a nonce that TLS 1.2 sends along with each record of AES-GCM."""


class Encrypted(Exception):
    """A connection stays encrypted. The text says why, and what would help."""


class KeyLog:
    """Secrets by their label and the client's random number."""

    def __init__(self) -> None:
        self._secrets: dict[tuple[str, bytes], bytes] = {}

    @classmethod
    def load(cls, file: str) -> "KeyLog":
        """Raises ConfigError if the file cannot be read or holds no key."""
        keys = cls()
        try:
            keys.add(Path(file).read_bytes())
        except OSError as error:
            raise ConfigError(f"{file} cannot be read: {error.strerror or error}") from error
        if not keys:
            cure = "it is the file that SSLKEYLOGFILE named when the capture was made"
            raise ConfigError(f"{file} holds no TLS keys", None, cure)
        return keys

    def __bool__(self) -> bool:
        return bool(self._secrets)

    def add(self, text: bytes) -> None:
        """Take in the lines of a key log; those that are none are comments."""
        for label, random, secret in _LINE.findall(text):
            key = label.decode(), bytes.fromhex(random.decode())
            self._secrets[key] = bytes.fromhex(secret.decode())

    def secret(self, label: str, client_random: bytes) -> bytes:
        """Raises Encrypted if it is not there."""
        found = self._secrets.get((label, client_random))
        if found is None:
            raise Encrypted(
                "TLS, whose keys are not in the key log"
                if self
                else "TLS, which is not read without its keys (--tls-keylog FILE)"
            )
        return found


class Suite(NamedTuple):
    """aead: of AES-GCM or ChaCha20-Poly1305; size: of its key; hash: of the key schedule."""

    aead: str
    size: int
    hash: str


_AES128, _AES256 = Suite(_GCM, 16, "sha256"), Suite(_GCM, 32, "sha384")
_CHACHA20 = Suite(_CHACHA, 32, "sha256")
SUITES: dict[int, Suite] = {
    **dict.fromkeys((0x1301, 0x009C, 0x009E, 0xC02B, 0xC02F), _AES128),
    **dict.fromkeys((0x1302, 0x009D, 0x009F, 0xC02C, 0xC030), _AES256),
    **dict.fromkeys((0x1303, 0xCCA8, 0xCCA9, 0xCCAA), _CHACHA20),
}
"""TLS 1.3, then of TLS 1.2 those of RSA, DHE_RSA, ECDHE_ECDSA and ECDHE_RSA."""


class _Aead(Protocol):
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class Cipher:
    """Undoes the records of one direction, one after the other.

    explicit: TLS 1.2 with AES-GCM, where each record begins with a part of its nonce.
    """

    def __init__(self, suite: Suite, key: bytes, iv: bytes, *, is_tls13: bool) -> None:
        self._aead = _aead(suite.aead, key)
        self._iv = iv
        self._is_tls13 = is_tls13
        self._explicit = suite.aead == _GCM and not is_tls13
        self._number = 0

    def open(self, head: bytes, body: bytes) -> bytes:
        """The plain content of a record. head: its five bytes. Raises Encrypted."""
        number = self._number.to_bytes(8, "big")
        self._number += 1
        if self._explicit:
            nonce, body = self._iv + body[:_EXPLICIT], body[_EXPLICIT:]
        else:
            nonce = bytes(a ^ b for a, b in zip(self._iv, b"\0" * 4 + number, strict=True))
        size = len(body) - TAG
        if size < 0:
            raise Encrypted("TLS with a record that is cut off")
        about = head if self._is_tls13 else number + head[:3] + size.to_bytes(2, "big")
        return _opened(self._aead, nonce, body, about)


def cipher13(suite: Suite, secret: bytes) -> Cipher:
    """The cipher of a traffic secret of TLS 1.3."""
    key = _expanded(secret, "key", suite.size, suite.hash)
    return Cipher(suite, key, _expanded(secret, "iv", 12, suite.hash), is_tls13=True)


def next_secret(suite: Suite, secret: bytes) -> bytes:
    """The traffic secret after a KeyUpdate."""
    return _expanded(secret, "traffic upd", len(secret), suite.hash)


def ciphers12(
    suite: Suite, master: bytes, client_random: bytes, server_random: bytes
) -> tuple[Cipher, Cipher]:
    """Those of client and server under a master secret of TLS 1.2."""
    size, iv = suite.size, 4 if suite.aead == _GCM else 12
    seed = b"key expansion" + server_random + client_random
    block = _prf(master, seed, 2 * (size + iv), suite.hash)
    keys, ivs = block[: 2 * size], block[2 * size :]
    return (
        Cipher(suite, keys[:size], ivs[:iv], is_tls13=False),
        Cipher(suite, keys[size:], ivs[iv:], is_tls13=False),
    )


def _prf(secret: bytes, seed: bytes, size: int, hash_: str) -> bytes:
    """P_hash of RFC 5246, 5."""
    out, link = b"", seed
    while len(out) < size:
        link = hmac.digest(secret, link, hash_)
        out += hmac.digest(secret, link + seed, hash_)
    return out[:size]


def _expanded(secret: bytes, label: str, size: int, hash_: str) -> bytes:
    """HKDF-Expand-Label of RFC 8446, 7.1, without context."""
    name = b"tls13 " + label.encode()
    info = size.to_bytes(2, "big") + bytes((len(name),)) + name + b"\0"
    out, link = b"", b""
    for number in range(1, 256):
        link = hmac.digest(secret, link + info + bytes((number,)), hash_)
        out += link
        if len(out) >= size:
            break
    return out[:size]


def _aead(name: str, key: bytes) -> _Aead:
    try:
        from cryptography.hazmat.primitives.ciphers import aead
    except ImportError:
        text = f"TLS; to read it, install the package {_PACKAGE}: pip install 'ocpp-gateway[pcap]'"
        raise Encrypted(text) from None
    return aead.AESGCM(key) if name == _GCM else aead.ChaCha20Poly1305(key)


def _opened(aead: _Aead, nonce: bytes, body: bytes, about: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag

    try:
        return aead.decrypt(nonce, body, about)
    except (InvalidTag, ValueError):
        raise Encrypted("TLS, which the keys of the key log do not open") from None
