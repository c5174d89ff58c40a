"""What a session asks its pump to do, in order.

`Save` stands before the `Send` that relies on it: carried out in order, with the commit awaited,
that is all the write-ahead logic there is (design/README.md 1.1, 4).
"""

from typing import Any, NamedTuple

from gateway.core.dialects import Side
from gateway.core.frames import JsonObject


class Put(NamedTuple):
    """Write one binding. value: JSON."""

    kind: str
    key: str
    value: bytes


class Drop(NamedTuple):
    """Forget one binding."""

    kind: str
    key: str


class Append(NamedTuple):
    """Put a durable entry at the end of the outbox.

    seq: given by the session, rising per station; value: the entry as JSON (`entries.Entry`).
    """

    seq: int
    dedupe_key: str
    action: str
    value: bytes


class Update(NamedTuple):
    """Replace an outbox row that is already there (its payload as sent, its attempts)."""

    seq: int
    value: bytes


class Ack(NamedTuple):
    """An outbox row is finished. dead: given up and kept as a dead letter."""

    seq: int
    dead: bool = False


Op = Put | Drop | Append | Update | Ack


class Save(NamedTuple):
    """Commit these together, durably, before any later effect is carried out."""

    ops: tuple[Op, ...]


class Send(NamedTuple):
    """One whole message to a peer. handle: reply handle of a SOAP request, None on a WebSocket."""

    side: Side
    data: bytes
    handle: Any = None


class NoAnswer(NamedTuple):
    """The open request of that peer gets no answer: close 1012, SOAP 503 without a body."""

    side: Side
    handle: Any = None


class Close(NamedTuple):
    """Close one leg. code: reliability.md 1.1."""

    side: Side
    code: int
    reason: str


class Record(NamedTuple):
    """What happened, for logs, metrics and audit. The core never logs by itself.

    direction: "<" from the peer, ">" to it, "=" a change of state or a finding.
    outcome: "ok", or a short name of what went wrong ("duplicate", "late", "unsolicited", ...), an
    error code, or the name of a rule.
    answered_by: "gateway" if the answer was made here, else "".
    losses: (map, row) identifiers of what the translation dropped; repairs: names of repairs done.
    elapsed_s: from the arrival of the origin Call to this frame; None where that has no meaning.
    quoted: payload of the call that a refusal answers: peers quote it in what they write of errors.
    """

    direction: str
    side: Side
    action: str
    message_id: str
    outcome: str = "ok"
    text: str = ""
    payload: JsonObject | None = None
    losses: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    answered_by: str = ""
    elapsed_s: float | None = None
    quoted: JsonObject | None = None


def held(data: bytes) -> bytes:
    """The same bytes without spare room, for as long as an effect waits for a commit: orjson leaves
    4 kB and more behind a short text."""
    return b"".join((data, b""))


Effect = Save | Send | NoAnswer | Close | Record


class Message(NamedTuple):
    """One whole message as it came in, and what its envelope told (absent for WebSocket).

    unanswered: the peer said nothing, data is the CALLERROR that stands for it (soap.md 6).
    """

    data: bytes
    identity: str | None = None
    sender: str | None = None
    peer: str | None = None
    handle: Any = None
    unanswered: bool = False
