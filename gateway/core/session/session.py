"""TranslationSession: one station's legs, exchanges and memory. Bytes in, effects out.

Theory of operation. A session lives while either leg of its station is up. Each input (`leg_up`,
`leg_down`, `receive`, `tick`) is worked off at once and returns the effects to carry out, in order;
nothing here waits. Inside, one input goes through these steps:

    receive    bytes -> Call, CallResult or CallError (`intake.py`)
    Call       known to that version, of that role, switched on?   else CallError
               id open already?                                    ignored (ledger, R5)
               lane busy?                                          waits its turn, or joins
               payload against its schema                          repaired or CallError
               map entry -> its procedure, a generator, is started
    answer     ledger finds the call it ends; payload against its schema;
               an exchange is resumed, an entry settled, or nobody cares any more
    procedure  runs until it yields something to wait for (`requests.py`)
    flush      while a lane is idle and has a queue, the next call leaves on it

Who waits for what, and how it ends:

    wait                              ends with
    --------------------------------  ------------------------------------------------------------
    Ask, call open or queued          Reply; at the deadline Reply(NONE) and the call is abandoned
    Await topic                       what was published; at the deadline None
    entry open at the CSMS            its answer, whenever it comes on this leg. At its deadline
                                      nothing is answered to the station (P3): the exchanges that
                                      await it learn by their own deadline, see `Unanswered`.
                                      After `retry_grace_s` more the CSMS leg is closed, and the
                                      entry goes out again on the next one

Order. An answer and a new call to the same peer that arise together leave in that order, because
answers are emitted while a procedure runs and queued calls only in the flush at the end
(translation-station 1.1, 6). Whatever changed in memory is saved before the next frame leaves, so
a frame never relies on something that a crash could forget.

Oddities. A frame without a readable id cannot be answered in 1.6. A CallResult that breaks its
schema ends its call as INVALID and is never answered. A procedure that raises is our own fault:
its exchange gets InternalError, the record a traceback, the session goes on.
"""

from collections.abc import Iterator
from typing import Any

from gateway.core.dialects import CSMS, STATION, Encoding, Leg, Side, Version, read_error
from gateway.core.errors import FrameError, UnknownMessageId
from gateway.core.frames import Call, CallError, CallResult, Frame, JsonObject
from gateway.core.session import callback, legs, procedures, silence
from gateway.core.session.boot_first import BootFirst
from gateway.core.session.desk import Desk, Revision
from gateway.core.session.effects import Effect, Message, NoAnswer, Record
from gateway.core.session.exchange import Exchange
from gateway.core.session.intake import Intake
from gateway.core.session.ledger import Ledger
from gateway.core.session.opening import Opening, OpeningKey, opening
from gateway.core.session.requests import RESULT, Outcome, Refuse, Reply
from gateway.core.session.runner import NO_REPLY, Runner
from gateway.core.session.state import Loaded
from gateway.core.session.transparent import Transparent
from gateway.core.session.wire import Wire
from gateway.core.settings import SessionSettings

_VERSION_LESS = "-1"
_EXAMINED = b""
"""Stands for the bytes of a frame that have been looked at already."""

_new = tuple.__new__
_NO_REPAIRS: tuple[str, ...] = ()
DAY_S = 86400.0


