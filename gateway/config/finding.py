"""What a rule about the configuration finds; where the key was written is found by the caller."""

from typing import NamedTuple

Loc = tuple[str | int, ...]


class Finding(NamedTuple):
    """where: the key; fatal: False for a warning."""

    where: Loc
    message: str
    cure: str = ""
    fatal: bool = True
