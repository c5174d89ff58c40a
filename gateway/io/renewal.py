"""Passwords that a CSMS has changed through the gateway (reliability S7, translation-csms 6.4).

The session leaves each new password as a binding before the station hears of it
(core/session/procedures/configuration_credential.py). Here, at the station's logins, it becomes
the stored one:

    the station logs in with         the binding says     what happens
    -----------------------------    -----------------    ------------------------------------------
    a new password                   whatever             it is stored, what was before it is gone
    the old one, within the overlap  whatever             both are valid
    the old one, later               accepted             the new one is stored, login refused
    the old one, later               pending              never taken: the binding is dropped

Where the file cannot be written the bindings stay: they let the station in until it can be.

A CSMS that is shown the station's own password gets it in the form in which it wrote it. Where that
is hex digits, this much is kept of a password that was stored:

    {state: stored, upper: whether they are upper-case}
"""

import asyncio
import hmac
import logging
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import orjson

from gateway.core.errors import OperatorError
from gateway.core.session.effects import Drop, Op, Put
from gateway.core.session.procedures.configuration_credential import ACCEPTED, KIND
from gateway.io.auth import Basic
from gateway.io.credentials import Credentials
from gateway.storage.port import Store

STORED = "stored"

logger = logging.getLogger(__name__)


class Renewal(NamedTuple):
    """One password that a CSMS has written. key: of its binding; csms: as the CSMS wrote it."""

    key: str
    password: bytes
    state: str
    since: float
    csms: str

    @property
    def form(self) -> bytes | None:
        """What is kept of it once it is stored; None: it is shown as the station shows it."""
        if self.csms.lower() != self.password.hex():
            return None
        return orjson.dumps({"state": STORED, "upper": self.csms != self.csms.lower()})


class Renewals:
    """credentials: the hashed file, None where the CSMS checks the passwords.

    overlap_s: how long the old password stays valid; clock: seconds since the epoch.
    """

    def __init__(
        self,
        store: Store,
        credentials: Credentials | None,
        overlap_s: float,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._credentials = credentials
        self._overlap_s = overlap_s
        self._clock = clock
        self._over: dict[str, tuple[Op, ...]] = {}

    async def judged(self, station: str, basic: Basic | None, stored_fits: bool) -> bool:
        """Whether a login is right. stored_fits: what the hashed file says of it.

        The store is asked whatever the file says, so that the time tells nothing (S2).
        """
        written, _ = await self._read(station)
        if not written or self._credentials is None:
            return stored_fits
        shown = basic.password if basic and basic.user == station.encode() else b""
        late = [self._clock() - r.since > self._overlap_s for r in written]
        # The last one that counts alone by now: what was before it is gone.
        alone = _last(
            is_late and r.state == ACCEPTED for r, is_late in zip(written, late, strict=True)
        )
        fitting = _last(hmac.compare_digest(shown, r.password) for r in written)
        if fitting is not None and fitting >= (alone or 0):
            await self._confirm(station, written[: fitting + 1])
            return True
        if alone is not None:
            await self._confirm(station, written[: alone + 1])
            return False
        never_taken = [r for r, is_late in zip(written, late, strict=True) if is_late]
        self._over[station] = tuple(Drop(KIND, r.key) for r in never_taken)
        return stored_fits

    async def settle(self, station: str, epoch: int) -> None:
        """Drop the bindings of renewals that are over; under the lease that the login has got."""
        over = self._over.pop(station, ())
        if over:
            await self._store.commit(station, epoch, over)

    async def towards_csms(self, station: str, basic: Basic | None) -> str | None:
        """The Authorization header for a CSMS that knows the station's password in another form
        than the station shows it; None: the station's own header will do."""
        if basic is None:
            return None
        written, upper = await self._read(station)
        fitting = _last(hmac.compare_digest(basic.password, r.password) for r in written)
        if fitting is not None:
            text = written[fitting].csms
        elif upper is not None:
            text = basic.password.hex().upper() if upper else basic.password.hex()
        else:
            return None
        return "Basic " + b64encode(f"{station}:{text}".encode()).decode()

    async def _read(self, station: str) -> tuple[list[Renewal], bool | None]:
        """Passwords that are not stored yet, in the order of writing; and of the stored one,
        whether the CSMS knows it as hex digits, and as which."""
        written, upper = [], None
        for kind, key, value in await self._store.bindings(station):
            row: dict[str, Any] = orjson.loads(value) if kind == KIND else {}
            if row.get("state") == STORED:
                upper = row["upper"]
            elif row:
                password = bytes.fromhex(row["password"])
                written.append(Renewal(key, password, row["state"], row["since"], row["csms"]))
        return written, upper

    async def _confirm(self, station: str, renewals: Sequence[Renewal]) -> None:
        """The last of them is the station's password: the others are over."""
        assert self._credentials is not None
        last = renewals[-1]
        try:
            await asyncio.to_thread(self._keep, self._credentials, station, last.password)
        except (OSError, OperatorError) as error:
            text = "the new password of %s cannot be stored and counts all the same: %s (%s)"
            cure = f"let the gateway write {self._credentials.path} and its folder"
            logger.error(text, station, error, cure)
        else:
            form = last.form
            kept = Drop(KIND, STORED) if form is None else Put(KIND, STORED, form)
            self._over[station] = (*(Drop(KIND, r.key) for r in renewals), kept)

    @staticmethod
    def _keep(credentials: Credentials, station: str, password: bytes) -> None:
        credentials.add(station, password)
        credentials.save()


def _last(holds: Iterable[bool]) -> int | None:
    """The position of the last one that holds."""
    return max((at for at, one in enumerate(holds) if one), default=None)
