"""The credential procedure: AuthorizationKey <-> BasicAuthPassword (translation-csms 6.4, S7).

A new password is remembered before the station hears of it, so that a login with it succeeds
whatever happens in between. The gateway keeps it as a binding only:

    kind "credential", key ""
    {password, state: pending | accepted, since, csms}

password: hex of the bytes that the station will log in with; csms: the text as the CSMS sent it;
since: seconds since the epoch. Whoever checks a station's login (the station's face) accepts the
stored password and this one. A first login with this one confirms it: it takes the stored one's
place and the binding is dropped. Without that, an hour after `since` an accepted password takes
the stored one's place all the same, and a pending one, of which nobody knows whether the station
took it, is dropped. A CSMS leg that is dialled with the station's own password uses `csms` from
its next connect, once the password is accepted. The value is in no record, cache or shadow.
"""

from gateway.core.session.bindings import Bindings
from gateway.core.session.desk import Desk

KIND = "credential"
PENDING, ACCEPTED = "pending", "accepted"


def pend(desk: Desk, password: bytes, csms: str) -> None:
    """The station is about to be told a new password."""
    row = {"password": password.hex(), "state": PENDING, "since": desk.now, "csms": csms}
    desk.bindings.table.put(KIND, "", row)


def settle(desk: Desk, *, accepted: bool) -> None:
    """The station has answered. Without an answer the password stays pending."""
    row = desk.bindings.table.get(KIND, "")
    if row is None:
        return
    if accepted:
        desk.bindings.table.put(KIND, "", {**row, "state": ACCEPTED, "since": desk.now})
        desk.note("password_changed", "the station accepted a new password")
    else:
        _drop(desk.bindings)
        desk.note("password_kept", "the station did not take the new password")


def _drop(bindings: Bindings) -> None:
    bindings.table.drop(KIND, "")
