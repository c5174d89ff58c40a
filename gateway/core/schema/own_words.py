"""A vendor's own words: what its stations write where the standard has another word, or none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NOW = "now"
"""The value of a missing member that stands for the time of receipt."""

Message = tuple[str, str]
"""An action and a part, `request` or `response`; of every version that has it."""

Members = Mapping[str, str | None]
"""Members of an object; None: not there."""


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Paths are those of field tables (`fields.py`).

    measurands: a measurand -> the members of the sample that say the same in the standard's words.
    values: by member, a value that its enum lacks -> the one that is meant.
    names: by message, the path of a member under the vendor's name -> the standard's name.
    missing: by message, the path of a required member -> what it is where it is missing, or NOW.
    samples: of 1.6 samples, members by which one is known, and those that it should have.
    marks: a repair -> the name under which it is counted, which tells whose words they are.
    """

    measurands: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    names: Mapping[Message, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[Message, Mapping[str, Any]] = field(default_factory=dict)
    samples: tuple[tuple[Members, Members], ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)

    def over(self, below: "OwnWords") -> "OwnWords":
        """Both, where these have the last word."""
        return OwnWords(
            {**below.measurands, **self.measurands},
            _merged(below.values, self.values),
            _merged(below.names, self.names),
            _merged(below.missing, self.missing),
            (*below.samples, *self.samples),
            {**below.marks, **self.marks},
        )

    def marked(self, repair: str) -> str:
        """The name under which a repair is counted."""
        return self.marks.get(repair, repair)


def _merged(
    below: Mapping[Any, Mapping[str, Any]], above: Mapping[Any, Mapping[str, Any]]
) -> dict[Any, Mapping[str, Any]]:
    return {key: {**below.get(key, {}), **above.get(key, {})} for key in (*below, *above)}
