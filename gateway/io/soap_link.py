"""A SOAP peer as a carrier of frames: HTTP exchanges in both directions, no connection.

The session sees the frames of 1.6 JSON. A request that comes in becomes a CALL under a message id
of its envelope or of ours; the CALLRESULT or CALLERROR with that id becomes the HTTP answer. A
CALL to the peer is posted; its HTTP answer comes back as CALLRESULT or CALLERROR. Where both legs
are SOAP and nothing is to be repaired, the body elements themselves travel beside the frames
(design/README.md decision 3). Spec: soap.md 2 to 6.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gateway.core.codec import ocppj
from gateway.core.codec.diagnosis import LONGEST_ID
from gateway.core.codec.soap import Soap
from gateway.core.codec.soap_fault import (
    IDENTITY_MISMATCH,
    description,
    details,
    error_of_fault,
    fault_of_error,
    relayed,
)
from gateway.core.codec.soap_read import Reading, ReadSettings
from gateway.core.codec.soap_service import RECEIVER, Fault, Head, Service, SoapRefused
from gateway.core.codec.soap_write import Letter, letter_to
from gateway.core.dialects import INTERNAL_ERROR, Side, Version
from gateway.core.errors import MappingError, PayloadInvalid, TransportError
from gateway.core.frames import Call, CallError, CallResult, JsonObject
from gateway.core.session.effects import Message, Record
from gateway.io.carrier import Owner
from gateway.io.soap_http import status_of
from gateway.io.soap_post import Posted, Poster

MOST_OPEN = 64
"""Requests of one peer that may wait for their answers: more than any but a hostile one has."""

BROKEN = "the answer breaks its schema"
BODIES_BYTES = 32 << 20
_LIMITS = ocppj.Limits(64, 1 << 20)

logger = logging.getLogger(__name__)


class Bodies:
    """Body elements on their way from one SOAP leg to the other, by station and message id.

    most: bytes of the messages that they are from. Beyond that the oldest is given up: what was on
    its way with it is written anew from its payload.
    """

    def __init__(self, most: int = BODIES_BYTES) -> None:
        self._most = most
        self._bytes = 0
        self._kept: dict[tuple[str, str], tuple[Reading, int]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, station: str, message_id: str, reading: Reading, size: int) -> None:
        self.take(station, message_id)
        self._kept[station, message_id] = (reading, size)
        self._bytes += size
        while self._bytes > self._most:
            self.take(*next(iter(self._kept)))

    def take(self, station: str, message_id: str) -> Reading | None:
        reading, size = self._kept.pop((station, message_id), (None, 0))
        self._bytes -= size
        return reading


@dataclass(frozen=True, slots=True)
class SoapTools:
    """What all SOAP links share.

    ids: for the envelopes that we write; boots: the action by which a station registers; boot16:
    a stored boot, of either version, as one of 1.6; money: actions whose messages an outage never
    turns into an error (reliability P3).
    """

    codec: Soap
    ids: Iterator[str]
    poster: Poster
    boots: str
    boot16: Callable[[JsonObject], JsonObject | None]
    money: frozenset[str]
    bodies: Bodies = field(default_factory=Bodies)


class Manner(NamedTuple):
    """How one peer is spoken to; keys of `soap` in the configuration."""

    must_understand: bool = True
    prefix: str = ""
    compress: bool = False
    fault_status: int | str = 500
    answer_s: float = 30.0
    reads: ReadSettings = ReadSettings()
    bodies_pass: bool = False


class Answered(NamedTuple):
    """An envelope to be sent as an HTTP answer."""

    data: bytes
    status: int = 200


class _Pending(NamedTuple):
    reading: Reading
    answer: "asyncio.Future[Answered | None]"


class SoapLink(ABC):
    """One SOAP peer of a session."""

    def __init__(self, side: Side, station: str, tools: SoapTools, manner: Manner) -> None:
        self.side = side
        self.station = station
        self.full = False
        self.closing = False
        self.ending = ""
        self.tools = tools
        self.manner = manner
        towards_station = side is Side.STATION
        self.hosts = Service.CENTRAL_SYSTEM if towards_station else Service.CHARGE_POINT
        self.calls = Service.CHARGE_POINT if towards_station else Service.CENTRAL_SYSTEM
        self._loop = asyncio.get_running_loop()
        self._owner: Owner | None = None
        self._open: dict[str, _Pending] = {}
        self._posting: set[asyncio.Task[None]] = set()
        self._readable = asyncio.Event()

    # -- as a carrier ------------------------------------------------------------------------

    @property
    def unread(self) -> int:
        return 0

    @property
    def open(self) -> bool:
        return not self.closing

    def attach(self, owner: Owner) -> None:
        self._owner = owner
        self._readable.set()

    def resume(self) -> None:
        self._readable.set()

    async def answers(self, within_s: float) -> bool:
        """A peer without a connection cannot be probed: one with a connection takes its place."""
        return False

    def send(self, data: bytes) -> None:
        """A CALL is posted; an answer goes out as the answer of its HTTP request."""
        if self.closing:
            return
        frame = ocppj.decode(data, Version.V16, _LIMITS)
        if not isinstance(frame, Call):
            self._answer(frame)
            return
        task = self._loop.create_task(self._carry(frame))
        self._posting.add(task)
        task.add_done_callback(self._posting.discard)

    def unanswered(self, handle: Any) -> None:
        pending = self._open.pop(handle, None)
        if pending is not None and not pending.answer.done():
            pending.answer.set_result(None)

    def close(self, code: int, reason: str) -> None:
        """Requests that are open get no answer, and what was posted is not waited for."""
        if self.closing:
            return
        self.closing = True
        self.ending = f"{code} {reason}"
        for handle in list(self._open):
            self.unanswered(handle)
        for task in self._posting:
            task.cancel()
        self._readable.set()
        self._loop.call_soon(self._gone)

    def _gone(self) -> None:
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.gone(self)

    # -- requests of the peer ----------------------------------------------------------------

    async def take(
        self, reading: Reading, size: int, peer: str | None, sender: str | None
    ) -> Answered | None:
        """What a request is answered with; None: 503 without a body (soap.md 6).

        size: bytes of its envelope; peer: IP address that it came from; sender: the callback
        address that it told, if any.
        """
        if len(self._open) >= MOST_OPEN:
            return None
        message_id = self._id(reading.head)
        pending = _Pending(reading, self._loop.create_future())
        self._open[message_id] = pending
        try:
            async with asyncio.timeout(self.manner.answer_s):
                await self._readable.wait()
                if self.manner.bodies_pass:
                    self.tools.bodies.put(self.station, message_id, reading, size)
                self._hand_over(message_id, reading, peer, sender)
                return await pending.answer
        except TimeoutError:
            return None
        finally:
            self._open.pop(message_id, None)
            self.tools.bodies.take(self.station, message_id)

    def _hand_over(
        self, message_id: str, reading: Reading, peer: str | None, sender: str | None
    ) -> None:
        owner = self._owner
        if owner is None:
            self.unanswered(message_id)
            return
        self._note_reading(reading, message_id)
        data = ocppj.encode_call(message_id, reading.action, reading.payload or {})
        envelope = Message(data, reading.head.identity, sender, peer, message_id)
        if not owner.received(self, data, envelope):
            self._readable.clear()

    def fault(self, reading: Reading | SoapRefused, fault: Fault) -> Answered:
        """A fault in answer to a request."""
        letter = self._answering(reading.head)
        data = self.tools.codec.write.fault(self.hosts, reading.action, fault, letter)
        return Answered(data, status_of(fault, self.manner.fault_status))

    def at_once(self, reading: Reading) -> Answered:
        """The answer to a request that JSON cannot express (soap.md 8, rule 3)."""
        letter = self._answering(reading.head)
        write = self.tools.codec.write
        return Answered(write.answer(self.hosts, reading.action, reading.answer or {}, letter).data)

    def _id(self, head: Head) -> str:
        """The message id of the envelope where it can be one of ours, for the records' sake."""
        said = (head.message_id or "").removeprefix("urn:uuid:")
        free = 0 < len(said) <= LONGEST_ID and said not in self._open and said.isprintable()
        if free and not self.manner.bodies_pass:
            return said
        return next(self.tools.ids)

    def _answer(self, frame: CallResult | CallError) -> None:
        passing = self.tools.bodies.take(self.station, frame.message_id)
        pending = self._open.pop(frame.message_id, None)
        if pending is None or pending.answer.done():
            return
        try:
            answered = self._answered(pending.reading, frame, passing)
        except (PayloadInvalid, MappingError) as error:
            self._note("invalid_output", pending.reading.action, frame.message_id, str(error))
            fault = Fault(RECEIVER, INTERNAL_ERROR, "the answer cannot be expressed")
            answered = self.fault(pending.reading, fault)
        pending.answer.set_result(answered)

    def _answered(
        self, reading: Reading, frame: CallResult | CallError, passing: Reading | None
    ) -> Answered:
        """passing: the answer as it came, if it may pass as it is."""
        write, letter = self.tools.codec.write, self._answering(reading.head)
        if isinstance(frame, CallError):
            if passing is not None and passing.fault is not None:
                return self.fault(reading, relayed(passing.fault))
            return self.fault(reading, fault_of_error(frame.code, frame.description))
        if passing is not None and passing.body is not None and passing.fault is None:
            return Answered(write.relay(passing, letter))
        written = write.answer(self.hosts, reading.action, frame.payload, letter)
        self._note_losses(reading.action, frame.message_id, written.losses)
        return Answered(written.data)

    def _answering(self, head: Head) -> Letter:
        return letter_to(head, self.station, self._new_id(), self.manner.prefix)

    # -- calls to the peer -------------------------------------------------------------------

    async def _carry(self, call: Call) -> None:
        try:
            answer = await self._asked(call)
        except Exception as error:
            logger.error("station %r: a SOAP call failed", self.station, exc_info=error)
            answer = self.refusal(call, INTERNAL_ERROR, "failure of the gateway")
        if answer is not None and self._owner is not None and not self.closing:
            self._owner.received(self, answer.data, answer)

    async def _asked(self, call: Call) -> Message | None:
        """The answer as a frame; None if there is none and will be none."""
        letter = self.letter(call)
        try:
            data = self._written(call, letter)
        except PayloadInvalid as error:
            first = error.violations[0]
            return self.refusal(call, first.code, f"{first.path}: {first.message}")
        except MappingError as error:
            return self.refusal(call, INTERNAL_ERROR, str(error))
        return await self.exchange(call, data, letter.message_id)

    def _written(self, call: Call, letter: Letter) -> bytes:
        write = self.tools.codec.write
        passing = self.tools.bodies.take(self.station, call.message_id)
        if passing is not None and passing.body is not None:
            return write.relay(passing, letter)
        written = write.call(self.calls, call.action, call.payload, letter)
        self._note_losses(call.action, call.message_id, written.losses)
        return written.data

    @abstractmethod
    def letter(self, call: Call) -> Letter:
        """The headers of a call to this peer."""

    @abstractmethod
    async def exchange(self, call: Call, data: bytes, asked: str) -> Message | None:
        """Post an envelope and bring its answer, or what stands for it; None: there is none.

        asked: MessageID of the envelope.
        """

    def read(self, call: Call, posted: Posted, asked: str) -> Message:
        """The frame of an HTTP answer. Raises TransportError where it is no SOAP answer at all."""
        read = self.tools.codec.read
        try:
            reading = read.answer(
                self.calls,
                call.action,
                posted.body,
                posted.content_type,
                self.manner.reads,
                asked,
            )
        except SoapRefused as refused:
            if refused.action:
                # It is the peer that answers, not something on the way: no outage, and no repeat.
                return self.refusal(call, INTERNAL_ERROR, f"{BROKEN}: {refused}")
            raise TransportError(f"HTTP {posted.status}: {refused}") from refused
        self._note_reading(reading, call.message_id)
        if self.manner.bodies_pass:
            size = len(posted.body)
            self.tools.bodies.put(self.station, call.message_id, reading, size)
        if reading.fault is not None:
            return self._of_fault(call, reading.fault, posted.status)
        if reading.payload is None and not self.manner.bodies_pass:
            return self.refusal(call, INTERNAL_ERROR, BROKEN)
        return Message(ocppj.encode_result(call.message_id, reading.payload or {}))

    def _of_fault(self, call: Call, fault: Fault, status: int) -> Message:
        code = error_of_fault(fault, self.side.other)
        said = details(fault, status)
        sender = None
        if fault.subcode == IDENTITY_MISMATCH and self.side is Side.STATION:
            # It is somebody else who listens there now (soap.md 6).
            self.forget()
            sender = ""
        return self.refusal(call, code, description(fault), said, sender)

    @abstractmethod
    def forget(self) -> None:
        """The peer's address is no good any more."""

    def refusal(
        self,
        call: Call,
        code: str,
        text: str,
        said: Mapping[str, Any] | None = None,
        sender: str | None = None,
    ) -> Message:
        """A CALLERROR that stands for the answer to a call."""
        data = ocppj.encode_error(call.message_id, code, text, dict(said or {}), Version.V16)
        return Message(data, sender=sender)

    def _new_id(self) -> str:
        return f"urn:uuid:{next(self.tools.ids)}"

    # -- records -----------------------------------------------------------------------------

    def _note_reading(self, reading: Reading, message_id: str) -> None:
        if repairs := reading.repairs:
            text = ", ".join(repairs)
            self._note("soap_repaired", reading.action, message_id, text, repairs=repairs)
        if reading.notes:
            self._note("soap_odd", reading.action, message_id, ", ".join(reading.notes))

    def _note_losses(self, action: str, message_id: str, losses: tuple[str, ...]) -> None:
        if losses:
            self._note("soap_losses", action, message_id, "; ".join(losses), losses=losses)

    def _note(
        self, outcome: str, action: str, message_id: str, text: str, **members: tuple[str, ...]
    ) -> None:
        if self._owner is not None:
            record = Record("=", self.side, action, message_id, outcome, text, **members)  # type: ignore[arg-type]
            self._owner.noted(record)
