"""Feeds one station's session and carries out what comes back, in order.

One pump for each station identity that has a link. An input (a message, a link up or down, a
deadline) goes into the session; the effects come out and are carried out on the spot, inside the
callback that brought the message: no task, no timer and no queue as long as nothing has to be
saved. A `Save` that really takes time makes the effects behind it, and those of later inputs, wait
in one queue until the commit is through (design/README.md 1.1, 4).

Deadlines cost nothing for each message: there is one timer, moved only towards an earlier
deadline. If it fires too early, because its deadline has gone meanwhile, it is set anew.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator

from gateway.core.dialects import Leg, Side
from gateway.core.errors import Fenced, TransportError
from gateway.core.session.effects import Close, Effect, Message, NoAnswer, Record, Save, Send
from gateway.io.backoff import LASTING_S
from gateway.io.carrier import Carrier
from gateway.io.flow import Flow
from gateway.io.negotiate import Versions
from gateway.io.shell import CsmsLeg, Session, Shell

NEVER = float("inf")
MAX_QUEUED_EFFECTS = 256
"""Effects that may wait behind a commit before nothing more is read."""

_new = tuple.__new__
"""Makes a NamedTuple in a third of the time of calling its class; for the one of each message."""

logger = logging.getLogger(__name__)


class Pump:
    """The shell of one session.

    versions, transparent: what its links speak, and whether bytes pass untouched. redial: opens
    the CSMS link anew, raises TransportError. ended: done when no leg is up and the session has
    nothing left to wait for; its lease is released then and what matters is in the store.
    shown: the login with which the station came, as it stood in its request.
    """

    __slots__ = (
        "_alarm_at",
        "_attempt",
        "_clock",
        "_epoch",
        "_failed",
        "_flow",
        "_giving_way",
        "_held",
        "_linked_at",
        "_links",
        "_loop",
        "_parted",
        "_queue",
        "_redial",
        "_redialling",
        "_release",
        "_session",
        "_shell",
        "_slow",
        "_timer",
        "ended",
        "shown",
        "station",
        "transparent",
        "versions",
    )

    def __init__(
        self,
        station: str,
        epoch: int,
        session: Session,
        shell: Shell,
        redial: Callable[[], Awaitable[CsmsLeg]],
        versions: Versions,
        transparent: bool = False,
        shown: bytes = b"",
    ) -> None:
        self.station = station
        self.versions = versions
        self.transparent = transparent
        self.shown = shown
        self._epoch = epoch
        self._session = session
        self._shell = shell
        self._clock = shell.clock
        self._loop = asyncio.get_running_loop()
        self._links: dict[Side, Carrier] = {}
        self._redial = redial
        self._queue: list[Effect] | None = None
        self._failed = False
        self._giving_way = False
        self._held: set[Carrier] = set()
        self._slow = False
        self._flow = Flow(shell.flow)
        self._release: asyncio.Task[None] | None = None
        self._parted: asyncio.Future[None] | None = None
        self._redialling: asyncio.Task[None] | None = None
        self._attempt, self._linked_at = 0, 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._alarm_at = NEVER
        self.ended: asyncio.Future[None] = self._loop.create_future()

    # What faces and the drain use.

    @property
    def idle(self) -> bool:
        """No exchange is open and nothing is waiting to be saved or sent."""
        return self._queue is None and (self._failed or self._session.idle)

    def wind_up(self) -> None:
        """As of the session: it will be idle soon, whatever the peers ask meanwhile."""
        self._session.wind_up()

    def link(self, side: Side) -> Carrier | None:
        """The link to that peer, if it is there and not closing."""
        link = self._links.get(side)
        return link if link is not None and link.open else None

    def attach(self, link: Carrier, leg: Leg) -> None:
        """A link has opened: tell the session, then read from it."""
        self._links[leg.side] = link
        if leg.side is Side.CSMS:
            self._linked_at = self._loop.time()
        self._note(leg.side, "up", str(leg.version))
        self._feed(lambda session, now: session.leg_up(leg, now))
        link.attach(self)

    def close(self, code: int, reason: str) -> None:
        """Close the station's link; the session decides about the rest."""
        link = self._links.get(Side.STATION)
        if link is not None:
            link.close(code, reason)

    async def parted(self) -> None:
        """Returns when the station's link, already closing, has been told to the session."""
        if Side.STATION in self._links:
            if self._parted is None:
                self._parted = self._loop.create_future()
            await self._parted

    def give_way(self) -> None:
        """A newer pump of the station waits: end without links, whatever the session waits for."""
        self._giving_way = True
        self._settle()

    def abandon(self, code: int, reason: str) -> None:
        """Close every link and feed the session nothing more."""
        self._failed = True
        self._queue = None
        for link in tuple(self._links.values()):
            link.close(code, reason)
        self._settle()

    # Inputs of the session.

    def received(self, link: Carrier, data: bytes, envelope: Message | None = None) -> bool:
        """A message came: the hot path. False: the link must not be read for now."""
        now = self._clock()
        try:
            message = envelope or _new(Message, (data, None, None, None, None, False))
            effects = self._session.receive(link.side, message, now)
        except Exception as error:
            self._fail(error)
            return True
        self._perform(effects)
        deadline = self._session.next_deadline
        if deadline is not None and deadline < self._alarm_at:
            self._set_alarm(deadline)
        if self._held:
            self._settle()
        if link.side is Side.STATION and self._flow.over(len(data), now):
            self._loop.call_later(self._flow.debt_s, self._debt_paid, link)
            return False
        if self._free(link):
            return True
        self._held.add(link)
        return False

    def gone(self, link: Carrier) -> None:
        """A link has ended."""
        side = link.side
        if self._links.get(side) is not link:
            return
        del self._links[side]
        self._drop_queued(side)
        self._held.discard(link)
        self._slow = any(link.full for link in self._links.values())
        if side is Side.STATION:
            self._station_gone()
        self._note(side, "down", link.ending)
        self._feed(lambda session, now: session.leg_down(side, now))

    def _station_gone(self) -> None:
        if self._parted is not None:
            self._parted.set_result(None)
            self._parted = None
        if self._redialling is not None:
            self._redialling.cancel()

    def noted(self, record: Record) -> None:
        """A carrier has something for the station's records."""
        self._shell.record(self.station, record)

    def charging(self, connector16: int) -> bool:
        """Whether a transaction is known to run on that connector."""
        return not self._failed and self._session.charging(connector16)

    def _feed(self, feed: Callable[[Session, float], list[Effect]]) -> None:
        if not self._failed:
            try:
                self._perform(feed(self._session, self._clock()))
            except Exception as error:
                self._fail(error)
        self._settle()

    # Effects.

    def _perform(self, effects: Iterable[Effect]) -> None:
        if self._queue is not None:
            self._queue.extend(effects)
            return
        links = self._links
        steps = iter(effects)
        for effect in steps:
            kind = type(effect)
            if kind is Send:
                link = links.get(effect.side)  # type: ignore[union-attr]
                if link is not None:
                    link.send(effect.data)  # type: ignore[union-attr]
            elif kind is Record:
                self._shell.record(self.station, effect)  # type: ignore[arg-type]
            elif kind is Save:
                if self._save(effect, steps):  # type: ignore[arg-type]
                    return
            else:
                self._close_leg(effect)  # type: ignore[arg-type]

    def _save(self, save: Save, behind: Iterator[Effect]) -> bool:
        """Commit; True if that takes time or has failed, so that what stands behind must wait."""
        try:
            if self._shell.store.save(self.station, self._epoch, save.ops, self._saved):
                return False
        except Exception as error:
            self._fail(error)
            return True
        self._queue = list(behind)
        return True

    def _saved(self, error: Exception | None) -> None:
        if self._failed:
            return
        if error is not None:
            self._fail(error)
            return
        behind, self._queue = self._queue or (), None
        self._perform(behind)
        if self._held or not self._links:
            self._settle()

    def _close_leg(self, effect: Close | NoAnswer) -> None:
        link = self._links.get(effect.side)
        if link is None:
            return
        if isinstance(effect, Close):
            link.close(effect.code, effect.reason)
        else:
            link.unanswered(effect.handle)

    def _drop_queued(self, side: Side) -> None:
        # What waits for a commit is meant for the link that has just ended, not for the next one.
        if self._queue is not None:
            self._queue = [
                effect
                for effect in self._queue
                if isinstance(effect, Save | Record) or effect.side is not side
            ]

    def _fail(self, error: Exception) -> None:
        """End this session without answering; the process and the other sessions go on."""
        if isinstance(error, Fenced):
            self._note(Side.STATION, "fenced", str(error))
            self.abandon(1008, "another replica serves this station")
        else:
            logger.error("station %r: the session failed", self.station, exc_info=error)
            self.abandon(1011, "failure of the gateway")

    def _note(self, side: Side, outcome: str, text: str) -> None:
        self._shell.record(self.station, Record("=", side, "", "", outcome, text))

    # Deadlines.

    def _watch_deadline(self) -> None:
        deadline = None if self._failed else self._session.next_deadline
        if deadline is not None and deadline < self._alarm_at:
            self._set_alarm(deadline)

    def _set_alarm(self, deadline: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._alarm_at = deadline
        self._timer = self._loop.call_later(max(0.0, deadline - self._clock()), self._alarm)

    def _alarm(self) -> None:
        self._timer = None
        self._alarm_at = NEVER
        deadline = None if self._failed else self._session.next_deadline
        if deadline is not None and deadline <= self._clock():
            self._feed(lambda session, now: session.tick(now))
        else:
            self._settle()

    # Reading on, or not.

    def _free(self, link: Carrier) -> bool:
        if self._failed:
            return True
        if self._queue is not None and len(self._queue) > MAX_QUEUED_EFFECTS:
            return False
        if self._slow and any(other.full for other in self._links.values() if other is not link):
            return False
        return self._session.accepting(link.side)

    def _debt_paid(self, link: Carrier) -> None:
        if self._flow.floods(link.unread, self._clock()):
            link.close(1008, "too many messages")
        self._held.add(link)
        self._settle()

    def changed(self, link: Carrier) -> None:
        """The link's write buffer filled or emptied."""
        self._slow = any(link.full for link in self._links.values())
        self._note(link.side, "slow" if link.full else "flowing", "")
        self._settle()

    def _settle(self) -> None:
        """After anything but a plain message: let readers go on, redial, set the timer, or end."""
        for link in tuple(self._held):
            if link.closing or self._free(link):
                self._held.discard(link)
                self._loop.call_soon(link.resume)
        self._watch_deadline()
        if self._links:
            self._redial_if_lost()
        elif self._release is None and self._redialling is None and self._nothing_left():
            self._end()

    def _nothing_left(self) -> bool:
        if self._failed:
            return True
        waits = self._session.next_deadline is not None and not self._giving_way
        return self._queue is None and not waits

    # The CSMS link, again.

    def _redial_if_lost(self) -> None:
        if Side.CSMS not in self._links and self._redialling is None and self._wants_csms():
            self._redialling = self._loop.create_task(self._keep_dialling())
            self._redialling.add_done_callback(self._redial_over)

    def _wants_csms(self) -> bool:
        return not self._failed and self.link(Side.STATION) is not None

    async def _keep_dialling(self) -> None:
        if self._loop.time() - self._linked_at >= LASTING_S:
            self._attempt = 0
        while self._wants_csms():
            await asyncio.sleep(self._shell.pause(self.station, self._attempt))
            self._attempt += 1
            if csms := await self._redialled():
                return self.attach(csms.link, csms.leg)

    def _redial_over(self, _: asyncio.Task[None]) -> None:
        self._redialling = None
        self._settle()

    async def _redialled(self) -> CsmsLeg | None:
        try:
            csms = await self._redial()
        except TransportError as error:
            self._note(Side.CSMS, "unreachable", str(error))
            return None
        if self._wants_csms():
            return csms
        csms.link.close(1000, "station gone")
        return None

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._alarm_at = -NEVER
        self._release = self._loop.create_task(self._release_lease())

    async def _release_lease(self) -> None:
        try:
            await self._shell.store.release(self.station, self._epoch)
        except Exception as error:
            logger.error("station %r: the lease is not released", self.station, exc_info=error)
        finally:
            self.ended.set_result(None)
