"""Calling a SOAP station: at the address that it told, or that the operator set.

The address is the station's word, so it is guarded: resolved once, checked, and the connection
goes to that very IP address (callback_guard.py). Spec: soap.md 5 and 9.
"""

import ssl
from collections.abc import Callable

from gateway.config import Effective
from gateway.core.codec.soap_head import callback
from gateway.core.codec.soap_write import Letter
from gateway.core.dialects import INTERNAL_ERROR, Side
from gateway.core.errors import TransportError
from gateway.core.frames import Call
from gateway.core.session.effects import Message
from gateway.io.callback_guard import Forbidden, Guard
from gateway.io.soap_link import Manner, SoapLink, SoapTools
from gateway.io.soap_post import Target, Unreachable

NO_ADDRESS = "the station has told no address at which it can be called"


class StationLink(SoapLink):
    """What carries the messages of a SOAP station.

    learned: its address, "" if it is not known; tls: for one that is called over https.
    """

    def __init__(
        self,
        station: str,
        tools: SoapTools,
        manner: Manner,
        route: Effective,
        guard: Guard,
        learned: str,
        tls: Callable[[], ssl.SSLContext],
    ) -> None:
        super().__init__(Side.STATION, station, tools, manner)
        self._settled = route.stations.soap.callback_url or ""
        self._learned = learned
        self._guard = guard
        # A late answer counts where a session waits for it; where bodies pass, this is who waits.
        late_s = 0.0 if manner.bodies_pass else route.translation.retry_grace_s
        self._patience_s = route.translation.station_timeout_s + late_s
        self._context = tls
        self._pinned = ""
        self._ours = ""

    @property
    def address(self) -> str:
        """Where the station is called, "" if that is not known."""
        return self._settled or self._learned

    def learn(self, address: str) -> None:
        """The station says where it can be called."""
        if address != self._learned:
            self._learned, self._pinned = address, ""

    def forget(self) -> None:
        self.learn("")

    def found_at(self, to: str | None, url: str) -> None:
        """How the station addresses us, for From: what it wrote in To, else where it came to."""
        self._ours = callback(to) or url

    def letter(self, call: Call) -> Letter:
        return Letter(
            self.station,
            self._new_id(),
            to=self.address,
            sender=self._ours,
            must_understand=self.manner.must_understand,
            prefix=self.manner.prefix,
        )

    async def exchange(self, call: Call, data: bytes, asked: str) -> Message | None:
        if not self.address:
            return self.refusal(call, INTERNAL_ERROR, NO_ADDRESS)
        status = 0
        try:
            target = await self._target()
            posted = await self.tools.poster.post(target, call.action, data, self._patience_s)
            status = posted.status
            return self.read(call, posted, asked)
        except TransportError as error:
            if isinstance(error, Unreachable):
                self._pinned = ""
            self._note("not_delivered", call.action, call.message_id, str(error))
            text = f"the station cannot be called: {error}"
            refusal = self.refusal(call, INTERNAL_ERROR, text)
            # It may have acted all the same, unless it was not asked at all or has answered.
            said = isinstance(error, Forbidden) or 200 <= status < 300
            return refusal._replace(unanswered=not said)

    async def _target(self) -> Target:
        """Raises TransportError: the host is unknown or none that may be called."""
        url = self.address
        if self._settled:
            return Target(url, tls=self._tls(url), compress=self.manner.compress)
        if not self._pinned:
            self._pinned = await self._guard.resolved(url)
        return Target(url, self._pinned, None, self._tls(url), self.manner.compress)

    def _tls(self, url: str) -> ssl.SSLContext | None:
        return self._context() if url.lower().startswith("https") else None
