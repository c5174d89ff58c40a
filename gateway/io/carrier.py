"""What a pump needs of whatever carries messages to one peer: a WebSocket, or HTTP exchanges."""

from typing import Any, Protocol

from gateway.core.dialects import Side
from gateway.core.session.effects import Message, Record


class Owner(Protocol):
    """Whoever a carrier belongs to."""

    def received(self, link: "Carrier", data: bytes, envelope: Message | None = None) -> bool:
        """A message came. False: give out nothing more until `resume`.

        envelope: data once more, with what its envelope told; None where it had none.
        """

    def changed(self, link: "Carrier") -> None:
        """The carrier's write buffer went over its limit, or came back below it."""

    def gone(self, link: "Carrier") -> None:
        """The carrier has ended: nothing comes from it any more, nothing can be sent."""

    def noted(self, record: Record) -> None:
        """Something happened that belongs into the records of the station."""

    def charging(self, connector16: int) -> bool:
        """Whether a transaction is known to run on that connector."""


class Carrier(Protocol):
    """full: the peer does not take what it is sent; closing: nothing can be sent any more;
    ending: how it ended, the peer's code or ours and why; "" while it is open; unread: bytes not
    given out yet."""

    side: Side
    full: bool
    closing: bool
    ending: str

    @property
    def unread(self) -> int: ...

    @property
    def open(self) -> bool:
        """Neither closed nor closing."""

    def attach(self, owner: Owner) -> None:
        """Give the carrier to its owner; messages that came before are handed over soon."""

    def send(self, data: bytes) -> None:
        """Send one frame. Nothing happens if the carrier is closing."""

    def unanswered(self, handle: Any) -> None:
        """The peer's request of that handle gets no answer (`effects.NoAnswer`)."""

    def close(self, code: int, reason: str) -> None:
        """End it; `gone` follows at once."""

    def resume(self) -> None:
        """Give out messages again."""

    async def answers(self, within_s: float) -> bool:
        """Whether the peer shows a sign of life in that time (reliability S3)."""
