"""Which station a request line speaks of (reliability S11).

The path is read as it came: a URL library that decodes first turns `..%2f` into a path of its own
and lets a line break through.
"""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

from gateway.core.errors import GatewayError

MAX_ID_LENGTH = 48

_PLACEHOLDER = "{station}"
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_FORBIDDEN = frozenset("/\\\x00\r\n")


class NoSuchPath(GatewayError):
    """The path is none of the configured ones; the peer's or the operator's mistake."""


class BadIdentity(GatewayError):
    """The path is one of ours, but what stands for the station cannot be a station id."""


class StationPaths:
    """The configured paths and the rule for station ids.

    paths: each with exactly one segment `{station}`; id_pattern: a regular expression that the
    whole id must match; ignore_case: of what stands around the id.
    """

    def __init__(self, paths: Iterable[str], id_pattern: str, *, ignore_case: bool = False) -> None:
        self._fold = _lowered if ignore_case else str
        self._around = tuple(_split(self._fold(path)) for path in paths)
        self._pattern = re.compile(id_pattern)

    def station(self, target: str) -> str:
        """The station id in a raw request target, percent-decoded once.

        Raises NoSuchPath, BadIdentity; both carry a sentence for the peer.
        """
        path = without_host(target).partition("?")[0]
        folded = self._fold(path)
        segments = [
            path[len(before) : len(path) - len(after)]
            for before, after in self._around
            if folded.startswith(before) and folded.endswith(after)
        ]
        if not segments:
            raise NoSuchPath("There is no charging station endpoint at this path.")
        # One configured path may begin like another: the shortest rest is the closest match.
        return self.checked(_decoded(min(segments, key=len)))

    def checked(self, station: str) -> str:
        """The id, if it can be one. Raises BadIdentity."""
        if not station:
            raise BadIdentity("The path names no charging station.")
        if len(station) > MAX_ID_LENGTH:
            raise BadIdentity(f"A station id has at most {MAX_ID_LENGTH} characters.")
        if station != station.strip() or station in (".", ".."):
            raise BadIdentity("A station id neither is a dot segment nor has a blank at an end.")
        if not self._pattern.fullmatch(station):
            raise BadIdentity("The station id contains characters that are not allowed.")
        return station


def without_host(target: str) -> str:
    """A raw request target without the scheme and host it may have. Spec: RFC 9112, 3.2.2."""
    if not target.lower().startswith(("http://", "https://")):
        return target
    return "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"


def quoted(station: str) -> str:
    """A station id as one URL segment."""
    return quote(station, safe="")


def _split(path: str) -> tuple[str, str]:
    before, _, after = path.partition(_PLACEHOLDER)
    return before, after


def _lowered(path: str) -> str:
    """Letters of ASCII in lower case; anything else keeps its length."""
    return _bytes(path).lower().decode("utf-8", "surrogateescape")


def _decoded(segment: str) -> str:
    if "%" in _ESCAPE.sub(b"", _bytes(segment)).decode("latin-1"):
        raise BadIdentity("The path has a percent sign that encodes nothing.")
    raw = _ESCAPE.sub(lambda m: bytes.fromhex(m[1].decode()), _bytes(segment))
    try:
        station = raw.decode()
    except UnicodeDecodeError:
        raise BadIdentity("The station id is not UTF-8.") from None
    if "%" in station:
        raise BadIdentity("The station id is percent-encoded twice.")
    if _FORBIDDEN & set(station):
        raise BadIdentity("The station id is exactly one path segment.")
    return unicodedata.normalize("NFC", station)


def _bytes(segment: str) -> bytes:
    # The HTTP parser hands bytes that are no UTF-8 through as surrogates.
    return segment.encode("utf-8", "surrogateescape")
