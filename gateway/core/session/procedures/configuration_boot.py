"""What a boot means for the configuration: other firmware, and settings that 1.6 counts on.

Spec: translation-csms 6.3, 6.5, 6.7.
"""

from collections.abc import Callable, Sequence
from typing import Any

from gateway.core.dialects import Side, Version
from gateway.core.frames import JsonObject
from gateway.core.mapping.key_loader import option_of
from gateway.core.mapping.key_values import items_of, spelled
from gateway.core.mapping.keys import Wanted
from gateway.core.mapping.variables import Attribute
from gateway.core.session.configuration16 import Configuration16
from gateway.core.session.desk import Desk
from gateway.core.session.device_model import DeviceModel
from gateway.core.session.procedures.configuration_batches import Results, query
from gateway.core.session.procedures.configuration_shadow import drop_shadows
from gateway.core.session.requests import Outcome, Reply

RETRY_S = 1.0
"""How long a call of our own waits before it looks again whether the CSMS is done."""
_TIMER = "provision"


def booted(desk: Desk, previous: JsonObject | None) -> None:
    """A station has booted; registration.boot is what it says now.

    previous: what it said before; None: it never booted here.
    """
    boot = desk.bindings.registration.boot
    if previous is None or boot is None or _firmware(previous) == _firmware(boot):
        return
    drop_shadows(desk.bindings)
    DeviceModel(desk.bindings).renew()
    Configuration16(desk.bindings, desk.revision.maps.keys).clear()


def _firmware(boot: JsonObject) -> Any:
    """firmwareVersion of either version's boot."""
    return boot.get("chargingStation", boot).get("firmwareVersion")


# -- provisioning -----------------------------------------------------------------------------


def provision(desk: Desk) -> None:
    """Set up a 2.0.1 station that was accepted, once no exchange of the CSMS is open."""
    settings = desk.settings
    if not settings.a.provision or desk.bindings.version is not Version.V201:
        return
    wanted = desk.revision.maps.keys.provision
    if wanted:
        _when_idle(desk, lambda: _read(desk, wanted))


def _when_idle(desk: Desk, action: Callable[[], None]) -> None:
    ledger = desk.ledgers[Side.CSMS]
    if Side.STATION not in desk.legs:
        return
    if ledger.serving is None and not ledger.waiting:
        action()
    else:
        desk.later(_TIMER, RETRY_S, lambda: _when_idle(desk, action))


def _read(desk: Desk, wanted: Sequence[Wanted]) -> None:
    queries = [query(Attribute(want.variable)) for want in wanted]
    call = _calls(desk, "get_configuration")
    payload = {"getVariableData": queries}
    desk.post(Side.STATION, call, payload, lambda reply: _compare(desk, wanted, reply))


def _compare(desk: Desk, wanted: Sequence[Wanted], reply: Reply) -> None:
    if reply.outcome is not Outcome.RESULT:
        _note(desk, f"the station's variables could not be read: {reply.outcome.value}")
        return
    results = Results()
    results.take(reply.payload["getVariableResult"])
    model, settings = DeviceModel(desk.bindings), []
    for want in wanted:
        attribute = Attribute(want.variable)
        result = results.of(attribute)
        if result is None or result["attributeStatus"] != "Accepted":
            continue
        value = result.get("attributeValue", "")
        model.keep_value(attribute, value)
        as_it_is = want.unless and option_of(desk.settings, want.unless)
        change = None if as_it_is else _change(want, value)
        if change is not None:
            settings.append({**query(attribute), "attributeValue": change})
    if settings:
        _when_idle(desk, lambda: _write(desk, settings))


def _change(want: Wanted, value: str) -> str | None:
    """What to set; None: the station has what is wanted."""
    present = items_of(value)
    if want.how == "contains":
        there = spelled(want.value, present) is not None
        return None if there else ",".join([want.value, *present])
    if want.how == "same_set":
        same = {i.casefold() for i in present} == {i.casefold() for i in items_of(want.value)}
        return None if same else want.value
    return None if value.strip() == want.value else want.value


def _write(desk: Desk, settings: list[JsonObject]) -> None:
    call = _calls(desk, "change_configuration")
    payload = {"setVariableData": settings}
    desk.post(Side.STATION, call, payload, lambda reply: _written(desk, reply))


def _written(desk: Desk, reply: Reply) -> None:
    """Whatever came of it is only told."""
    results = reply.payload.get("setVariableResult", [])
    statuses = [f"{r['variable']['name']} {r['attributeStatus']}" for r in results]
    _note(desk, ", ".join(statuses) or f"nothing was set: {reply.outcome.value}")


def _calls(desk: Desk, procedure: str) -> str:
    """The action by which a procedure speaks to a 2.0.1 station."""
    return desk.revision.maps.with_procedure(procedure).to(Version.V201).action


def _note(desk: Desk, text: str) -> None:
    desk.note("provisioned", text)
