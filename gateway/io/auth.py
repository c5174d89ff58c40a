"""Who a station is: HTTP Basic or client certificate against the identity in its URL.

Spec: OCPP-J 1.6, 6.2; OCPP 2.0.1 Part 2, A00 (security profiles). Rules: reliability S1 to S6.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import os
import re
import ssl
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

_HEX_KEY = re.compile(rb"(?:[0-9A-Fa-f]{2}){16,20}")


class Credentials(Protocol):
    """The stored passwords (`gateway.io.credentials`)."""

    def verify(self, station: str, password: bytes) -> bool:
        """Whether that is the station's password; as slow for a station that is unknown."""

    def stored(self, station: str) -> bytes:
        """What is stored for the station, b"" if nothing is; changes when a password does."""


class Basic(NamedTuple):
    """User and password of a Basic header: bytes, 1.6 passwords are not always UTF-8."""

    user: bytes
    password: bytes


def basic_credentials(authorizations: Sequence[str]) -> Basic | None:
    """What the Authorization headers of a request say; None if they are not exactly one Basic.

    Split at the first ":". Spec: RFC 7617, 2.
    """
    if len(authorizations) != 1:
        return None
    scheme, _, encoded = authorizations[0].strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    user, colon, password = decoded.partition(b":")
    return Basic(user, password) if colon else None


def certificate_names(certificate: Mapping[str, Any]) -> frozenset[str]:
    """Common names and subject alternative names of a certificate as `ssl` gives it."""
    subject = {
        value
        for names in certificate.get("subject", ())
        for kind, value in names
        if kind == "commonName"
    }
    alternatives = {value for _, value in certificate.get("subjectAltName", ())}
    return frozenset(subject | alternatives)


def certificate_is(station: str, tls: ssl.SSLObject | None) -> bool:
    """Whether the peer's certificate, already checked against its CA, names the station."""
    certificate = tls.getpeercert() if tls is not None else None
    return certificate is not None and station in certificate_names(certificate)


class BasicAuthenticator:
    """Checks passwords against the hashed file, without holding up the loop.

    A password that was right is remembered as a fast keyed hash together with what is stored for
    the station, so that stations that all come back at once do not wait for scrypt again.
    """

    def __init__(self, credentials: Credentials, accept_hex_key: bool) -> None:
        self._credentials = credentials
        self._accept_hex_key = accept_hex_key
        self._key = os.urandom(32)
        self._right: dict[str, bytes] = {}

    async def accepts(self, station: str, basic: Basic | None) -> bool:
        """Whether these are the station's credentials.

        Nothing at all, a wrong user, an unknown station and a wrong password cost the same hash
        (reliability S2).
        """
        claimed = basic is not None and basic.user == station.encode()
        password = basic.password if basic else b""
        proof = self._proof(station, password)
        if claimed and hmac.compare_digest(self._right.get(station, b""), proof):
            return True
        verified = await asyncio.to_thread(self._verify, station, password)
        if verified and claimed:
            self._right[station] = proof
        return verified and claimed

    def _verify(self, station: str, password: bytes) -> bool:
        readings = [password]
        if self._accept_hex_key and _HEX_KEY.fullmatch(password):
            readings.append(bytes.fromhex(password.decode()))
        # All readings are tried, whichever fits: the time must not tell.
        verdicts = [self._credentials.verify(station, reading) for reading in readings]
        return any(verdicts)

    def _proof(self, station: str, password: bytes) -> bytes:
        stored = self._credentials.stored(station)
        text = b"".join((len(stored).to_bytes(2), stored, password))
        return hashlib.blake2b(text, key=self._key, digest_size=32).digest()
