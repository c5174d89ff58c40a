"""Drives procedures and lanes: what a procedure yields is done, what it waits for resumes it.

The session feeds it with what came in; see the theory of operation in session.py.
"""

import traceback
from collections.abc import Callable, Hashable

from gateway.core.dialects import CSMS, INTERNAL_ERROR, SIDES, STATION, Leg, Side
from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.session.desk import Desk
from gateway.core.session.effects import NoAnswer, Record
from gateway.core.session.entries import DEAD, KEEP, Entry, EntryKinds
from gateway.core.session.exchange import Exchange
from gateway.core.session.lacking import stand_in
from gateway.core.session.ledger import Outgoing
from gateway.core.session.requests import (
    Answer,
    Ask,
    Await,
    Outcome,
    Procedure,
    Refuse,
    Reply,
    Unanswered,
)
from gateway.core.session.wire import Wire

NO_REPLY = Reply(Outcome.NONE, {})
LOST = Reply(Outcome.LOST, {})
UNDELIVERABLE = Reply(Outcome.INVALID, {})
UNSENT = Reply(Outcome.ERROR, {})
_WAITS = (Ask, Await)


class Runner:
    """kinds: how durable entries are completed and settled, by `Entry.kind`.

    observer: told of everything that was published.
    held_for_answer: until when the CSMS leg outlives the station's for a late answer.
    """

    def __init__(
        self,
        desk: Desk,
        wire: Wire,
        kinds: EntryKinds,
        observer: Callable[[Desk, Hashable], None],
    ) -> None:
        self._desk = desk
        self._wire = wire
        self._kinds = kinds
        self._observer = observer
        self._ledgers = tuple(desk.ledgers.values())
        self.suspended: dict[int, Exchange] = {}
        self.held_for_answer = 0.0
        self._given_up = self._late_call = ""
        self._bereft: Leg | None = None  # the leg of a CSMS that has lost its station

    @property
    def awaits_late_answer(self) -> bool:
        """Whether a transaction message had no answer and the CSMS still owes one of its calls."""
        ledger = self._desk.ledgers[CSMS]
        durable = ledger.open is not None and ledger.open.entry is not None
        owed = durable or ledger.owes(self._late_call)
        return owed and self.held_for_answer > self._desk.now

    # -- procedures -------------------------------------------------------------------------

    def start(self, x: Exchange, procedure: Procedure) -> None:
        settings = self._desk.settings
        # A request over HTTP is given up so long after it came, however long it waited its turn.
        since = self._desk.now if x.handle is None else x.arrived
        if x.side is STATION:
            x.limit = since + settings.upstream_timeout_s
        else:
            x.limit = since + settings.exchange_timeout_s
        x.procedure = procedure
        self.resume(x, None)

    def resume(self, x: Exchange, value: object) -> None:
        """Run the procedure until it waits again or ends."""
        procedure = x.procedure
        if procedure is None:
            return
        x.waiting = None
        try:
            while True:
                request = procedure.send(value)
                value = None
                if isinstance(request, Ask) and self._desk.now >= x.limit:
                    # No time is left to hear an answer: a call now would only be abandoned, open
                    # at the peer while the next one goes out.
                    value = NO_REPLY
                    continue
                if isinstance(request, _WAITS):
                    self._suspend(x, request)
                    return
                self._answer(x, request)
        except StopIteration:
            self._end(x)
        except Untranslatable as error:
            self._fail(x, Refuse(INTERNAL_ERROR, str(error)), "")
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            self._fail(
                x, Refuse(INTERNAL_ERROR, "internal failure"), traceback.format_exc() or text
            )

    def drop(self, x: Exchange) -> None:
        """End an exchange whose caller is gone; calls it has open end on their own."""
        self._unwait(x)
        procedure, x.procedure = x.procedure, None
        x.answered = True
        if procedure is not None:
            procedure.close()

    def _suspend(self, x: Exchange, request: Ask | Await) -> None:
        x.waiting = request
        if isinstance(request, Ask):
            x.deadline = x.limit
            side, action, payload, timeout_s, late, _ = request
            lost = x.untold() if x.lost else ()
            outgoing = Outgoing(action, payload, x, late, None, timeout_s, lost)
            self._desk.ledgers[side].queue.append(outgoing)
        else:
            x.deadline = request.deadline
            self._desk.awaited.setdefault(request.topic, []).append(x)
        self.suspended[id(x)] = x
        if x.deadline < self._desk.wake:
            self._desk.wake = x.deadline

    def _answer(self, x: Exchange, request: Answer | Refuse | Unanswered) -> None:
        if x.answered:
            return
        x.answered = True
        ledger = self._desk.ledgers[x.side]
        if ledger.serving is x:
            ledger.serving = None
        if x.side not in self._desk.legs:
            return
        if isinstance(request, Answer):
            self._wire.answer(x, request)
        elif isinstance(request, Refuse):
            self._wire.refuse(x, request)
        else:
            self._leave_unanswered(x, request)

    def _leave_unanswered(self, x: Exchange, request: Unanswered) -> None:
        desk = self._desk
        self.held_for_answer = desk.now + desk.settings.retry_grace_s
        self._late_call = self._given_up
        self._wire.add(
            Record(
                ">",
                x.side,
                x.call.action,
                x.call.message_id,
                "unanswered",
                request.reason,
                elapsed_s=desk.now - x.arrived,
            )
        )
        self._wire.add(NoAnswer(x.side, x.handle))

    def _end(self, x: Exchange) -> None:
        x.procedure = None
        self.suspended.pop(id(x), None)
        if not x.answered:
            self._answer(x, Refuse(INTERNAL_ERROR, "the procedure gave no answer"))

    def _fail(self, x: Exchange, refuse: Refuse, text: str) -> None:
        self._unwait(x)
        x.procedure = None
        if text:
            self._wire.add(
                Record("=", x.side, x.call.action, x.call.message_id, "internal_failure", text)
            )
        self._answer(x, refuse)

    def _unwait(self, x: Exchange) -> None:
        """Take an exchange out of whatever it waits for."""
        self.suspended.pop(id(x), None)
        waiting, x.waiting = x.waiting, None
        if isinstance(waiting, Await):
            self._forget_wait(waiting.topic, x)
        elif isinstance(waiting, Ask):
            self._forget_call(waiting.side, x)

    def _forget_wait(self, topic: Hashable, x: Exchange) -> None:
        waiters = self._desk.awaited.get(topic, [])
        if x in waiters:
            waiters.remove(x)
        if not waiters:
            self._desk.awaited.pop(topic, None)

    def _forget_call(self, side: Side, x: Exchange) -> None:
        ledger = self._desk.ledgers[side]
        if ledger.open is not None and ledger.open.exchange is x:
            ledger.open.exchange = None
        for outgoing in [o for o in ledger.queue if o.exchange is x]:
            ledger.queue.remove(outgoing)
            if side is STATION and outgoing.settled is not None:
                outgoing.settled(UNSENT)

    # -- topics and time --------------------------------------------------------------------

    def deliver(self) -> None:
        """Resume the procedures whose topics were published."""
        desk = self._desk
        while published := desk.take_published():
            for topic, value in published:
                self._observer(desk, topic)
                for x in desk.awaited.pop(topic, []):
                    self.suspended.pop(id(x), None)
                    x.waiting = None
                    self.resume(x, value)

    def expire(self) -> None:
        """End the waits whose deadline has passed."""
        now = self._desk.now
        for x in [x for x in self.suspended.values() if x.deadline <= now]:
            waiting = x.waiting
            if isinstance(waiting, Ask):
                self._abandon(waiting.side, x)
            self._unwait(x)
            self.resume(x, NO_REPLY if isinstance(waiting, Ask) else None)
            self._given_up = ""
        for side in SIDES:
            self._expire_call(side)

    def next_deadline(self) -> float:
        """The earliest time at which `expire` has something to do."""
        times = [x.deadline for x in self.suspended.values()]
        times += [o.deadline for ledger in self._ledgers if (o := ledger.open) is not None]
        return min(times, default=float("inf"))

    def _abandon(self, side: Side, x: Exchange) -> None:
        """Nobody waits for the open call any more; its lane is free at its own deadline."""
        outgoing = self._desk.ledgers[side].open
        if outgoing is not None and outgoing.exchange is x:
            outgoing.exchange, outgoing.late = None, True
            self._given_up = outgoing.message_id

    def _expire_call(self, side: Side) -> None:
        ledger = self._desk.ledgers[side]
        outgoing = ledger.open
        if outgoing is None or outgoing.deadline > self._desk.now:
            return
        if outgoing.entry is not None:
            self._wire.close(side, 1000, "no answer to a transaction message")
            outgoing.deadline = float("inf")
            return
        ledger.abandon()
        if not outgoing.late:
            self.ended(outgoing, NO_REPLY)

    # -- calls ------------------------------------------------------------------------------

    def ended(self, outgoing: Outgoing, reply: Reply) -> None:
        """A call has ended: settle its entry, or tell whoever waited."""
        if outgoing.entry is not None:
            self._settle(outgoing, reply)
        elif outgoing.exchange is not None:
            x, outgoing.exchange = outgoing.exchange, None
            self.suspended.pop(id(x), None)
            self.resume(x, reply)
        elif outgoing.settled is not None:
            outgoing.settled(reply)
        if self._desk.published:
            self.deliver()

    def _settle(self, outgoing: Outgoing, reply: Reply) -> None:
        entry = outgoing.entry
        assert entry is not None
        try:
            verdict = self._kinds[entry.kind].settle(self._desk, entry, reply)
        except Exception:
            self._desk.note("internal_failure", traceback.format_exc(), entry.action, CSMS)
            verdict = DEAD
        if verdict is KEEP:
            self.requeue(entry, outgoing.losses, first=True)
        else:
            self._desk.finish(entry, dead=verdict is DEAD)
        self._desk.publish(entry.topic, reply)

    def requeue(self, entry: Entry, losses: tuple[str, ...] = (), *, first: bool = False) -> None:
        """Put an entry in the queue, at once or at its `next_at` (translation-station 5.8).

        first: one that is sent again at once keeps its turn, nothing overtakes it.
        """
        desk = self._desk
        queue = desk.ledgers[CSMS].queue
        again = Outgoing(entry.action, entry.payload, entry=entry, losses=losses)
        if entry.next_at is None or entry.next_at <= desk.now:
            queue.insert(0 if first else len(queue), again)
        else:
            desk.later(entry.topic, entry.next_at - desk.now, lambda: queue.append(again))

    def lose(self, side: Side) -> None:
        """A leg is down: its open call waits for the next one, or learns that it is LOST.

        A durable entry, and a call on behalf of a station that still waits, go back to the head of
        the queue (translation-station 10: within the grace time open calls wait).
        """
        ledger = self._desk.ledgers[side]
        outgoing = ledger.lost()
        if side is STATION:
            unsent = list(ledger.queue)
            ledger.queue.clear()
            if outgoing is not None:
                self.ended(outgoing, LOST)
            for call in unsent:
                self._never_left(call)
            self._give_up_waiting()
            self._bereft = self._desk.legs.get(CSMS)
            return
        waiting = [*([outgoing] if outgoing else []), *ledger.queue]
        ledger.queue.clear()
        for call in waiting:
            if call.entry is not None or call.exchange is not None:
                ledger.queue.append(call)
            else:
                self.ended(call, LOST)

    def _give_up_waiting(self) -> None:
        """What the CSMS's calls wait for was to come from the station (translation-csms 1.2)."""
        for x in list(self.suspended.values()):
            if x.side is CSMS and not x.answered and isinstance(x.waiting, Await):
                self._fail(x, Refuse(INTERNAL_ERROR, "no answer from the station"), "")

    def flush(self) -> None:
        """Let the next calls leave on idle lanes.

        While a command is open that makes the station call (`holds`), those calls wait for the
        command's own answer (translation-csms 1.1, 4). Nothing leaves on a leg that is closing.
        """
        if self._bereft is not None:
            self._answer_for_absent(self._bereft)
        for ledger in self._ledgers:
            while ledger.queue and ledger.open is None and ledger.side in self._desk.legs:
                if ledger.side in self._wire.closing:
                    break
                if ledger.serving is not None and ledger.serving.direction.params.get("holds"):
                    break
                self._send(ledger.side, ledger.queue.pop(0))
        if self._desk.when_station_free is not None:
            self._station_free(self._desk.when_station_free)

    def _station_free(self, action: Callable[[], None]) -> None:
        station = self._desk.ledgers[STATION]
        if station.open is None and not station.queue:
            self._desk.when_station_free = None
            action()
            self.flush()

    def _answer_for_absent(self, bereft: Leg) -> None:
        """Nothing is queued for an absent station (translation-csms 1.1, 5). On a leg newer than
        `bereft` a command waits: the station's comes up next."""
        legs, queue = self._desk.legs, self._desk.ledgers[STATION].queue
        if STATION in legs or legs.get(CSMS) is not bereft:
            self._bereft = None
            return
        while commands := [call for call in queue if call.exchange and call.exchange.side is CSMS]:
            queue.remove(commands[0])
            self._never_left(commands[0])

    def _never_left(self, call: Outgoing) -> None:
        """No answer will come, and what was noted for the call is taken back."""
        asked = call.exchange is not None
        self.ended(call, LOST)
        if asked and call.settled is not None:
            call.settled(UNSENT)

    def _send(self, side: Side, outgoing: Outgoing) -> None:
        desk = self._desk
        if desk.legs[side].lacks and (reply := stand_in(desk, side, outgoing.action)):
            self.ended(outgoing, reply)
            return
        message_id = desk.new_id()
        entry = outgoing.entry
        if entry is not None:
            outgoing.payload = self._complete(outgoing)
        if not self._wire.call(side, outgoing, message_id):
            self.ended(outgoing, UNDELIVERABLE)
            return
        timeout = outgoing.timeout_s
        if timeout is None:
            settings = desk.settings
            timeout = settings.station_timeout_s if side is STATION else settings.upstream_timeout_s
        if entry is not None:
            timeout += desk.settings.retry_grace_s
        deadline = desk.now + timeout
        desk.ledgers[side].sent(outgoing, message_id, desk.now, deadline)
        if deadline < desk.wake:
            desk.wake = deadline

    def _complete(self, outgoing: Outgoing) -> JsonObject:
        """The payload to send: a repeat is the same as the first time (reliability R17)."""
        entry = outgoing.entry
        assert entry is not None
        if entry.sent:
            return entry.payload
        payload = self._kinds[entry.kind].complete(self._desk, entry)
        if payload != entry.payload:
            entry.payload = payload
            self._desk.update(entry)
        entry.sent = True
        return payload
