"""register: a station's boot. Keeps the registration, knows why a 1.6 station booted.

Spec: translation-station 3.1. The map's parameters name what this module must not:
`registers: true` marks the message that a station may send before it is accepted,
`ask_again: {v16: {...}, v201: {...}}` is the call that makes a station send it.
"""

from functools import partial

from gateway.core.dialects import SECURITY_ERROR, Side, Version
from gateway.core.frames import JsonObject
from gateway.core.mapping.model import Direction
from gateway.core.mapping.rows import REQUEST
from gateway.core.schema.repair import acceptable, repair
from gateway.core.session.desk import Desk
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures import configuration_boot
from gateway.core.session.procedures.configuration_report import is_wanted_report
from gateway.core.session.procedures.job import FIRMWARE, INSTALLING, STATUS
from gateway.core.session.procedures.status_to_v16 import connector0_up
from gateway.core.session.procedures.status_to_v201 import booted
from gateway.core.session.requests import Outcome, Procedure, Refuse, Reply
from gateway.core.session.state import TRIGGER_S, Registration, Reset, Trigger


def register(x: Exchange) -> Procedure:
    bindings = x.desk.bindings
    payload = x.request({"boot_reason": _boot_reason(x)})
    previous = bindings.registration
    bindings.keep_registration(Registration(previous.status, x.payload, previous.interval, True))
    configuration_boot.booted(x.desk, previous.boot)
    reset: Reset | None = bindings.table.get("reset", "")
    reply = yield x.ask(payload, late=partial(_late, x.desk, reset))
    settle(x.desk, reply)
    _over(x.desk, reply, reset)
    for trigger in bindings.triggers(x.call.action, x.desk.now):
        bindings.consume_trigger(trigger)
    yield x.conclude(reply)
    accept(x.desk, reply)


def unregistered(x: Exchange) -> Refuse | None:
    """How a station is refused that may not speak yet (1.2, last row of the first table).

    It may boot, send what it was triggered to send, and the reports that were asked of it.
    """
    bindings = x.desk.bindings
    status = bindings.registration.status
    if status not in ("Pending", "Rejected") or x.direction.params.get("registers"):
        return None
    if _is_triggered(x) or is_wanted_report(x):
        return None
    return Refuse(SECURITY_ERROR, f"the registration of this station is {status}")


def _is_triggered(x: Exchange) -> bool:
    """Whether the CSMS asked for the message, and asked it of what the message is about."""
    evse_id, connector_id = _address(x)
    return any(
        evse_id in (None, asked.evse_id or evse_id)
        and connector_id in (None, asked.connector_id or connector_id)
        for asked in x.desk.bindings.triggers(x.call.action, x.desk.now)
    )


def _address(x: Exchange) -> tuple[int | None, int | None]:
    """(evseId, connectorId) that a station's message names, as far as it does."""
    payload = x.payload
    if x.source is Version.V201:
        evse = payload.get("evse", {})
        return payload.get("evseId", evse.get("id")), payload.get("connectorId")
    number = payload.get("connectorId")
    if number is None:
        return None, None
    return x.desk.bindings.numbering.address(number) or (number, 1)


def _late(desk: Desk, reset: Reset | None, reply: Reply) -> None:
    """An answer that the station no longer waits for: the CSMS counts it as accepted all the same,
    and hears of it as after any boot (1.2, 6.4). The station itself is asked for nothing yet."""
    settle(desk, reply)
    _over(desk, reply, reset)
    if _is_accepted(reply):
        _tell(desk)


def settle(desk: Desk, reply: Reply) -> None:
    """Take a BootNotification's answer into the registration."""
    if reply.outcome is not Outcome.RESULT:
        return
    registration = desk.bindings.registration
    registration.status = reply.payload["status"]
    registration.interval = reply.payload["interval"]
    desk.bindings.keep_registration(registration)


