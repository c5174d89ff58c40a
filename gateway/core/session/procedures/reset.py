"""reset, and hold: a 2.0.1 OnIdle waits in the gateway until a 1.6 station is idle.

Spec: translation-csms 3.3. 1.6 Soft ends running transactions in an orderly way and restarts; 2.0.1
OnIdle must not touch them, 2.0.1 Immediate ends them in an orderly way.
"""

from functools import partial

from gateway.core.dialects import Side, Version
from gateway.core.frames import JsonObject
from gateway.core.session.desk import Desk
from gateway.core.session.exchange import Exchange
from gateway.core.session.requests import Outcome, Procedure, Reply
from gateway.core.session.state import Reset

KIND = "reset"
SOFT, REJECTED = "Soft", "Rejected"
BOOTS_WITHIN_S = 30.0
"""After connecting, a station that has just started sends its boot within this time."""


def reset(x: Exchange) -> Procedure:
    if x.target is Version.V201:
        yield from _to_v201(x)
    else:
        yield from _to_v16(x)


def _to_v201(x: Exchange) -> Procedure:
    asked: str = x.payload["type"]
    running = bool(x.desk.bindings.running())
    if asked == SOFT and not running:
        kind = "OnIdle"
    else:
        kind = x.desk.settings.reset.soft_with_tx if asked == SOFT else "Immediate"
    yield from _sent(x, {"reset_type201": kind})


def _to_v16(x: Exchange) -> Procedure:
    evse_id = x.payload.get("evseId") or 0
    numbering = x.desk.bindings.numbering
    if evse_id and not numbering.has_evse(evse_id):
        yield x.local("unknown")
    elif evse_id and not numbering.is_only(evse_id):
        yield x.local("unsupported")
    elif x.payload["type"] == "OnIdle" and x.desk.bindings.running():
        _remember(x.desk, Reset("OnIdle", x.desk.now, held=True))
        yield x.local("held", rule="hold")
    else:
        idle = x.payload["type"] == "OnIdle"
        kind = SOFT if idle else x.desk.settings.reset.immediate
        yield from _sent(x, {"reset_type16": kind})


def _sent(x: Exchange, state: JsonObject) -> Procedure:
    """Ask the station. What it refuses explains no boot and no end of a transaction later on."""
    before: Reset | None = x.desk.bindings.table.get(KIND, "")
    record = Reset(x.payload["type"], x.desk.now)
    _remember(x.desk, record)
    answered = partial(_answered, x.desk, record, before)
    reply: Reply = yield x.ask(x.request(state), answered)
    answered(reply)
    yield x.conclude(reply, state)


def _answered(desk: Desk, record: Reset, before: Reset | None, reply: Reply) -> None:
    """What the answer, or a late one, says of the last Reset; a newer one stays."""
    table = desk.bindings.table
    if not _is_refused(reply) or table.get(KIND, "") is not record:
        return
    if before is None or before.held:
        table.drop(KIND, "")
    else:
        _remember(desk, before)


def _is_refused(reply: Reply) -> bool:
    """Silence is no refusal: the station may have acted."""
    if reply.outcome is Outcome.RESULT:
        return bool(reply.payload["status"] == REJECTED)
    return reply.outcome is Outcome.ERROR


def resume(desk: Desk) -> None:
    """The station is back. A reset that became due without it is sent if it does not boot soon,
    which would make that needless."""
    held: Reset | None = desk.bindings.table.get(KIND, "")
    if held is not None and held.held:
        desk.later("held reset", BOOTS_WITHIN_S, partial(release, desk))


def release(desk: Desk) -> None:
    """Send a held Reset once the station is idle: nothing runs, the last end is acknowledged and
    the station's own call answered.

    It is not queued behind another call, since a transaction may begin while that has no answer.
    """
    held: Reset | None = desk.bindings.table.get(KIND, "")
    if held is None or not held.held or desk.bindings.running():
        return
    if Side.STATION not in desk.legs:
        return
    station = desk.ledgers[Side.STATION]
    if station.open is not None or station.queue:
        desk.when_station_free = partial(release, desk)
        return
    held.held, held.was_held = False, True
    _remember(desk, held)
    direction = desk.revision.maps.with_procedure("reset").to(Version.V16)
    desk.post(Side.STATION, direction.action, {"type": SOFT}, partial(_was_held, desk, held))


def _was_held(desk: Desk, record: Reset, reply: Reply) -> None:
    """Nobody waits for the answer; what it says of later boots and ends is the same."""
    _answered(desk, record, None, reply)
    status = reply.payload.get("status", reply.outcome.value)
    desk.note("held_reset", f"the held reset was sent: {status}")


def _remember(desk: Desk, record: Reset) -> None:
    desk.bindings.table.put(KIND, "", record)
