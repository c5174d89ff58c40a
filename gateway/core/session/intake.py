"""The way into a session: what of a peer's frames is read, repaired, or goes no further.

Spec: reliability S17 and S18, design/README.md decision 22, translation-station 1.2.
"""

from functools import partial

from gateway.core.codec import ocppj
from gateway.core.codec.brackets import CLOSE_BRACKETS, decode_closed
from gateway.core.dialects import Encoding, Version
from gateway.core.errors import FrameError
from gateway.core.frames import Frame, JsonObject
from gateway.core.schema.bounds import DEEPEST
from gateway.core.schema.repair import (
    SOAP_VALUES,
    UNPROMPTED,
    acceptable,
    repair,
    whole_numbers,
)
from gateway.core.schema.violations import describe, worst
from gateway.core.session.desk import Desk
from gateway.core.session.exchange import Exchange
from gateway.core.session.requests import Refuse
from gateway.core.settings import SessionSettings

OBSERVE, REPAIR = "observe", "repair"


class Intake:
    """limits: of JSON. read: bytes to a frame. bounded: whether a payload is valid, and `read` has
    told all that `examine` would. suspect: a profile mends valid payloads, so none is good unseen.
    """

    __slots__ = ("_config", "_desk", "_profiles", "bounded", "limits", "read", "suspect")

    def __init__(self, desk: Desk, config: SessionSettings) -> None:
        self._desk = desk
        self._config = config
        self.limits = ocppj.Limits(config.json_depth, config.json_nodes)
        self.read = ocppj.read if config.json_depth >= DEEPEST else ocppj.decode
        self.revised()

    def revised(self) -> None:
        """The station turned out to have other maps and messages."""
        revision = self._desk.revision
        self.bounded = revision.catalog.bounded
        self._profiles = (*self._config.profiles, *revision.profiles)
        self.suspect = not UNPROMPTED.isdisjoint(self._profiles)

    def closed(self, version: Version, data: bytes) -> Frame | None:
        """The frame of a station that is known to leave out its last brackets."""
        asked = CLOSE_BRACKETS in self._profiles and self._config.validation == REPAIR
        return decode_closed(data, version, self.limits) if asked else None

    def unsound(self, version: Version, data: bytes) -> Refuse | None:
        """What the limits of JSON forbid in a frame that `bounded` did not admit."""
        try:
            ocppj.examine(data, version, self.limits)
        except FrameError as error:
            return Refuse(error.code, str(error))
        return None

    def mend(self, version: Version, x: Exchange) -> Refuse | None:
        """Repair a call's payload, or say why it cannot go on."""
        action = x.call.action
        payload, x.repairs, usable = self.mended(version, action, "request", x.payload)
        if not usable:
            catalog = self._desk.revision.catalog
            violations = catalog.violations(version, action, "request", payload)
            return Refuse(worst(violations), describe(violations))
        if payload is not x.payload:
            x.call = x.call._replace(payload=payload)
        return None

    def mended(
        self, version: Version, action: str, part: str, payload: JsonObject
    ) -> tuple[JsonObject, tuple[str, ...], bool]:
        """(payload as repaired, names of the repairs done, whether it may go on)."""
        catalog, mode = self._desk.revision.catalog, self._config.validation
        repairs: tuple[str, ...] = ()
        good = catalog.is_valid
        if mode == REPAIR:
            good = partial(acceptable, catalog)
            zone, now = self._desk.settings.timezone_default, self._desk.now
            message = version, action, part
            profiles = self._profiles
            if any(leg.encoding is Encoding.SOAP for leg in self._desk.legs.values()):
                profiles += (SOAP_VALUES,)
            payload, repairs = repair(catalog, *message, payload, profiles, zone, now)
        usable = mode == OBSERVE or good(version, action, part, payload)
        if usable:
            payload = whole_numbers(catalog.fields(version, action, part), payload)
        return payload, repairs, usable
