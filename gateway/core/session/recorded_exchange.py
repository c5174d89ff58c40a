"""What becomes of an exchange of a log; the theory stands in recorded.py."""

import traceback
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from gateway.core.dialects import Side
from gateway.core.frames import Call, CallError, CallResult, JsonObject
from gateway.core.mapping.model import Translator
from gateway.core.schema.catalog import Check
from gateway.core.session.requests import Answer, Refuse

LoggedAnswer = CallResult | CallError | None


class Fate(StrEnum):
    """What becomes of an exchange; the table in the head of recorded.py."""

    PASSES = "passes"
    FANS_OUT = "fans_out"
    COLLECTS = "collects"
    FOLDS = "folds"
    ANSWERED = "answered"
    REFUSED = "refused"

    __hash__ = str.__hash__


@dataclass(slots=True)
class Made:
    """One exchange in the target version.

    side: who calls; answer: None where the log has none. answered_by: "gateway" where the answer
    is no peer's. logged: whether it is the counterpart of the logged exchange, whose id it bears.
    late: the call was put out with an exchange before, and only now its answer is known.
    """

    side: Side
    call: Call
    answer: LoggedAnswer = None
    answered_by: str = ""
    logged: bool = True
    late: bool = False
    losses: tuple[str, ...] = ()


class Fault(NamedTuple):
    """Something that could not be put out as it should. rule: one of the three names below."""

    rule: str
    text: str


LEFT_OUT, INVALID_OUTPUT, INTERNAL = "answer_left_out", "invalid_output", "internal"


def failure(error: Exception) -> Fault:
    """An exception of our own making."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return Fault(INTERNAL, f"{type(error).__name__} in {where.name}: {error}")


@dataclass(slots=True)
class Recorded:
    """What became of one exchange.

    answer: the gateway's own, in the source version, if ANSWERED, FOLDS or REFUSED; losses: what
    was dropped; minted: transaction id that had to be made up; faults: what could not be put out as
    it should.
    """

    fate: Fate = Fate.PASSES
    made: list[Made] = field(default_factory=list)
    answer: Answer | Refuse | None = None
    repairs: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    minted: int | None = None
    faults: list[Fault] = field(default_factory=list)


Text = tuple[str, str, str, str, str, tuple[str, ...]]
"""A Made whose call comes from the station, its payloads as texts: (message_id, action, payload,
answer, answered_by, losses). message_id: "": that of the logged exchange."""

Written = tuple[Fate, tuple[Text, ...], Answer | None, tuple[str, ...]]
"""What became of one exchange: (fate, made, answer, losses) as in Recorded; it has no faults, no
repairs and no id that had to be made up. Bare tuples, as payloads of templates are."""


class Report(NamedTuple):
    """A call whose answer is the report that the station sends in parts.

    action: of the logged call; parts: those that came so far.
    """

    side: Side
    call: Call
    action: str
    parts: list[JsonObject]


class Way(NamedTuple):
    """How the answer to a call of the target version is made.

    rows: the response rows of the opposite direction, None: there are none that say anything;
    empty: there are none because the answer is empty; computed: the procedure of the opposite
    direction is asked first; accepts, answers: whether call and answer are what their schemas say.
    """

    rows: Translator | None
    empty: bool
    computed: bool
    accepts: Check
    answers: Check
