"""The transparent hop: both legs speak one dialect, bytes pass untouched and are only observed.

Spec: design/README.md decision 3. Nothing is queued, reordered, answered or refused here, except
that frames wait for a leg that is being dialled again (mirror rule).
"""

from collections import deque

from gateway.core.codec import ocppj
from gateway.core.dialects import Encoding, Side, Version
from gateway.core.errors import FrameError
from gateway.core.frames import Call, CallResult, Frame
from gateway.core.schema.violations import describe
from gateway.core.session.desk import Desk
from gateway.core.session.effects import Record, Send
from gateway.core.session.state import Registration
from gateway.core.session.wire import Wire

FRAMES_HELD = 64
CALLS_REMEMBERED = 16


class Transparent:
    """Passes messages between two legs of one dialect and records what went by."""

    def __init__(self, desk: Desk, wire: Wire, limits: ocppj.Limits) -> None:
        self._desk = desk
        self._wire = wire
        self._limits = limits
        self._held: dict[Side, deque[bytes]] = {side: deque() for side in Side}
        self._actions: dict[Side, dict[str, str]] = {side: {} for side in Side}

    def accepting(self, side: Side) -> bool:
        """False while as much waits for the other leg as is held for it."""
        return len(self._held[side.other]) < FRAMES_HELD

    def receive(self, side: Side, data: bytes) -> None:
        self._observe(side, data)
        if side.other in self._desk.legs:
            self._wire.add(Send(side.other, data))
        else:
            self._held[side.other].append(data)

    def leg_up(self, side: Side) -> None:
        """Send what waited for that leg."""
        held = self._held[side]
        while held:
            self._wire.add(Send(side, held.popleft()))

    def leg_down(self, side: Side) -> None:
        self._actions[side].clear()
        self._held[side].clear()

    def _observe(self, side: Side, data: bytes) -> None:
        version = self._desk.legs[side].version
        try:
            frame = ocppj.decode(data, version, self._limits)
        except FrameError as error:
            self._wire.add(Record("<", side, "", error.message_id or "", "unreadable", str(error)))
            return
        action = self._action(side, frame)
        self._remember(side, action, frame)
        outcome, text = self._verdict(version, action, frame)
        payload = getattr(frame, "payload", None)
        self._wire.add(Record("<", side, action, frame.message_id, outcome, text, payload))

    def _action(self, side: Side, frame: Frame) -> str:
        """The action of a call, or of the call that an answer belongs to; "" if unknown."""
        if isinstance(frame, Call):
            open_calls = self._actions[side]
            open_calls[frame.message_id] = frame.action
            if len(open_calls) > CALLS_REMEMBERED:
                del open_calls[next(iter(open_calls))]
            return frame.action
        return self._actions[side.other].pop(frame.message_id, "")

    def _remember(self, side: Side, action: str, frame: Frame) -> None:
        """What the station says of itself at a boot, by which routes are chosen; and the interval
        that a station without a connection was given."""
        leg = self._desk.legs.get(Side.STATION)
        if leg is None or action != self._desk.revision.maps.registering.action(leg.version):
            return
        bindings = self._desk.bindings
        known = bindings.registration
        soap = leg.encoding is Encoding.SOAP
        if isinstance(frame, Call) and side is Side.STATION:
            if soap or frame.payload != known.boot:
                boot = Registration(
                    known.status, frame.payload, known.interval, known.asked or soap
                )
                bindings.keep_registration(boot)
        elif soap and isinstance(frame, CallResult):
            interval = frame.payload.get("interval")
            if isinstance(interval, int):
                bindings.keep_registration(Registration(known.status, known.boot, interval, True))

    def _verdict(self, version: Version, action: str, frame: Frame) -> tuple[str, str]:
        """(outcome, sentence) of a frame against its schema."""
        catalog = self._desk.revision.catalog
        payload = getattr(frame, "payload", None)
        if payload is None or not action or catalog.sender(version, action) is None:
            return "ok", ""
        part = "request" if isinstance(frame, Call) else "response"
        if catalog.is_valid(version, action, part, payload):
            return "ok", ""
        return "invalid", describe(catalog.violations(version, action, part, payload))
