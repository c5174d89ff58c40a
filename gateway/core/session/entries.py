"""Durable entries: derived calls that carry money and outlive legs, restarts and late answers.

An entry is written to the outbox before it is first sent and leaves it when its result has been
settled. No generator frame holds it: `Save(entry)`, `Send`, and on its result one pure `settle`
(design/README.md 1.1, 6). A procedure may wait on an entry; a station's retry joins it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import orjson

from gateway.core.frames import JsonObject
from gateway.core.session.effects import held

if TYPE_CHECKING:
    from gateway.core.session.desk import Desk
    from gateway.core.session.requests import Reply


@dataclass(slots=True)
class Entry:
    """One durable call towards the CSMS.

    kind: names how it is completed and settled (`EntryKind`).
    payload: complete but for ids that are not known yet; event_key: the event that caused it.
    sent: it has been on the wire at least once; attempts: answered refusals so far.
    next_at: not before this time (seconds since the epoch); None: at its turn.
    answer: A: what the station gets for the event once this call is answered, but for what that
    answer adds; None: no event's answer depends on this call.
    """

    seq: int
    kind: str
    tx201: str
    action: str
    payload: JsonObject
    event_key: str = ""
    sent: bool = False
    attempts: int = 0
    next_at: float | None = None
    answer: JsonObject | None = None

    @property
    def topic(self) -> tuple[str, int]:
        """What a procedure awaits to learn of this entry's settlement: resumes with the `Reply`."""
        return ("entry", self.seq)

    def encode(self) -> bytes:
        return held(orjson.dumps(self))


class Verdict(Enum):
    """What becomes of an entry after its result."""

    DONE = "done"  # delivered, or refused in a way that the station has been told
    DEAD = "dead"  # given up and kept as a dead letter
    KEEP = "keep"  # stays: again at `next_at`, or on the next link


DONE, DEAD, KEEP = Verdict
"""For the hot path, as `dialects.STATION` is."""


class EntryKind(NamedTuple):
    """complete: the payload to send now, with the ids known by now.

    settle: takes the result into the bindings, may post calls, and says what becomes of the entry.
    It never sees LOST: an entry whose leg went down simply goes out again on the next one.
    """

    complete: "Callable[[Desk, Entry], JsonObject]"
    settle: "Callable[[Desk, Entry, Reply], Verdict]"


EntryKinds = Mapping[str, EntryKind]


def read(value: bytes) -> Entry:
    """An entry as the store kept it."""
    plain = orjson.loads(value)
    known = {f.name for f in fields(Entry)}
    return Entry(**{name: plain[name] for name in plain if name in known})
