"""Rules about files that a configuration names: certificates, keys, passwords, the recording."""

import os
import ssl
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from gateway.config.expiry import expiry_warning
from gateway.config.finding import Finding, Loc

_CORRECT = "correct the path, or put the file there"


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
    yield from _expiry((*where, "cert"), cert)


def authorities(where: Loc, file: str | None) -> Iterator[Finding]:
    """Certificates of those whose signature counts."""
    yield from _holds(where, file, "x509", "certificate")


def revocation_list(where: Loc, file: str | None) -> Iterator[Finding]:
    """Without a list in it, or with one that has ended, no certificate at all passes."""
    wrong = list(_holds(where, file, "crl", "revocation list"))
    yield from wrong
    if file is not None and not wrong:
        yield from _expiry(where, file)


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


def _expiry(where: Loc, file: str) -> Iterator[Finding]:
    if warning := expiry_warning(file, time.time()):
        yield Finding(where, warning, fatal=False)


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
