"""What validate and convert may find, by name: how bad it is and what it means.

ERROR fails the run (exit code 1), WARNING fails it under `--strict`, NOTE never does. Rules that
are not listed here are keywords of the schemas: errors, or warnings where a repair mends them.
"""

from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """As SARIF names them."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


RULES: dict[str, tuple[Level, str]] = {
    "no_frame": (Level.NOTE, "lines that hold no frame"),
    "empty": (Level.WARNING, "a file that holds no frame"),
    "unreadable": (Level.ERROR, "a frame that cannot be read"),
    "untold": (Level.NOTE, "a record without what a frame is made of"),
    "incomplete": (Level.ERROR, "a frame that is cut off"),
    "mended": (Level.WARNING, "a frame that had to be mended to be read"),
    "truncated": (Level.ERROR, "a file that ends early"),
    "line_too_long": (Level.ERROR, "a line too long to be read"),
    "nul_bytes": (Level.WARNING, "NUL bytes between the letters"),
    "duplicate_member": (Level.WARNING, "an object that has a member twice"),
    "unknown_action": (Level.ERROR, "an action that the version does not have"),
    "role": (Level.ERROR, "a call from the side that does not send it"),
    "answer_without_call": (Level.WARNING, "an answer whose call is not in the log"),
    "no_answer": (Level.NOTE, "a call whose answer is not in the log"),
    "duplicate_answer": (Level.WARNING, "a second answer to one call"),
    "duplicate_id": (Level.WARNING, "a message id used again while its call is open"),
    "repeated_id": (Level.NOTE, "a message id used again"),
    "no_time": (Level.NOTE, "lines whose time is not known"),
    "clock_back": (Level.WARNING, "a clock that jumps back"),
    "error_code": (Level.WARNING, "an error code that OCPP does not have"),
    "soap": (Level.ERROR, "a SOAP envelope that cannot be read"),
    "soap_odd": (Level.NOTE, "something odd in a SOAP envelope that does no harm"),
    "left_out": (Level.ERROR, "messages that a recording leaves out"),
    "other_leg": (Level.NOTE, "records of the other leg of a recording"),
    "lost_segment": (Level.ERROR, "a connection of which packets are missing"),
    "encrypted": (Level.WARNING, "a connection that is encrypted"),
    "not_translated": (Level.WARNING, "a message that has no place in the other version"),
    "answer_left_out": (Level.WARNING, "a logged answer that cannot be translated"),
    "invalid_output": (Level.ERROR, "a translation that breaks its schema"),
    "minted_id": (Level.NOTE, "a transaction id that the log does not hold and was made up"),
    "internal": (Level.ERROR, "a failure of the program itself"),
}


class Finding(NamedTuple):
    """One thing found. path: JSON path in the payload, "" where it is about the whole frame.

    rule: a name of RULES or a schema keyword; repair: what mends it, "" if nothing does.
    """

    file: str
    line: int
    level: Level
    rule: str
    path: str
    sentence: str
    station: str = ""
    action: str = ""
    message_id: str = ""
    repair: str = ""


def level_of(rule: str) -> Level:
    return RULES.get(rule, (Level.ERROR, ""))[0]


def counted(number: int, word: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
