"""Every exception of the project, one tree, sorted by whose fault it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class GatewayError(Exception):
    """Root of the tree."""


class Place(NamedTuple):
    """Where in a file an operator's mistake stands; line and column count from 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


Key = tuple[str | int, ...]
"""Path of a configuration's key: names, and positions in lists."""


class OperatorError(GatewayError):
    """A file of the operator is wrong: the gateway refuses to start.

    cure: a sentence saying what would fix it. key: the configuration's key that led there, where
    the mistake was found by somebody who does not have the configuration's file.
    """

    def __init__(
        self, message: str, place: Place | None = None, cure: str = "", key: Key = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.cure = cure
        self.key = key

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.message}" + (f" ({self.cure})" if self.cure else "")


class Problems(OperatorError):
    """Everything that is wrong, not only the first thing."""

    def __init__(self, problems: tuple[OperatorError, ...]) -> None:
        first = problems[0]
        super().__init__(first.message, first.place, first.cure, first.key)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class ConfigError(OperatorError):
    """A configuration file or environment override is wrong."""


class MappingError(OperatorError):
    """A map, enum table, overlay or stylesheet is wrong."""


@contextmanager
def said_by(*key: str | int) -> Iterator[None]:
    """A mistake that is found inside, and has no place of its own, is in what that key says."""
    try:
        yield
    except OperatorError as error:
        if error.place is None and not error.key:
            error.key = key
        raise


class FrameError(GatewayError):
    """Bytes that are no frame; the peer's fault.

    code: the error code to answer with.
    message_id: the id to answer under; None: unreadable (2.0.1 answers under "-1", 1.6 not at all).
    answer: False if the frame was itself an answer, which is never answered.
    """

    def __init__(
        self, message: str, code: str, message_id: str | None = None, answer: bool = True
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message_id = message_id
        self.answer = answer


class Violation(NamedTuple):
    """One broken rule of a schema, in our own words.

    path: JSON path from the payload, `$.idToken.type`; rule: the schema keyword;
    code: the OCPP error code it maps to (translation-station 1.2), inside spelling.
    """

    path: str
    rule: str
    code: str
    message: str


class PayloadInvalid(GatewayError):
    """A payload breaks its schema: the peer's fault inbound, ours outbound."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("; ".join(f"{v.path}: {v.message}" for v in violations))
        self.violations = violations


class Untranslatable(GatewayError):
    """Nobody's fault: a value of one version has no place in the other.

    reply: name of the answer in the map's `replies` table that the caller gets ("unknown", ...).
    """

    def __init__(self, message: str, reply: str = "unknown", reason_code: str = "") -> None:
        super().__init__(message)
        self.reply = reply
        self.reason_code = reason_code


class LedgerError(GatewayError):
    """A peer breaks the order of calls and answers."""


class UnknownMessageId(LedgerError):
    """An answer to nothing that is open."""


class Fenced(GatewayError):
    """Another owner has taken the station over: this session ends (reliability R25, R26)."""


class TransportError(GatewayError):
    """The network failed; raised and handled in io/ only, never seen by the core."""
