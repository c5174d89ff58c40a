"""One leg's calls: in flight, queued, answered, late, duplicate.

Theory of operation. OCPP-J allows each peer one open call per direction (1.6, 4.1.1: SHOULD NOT;
2.0.1 Part 4, 4.1.1: SHALL NOT send another before the last is answered or timed out). So a leg is
two independent lanes, and this module is their book; what a frame means stands in session.py.

Outgoing lane, calls that we send to this peer:

    state        event                        next      what happens
    ---------    -------------------------    ------    ---------------------------------------
    idle         something queued             open      it is sent; nothing overtakes in `queue`
    open         answer with its id           idle      the call ends with RESULT, ERROR, INVALID
    open         its deadline, transient      idle      it moves to `abandoned`, ends with NONE
    open         its exchange ends before     open      stays until its own deadline: the peer is
                                                        never asked two things at once (R1)
    open         its deadline, durable        open      stays: the peer may still act; see linger
    open         leg goes down                idle      transient LOST or queued again, durable
                                                        back to the head of the queue
    any          answer, id in `abandoned`    same      late: recorded, only state may follow
    any          answer, id unknown           same      unsolicited: recorded, counted, 1008 after
                                                        `unsolicited_per_minute` of them

Incoming lane, calls that this peer sends:

    idle         call                         serving   an exchange opens
    serving      call, same id                serving   ignored: the first copy is open (R5)
    serving      call that repeats a          serving   joins: the answer will bear the newest id
                 transaction message                    (translation-station 5.4, duplicates)
    serving      another call                 serving   waits in `waiting`, in order (R1); when
                                                        `station_queue` wait, reading stops
    serving      answered                     idle      the next waiting call opens, and those that
                                                        repeat its transaction message join it
    any          call, id seen, not open      (as new)  counts as a new call, recorded: stations
                                                        that start their ids anew are common

Both sides calling at once is no conflict: the lanes do not know of each other, and ids are minted
by us on one and chosen by the peer on the other, so equal ids do not meet (R4).

Oddities. A CallError to the third part of a fan-out is that call's own end; what it means for the
exchange is the procedure's affair. A peer gone mid-exchange ends its own exchanges without an
answer; calls that carry money are durable entries and go out again on the next leg.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from gateway.core.dialects import Side
from gateway.core.errors import UnknownMessageId
from gateway.core.frames import Call, JsonObject
from gateway.core.session.effects import Message

if TYPE_CHECKING:
    from gateway.core.session.entries import Entry
    from gateway.core.session.exchange import Exchange
    from gateway.core.session.requests import Reply

IDS_REMEMBERED = 64
"""Newest ids kept per lane: enough to tell a repeat, whatever the peer's rate."""


class Outgoing:
    """A call on its way to a peer: waited for by an exchange, by `settled`, or a durable entry.

    deadline: when the wait for its answer ends; sent_at: None while queued.
    late: whoever asked has ended before that, and an answer comes too late.
    """

    __slots__ = (
        "action",
        "deadline",
        "entry",
        "exchange",
        "late",
        "losses",
        "message_id",
        "payload",
        "sent_at",
        "settled",
        "timeout_s",
    )

    def __init__(
        self,
        action: str,
        payload: JsonObject,
        exchange: "Exchange | None" = None,
        settled: "Callable[[Reply], None] | None" = None,
        entry: "Entry | None" = None,
        timeout_s: float | None = None,
        losses: tuple[str, ...] = (),
    ) -> None:
        self.action = action
        self.payload = payload
        self.exchange = exchange
        self.settled = settled
        self.entry = entry
        self.timeout_s = timeout_s
        self.losses = losses
        self.message_id = ""
        self.sent_at: float | None = None
        self.deadline = float("inf")
        self.late = False


class Ledger:
    """The two lanes of one leg. Times are seconds since the epoch, UTC.

    waiting: calls of this peer whose turn has not come, and when they came.

    Lists rather than deques: they are short, and an empty deque is ten times as large, six of them
    per station.
    """

    __slots__ = ("abandoned", "open", "queue", "seen", "serving", "side", "unsolicited", "waiting")

    def __init__(self, side: Side) -> None:
        self.side = side
        self.queue: list[Outgoing] = []
        self.open: Outgoing | None = None
        self.abandoned: dict[str, Outgoing] = {}
        self.serving: Exchange | None = None
        self.waiting: list[tuple[Call, Message, float]] = []
        self.seen: dict[str, float] = {}
        self.unsolicited: list[float] = []

    def sent(self, outgoing: Outgoing, message_id: str, now: float, deadline: float) -> None:
        """The outgoing lane is open with this call."""
        outgoing.message_id = message_id
        outgoing.sent_at = now
        outgoing.deadline = deadline
        self.open = outgoing

    def answered(self, message_id: str) -> tuple[Outgoing, bool]:
        """Close the call that message_id opened and free the lane; True if it comes too late.

        Raises UnknownMessageId if nothing is open under it (the peer's fault; record it,
        do not close).
        Spec: OCPP-J 1.6, 4.1.1; OCPP 2.0.1 Part 4, 4.1.1.
        """
        outgoing = self.open
        if outgoing is not None and outgoing.message_id == message_id:
            self.open = None
            return outgoing, outgoing.late
        late = self.abandoned.pop(message_id, None)
        if late is None:
            raise UnknownMessageId(message_id)
        return late, True

    def abandon(self) -> Outgoing | None:
        """Stop waiting for the open call; an answer that still comes is late, not unsolicited."""
        outgoing, self.open = self.open, None
        if outgoing is not None:
            self.abandoned[outgoing.message_id] = outgoing
            if len(self.abandoned) > IDS_REMEMBERED:
                del self.abandoned[next(iter(self.abandoned))]
        return outgoing

    def owes(self, message_id: str) -> bool:
        """Whether the call that was given up under that id may still be answered."""
        open_ = self.open is not None and self.open.message_id == message_id
        return open_ or message_id in self.abandoned

    def given_up(self, action: str, payload: JsonObject) -> Outgoing | None:
        """The newest such call that nobody waits for any more, but that may still be answered."""
        calls = list(self.abandoned.values())
        if self.open is not None and self.open.exchange is None:
            calls.append(self.open)
        same = (c for c in reversed(calls) if c.action == action and c.payload == payload)
        return next(same, None)

    def repeated(self, message_id: str, now: float, memory_s: float) -> bool:
        """Note the id of a call of this peer; True if it was seen within memory_s."""
        seen = self.seen
        before = seen.pop(message_id, None)
        seen[message_id] = now
        if len(seen) > IDS_REMEMBERED:
            del seen[next(iter(seen))]
        return before is not None and now - before <= memory_s

    def is_open(self, message_id: str) -> bool:
        """Whether a call of this peer under that id is being served or waits."""
        serving = self.serving
        if serving is not None and serving.call.message_id == message_id:
            return True
        return any(call.message_id == message_id for call, _, _ in self.waiting)

    def count_unsolicited(self, now: float) -> int:
        """Unsolicited answers and unreadable frames within the last minute, this one included."""
        times = self.unsolicited
        times.append(now)
        while now - times[0] > 60.0:
            del times[0]
        return len(times)

    def lost(self) -> Outgoing | None:
        """The leg is down: forget both lanes but the queue, and return the call that was open."""
        outgoing, self.open = self.open, None
        self.abandoned.clear()
        self.serving = None
        self.waiting.clear()
        self.seen.clear()
        self.unsolicited.clear()
        return outgoing
