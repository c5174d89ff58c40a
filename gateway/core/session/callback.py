"""Where a SOAP station can be called: learned from its requests, kept over restarts.

A CSMS's calls go to the address that the station gave last. Which addresses may be used at all is
the face's to decide. Spec: soap.md 5 (1), (5); reliability S10.
"""

from gateway.core.dialects import Side
from gateway.core.session.desk import Desk

KIND = "callback"


def learn(desk: Desk, address: str) -> None:
    """Keep an address; "" forgets it. A change is recorded for the audit."""
    known: str | None = desk.bindings.table.get(KIND, "")
    if address == (known or ""):
        return
    if address:
        desk.bindings.table.put(KIND, "", address)
    else:
        desk.bindings.table.drop(KIND, "")
    said = f"{known or 'unknown'} -> {address or 'unknown'}"
    desk.note("callback_changed", said, side=Side.STATION)