def _over(desk: Desk, reply: Reply, reset: Reset | None) -> None:
    """The station has booted: the last reset before that is over, also one that was held. One that
    came while the boot had no answer yet waits for a boot of its own (translation-csms 3.3)."""
    if reply.outcome is not Outcome.RESULT or reset is None or reset.booted:
        return
    if desk.bindings.table.get("reset", "") is reset:
        reset.held, reset.booted = False, True
        desk.bindings.table.put("reset", "", reset)


def accept(desk: Desk, reply: Reply) -> None:
    """What follows an accepted boot, before anything else goes to the CSMS."""
    if _is_accepted(reply):
        _tell(desk)
        if desk.bindings.version is Version.V201:
            configuration_boot.provision(desk)


def _is_accepted(reply: Reply) -> bool:
    return reply.outcome is Outcome.RESULT and reply.payload["status"] == "Accepted"


def _tell(desk: Desk) -> None:
    """What the CSMS is told of an accepted station, now or with its next messages."""
    if desk.bindings.version is Version.V201:
        connector0_up(desk)
    else:
        booted(desk)


def stored_boot(desk: Desk, version: Version) -> JsonObject | None:
    """What the station said at its last boot, if it said it in that version: firmware may have
    brought it another one since, and the station of a log speaks the one that is translated."""
    boot, action = desk.bindings.registration.boot, desk.revision.maps.registering.action(version)
    if boot is None or action is None:
        return None
    # It was taken with texts that are too long for the standard, and perhaps by an older revision.
    catalog, zone = desk.revision.catalog, desk.settings.timezone_default
    boot, _ = repair(catalog, version, action, REQUEST, boot, zone=zone, now=desk.now)
    return boot if acceptable(catalog, version, action, REQUEST, boot) else None


def replay(desk: Desk, direction: Direction, boot: JsonObject) -> None:
    """Send the stored boot to the CSMS once more; its answer counts like any boot's.

    direction: the boot's map towards the CSMS. Spec: translation-csms 3.9 (`trigger.replay_boot`).
    """
    if direction.request is None:
        return

    def settled(reply: Reply) -> None:
        settle(desk, reply)
        accept(desk, reply)

    lost: list[str] = []
    payload = direction.request(boot, desk.bindings, {}, lost)
    desk.post(Side.CSMS, direction.action, payload, settled, tuple(lost))


def ask_again(desk: Desk) -> None:
    """Make a station that the gateway does not know yet send its boot, once.

    Spec: translation-station 3.1: a station with no stored registration is treated as Accepted.
    """
    registration = desk.bindings.registration
    leg = desk.legs.get(Side.STATION)
    if registration.asked or leg is None:
        return
    registration.asked = True
    desk.bindings.keep_registration(registration)
    station = leg.version
    boot = desk.revision.maps.registering
    call = boot.params["ask_again"][station.key]
    message = boot.action(station)
    if message is not None:
        desk.bindings.keep_trigger(Trigger(message, desk.now + TRIGGER_S))
    desk.post(Side.STATION, call["action"], call["payload"])


def _boot_reason(x: Exchange) -> str | None:
    """Why a 1.6 station booted, where the gateway knows it; None: the map's default stands."""
    bindings = x.desk.bindings
    if bindings.triggers(x.call.action, x.desk.now):
        return "Triggered"
    reset: Reset | None = bindings.table.get("reset", "")
    if reset is not None and not reset.booted and not reset.held:
        return "ScheduledReset" if reset.was_held else "RemoteReset"
    return "FirmwareUpdate" if _is_updated(x) else None


def _is_updated(x: Exchange) -> bool:
    """Whether a firmware update was under way and the version is another one than before."""
    bindings = x.desk.bindings
    before = bindings.registration.boot
    if before is None or bindings.table.get(STATUS, FIRMWARE) not in INSTALLING:
        return False
    return bool(before.get("firmwareVersion") != x.payload.get("firmwareVersion"))
