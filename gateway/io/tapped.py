"""Sessions whose messages are listened to: for `serve --record`.

A tap is put around a session when it is made. Where nothing is recorded there is none, and nothing
on the way of a message asks for it. It hears what the session hears and says; a message whose
commit fails is heard although it is never sent.
"""

from collections.abc import Callable

from gateway.config import Effective
from gateway.core.dialects import Leg, Side
from gateway.core.session.effects import Effect, Message, Send
from gateway.core.session.state import Loaded
from gateway.io.negotiate import Versions
from gateway.io.sessions import MakesSessions
from gateway.io.shell import Session
from gateway.observe.trace import Heard

Hear = Callable[[Heard], None]


class Tapped:
    """A session, and whoever hears its messages."""

    __slots__ = ("_hear", "_legs", "_session", "_station")

    def __init__(self, session: Session, station: str, hear: Hear) -> None:
        self._session = session
        self._station = station
        self._hear = hear
        self._legs: dict[Side, Leg] = {}

    @property
    def next_deadline(self) -> float | None:
        return self._session.next_deadline

    @property
    def idle(self) -> bool:
        return self._session.idle

    def wind_up(self) -> None:
        self._session.wind_up()

    def accepting(self, side: Side) -> bool:
        return self._session.accepting(side)

    def charging(self, connector16: int) -> bool:
        return self._session.charging(connector16)

    def leg_up(self, leg: Leg, now: float) -> list[Effect]:
        self._legs[leg.side] = leg
        return self._heard(self._session.leg_up(leg, now), now)

    def leg_down(self, side: Side, now: float) -> list[Effect]:
        return self._heard(self._session.leg_down(side, now), now)

    def receive(self, side: Side, message: Message, now: float) -> list[Effect]:
        leg = self._legs.get(side)
        if leg is not None:
            self._hear(Heard(now, self._station, leg, side, message.data))
        return self._heard(self._session.receive(side, message, now), now)

    def tick(self, now: float) -> list[Effect]:
        return self._heard(self._session.tick(now), now)

    def _heard(self, effects: list[Effect], now: float) -> list[Effect]:
        for effect in effects:
            if type(effect) is Send:
                leg = self._legs.get(effect.side)
                if leg is not None:
                    self._hear(Heard(now, self._station, leg, effect.side.other, effect.data))
        return effects


def tapping(sessions: MakesSessions, hear: Hear) -> MakesSessions:
    """The same sessions, tapped."""

    def make(
        station: str, epoch: int, loaded: Loaded, route: Effective, versions: Versions
    ) -> Session:
        return Tapped(sessions(station, epoch, loaded, route, versions), station, hear)

    return make
