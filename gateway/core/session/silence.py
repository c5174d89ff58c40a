"""When a station without a connection counts as gone (design/README.md decision 18).

A station that speaks SOAP has no link that could drop: it is there as long as its requests come.
"""

from gateway.core.dialects import Encoding, Side
from gateway.core.session.desk import Desk
from gateway.core.session.wire import Wire

LEAST_S = 120.0
UNKNOWN_INTERVAL_S = 900.0
"""Taken for the heartbeat interval of a station whose boot the gateway has not seen."""

_TIMER = "silence"


def heard(desk: Desk, wire: Wire) -> None:
    """The station has sent something: from now on its silence counts anew."""
    leg = desk.legs.get(Side.STATION)
    if leg is None or leg.encoding is not Encoding.SOAP:
        return
    since = desk.now
    desk.later(_TIMER, LEAST_S, lambda: _look(desk, wire, since))


def gone(desk: Desk) -> None:
    """The station's leg is down: nothing is waited for."""
    desk.cancel(_TIMER)


def _look(desk: Desk, wire: Wire, since: float) -> None:
    """The interval may have become known, or another one, since the station was heard."""
    interval = desk.bindings.registration.interval or UNKNOWN_INTERVAL_S
    left = since + max(LEAST_S, 2 * interval) - desk.now
    if left > 0:
        desk.later(_TIMER, left, lambda: _look(desk, wire, since))
        return
    desk.note("silent", "nothing came from the station for twice its heartbeat interval")
    wire.close(Side.STATION, 1000, "the station is silent")
