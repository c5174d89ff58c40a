"""What one leg's fall does to the other (translation-station 10).

event                              effect
---------------------------------  -----------------------------------------------------------
CSMS leg down                      calls of the station wait; after `csms_grace_s` without a
                                   new CSMS leg the station leg is closed with 1012
CSMS leg up again                  entries first, then what was queued, in order
station leg down                   its exchanges end without an answer, CSMS calls get
                                   InternalError; the CSMS leg is closed after
                                   `station_grace_s`, or, if a call of a transaction message is
                                   unanswered beyond its time, kept for `retry_grace_s` for a
                                   late answer
Unanswered                         NoAnswer: the station leg closes with 1012
"""

from gateway.core.dialects import CSMS, STATION, Side
from gateway.core.session import silence
from gateway.core.session.desk import Desk
from gateway.core.session.runner import Runner
from gateway.core.session.wire import Wire

_GRACE = "grace"


def up(desk: Desk, side: Side) -> None:
    desk.cancel((_GRACE, side))


def down(desk: Desk, wire: Wire, runner: Runner, side: Side) -> None:
    """End what went over a leg that is down, and close the other one when its time has come."""
    desk.cancel((_GRACE, side.other))  # it is this leg that it would have closed
    if side is STATION:
        silence.gone(desk)
    for x in list(runner.suspended.values()):
        if x.side is side:
            runner.drop(x)
    runner.lose(side)
    if side is CSMS:
        _close_after(desk, wire, STATION, desk.settings.csms_grace_s, 1012, "the CSMS is away")
        return
    delay_s = desk.settings.station_grace_s
    if runner.awaits_late_answer:
        delay_s = runner.held_for_answer - desk.now
    _close_after(desk, wire, CSMS, delay_s, 1000, "the station is gone")


def _close_after(
    desk: Desk, wire: Wire, side: Side, delay_s: float, code: int, reason: str
) -> None:
    if delay_s <= 0:
        wire.close(side, code, reason)
    elif side in desk.legs:
        desk.later((_GRACE, side.other), delay_s, lambda: wire.close(side, code, reason))
