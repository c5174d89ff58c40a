"""A CSMS that wants a boot first gets the stored one.

A SOAP station does not notice that the gateway was restarted and goes on with whatever comes next.
Where the CSMS refuses that with SecurityError, the boot that the station sent last is sent once
more, then the refused call. Spec: soap.md 5 (6).
"""

from gateway.core.dialects import SECURITY_ERROR, Encoding, Side
from gateway.core.session.desk import Desk
from gateway.core.session.ledger import Outgoing
from gateway.core.session.opening import opening
from gateway.core.session.procedures import register
from gateway.core.session.requests import Refuse


class BootFirst:
    """Once for each link to the CSMS."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tried = False

    def opened(self) -> None:
        """A link to the CSMS is open (again)."""
        self._tried = False

    def again(self, side: Side, outgoing: Outgoing, code: str) -> bool:
        """Whether a refused call goes out again, behind the boot; queued then."""
        desk = self._desk
        station = desk.legs.get(Side.STATION)
        if code != SECURITY_ERROR or side is not Side.CSMS or self._tried:
            return False
        if station is None or station.encoding is not Encoding.SOAP:
            return False
        boot = self._boot()
        if boot is None or outgoing.action == boot.action:
            return False
        self._tried = True
        desk.note("boot_replayed", "the CSMS wants a boot first", boot.action)
        desk.ledgers[Side.CSMS].queue[:0] = [boot, outgoing]
        return True

    def _boot(self) -> Outgoing | None:
        desk = self._desk
        source, target = desk.versions[Side.STATION], desk.versions[Side.CSMS]
        stored = register.stored_boot(desk, source)
        action = desk.revision.maps.registering.action(source)
        if stored is None or action is None:
            return None
        found = opening(desk.revision, (Side.STATION, source, target, action))
        if isinstance(found, Refuse) or found.direction.request is None:
            return None
        lost: list[str] = []
        payload = found.direction.request(stored, desk.bindings, {}, lost)
        return Outgoing(
            found.direction.action,
            payload,
            settled=None if source is target else lambda reply: register.settle(desk, reply),
            losses=tuple(lost),
        )
