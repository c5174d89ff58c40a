"""What becomes of each message as a whole: one treatment per version, action and side that calls.

mapped      becomes a message of the other version, or one of several
answered    has no counterpart; the gateway answers
refused     has no counterpart; the gateway's answer is a refusal
tunnelled   besides: where the tunnel or the Plug & Charge note is switched on, it is tried
            first, and the above holds where the other side does not know the message
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gateway.core.dialects import Side, Version
from gateway.core.mapping.rows import OTHER, RESPONSE, Library, MapSource, Row
from gateway.core.mapping.trace import Fate, fates

MAPPED, ANSWERED, REFUSED = "mapped", "answered", "refused"
TUNNEL, ASKED_BY_TUNNEL, PNC = "tunnel", "asked_by_tunnel", "pnc"
_ASK_FIRST = ("answer", "forget")
_GOOD = frozenset({"Accepted", "Processing", "Scheduled", "Idle"})
Senders = Mapping[Version, Mapping[str, frozenset[Side]]]
"""By version and action, who may send the Call."""


class Treatment(NamedTuple):
    """opens: the map that the Call opens with, None where there is none; becomes: actions of the
    other version; by: what is asked first, `tunnel`, `asked_by_tunnel`, `pnc` or ""; fates: of
    every field.
    """

    version: Version
    action: str
    side: Side
    opens: MapSource | None
    kind: str
    becomes: tuple[str, ...] = ()
    by: str = ""
    fates: tuple[Fate, ...] = ()

    @property
    def procedure(self) -> str:
        return self.opens.procedure[OTHER[self.version]][0] if self.opens is not None else ""

    def count(self, kind: str) -> int:
        """How many fields have that fate; a field of several maps counts once in each."""
        return Counter(fate.kind for fate in self.fates)[kind]


def treatments(library: Library, senders: Senders) -> Iterator[Treatment]:
    """Every message of both versions, from every side that may send it."""
    for version, actions in senders.items():
        for action, sides in actions.items():
            for side in sorted(sides):
                yield _treatment(library, version, action, side)


def _treatment(library: Library, version: Version, action: str, side: Side) -> Treatment:
    opens = _opening(library, version, action, side)
    if opens is None:
        return Treatment(version, action, side, None, REFUSED)
    towards = OTHER[version]
    maps = [opens, *_derived(library, opens, version)]
    found = tuple(f for m in maps for f in fates(m, library) if f.towards is towards)
    becomes = tuple(dict.fromkeys(m.actions[towards] for m in maps if towards in m.actions))
    name, params = opens.procedure[towards]
    kind = MAPPED if becomes else REFUSED if _refuses(opens) else ANSWERED
    by = str(params.get("by", TUNNEL)) if name in _ASK_FIRST and not becomes else ""
    asked = by if by in (TUNNEL, ASKED_BY_TUNNEL, PNC) else ""
    return Treatment(version, action, side, opens, kind, becomes, asked, found)


def _opening(library: Library, version: Version, action: str, side: Side) -> MapSource | None:
    for source in library.maps.values():
        opens = version in source.entry and source.actions[version] == action
        if opens and source.sender in (None, side):
            return source
    return None


def _derived(library: Library, opens: MapSource, version: Version) -> Iterator[MapSource]:
    """Maps of the same message that only a procedure comes to."""
    for source in library.maps.values():
        same = source.actions.get(version) == opens.actions[version]
        opens_with = version in source.entry
        if same and not opens_with and OTHER[version] in source.directions():
            yield source


def _refuses(source: MapSource) -> bool:
    """Whether the answer that the map fills in says no."""
    return any(value not in _GOOD for value in _statuses(source))


def _statuses(source: MapSource) -> Iterator[Any]:
    for row in source.rows[RESPONSE]:
        if isinstance(row, Row) and row.sides.get(row.side) == (("status",),):
            yield from (fill.value for fill in row.fill if fill.kind == "const")
