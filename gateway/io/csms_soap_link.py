"""Calling a CSMS over SOAP: one station's messages, without a connection.

There is no link that could drop: the CSMS counts as away after `csms.soap.down_after` failed
requests (reliability, section 2). A late answer still counts: an exchange outlives the session's
patience by `retry_grace_s`; only where bodies pass as they are, the wait ends here.

    failure of a request             transaction message         any other
    -----------------------------    ------------------------    -------------------------
    no connection                    tried again                 tried again
    broken, HTTP without envelope    tried again                 no answer
    no answer in time                none                        no answer
    as many as `down_after`          the link is down            the link is down
"""

import asyncio
import ssl

from gateway.config import Effective
from gateway.core.codec.soap_service import Service
from gateway.core.codec.soap_write import Letter
from gateway.core.dialects import INTERNAL_ERROR, Side
from gateway.core.errors import TransportError
from gateway.core.frames import Call, JsonObject
from gateway.core.session.effects import Message
from gateway.io.backoff import full_jitter
from gateway.io.csms_ws import Login, credentials
from gateway.io.identity import quoted
from gateway.io.soap_link import Manner, SoapLink, SoapTools
from gateway.io.soap_post import Target, TimedOut, Unreachable
from gateway.io.wire import ABNORMAL

AGAIN_MIN_S, AGAIN_MAX_S = 0.1, 2.0


class CsmsLink(SoapLink):
    """What carries the messages of one station to and from its CSMS.

    boot: what the station said last when it booted, in 1.6; overlays take the identity from it.
    """

    def __init__(
        self, station: str, tools: SoapTools, manner: Manner, route: Effective, login: Login,
        tls: ssl.SSLContext | None, boot: JsonObject | None,
    ) -> None:  # fmt: skip
        super().__init__(Side.CSMS, station, tools, manner)
        csms, patience = route.csms, route.translation
        assert csms.url is not None
        assert csms.callback is not None
        url = csms.url.replace("{station}", quoted(station))
        shown = credentials(station, csms, login).get("Authorization")
        self._target = Target(url, None, shown, tls, manner.compress)
        self._sender = f"{csms.callback.rstrip('/')}/{quoted(station)}"
        self._down_after = csms.soap.down_after
        self._patience_s = patience.upstream_timeout_s
        self._late_s = patience.retry_grace_s
        self._failures = 0
        self._boot = boot

    @property
    def identity(self) -> str:
        """The chargeBoxIdentity under which the CSMS knows the station."""
        write = self.tools.codec.write
        return write.identity(Service.CENTRAL_SYSTEM, self.station, self._boot)

    def letter(self, call: Call) -> Letter:
        if call.action == self.tools.boots:
            self._boot = call.payload
        return Letter(
            self.station,
            self._new_id(),
            to=self._target.url,
            sender=self._sender,
            boot=self._boot or {},
            must_understand=self.manner.must_understand,
            prefix=self.manner.prefix,
        )

    async def exchange(self, call: Call, data: bytes, asked: str) -> Message | None:
        money = call.action in self.tools.money
        within_s = self._patience_s
        if money or not self.manner.bodies_pass:
            within_s += self._late_s
        while True:
            try:
                posted = await self.tools.poster.post(self._target, call.action, data, within_s)
                answer = self.read(call, posted, asked)
            except TransportError as error:
                self._note("not_delivered", call.action, call.message_id, str(error))
                if self._count_failure():
                    return None
                again = isinstance(error, Unreachable) or (
                    money and not isinstance(error, TimedOut)
                )
                if not again:
                    refusal = self.refusal(call, INTERNAL_ERROR, str(error))
                    return None if money else refusal._replace(unanswered=True)
            else:
                self._failures = 0
                return answer
            await asyncio.sleep(full_jitter(self._failures, AGAIN_MIN_S, AGAIN_MAX_S))

    def forget(self) -> None:
        """The URL is the operator's: nothing is forgotten."""

    def _count_failure(self) -> bool:
        """Count a failed request; True if it was the last one: the link is down."""
        self._failures += 1
        if self._failures < self._down_after:
            return False
        # The task that counts must not be cancelled by the close: it is ending anyway.
        self._posting.discard(asyncio.current_task())
        self.close(ABNORMAL, "the CSMS does not answer")
        return True
