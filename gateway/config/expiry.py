"""When the certificates and revocation lists in PEM files end. Spec: RFC 5280, 4.1 and 5.1."""

import re
from binascii import a2b_base64
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

WARN_AHEAD = timedelta(days=30)
"""How long before its end a certificate is warned of (reliability S5)."""
_LAST_PART = 4
"""A list, which may be made anew every week, is warned of when a quarter of its time is left."""

_CERTIFICATE, _LIST = "CERTIFICATE", "X509 CRL"
_PEM = re.compile(rf"-----BEGIN ({_CERTIFICATE}|{_LIST})-----(.+?)-----END \1-----", re.DOTALL)
_UTC_TIME, _TIME, _VERSION = 0x17, 0x18, 0xA0


class _Dated(NamedTuple):
    """Something that ends, and from when that is worth a warning."""

    end: datetime
    warned_from: datetime
    name: str


def expiry_warning(file: str, now: float) -> str | None:
    """A sentence about what ends first of a PEM file, None if nothing does soon.

    now: seconds since the epoch, UTC. Raises OSError.
    """
    at = datetime.fromtimestamp(now, UTC)
    dated = _dated(Path(file).read_text("ascii", "replace"))
    first = min((one for one in dated if one.warned_from <= at), default=None)
    if first is None:
        return None
    verb = "expires" if at < first.end else "expired"
    return f"a {first.name} in {file} {verb} at {first.end:%Y-%m-%d %H:%M} UTC"


def _dated(pem: str) -> Iterator[_Dated]:
    for kind, text in _PEM.findall(pem):
        with suppress(ValueError, IndexError):  # half written, or in a form that is none
            data = a2b_base64(text)
            yield _certificate(data) if kind == _CERTIFICATE else _list(data)


def _certificate(data: bytes) -> _Dated:
    _, at, _ = _element(data, _element(data, 0)[1])
    tag, _, end = _element(data, at)
    if tag == _VERSION:
        at = end
    for _ in ("serialNumber", "signature", "issuer"):
        at = _element(data, at)[2]
    _, not_before, _ = _element(data, at)
    not_after = _element(data, not_before)[2]
    end_at = _time(data, not_after)
    return _Dated(end_at, end_at - WARN_AHEAD, "certificate")


def _list(data: bytes) -> _Dated:
    _, at, _ = _element(data, _element(data, 0)[1])
    while _element(data, at)[0] not in (_UTC_TIME, _TIME):
        at = _element(data, at)[2]
    made = _time(data, at)
    end = _time(data, _element(data, at)[2])
    return _Dated(end, max(end - (end - made) / _LAST_PART, end - WARN_AHEAD), "revocation list")


def _time(data: bytes, at: int) -> datetime:
    tag, start, end = _element(data, at)
    text = data[start:end].decode("ascii")
    if tag == _UTC_TIME:
        text = ("20" if text < "5" else "19") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _element(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, start and end of the content of the DER element that begins at `at`."""
    tag, length, start = data[at], data[at + 1], at + 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[at + 2 : start])
    return tag, start, start + length
