"""Which version is spoken on which leg (design/README.md decision 15, reliability S12).

Order of events for a new station link, in mirror mode:

    station's upgrade request   its offers are read, nothing is answered yet
    -> CSMS dialled             with `dial_order(...)` as the subprotocols offered
    -> CSMS answers             one version of those, else the station gets 503
    -> station answered         with `station_version(...)`

                  csms.version fixed         csms.version auto
    prefer        offer to the CSMS          offer to the CSMS
    transparent   that version               the station's versions, highest first, then the others
    highest       that version               the station's highest, then the others, highest first

The station then gets: the CSMS's version if it offered it (prefer transparent), else the highest
that it offered. Nothing is remembered: each connection negotiates anew.

SOAP negotiates nothing: a station that posts envelopes, and a CSMS that is configured as
`1.6-soap` or has an http(s) URL under `auto`, speak 1.6.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from gateway.config import Effective
from gateway.config.model import Csms
from gateway.core.dialects import SUBPROTOCOLS, Encoding, Version

Prefer = Literal["transparent", "highest"]

SOAP_VERSION = "1.6-soap"
HIGHEST_FIRST = (Version.V201, Version.V16)
BY_SUBPROTOCOL = {name: version for version, name in SUBPROTOCOLS.items()}


class Versions(NamedTuple):
    """What is spoken on the two legs of a station."""

    station: Version
    csms: Version
    station_encoding: Encoding = Encoding.JSON
    csms_encoding: Encoding = Encoding.JSON

    @property
    def one_dialect(self) -> bool:
        """Whether both legs speak one version in one encoding."""
        return self.station is self.csms and self.station_encoding is self.csms_encoding


SOAP_TO_SOAP = Versions(Version.V16, Version.V16, Encoding.SOAP, Encoding.SOAP)


def speaks_soap(csms: Csms) -> bool:
    """Whether that CSMS is called over SOAP."""
    if csms.version == "auto":
        return csms.url is not None and csms.url.startswith("http")
    return csms.version == SOAP_VERSION


def offered_versions(headers: Iterable[str]) -> tuple[Version, ...]:
    """The versions we know among the subprotocols offered, highest first.

    headers: every Sec-WebSocket-Protocol header of the request. Names are compared exactly.
    """
    names = {name.strip() for header in headers for name in header.split(",")}
    return tuple(version for version in HIGHEST_FIRST if SUBPROTOCOLS[version] in names)


def dial_order(
    offered: tuple[Version, ...], csms_version: str, prefer: Prefer
) -> tuple[Version, ...]:
    """The versions to offer to the CSMS, in order. offered: the station's, highest first."""
    if csms_version != "auto":
        return (Version(csms_version),)
    first = offered[:1] if prefer == "highest" else offered
    return first + tuple(version for version in HIGHEST_FIRST if version not in first)


def station_version(offered: tuple[Version, ...], csms: Version, prefer: Prefer) -> Version:
    """What the station is answered once the CSMS has chosen."""
    return csms if prefer == "transparent" and csms in offered else offered[0]


def is_transparent(route: Effective, versions: Versions) -> bool:
    """Whether bytes pass untouched: one dialect, and nothing to repair or enforce (decision 3)."""
    if not versions.one_dialect or route.profiles:
        return False
    return route.validation_mode(translating=False) == "observe"
