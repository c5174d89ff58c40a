"""A vendor's own words: what its stations write where the standard has another word, or none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

NOW = "now"
"""The value of a missing member that stands for the time of receipt."""

Message = tuple[str, str]
"""An action and a part, `request` or `response`; of every version that has it."""

Members = Mapping[str, str | None]
"""Members of an object; None: not there."""


class Meant(NamedTuple):
    """What stands for a word. whose: the overlay that says so, "" where nobody asks."""

    value: Any
    whose: str = ""

    def marked(self, repair: str) -> str:
        """The name under which it is counted."""
        return f"{self.whose}.{repair}" if self.whose else repair


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Paths are those of field tables (`fields.py`).

    measurands: a measurand -> the members of the sample that say the same in the standard's words.
    values: by member, a value that its enum lacks -> the one that is meant.
    names: by message, the path of a member under the vendor's name -> the standard's name.
    missing: by message, the path of a required member -> what it is where it is missing, or NOW.
    samples: of 1.6 samples, members by which one is known, and those that it should have.
    fields: by message, whose members it has beside the standard's.
    profiles: a repair -> whose it is.
    """

    measurands: Mapping[str, Meant] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Meant]] = field(default_factory=dict)
    names: Mapping[Message, Mapping[str, Meant]] = field(default_factory=dict)
    missing: Mapping[Message, Mapping[str, Meant]] = field(default_factory=dict)
    samples: tuple[tuple[Members, Meant], ...] = ()
    fields: Mapping[Message, str] = field(default_factory=dict)
    profiles: Mapping[str, str] = field(default_factory=dict)

    def over(self, below: "OwnWords") -> "OwnWords":
        """Both, where these have the last word."""
        return OwnWords(
            {**below.measurands, **self.measurands},
            _merged(below.values, self.values),
            _merged(below.names, self.names),
            _merged(below.missing, self.missing),
            (*below.samples, *self.samples),
            {**below.fields, **self.fields},
            {**below.profiles, **self.profiles},
        )

    def marked(self, repair: str) -> str:
        """The name under which a repair that has a profile is counted."""
        return Meant(None, self.profiles.get(repair, "")).marked(repair)


def _merged(
    below: Mapping[Any, Mapping[str, Meant]], above: Mapping[Any, Mapping[str, Meant]]
) -> dict[Any, Mapping[str, Meant]]:
    return {key: {**below.get(key, {}), **above.get(key, {})} for key in (*below, *above)}
