"""Passwords that a CSMS has changed through the gateway (reliability S7, translation-csms 6.4).

The session leaves the new password as a binding before the station hears of it
(core/session/procedures/configuration_credential.py). Here, at the station's logins, it becomes
the stored one:

    the station logs in with         the binding says     what happens
    -----------------------------    -----------------    ------------------------------------------
    the new password                 whatever             it is stored, the old one is gone
    the old one, within the overlap  whatever             both are valid
    the old one, later               accepted             the new one is stored, login refused
    the old one, later               pending              never taken: the binding is dropped

Where the file cannot be written the binding stays: it lets the station in until it can be.
"""

import asyncio
import hmac
import logging
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import orjson

from gateway.core.errors import OperatorError
from gateway.io.auth import Basic
from gateway.io.credentials import Credentials
from gateway.storage.port import Store

KIND = "credential"
ACCEPTED = "accepted"

logger = logging.getLogger(__name__)


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
        self._over: set[str] = set()

    async def judged(self, station: str, basic: Basic | None, stored_fits: bool) -> bool:
        """Whether a login is right. stored_fits: what the hashed file says of it.

        The store is asked whatever the file says, so that the time tells nothing (S2).
        """
        renewal = await self._renewal(station)
        if renewal is None or self._credentials is None:
            return stored_fits
        password = bytes.fromhex(renewal["password"])
        shown = basic.password if basic and basic.user == station.encode() else b""
        if hmac.compare_digest(shown, password):
            await self._confirm(station, password)
            return True
        if self._clock() - renewal["since"] <= self._overlap_s:
            return stored_fits
        if renewal["state"] == ACCEPTED:
            await self._confirm(station, password)
            return False
        self._over.add(station)
        return stored_fits

    async def settle(self, station: str, epoch: int) -> None:
        """Drop the binding of a renewal that is over; under the lease that the login has got."""
        if station in self._over:
            self._over.discard(station)
            await self._store.drop(station, epoch, KIND, "")

    async def towards_csms(self, station: str, basic: Basic | None) -> str | None:
        """The Authorization header for a CSMS that knows the station's new password in another
        form than the station shows it; None: the station's own header will do."""
        renewal = await self._renewal(station) if basic is not None else None
        if basic is None or renewal is None or renewal["state"] != ACCEPTED:
            return None
        if not hmac.compare_digest(basic.password, bytes.fromhex(renewal["password"])):
            return None
        pair = f"{station}:{renewal['csms']}".encode()
        return "Basic " + b64encode(pair).decode()

    async def _renewal(self, station: str) -> dict[str, Any] | None:
        for kind, _, value in await self._store.bindings(station):
            if kind == KIND:
                found: dict[str, Any] = orjson.loads(value)
                return found
        return None

    async def _confirm(self, station: str, password: bytes) -> None:
        assert self._credentials is not None
        try:
            await asyncio.to_thread(self._keep, self._credentials, station, password)
        except (OSError, OperatorError) as error:
            text = "the new password of %s cannot be stored and counts all the same: %s (%s)"
            cure = f"let the gateway write {self._credentials.path} and its folder"
            logger.error(text, station, error, cure)
        else:
            self._over.add(station)

    @staticmethod
    def _keep(credentials: Credentials, station: str, password: bytes) -> None:
        credentials.add(station, password)
        credentials.save()
