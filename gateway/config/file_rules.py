"""Rules about files that a configuration names: certificates, keys, passwords, the recording."""

import os
import re
import ssl
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from gateway.config.finding import Finding, Loc

WARN_AHEAD_S = 30 * 86400
"""How long before its end a certificate is warned of (reliability S5)."""

_CORRECT = "correct the path, or put the file there"
_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_VERSION = 0xA0


def secret_file(where: Loc, file: str) -> Iterator[Finding]:
    """Whether a file can be read, by us and by nobody else."""
    yield from _unreadable(where, file)
    if os.path.isfile(file) and Path(file).stat().st_mode & stat.S_IROTH:
        yield Finding(where, f"{file} can be read by everyone", f"chmod 600 {file}", fatal=False)


def chain(where: Loc, cert: str | None, key: str | None) -> Iterator[Finding]:
    """A certificate of our own with its key; where: the section of both."""
    if (cert is None) != (key is None):
        missing = "key" if key is None else "cert"
        yield Finding(where, f"cert and key go together, {missing} is missing", f"set {missing}")
        return
    if cert is None or key is None:
        return
    unreadable = [*_unreadable((*where, "cert"), cert), *secret_file((*where, "key"), key)]
    yield from unreadable
    if any(finding.fatal for finding in unreadable):
        return
    try:
        # A passphrase is never asked for on the terminal of a server.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except (ssl.SSLError, ValueError) as error:
        text = f"certificate and key do not load: {error}"
        cure = "both in PEM form, the key that of the certificate and without a passphrase"
        yield Finding((*where, "cert"), text, cure)
        return
    if warning := expiry_warning(cert, time.time()):
        yield Finding((*where, "cert"), warning, fatal=False)


def authorities(where: Loc, file: str | None) -> Iterator[Finding]:
    """Certificates of those whose signature counts."""
    yield from _holds(where, file, "x509", "certificate")


def revocation_list(where: Loc, file: str | None) -> Iterator[Finding]:
    """Without a list in it no certificate at all would pass."""
    yield from _holds(where, file, "crl", "revocation list")


def recording(file: str | None, state: str) -> Iterator[Finding]:
    """A recording is written behind what its file holds."""
    where = ("record", "file")
    if file is None:
        return
    if os.path.isdir(file):
        yield Finding(where, f"{file} is a folder", "name a file")
    elif not os.path.isdir(os.path.dirname(os.path.abspath(file))):
        yield Finding(where, f"there is no folder for {file}", "create it or name another file")
    elif os.path.realpath(file) == os.path.realpath(state.removeprefix("sqlite://")):
        yield Finding(where, f"{file} is the file of the state", "name another file")


def expiry_warning(file: str, now: float) -> str | None:
    """A sentence about the certificate in a PEM file that ends first, None if that is not soon.

    now: seconds since the epoch, UTC. Raises OSError.
    """
    end = min(_ends(Path(file).read_text("ascii", "replace")), default=None)
    if end is None or end.timestamp() - now > WARN_AHEAD_S:
        return None
    verb = "expires" if end.timestamp() > now else "expired"
    return f"a certificate in {file} {verb} at {end:%Y-%m-%d %H:%M} UTC"


def _ends(pem: str) -> Iterator[datetime]:
    for text in _CERTIFICATE.findall(pem):
        with suppress(ValueError, IndexError):  # half written, or in a form that is none
            yield _not_after(ssl.PEM_cert_to_DER_cert(text))


def _holds(where: Loc, file: str | None, kind: str, what: str) -> Iterator[Finding]:
    if file is None:
        return
    problems = list(_unreadable(where, file))
    yield from problems
    if problems:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    said = ""
    try:
        context.load_verify_locations(file)
    except ssl.SSLError as error:
        said = f": {error}"
    if not context.cert_store_stats()[kind]:
        text = f"{file} holds no {what} in PEM form{said}"
        yield Finding(where, text, f"name a file that begins with a {what}")


def _unreadable(where: Loc, file: str) -> Iterator[Finding]:
    if os.path.isfile(file):
        if not os.access(file, os.R_OK):
            yield Finding(where, f"{file} cannot be read", "change its owner or mode")
        return
    try:
        os.stat(file)
    except FileNotFoundError:
        yield Finding(where, f"{file} does not exist", _CORRECT)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        yield Finding(where, f"{file} cannot be read: {why}", _CORRECT)
    else:
        yield Finding(where, f"{file} is no file", _CORRECT)


def _not_after(certificate: bytes) -> datetime:
    """When a certificate in DER form ends. Spec: RFC 5280, 4.1."""
    _, at, _ = _element(certificate, 0)
    _, at, _ = _element(certificate, at)
    tag, _, end = _element(certificate, at)
    if tag == _VERSION:
        at = end
    for _ in ("serialNumber", "signature", "issuer"):
        at = _element(certificate, at)[2]
    _, at, _ = _element(certificate, at)
    at = _element(certificate, at)[2]
    _, start, end = _element(certificate, at)
    text = certificate[start:end].decode("ascii")
    if len(text) == len("YYMMDDHHMMSSZ"):
        text = ("20" if text < "5" else "19") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _element(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, start and end of the content of the DER element that begins at `at`."""
    tag, length, start = data[at], data[at + 1], at + 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[at + 2 : start])
    return tag, start, start + length
