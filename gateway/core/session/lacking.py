"""Calls that a leg cannot carry: the messages of the 1.6 security extension on a SOAP leg.

They end as if the peer had said so itself, so that no procedure and no map hears of encodings.
Spec: soap.md 7.
"""

from gateway.core.dialects import NOT_IMPLEMENTED, Side
from gateway.core.frames import CallError
from gateway.core.session.desk import Desk
from gateway.core.session.requests import Outcome, Reply


def stand_in(desk: Desk, side: Side, action: str) -> Reply | None:
    """How a call to that side ends without being sent; None: it is sent.

    What a station reports and nobody answers in substance counts as taken
    (`csms.soap.absorb_security`); the maps mark it with `absorb`.
    """
    leg = desk.legs[side]
    if action not in leg.lacks:
        return None
    known = desk.revision.maps.entry(leg.version, action)
    absorbed = known is not None and any(d.absorb for d in known.directions.values())
    desk.note("not_on_this_leg", "SOAP has no such message", action, side)
    if side is Side.CSMS and absorbed and desk.session_settings.absorb_security:
        return Reply(Outcome.RESULT, {})
    error = CallError("", NOT_IMPLEMENTED, "OCPP over SOAP has no such message", {})
    return Reply(Outcome.ERROR, {}, error)
