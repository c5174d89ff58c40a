"""The closed list of what a procedure may yield, and what it gets back (design/README.md 1.1, 5).

A procedure is a generator that belongs to one exchange:

    def relay(x: Exchange) -> Procedure:
        reply = yield Ask(x.side.other, action, payload)
        yield Answer(...)

`Ask` is the `Call(leg, ...)` of the design; it is named apart from the frame.
"""

from collections.abc import Callable, Generator, Hashable
from enum import Enum
from typing import Any, NamedTuple

from gateway.core.dialects import RETRYABLE, Side
from gateway.core.frames import CallError, JsonObject


class Outcome(Enum):
    """How a call that we made ended."""

    RESULT = "result"
    ERROR = "error"  # the peer's CallError
    INVALID = "invalid"  # a CallResult that breaks its schema, or an unreadable answer
    NONE = "none"  # no answer in time
    LOST = "lost"  # the leg went down with the call open


RESULT = Outcome.RESULT
"""For the hot path, as `dialects.STATION` is."""


class Reply(NamedTuple):
    """The end of a call that we made.

    payload: of a RESULT, else {}; error: of an ERROR, codes in the inside spelling.
    """

    outcome: Outcome
    payload: JsonObject
    error: CallError | None = None

    @property
    def is_retryable(self) -> bool:
        """Refused for the moment (translation-station 1.2); an invalid answer counts as that."""
        if self.outcome is Outcome.INVALID:
            return True
        return self.error is not None and self.error.code in RETRYABLE


class Ask(NamedTuple):
    """Queue a call to a peer and wait for its end: resumes with a `Reply`.

    timeout_s: from the moment it is sent; None: the side's default.
    late: takes an answer that comes when nobody waits any more, for what it says of the state.
    granted: of a call on the gateway's own account: the answer that a log, which cannot hold the
    call, stands for (recorded.py).
    """

    side: Side
    action: str
    payload: JsonObject
    timeout_s: float | None = None
    late: "Callable[[Reply], None] | None" = None
    granted: JsonObject | None = None


class Await(NamedTuple):
    """Wait for something published under topic, at most until deadline (seconds since the epoch).

    Resumes with what was published, or None when the deadline passed first.
    """

    topic: Hashable
    deadline: float


class Answer(NamedTuple):
    """Answer the exchange's own call; may come before the procedure ends. Resumes with None.

    rule: name of the rule if the gateway answered by itself ("" if a peer's answer passed through).
    """

    payload: JsonObject
    rule: str = ""
    losses: tuple[str, ...] = ()


class Refuse(NamedTuple):
    """Answer the exchange's own call with a CallError. code: inside spelling. Resumes with None."""

    code: str
    description: str
    details: JsonObject | None = None
    rule: str = ""


class Unanswered(NamedTuple):
    """The exchange's own call gets no answer and its leg closes with 1012. Resumes with None."""

    reason: str


Request = Ask | Await | Answer | Refuse | Unanswered
Procedure = Generator[Request, Any, None]