class TranslationSession:
    """One station identity: its legs, its exchanges, its bindings.

    epoch: the lease under which the pump saves; loaded: what the store holds of the station;
    ids: ready message ids (UUIDv4 text), endless; revision: schemas and maps; config: its route's.
    """

    def __init__(
        self,
        station: str,
        epoch: int,
        loaded: Loaded,
        ids: Iterator[str],
        revision: Revision,
        config: SessionSettings,
    ) -> None:
        self.station = station
        self.epoch = epoch
        self._config = config
        self._desk = Desk(station, loaded, revision, config, ids)
        self._intake = Intake(self._desk, config)
        self._wire = Wire(self._desk)
        self._runner = Runner(self._desk, self._wire, procedures.ENTRY_KINDS, procedures.published)
        self._boot_first = BootFirst(self._desk)
        self._transparent: Transparent | None = None
        self._ledgers = tuple(self._desk.ledgers.values())
        self._unknown = self._desk.bindings.registration.status == "none"
        self._first_call: Exchange | None = None
        self._held_back = tuple(self._desk.entries.values())
        self._ending = False

    # -- inputs -----------------------------------------------------------------------------

    def leg_up(self, leg: Leg, now: float) -> list[Effect]:
        """A peer is there. Its first frame comes after this."""
        self._begin(now)
        self._resume_entries()
        desk, side = self._desk, leg.side
        # The CSMS's leg may come up first; what is said on it depends on the station's version.
        last = CSMS if STATION in desk.versions else STATION
        desk.legs[side] = leg
        desk.versions[side] = leg.version
        self._wire.opened(side)
        legs.up(desk, side)
        if leg.transparent and self._transparent is None:
            self._transparent = Transparent(desk, self._wire, self._intake.limits)
        if side is STATION:
            desk.bindings.version = leg.version
            desk.bindings.expire(now, self._config.keep_transactions_days * DAY_S)
            silence.heard(desk, self._wire)
            procedures.station_up(desk)
        else:
            self._boot_first.opened()
        if self._transparent is not None:
            self._transparent.leg_up(side)
        elif side is last and CSMS in desk.legs:
            procedures.csms_up(desk)
        return self._finish()

    def leg_down(self, side: Side, now: float) -> list[Effect]:
        """A peer is gone. What that does to the other leg: legs.py."""
        self._begin(now)
        desk = self._desk
        if desk.legs.pop(side, None) is None:
            return self._finish()
        if self._transparent is not None:
            self._transparent.leg_down(side)
        legs.down(desk, self._wire, self._runner, side)
        effects = self._finish()
        desk.wake = min(desk.next_timer(), self._runner.next_deadline())
        return effects

    def receive(self, side: Side, message: Message, now: float) -> list[Effect]:
        """One whole message from a peer. Never raises because of what the peer sent."""
        self._begin(now)
        leg = self._desk.legs.get(side)
        if leg is None:
            return self._finish()
        if leg.encoding is Encoding.SOAP and side is STATION:
            self._told(message)
        if self._transparent is not None:
            self._transparent.receive(side, message.data)
            return self._finish()
        intake = self._intake
        frame: Frame | None
        try:
            frame = intake.read(message.data, leg.version, intake.limits)
        except FrameError as error:
            frame = intake.closed(leg.version, message.data) if side is STATION else None
            if frame is None:
                self._unreadable(side, leg.version, error, message.handle)
                return self._finish()
            self._wire.completed(side, frame[0])
            message = message._replace(data=_EXAMINED)
        if isinstance(frame, Call):
            self._call(side, frame, message)
            if side is STATION and leg.encoding is Encoding.SOAP:
                procedures.station_heard(self._desk)
        elif isinstance(frame, CallResult):
            self._result(side, leg.version, frame, message)
        else:
            self._error(side, frame, message.unanswered)
        return self._finish()

    def tick(self, now: float) -> list[Effect]:
        """Time has passed: deadlines and timers that are due."""
        self._begin(now)
        desk = self._desk
        if now >= desk.wake:
            for action in desk.due_timers():
                action()
            self._runner.expire()
            self._work()
            desk.wake = min(desk.next_timer(), self._runner.next_deadline())
        return self._finish()

    @property
    def next_deadline(self) -> float | None:
        """When to call `tick` next, seconds since the epoch; it may come early, never late."""
        wake = self._desk.wake
        return None if wake == float("inf") else wake

    @property
    def idle(self) -> bool:
        """No call of either peer is open: nothing is lost by closing now."""
        return not any(
            ledger.serving or ledger.open or (ledger.waiting and not self._ending)
            for ledger in self._ledgers
        )

    def wind_up(self) -> None:
        """The gateway ends (reliability R23): calls that are open are seen through, others are left
        without an answer. No peer has heard of those, so that their repeats double nothing."""
        self._ending = True

    @property
    def _opens_no_more(self) -> bool:
        """A command that is open may wait for what the station says."""
        return self._ending and self._desk.ledgers[CSMS].serving is None

    def accepting(self, side: Side) -> bool:
        """False: stop reading from that peer, its queue is full (reliability R1)."""
        if self._transparent is not None:
            return self._transparent.accepting(side)
        queue = self._desk.ledgers[side].waiting
        return self._ending or len(queue) < self._config.station_queue

    def charging(self, connector16: int) -> bool:
        """Whether a transaction is known to run on that connector of a 1.6 station."""
        return self._desk.bindings.running_on(connector16) is not None

    # -- one input --------------------------------------------------------------------------

    def _begin(self, now: float) -> None:
        desk = self._desk
        desk.now = desk.bindings.now = now

    def _finish(self) -> list[Effect]:
        self._work()
        if self._first_call is not None and self._first_call.answered:
            self._ask_boot(self._first_call)
        return self._wire.take()

    def _told(self, message: Message) -> None:
        """A request of a station without a connection shows that it is there, perhaps where."""
        if message.handle is not None:
            silence.heard(self._desk, self._wire)
        if message.sender is not None:
            callback.learn(self._desk, message.sender)

    def _ask_boot(self, first: Exchange) -> None:
        """An unknown station has called and been answered. Spec: translation-station 3.1."""
        self._first_call = None
        if not first.direction.params.get("registers"):
            procedures.register.ask_again(self._desk)
            self._work()

    def _work(self) -> None:
        """Flush the lanes and open waiting calls until nothing moves any more."""
        runner = self._runner
        if self._desk.published:
            runner.deliver()
        runner.flush()
        for ledger in self._ledgers:
            while ledger.waiting and ledger.serving is None and not self._opens_no_more:
                self._open_next(ledger)
                runner.deliver()
                runner.flush()

    def _open_next(self, ledger: Ledger) -> None:
        """Open the call that has waited longest; those that repeat it share its answer."""
        call, message, arrived = ledger.waiting.pop(0)
        self._open(ledger.side, call, message, arrived)
        for again in tuple(ledger.waiting):
            if self._joined(ledger, again[0], again[1]):
                ledger.waiting.remove(again)

    # -- frames -----------------------------------------------------------------------------

    def _unreadable(self, side: Side, version: Version, error: FrameError, handle: Any) -> None:
        """Decision 22: who can be answered is, under the id that could be read."""
        self._wire.add(Record("<", side, "", error.message_id or "", "unreadable", str(error)))
        message_id = error.message_id
        if message_id is None and version is not Version.V16:
            message_id = _VERSION_LESS
        if error.answer and message_id is not None:
            self._refuse(side, "", message_id, handle, Refuse(error.code, str(error)))
        elif not error.answer and error.message_id is not None:
            self._fail_call(side, error.message_id)
        self._count_unsolicited(side)

    def _call(self, side: Side, call: Call, message: Message) -> None:
        ledger = self._desk.ledgers[side]
        if ledger.repeated(call.message_id, self._desk.now, self._config.id_memory_s):
            if ledger.is_open(call.message_id):
                self._wire.received(side, call, "duplicate_id")
                return
            self._wire.received(side, call, "repeated_id")
        else:
            self._wire.received(side, call, "ok")
        shut = self._opens_no_more
        if ledger.serving is None and not shut:
            self._open(side, call, message, self._desk.now)
        elif not self._joined(ledger, call, message) and not shut:
            ledger.waiting.append((call, message, self._desk.now))

    def _joined(self, ledger: Ledger, call: Call, message: Message) -> bool:
        """Whether a call repeats the transaction message being served, whose answer is from now on
        the call's (translation-station 5.4)."""
        serving = ledger.serving
        if serving is None or not _repeats(call, serving):
            return False
        if serving.handle is not None:
            self._wire.add(NoAnswer(ledger.side, serving.handle))
        serving.call = call
        serving.handle = message.handle
        return True

    def _open(self, side: Side, call: Call, message: Message, arrived: float) -> None:
        desk = self._desk
        versions = desk.versions
        key = (side, versions[side], versions[side.other], call.action)
        found = desk.revision.openings.get(key) or opening(desk.revision, key)
        if isinstance(found, Refuse):
            found = self._unsound(side, message) or found
            self._refuse(side, call.action, call.message_id, message.handle, found)
            return
        if side is STATION and found.direction.params.get("registers"):
            found = self._fitting(key, call.payload)
        direction, procedure, accepts, _ = found
        x = Exchange(desk, side, call, direction, message.handle)
        x.arrived = arrived
        desk.ledgers[side].serving = x
        if self._unknown and side is STATION:
            self._unknown = False
            self._first_call = x
        refuse = None
        if self._intake.suspect or not accepts(call.payload):
            refuse = self._unsound(side, message) or self._intake.mend(versions[side], x)
            if refuse is not None and direction.retry and side is STATION:
                desk.quarantine(call, message.data)
        if refuse is None and side is STATION:
            refuse = procedures.register.unregistered(x)
        if refuse is not None:
            x.answered = True
            desk.ledgers[side].serving = None
            self._wire.refuse(x, refuse)
            if direction.params.get("registers"):
                self._fit(desk.bindings.registration.boot)
            return
        if side is STATION and x.call is not call and direction.params.get("registers"):
            self._fit(x.payload)
        self._runner.start(x, procedure(x))

    def _fitting(self, key: OpeningKey, boot: JsonObject) -> Opening:
        """What a boot opens with, once the maps fit the station that it tells of."""
        self._fit(boot)
        found = opening(self._desk.revision, key)
        assert isinstance(found, Opening)
        return found

    def _fit(self, boot: JsonObject | None) -> None:
        """Work by the maps for a station that says this of itself; None: it has not booted."""
        self._desk.fit(boot)
        self._wire.revised()
        self._intake.revised()

    def _unsound(self, side: Side, message: Message) -> Refuse | None:
        """What makes a frame unreadable after all; it counts as one that was from the start."""
        refuse = self._intake.unsound(self._desk.versions[side], message.data)
        if refuse is not None:
            self._count_unsolicited(side)
        return refuse

    def _refuse(
        self, side: Side, action: str, message_id: str, handle: Any, refuse: Refuse
    ) -> None:
        self._wire.error(side, message_id, refuse, handle)
        self._wire.add(Record(">", side, action, message_id, refuse.code, refuse.description))

    def _result(self, side: Side, version: Version, frame: CallResult, message: Message) -> None:
        try:
            outgoing, late = self._desk.ledgers[side].answered(frame.message_id)
        except UnknownMessageId:
            self._unsolicited(side, frame.message_id)
            return
        payload, repairs, usable = frame.payload, _NO_REPAIRS, True
        intake, action = self._intake, outgoing.action
        if intake.suspect or not intake.bounded(version, action, "response", payload):
            payload, repairs, usable = intake.mended(version, action, "response", payload)
            usable = usable and self._unsound(side, message) is None
        outcome = ("late" if late else "ok") if usable else "invalid"
        self._wire.answered(
            side, frame.message_id, outgoing, outcome, frame.payload, repairs=repairs
        )
        if usable:
            self._runner.ended(outgoing, _new(Reply, (RESULT, payload, None)))
        else:
            self._runner.ended(outgoing, Reply(Outcome.INVALID, {}))

    def _error(self, side: Side, frame: CallError, unanswered: bool) -> None:
        try:
            outgoing, late = self._desk.ledgers[side].answered(frame.message_id)
        except UnknownMessageId:
            self._unsolicited(side, frame.message_id)
            return
        code = read_error(frame.code)
        self._wire.answered(side, frame.message_id, outgoing, code, None, frame.description)
        over = unanswered if late else self._boot_first.again(side, outgoing, code)
        if over:
            return
        error = frame if code == frame.code else frame._replace(code=code, spelled=frame.code)
        self._runner.ended(outgoing, NO_REPLY if unanswered else Reply(Outcome.ERROR, {}, error))

    def _fail_call(self, side: Side, message_id: str) -> None:
        """An answer that cannot be read ends its call as an invalid one would."""
        try:
            outgoing, _ = self._desk.ledgers[side].answered(message_id)
        except UnknownMessageId:
            return
        self._runner.ended(outgoing, Reply(Outcome.INVALID, {}))

    # -- records and counts -----------------------------------------------------------------

    def _unsolicited(self, side: Side, message_id: str) -> None:
        self._wire.add(Record("<", side, "", message_id, "unsolicited", "answers nothing open"))
        self._count_unsolicited(side)

    def _count_unsolicited(self, side: Side) -> None:
        count = self._desk.ledgers[side].count_unsolicited(self._desk.now)
        if count >= self._config.unsolicited_per_minute:
            self._wire.close(side, 1008, "too many unreadable frames or answers to nothing")

    # -- legs -------------------------------------------------------------------------------

    def _resume_entries(self) -> None:
        """Queue in order what the store held back, once it is known by the time what is due."""
        for entry in sorted(self._held_back, key=lambda e: e.seq):
            self._runner.requeue(entry)
        self._held_back = ()


def _repeats(call: Call, serving: Exchange) -> bool:
    paths = serving.direction.retry
    if not paths or call.action != serving.call.action:
        return False
    return all(_at(call.payload, path) == _at(serving.payload, path) for path in paths)


def _at(payload: JsonObject, path: tuple[str, ...]) -> Any:
    value: Any = payload
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
