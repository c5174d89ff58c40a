"""Which of our SOAP addresses a request line names (soap.md 2 and 10)."""

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from gateway.core.codec.soap_service import Service
from gateway.io.identity import NoSuchPath, StationPaths, without_host

_STATION = "{station}"
_CALLBACK = ("", "/" + _STATION)
_ESCAPED_QUESTION = re.compile("%3[Ff]")


class Place(NamedTuple):
    """A service of ours. path: as asked for, without a query; station: "" if the path names none.

    asks_wsdl: the query asks for the description of the service.
    """

    service: Service
    path: str
    station: str
    asks_wsdl: bool


class SoapPaths:
    """paths: of the stations' face, `{station}` in them where the path names one; callbacks: base
    URLs at which SOAP CSMSs call; id_pattern: as for WebSocket paths.

    Paths are matched without regard to case and to a slash at the end; ids keep theirs.
    """

    def __init__(self, paths: Iterable[str], callbacks: Iterable[str], id_pattern: str) -> None:
        calls = {urlsplit(url).path.rstrip("/") for url in callbacks}
        known = [
            *((Service.CENTRAL_SYSTEM, path) for path in paths),
            *((Service.CHARGE_POINT, path + end) for path in sorted(calls) for end in _CALLBACK),
        ]
        self._bare = {_folded(path): service for service, path in known if _STATION not in path}
        self._naming = tuple(
            (service, StationPaths([path], id_pattern, ignore_case=True))
            for service, path in known
            if _STATION in path
        )

    def find(self, target: str) -> Place | None:
        """The place of a raw request target, None if it is none of ours. Raises BadIdentity."""
        path, query = _parts(target)
        asks_wsdl = query.lower() in ("wsdl", "wsdl=")
        bare = self._bare.get(_folded(path))
        if bare is not None:
            return Place(bare, path, "", asks_wsdl)
        for service, reader in self._naming:
            with suppress(NoSuchPath):
                return Place(service, path, reader.station(path.rstrip("/")), asks_wsdl)
        return None


def _parts(target: str) -> tuple[str, str]:
    """Path and query, also of a target with a scheme, or with its question mark escaped."""
    path, _, query = _ESCAPED_QUESTION.sub("?", without_host(target), count=1).partition("?")
    return path, query


def _folded(path: str) -> str:
    return path.rstrip("/").lower()
