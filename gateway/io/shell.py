"""What a pump works with: the shell that all share, its session, the store, a dialled link."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from gateway.core.dialects import Leg, Side
from gateway.core.session.effects import Effect, Message, Op, Record
from gateway.io.carrier import Carrier
from gateway.io.clock import Clock
from gateway.io.flow import FlowLimits


class Session(Protocol):
    """What a pump needs of `gateway.core.session.session.TranslationSession`."""

    @property
    def next_deadline(self) -> float | None: ...

    def leg_up(self, leg: Leg, now: float) -> list[Effect]: ...

    def leg_down(self, side: Side, now: float) -> list[Effect]: ...

    def receive(self, side: Side, message: Message, now: float) -> list[Effect]: ...

    def tick(self, now: float) -> list[Effect]: ...

    @property
    def idle(self) -> bool: ...

    def wind_up(self) -> None: ...

    def accepting(self, side: Side) -> bool: ...

    def charging(self, connector16: int) -> bool: ...


class Commits(Protocol):
    """What a pump needs of the store (`gateway.storage.port`)."""

    def save(
        self,
        station: str,
        epoch: int,
        ops: tuple[Op, ...],
        saved: Callable[[Exception | None], None],
    ) -> bool: ...

    async def release(self, station: str, epoch: int) -> None: ...


class CsmsLeg(NamedTuple):
    """A link to the CSMS that was just opened, and what it can do."""

    link: Carrier
    leg: Leg


@dataclass(frozen=True, slots=True)
class Shell:
    """What all pumps share.

    record: takes every Record, with the station it belongs to; pause: seconds that a station waits
    before redial number n, counted from 0.
    """

    store: Commits
    clock: Clock
    record: Callable[[str, Record], None]
    pause: Callable[[str, int], float]
    flow: FlowLimits
