"""One exchange: a call of a peer and everything until its answer has gone back."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.core.codec.ocppj import LONGEST_DESCRIPTION
from gateway.core.dialects import CSMS, INTERNAL_ERROR, UNSUPPORTED, Side, Version
from gateway.core.errors import Untranslatable
from gateway.core.frames import Call, CallError, JsonObject
from gateway.core.mapping.functions import cut
from gateway.core.mapping.model import CALLERROR, Direction
from gateway.core.session.desk import Desk
from gateway.core.session.requests import (
    RESULT,
    Answer,
    Ask,
    Outcome,
    Procedure,
    Refuse,
    Reply,
    Request,
)

NEVER = float("inf")
_new = tuple.__new__
"""As in wire.py."""


class Exchange:
    """side: whose call it is; arrived: when, seconds since the epoch; handle: for SOAP answers.

    deadline: when its present wait ends at the latest; limit: when the whole exchange does.
    waiting: the request it is suspended on. lost: ids of fields that its translations dropped;
    told: how many of them the records of its calls have named.
    """

    __slots__ = (
        "answered",
        "arrived",
        "call",
        "deadline",
        "desk",
        "direction",
        "handle",
        "limit",
        "lost",
        "procedure",
        "repairs",
        "side",
        "told",
        "waiting",
    )

    def __init__(
        self, desk: Desk, side: Side, call: Call, direction: Direction, handle: Any
    ) -> None:
        self.desk = desk
        self.side = side
        self.call = call
        self.direction = direction
        self.arrived = desk.now
        self.handle = handle
        self.lost: list[str] = []
        self.told = 0
        self.repairs: tuple[str, ...] = ()
        self.answered = False
        self.procedure: Procedure | None = None
        self.waiting: Ask | Any = None
        self.deadline = self.limit = NEVER

    @property
    def payload(self) -> JsonObject:
        return self.call.payload

    @property
    def source(self) -> Version:
        """Version of the peer that called."""
        return self.desk.versions[self.side]

    @property
    def target(self) -> Version:
        """Version of the other peer."""
        return self.direction.version

    def request(self, state: Mapping[str, Any] | None = None) -> JsonObject:
        """The call's payload in the other version. Raises Untranslatable."""
        translate = self.direction.request
        if translate is None:
            raise Untranslatable(f"{self.call.action} has no counterpart", "unsupported")
        return translate(self.call.payload, self.desk.bindings, state or {}, self.lost)

    def response(self, payload: JsonObject, state: Mapping[str, Any] | None = None) -> JsonObject:
        """The other peer's answer in the caller's version. Raises Untranslatable."""
        translate = self.direction.response
        if translate is None:
            return {}
        known = {"request": self.call.payload, **(state or {})}
        return translate(payload, self.desk.bindings, known, self.lost)

    def ask(self, payload: JsonObject, late: Callable[[Reply], None] | None = None) -> Ask:
        """The translated call to the other peer. late: see `Ask`."""
        return _new(Ask, (self.side.other, self.direction.action, payload, None, late, None))

    def untold(self) -> tuple[str, ...]:
        """Losses that no call of this exchange has named yet; they count as named then."""
        lost = tuple(self.lost[self.told :])
        self.told = len(self.lost)
        return lost

    def local(self, name: str, rule: str = "", reason_code: str = "") -> Request:
        """The answer of the map's `replies` table under that name (translation-csms 2)."""
        reply = self.direction.replies.get(name)
        if reply is None or isinstance(reply, str):
            return Refuse(INTERNAL_ERROR, f"{self.call.action}: {name}", rule=rule or name)
        payload: JsonObject = dict(reply)
        if reason_code and "statusInfo" in payload:
            payload["statusInfo"] = {"reasonCode": reason_code}
        return Answer(payload, rule=rule or name)

    def conclude(self, reply: Reply, state: Mapping[str, Any] | None = None) -> Request:
        """The answer that follows from how the call to the other peer ended.

        Spec: translation-station 1.2 for a station's call, translation-csms 1.2 for a CSMS's.
        """
        if reply.outcome is RESULT:
            try:
                answer = self.response(reply.payload, state)
                return _new(Answer, (answer, "", tuple(self.lost)))
            except Untranslatable as error:
                return Refuse(INTERNAL_ERROR, str(error))
        if self.side is CSMS:
            return self._conclude_csms(reply)
        return self._conclude_station(reply)

    def _conclude_csms(self, reply: Reply) -> Request:
        if reply.outcome in (Outcome.NONE, Outcome.LOST):
            return Refuse(INTERNAL_ERROR, "no answer from the station")
        error = reply.error
        name = "unsupported" if error and error.code in UNSUPPORTED else "failed"
        if error and self.direction.replies.get(name) == CALLERROR:
            return passed_on(error, self.direction.action)._replace(details=None)
        return self.local(name)

    def _conclude_station(self, reply: Reply) -> Request:
        if reply.outcome is Outcome.ERROR and reply.error is not None:
            if reply.error.code in UNSUPPORTED:
                if self.direction.absorbed is not None:
                    return Answer(self.direction.absorbed(self.desk.bindings), rule="absorbed")
                if "unsupported" in self.direction.replies:
                    return self.local("unsupported")
            return passed_on(reply.error, self.direction.action)
        if reply.outcome is Outcome.INVALID:
            return Refuse(INTERNAL_ERROR, "upstream: the answer breaks its schema")
        return Refuse(INTERNAL_ERROR, "upstream timeout")


def passed_on(error: CallError, action: str) -> Refuse:
    """The other peer's CallError for the caller. Spec: translation-station 1.2.

    action: what the gateway had sent.
    """
    details = {
        "upstreamAction": action,
        "upstreamCode": error.spelled or error.code,
        "upstreamDetails": error.details,
    }
    return Refuse(error.code, cut(f"upstream: {error.description}", LONGEST_DESCRIPTION), details)
