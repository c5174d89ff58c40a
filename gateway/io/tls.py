"""TLS contexts that follow their files (reliability S5).

A renewed certificate, key, CA or revocation list is used from the next handshake on, without a
restart. Files that do not fit together, or only half written, leave the last good ones in use.
"""

import logging
import ssl
import time
from collections.abc import Callable
from pathlib import Path

from gateway.config.model import ClientTls, ServerTls

CHECK_EVERY_S = 2.0
"""Files are looked at once in this time, however many handshakes there are."""

# TLS 1.3 suites are all AEAD; these are the AEAD suites with forward secrecy of TLS 1.2.
CIPHERS_TLS12 = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:!aNULL:!PSK"

logger = logging.getLogger(__name__)

Stamp = tuple[tuple[int, int, int], ...]


class Following:
    """A context made by `build` from files, made anew when one of them changes.

    every_s: how often the files are looked at (None: CHECK_EVERY_S); monotonic: seconds that never
    jump.
    Raises OSError, ssl.SSLError if the files are wrong at the start: the operator's mistake.
    """

    def __init__(
        self,
        files: tuple[str, ...],
        build: Callable[[], ssl.SSLContext],
        every_s: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._files = files
        self._build = build
        self._every_s = CHECK_EVERY_S if every_s is None else every_s
        self._monotonic = monotonic
        self._looked_at = monotonic()
        self._stamp = self._stamped()
        self._context = build()

    def context(self) -> ssl.SSLContext:
        """The context for a handshake that begins now."""
        now = self._monotonic()
        if now - self._looked_at >= self._every_s:
            self._looked_at = now
            self._follow()
        return self._context

    def _follow(self) -> None:
        try:
            stamp = self._stamped()
            if stamp == self._stamp:
                return
            self._context = self._build()
            self._stamp = stamp
        except (OSError, ssl.SSLError) as error:
            logger.error("TLS files are not taken over, the last good ones stay: %s", error)
        else:
            logger.info("TLS files were read anew: %s", ", ".join(self._files))

    def _stamped(self) -> Stamp:
        stats = (Path(file).stat() for file in self._files)
        return tuple((stat.st_mtime_ns, stat.st_size, stat.st_ino) for stat in stats)


def station_context(tls: ServerTls, client_certificates: ssl.VerifyMode) -> ssl.SSLContext | None:
    """The listener's context, None without TLS. client_certificates: whether to ask for them."""
    if not tls.cert:
        return None
    files = tuple(file for file in (tls.cert, tls.key, tls.client_ca, tls.crl) if file)
    following = Following(files, lambda: _station_context(tls, client_certificates))
    outer = _station_context(tls, client_certificates)

    def current(handshake: ssl.SSLObject, _name: str | None, _outer: ssl.SSLContext) -> None:
        handshake.context = following.context()

    outer.sni_callback = current
    return outer


def csms_context(tls: ClientTls) -> Callable[[], ssl.SSLContext]:
    """Gives the context for dialling the CSMS."""
    files = tuple(file for file in (tls.ca, tls.cert, tls.key) if file)
    return Following(files, lambda: _csms_context(tls)).context


def _station_context(tls: ServerTls, client_certificates: ssl.VerifyMode) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _harden(context)
    assert tls.cert is not None
    _load_own(context, tls.cert, tls.key)
    if tls.client_ca:
        context.load_verify_locations(tls.client_ca)
        context.verify_mode = client_certificates
    if tls.crl:
        context.load_verify_locations(tls.crl)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    return context


def _csms_context(tls: ClientTls) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=tls.ca)
    _harden(context)
    if tls.cert:
        _load_own(context, tls.cert, tls.key)
    return context


def _load_own(context: ssl.SSLContext, cert: str, key: str | None) -> None:
    # Without a passphrase the library would ask for it on the terminal, and everything would wait.
    context.load_cert_chain(cert, key, password="")


def _harden(context: ssl.SSLContext) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS_TLS12)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
