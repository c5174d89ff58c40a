"""The credential procedure: AuthorizationKey <-> BasicAuthPassword (translation-csms 6.4, S7).

A new password is remembered before the station hears of it, so that a login with it succeeds
whatever happens in between. The gateway keeps it as a binding only, one for each write, in order:

    kind "credential", key: a number
    {password, state: pending | accepted, since, csms}

password: hex of the bytes that the station will log in with; csms: the text as the CSMS sent it;
since: seconds since the epoch. Whoever checks a station's login (the station's face) accepts the
stored password and these. A first login with one of them confirms it: it takes the stored one's
place, and its binding and those before it are dropped. Without that, an hour after `since` an
accepted password takes the stored one's place all the same, and a pending one, of which nobody
knows whether the station took it, is dropped. A refused write drops its own binding: what the
station accepted before it stays valid. A CSMS leg that is dialled with the station's own password
shows it in the form of `csms` from its next connect, once the password is accepted. The value is in
no record, cache or shadow.
"""

from gateway.core.session.desk import Desk

KIND = "credential"
PENDING, ACCEPTED = "pending", "accepted"
KEPT = 8
"""Enough for a CSMS that writes one after another to a station that does not log in anew."""


def pend(desk: Desk, password: bytes, csms: str) -> None:
    """The station is about to be told a new password."""
    table = desk.bindings.table
    written = [key for key, row in table.kind(KIND).items() if "password" in row]
    for oldest in written[: 1 - KEPT]:
        table.drop(KIND, oldest)
    row = {"password": password.hex(), "state": PENDING, "since": desk.now, "csms": csms}
    table.put(KIND, str(table.count(KIND)), row)


def settle(desk: Desk, password: bytes, *, accepted: bool) -> None:
    """The station has answered. Without an answer the password stays pending."""
    table = desk.bindings.table
    asked = (password.hex(), PENDING)
    rows = table.kind(KIND).items()
    key = next((k for k, r in reversed(rows) if (r.get("password"), r["state"]) == asked), None)
    if key is None:
        return
    if accepted:
        row = {**table.get(KIND, key), "state": ACCEPTED, "since": desk.now}
        table.put(KIND, key, row)
        desk.note("password_changed", "the station accepted a new password")
    else:
        table.drop(KIND, key)
        desk.note("password_kept", "the station did not take the new password")
