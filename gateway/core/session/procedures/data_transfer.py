"""data_transfer: data between vendors, once the messages that travel in it are taken out.

    vendorId in a 1.6 message    taken out           by
    ---------------------------  ------------------  -----------------------------
    Plug & Charge note           `pnc.mode: tunnel`  pnc.py
    cost note                    `costmsg.enabled`   cost_from_v16.py
    the gateway's own            `tunnel.enabled`    tunnel.py

What is left goes by the route table of the station's group (vendor_data.py). A 2.0.1 peer speaks
natively, so nothing is taken out of its messages. vendorIds compare exactly first, then without
case. Spec: translation-station 3.9, 3.10; translation-csms 3.17, 9.
"""

from collections.abc import Callable

from gateway.core.dialects import Side, Version
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures import cost_from_v16, pnc, tunnel, vendor_data
from gateway.core.session.procedures.envelope import UNKNOWN_VENDOR
from gateway.core.session.requests import Answer, Procedure

_Taking = Callable[[Exchange], Procedure]


def data_transfer(x: Exchange) -> Procedure:
    taking = _taken(x) if x.target is Version.V201 else None
    yield from vendor_data.vendor_data(x) if taking is None else taking(x)


def _taken(x: Exchange) -> _Taking | None:
    """What opens the message, None where it passes as it is."""
    vendors = _vendors(x)
    named: str = x.payload["vendorId"]
    if named in vendors:
        return vendors[named]
    return {name.lower(): taking for name, taking in vendors.items()}.get(named.lower())


def _vendors(x: Exchange) -> dict[str, _Taking]:
    settings, params = x.desk.settings, x.direction.params
    found: dict[str, _Taking] = {}
    if settings.tunnel.enabled:
        found[settings.vendor_id] = tunnel.out_of_tunnel
    if pnc.is_on(x.desk):
        found[params["pnc"]["vendor"]] = pnc.out_of_envelope
    elif x.side is Side.STATION:
        found[params["pnc"]["vendor"]] = _unknown
    if settings.costmsg.enabled:
        found[params["cost"]["vendor"]] = cost_from_v16.cost_from_v16
    return found


def _unknown(x: Exchange) -> Procedure:
    yield Answer({"status": UNKNOWN_VENDOR}, rule="pnc_off")
