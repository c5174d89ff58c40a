"""The way out of a session: frames checked, encoded, put behind the `Save` they rely on."""

from typing import Any

from gateway.core.codec import ocppj
from gateway.core.codec.brackets import CLOSE_BRACKETS, CLOSED
from gateway.core.dialects import INTERNAL_ERROR, Encoding, Side, Version
from gateway.core.frames import Call, JsonObject
from gateway.core.schema.repair import cut_strings
from gateway.core.schema.violations import describe
from gateway.core.session.desk import Desk
from gateway.core.session.effects import Close, Effect, Record, Save, Send, held
from gateway.core.session.exchange import Exchange
from gateway.core.session.ledger import Outgoing
from gateway.core.session.requests import Answer, Refuse

INVALID_OUTPUT = "invalid_output"
_RESPONSE = ".response:"

_new = tuple.__new__
"""Makes a NamedTuple of all its members in a third of the time of calling its class; used for those
that every frame needs."""


class Wire:
    """Collects the effects of one input, in order, with a record of each frame."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._dirty = desk.bindings.table.dirty
        self._bounded = desk.revision.catalog.bounded
        self.closing: frozenset[Side] = frozenset()
        self._effects: list[Effect] = []

    def revised(self) -> None:
        """The station turned out to have other maps and messages."""
        self._bounded = self._desk.revision.catalog.bounded

    def take(self) -> list[Effect]:
        """All effects since the last call; what changed without a frame is saved at the end."""
        desk = self._desk
        if desk.ops or self._dirty:
            self._save()
        if desk.records:
            self._effects += desk.records
            desk.records.clear()
        effects, self._effects = self._effects, []
        return effects

    def add(self, effect: Effect) -> None:
        self._effects.append(effect)

    def close(self, side: Side, code: int, reason: str) -> None:
        """Close a leg that is up, once."""
        if side in self._desk.legs and side not in self.closing:
            self.closing |= {side}
            self.add(Close(side, code, reason))

    def opened(self, side: Side) -> None:
        """A leg is up (again)."""
        self.closing -= {side}

    def received(self, side: Side, call: Call, outcome: str) -> None:
        """Record a call that came in."""
        message_id, action, payload = call
        members = ("<", side, action, message_id, outcome, "", payload, (), (), "", None, None)
        self._effects.append(_new(Record, members))

    def completed(self, side: Side, message_id: str) -> None:
        """Record that the brackets that a frame lacked at its end were added."""
        names = (self._desk.revision.catalog.own.marked(CLOSE_BRACKETS),)
        self.add(Record("<", side, "", message_id, "mended", CLOSED, repairs=names))

    def answered(
        self,
        side: Side,
        message_id: str,
        outgoing: Outgoing,
        outcome: str,
        payload: JsonObject | None,
        text: str = "",
        repairs: tuple[str, ...] = (),
    ) -> None:
        """Record the answer to a call of ours."""
        now, action = self._desk.now, outgoing.action
        elapsed = now - (outgoing.sent_at or now)
        quoted = outgoing.payload if payload is None else None
        self._effects.append(
            _new(
                Record,
                (
                    "<",
                    side,
                    action,
                    message_id,
                    outcome,
                    text,
                    payload,
                    (),
                    repairs,
                    "",
                    elapsed,
                    quoted,
                ),
            )
        )

    def call(self, side: Side, outgoing: Outgoing, message_id: str) -> bool:
        """Send a call. False if its payload breaks the schema: our fault, nothing is sent."""
        action = outgoing.action
        payload = self._conforming(side, action, "request", outgoing.payload, message_id)
        if payload is None:
            return False
        self._send(side, ocppj.encode_call(message_id, action, payload))
        self._effects.append(
            _new(
                Record,
                (
                    ">",
                    side,
                    action,
                    message_id,
                    "ok",
                    "",
                    payload,
                    outgoing.losses,
                    (),
                    "",
                    None,
                    None,
                ),
            )
        )
        return True

    def answer(self, x: Exchange, answer: Answer) -> None:
        """Send an exchange's result; a payload of ours that breaks its schema: InternalError."""
        call, given = x.call, answer.payload
        payload = self._conforming(x.side, call.action, "response", given, call.message_id)
        if payload is None:
            self.refuse(x, Refuse(INTERNAL_ERROR, "the gateway's answer breaks its schema"))
            return
        self._send(x.side, ocppj.encode_result(call.message_id, payload), x.handle)
        by = "gateway" if answer.rule else ""
        losses = _of_answer(x, answer) if answer.losses else ()
        self._record(x, answer.rule or "ok", "", payload, by, losses)

    def refuse(self, x: Exchange, refuse: Refuse) -> None:
        """Send a CallError for an exchange."""
        self.error(x.side, x.call.message_id, refuse, x.handle)
        self._record(x, refuse.code, refuse.description, None, "gateway" if refuse.rule else "")

    def error(self, side: Side, message_id: str, refuse: Refuse, handle: Any = None) -> None:
        """Send a CallError outside any exchange; the caller records it."""
        leg = self._desk.legs[side]
        # SOAP folds codes that 1.6 does not have, too (soap.md 6); until then they keep theirs.
        spelling = leg.version if leg.encoding is Encoding.JSON else Version.V201
        data = ocppj.encode_error(
            message_id, refuse.code, refuse.description, refuse.details or {}, spelling
        )
        self._send(side, data, handle)

    def _record(
        self,
        x: Exchange,
        outcome: str,
        text: str,
        payload: JsonObject | None,
        answered_by: str,
        losses: tuple[str, ...] = (),
    ) -> None:
        call = x.call
        elapsed = self._desk.now - x.arrived
        self._effects.append(
            _new(
                Record,
                (
                    ">",
                    x.side,
                    call.action,
                    call.message_id,
                    outcome,
                    text,
                    payload,
                    losses,
                    x.repairs,
                    answered_by,
                    elapsed,
                    call.payload if payload is None else None,
                ),
            )
        )

    def _send(self, side: Side, data: bytes, handle: Any = None) -> None:
        if self._desk.ops or self._dirty:
            self._save()
            data = held(data)
        self._effects.append(_new(Send, (side, data, handle)))

    def _save(self) -> None:
        self._effects.append(_new(Save, (self._desk.take_ops(),)))

    def _conforming(
        self, side: Side, action: str, part: str, payload: JsonObject, message_id: str
    ) -> JsonObject | None:
        """The payload as it may leave: strings that came in too long are cut here (repair
        `cut_strings`). None, and a record, where it breaks its schema all the same."""
        version = self._desk.versions[side]
        if self._bounded(version, action, part, payload):
            return payload
        catalog = self._desk.revision.catalog
        cut = cut_strings(catalog, version, action, part, payload)
        if catalog.is_valid(version, action, part, cut):
            return cut
        text = describe(catalog.violations(version, action, part, payload))
        self._effects.append(
            Record("=", side, action, message_id, INVALID_OUTPUT, text, payload=payload)
        )
        return None


def _of_answer(x: Exchange, answer: Answer) -> tuple[str, ...]:
    """The losses that no record has named: those of a request stand with the call that it became.

    Durable calls name theirs without the exchange knowing; an answer that the gateway gives by
    itself stands for both halves.
    """
    if answer.rule:
        return answer.losses[x.told :]
    return tuple(loss for loss in answer.losses if _RESPONSE in loss)
