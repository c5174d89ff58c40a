"""Rows to Python source: one straight-line function per direction and part.

A function reads its payload `p` and builds `t0`. A scope is a run of rows whose paths start at one
source object and one target object; lists open scopes of their own, inside a loop. Within a scope
the source is, in this order: look-ups of source objects and what is always there (`head`), the
target objects as literals, whatever is there only sometimes (`body`), and the tying of lists and
optional objects to their parents. Common cases stand in line, rare ones are calls; a lost field
costs one look at whether it is there. A list item most of whose members are the same on both sides
begins as a copy of its source, and what differs is taken out of it.

The traced variant (`explain --frame`) comes from the same code: every assignment is a statement of
its own, followed by a note of row, source, value and target.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.core.dialects import Version
from gateway.core.errors import Place
from gateway.core.mapping import runtime
from gateway.core.mapping.metering import SAME_UNIT, SAME_UNIT_V201, assumed_unit
from gateway.core.mapping.rows import CUSTOM_DATA, Block, Enum, Field, Fields, Path, Row, dotted

_BUILT_IN = {
    "EMPTY": runtime.EMPTY,
    "EMPTY_LIST": runtime.EMPTY_LIST,
    "Untranslatable": runtime.Untranslatable,
    "restored": runtime.restored,
    "restored_items": runtime.restored_items,
    "carry": runtime.carry,
    "first": runtime.first,
    "assumed_unit": assumed_unit,
    "SAME_UNIT": SAME_UNIT,
    "SAME_UNIT_V201": SAME_UNIT_V201,
}


WHAT = "WHAT"
_VENDOR = "context.settings.vendor_id"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of source: how deep, what, and the row it comes from."""

    depth: int
    text: str
    place: Place | None = None

    def deeper(self, by: int) -> "Line":
        return Line(self.depth + by, self.text, self.place)


Lines = list[Line]


def deeper(lines: Lines, by: int = 1) -> Lines:
    return [line.deeper(by) for line in lines]


@dataclass(slots=True)
class Part:
    """What is being compiled: one part of a map on its way to `target`.

    prefix: of loss ids, "Authorize.request"; namespace: names that the source uses.
    extra: members that the source schema does not have go into customData of the nearest object.
    """

    prefix: str
    source: Version
    target: Version
    source_fields: Fields
    target_fields: Fields
    enums: Mapping[str, Enum]
    traced: bool = False
    extra: bool = False
    namespace: dict[str, Any] = field(default_factory=lambda: dict(_BUILT_IN))
    filled: list[str] = field(default_factory=list)
    uses: set[str] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)

    def name(self, letter: str) -> str:
        """A fresh variable."""
        number = self.numbers[letter] = self.numbers.get(letter, -1) + 1
        return f"{letter}{number}"

    def constant(self, name: str, value: Any) -> str:
        """A name for value in the compiled module, the wished one unless it is taken."""
        wished, number = name, 1
        while name in self.namespace and self.namespace[name] is not value:
            number += 1
            name = f"{wished}_{number}"
        self.namespace[name] = value
        return name

    def use(self, name: str) -> str:
        """A variable set once at the head of the function."""
        self.uses.add(name)
        return name


@dataclass(slots=True)
class Target:
    """A target object under construction. needed: it is there even without members."""

    var: str
    key: str
    parent: "Target | None"
    needed: bool
    custom: bool = False
    literals: list[tuple[str, str]] = field(default_factory=list)


class Scope:
    """Rows below one source object and one target object.

    source, target: variables; source_prefix, target_prefix: schema paths up to here, with a point
    at the end; source_at, target_at: the same as f-string text with list positions, for traces.
    own_source: the source object is not that of the enclosing scope.
    fail: lines for a value without which the enclosing message or list item cannot be made; WHAT
    stands for the value.
    copied: members of the source that the target begins with; removed: those taken out of it
    again, with the lines that note what is lost of them. nearest: source object -> target object
    that takes the members of it which no schema knows. together: row -> variable with the item's
    share of what was made of the whole list.
    """

    def __init__(
        self,
        part: Part,
        source: str,
        fail: Lines,
        *,
        source_prefix: str = "",
        target_prefix: str = "",
        source_at: str = "",
        target_at: str = "",
        rest: str = "",
        needed: bool = True,
        own_source: bool = True,
    ) -> None:
        self.part = part
        self.source = source
        self.fail = fail
        self.source_prefix = source_prefix
        self.target_prefix = target_prefix
        self.source_at = source_at
        self.target_at = target_at
        self.rest = rest
        self.root = Target(part.name("t"), "", None, needed)
        self.head: Lines = []
        self.body: Lines = []
        self.objects: dict[Path, str] = {(): source}
        self.own_custom: dict[Path, str] = {}
        self.targets: dict[Path, Target] = {(): self.root}
        self.lists: dict[Path, str] = {}
        self.nearest: dict[Path, Path] = {(): ()} if part.extra and own_source else {}
        self.copied: frozenset[str] = frozenset()
        self.removed: dict[str, Lines] = {}
        self.together: dict[Place, str] = {}

    # -- looking around ---------------------------------------------------------------------

    def source_field(self, path: Path) -> Field | None:
        return self.part.source_fields.get(self.source_prefix + dotted(path))

    def target_field(self, path: Path) -> Field | None:
        return self.part.target_fields.get(self.target_prefix + dotted(path))

    def loss(self, path: Path) -> str:
        return f"{self.part.prefix}:{self.source_prefix}{dotted(path)}".rstrip(".")

    def object(self, path: Path, *, sure: bool = True) -> str:
        """A variable with the source object at path, EMPTY if it is absent.

        sure: a required object is taken to be there; False where it is only looked at for losses.
        """
        if path not in self.objects:
            parent = self.object(path[:-1], sure=sure)
            var = self.part.name("s")
            known = self.source_field(path)
            if sure and known is not None and known.required:
                self.head.append(Line(0, f'{var} = {parent}["{path[-1]}"]'))
            else:
                self.head.append(Line(0, f'{var} = {parent}.get("{path[-1]}", EMPTY)'))
            self.objects[path] = var
        return self.objects[path]

    def there(self, name: str) -> str:
        """Python text of whether the source has that member; looked up before, it costs nothing."""
        looked_up = self.objects.get((name,))
        if looked_up and not self.always((name,)):
            return f"{looked_up} is not EMPTY"
        return f'"{name}" in {self.source}'

    def own(self, path: Path) -> str:
        """A variable with the gateway's own customData at path, EMPTY if it is not ours."""
        if path not in self.own_custom:
            parent = self.object(path[:-1])
            var = self.part.name("c")
            self.head.append(Line(0, f'{var} = {parent}.get("{CUSTOM_DATA}", EMPTY)'))
            self.head.append(Line(0, f'if {var} and {var}.get("vendorId") != {_VENDOR}:'))
            self.head.append(Line(1, f"{var} = EMPTY"))
            self.own_custom[path] = var
        return self.own_custom[path]

    def always(self, path: Path) -> bool:
        """Whether a valid source always has this field."""
        return all(
            (known := self.source_field(path[:n])) is not None and known.required
            for n in range(1, len(path) + 1)
        )

    def needs(self, path: Path) -> bool:
        """Whether the target, made at all, must have this field."""
        return all(
            (known := self.target_field(path[:n])) is not None and known.required
            for n in range(1, len(path) + 1)
        )

    def goal(self, path: Path) -> Target:
        """The target object at path."""
        if path not in self.targets:
            parent = self.goal(path[:-1])
            custom = path[-1] == CUSTOM_DATA
            goal = Target(self.part.name("t"), path[-1], parent, self.needs(path), custom)
            self.targets[path] = goal
        return self.targets[path]

    def list_at(self, path: Path) -> str:
        """The variable of the target list at path."""
        if path not in self.lists:
            var = self.lists[path] = self.part.name("l")
            self.head.append(Line(0, f"{var} = []"))
        return self.lists[path]

    def access(self, path: Path) -> str:
        """Python text of a source field, None where it may be absent."""
        parent = self.object(path[:-1])
        return f'{parent}["{path[-1]}"]' if self.always(path) else f'{parent}.get("{path[-1]}")'

    def asked(self, path: Path) -> str:
        """Python text of a field of the caller's request."""
        text = self.part.use("request")
        for name in path[:-1]:
            text += f'.get("{name}", EMPTY)'
        return f'{text}.get("{path[-1]}")'

    def raw(self, came: tuple[Path, ...]) -> str:
        """Python text of the source value, for traces; of several, a tuple."""
        if not came or not self.part.traced:
            return ""
        texts = [self.access(path) for path in came]
        return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"

    # -- putting ------------------------------------------------------------------------------

    def put(self, row: Row, path: Path, value: str, came: tuple[Path, ...], raw: str = "") -> Lines:
        """Statements that set a target field. came: source paths; raw: expression of the source."""
        goal = self.goal(path[:-1])
        lines = [Line(0, f'{goal.var}["{path[-1]}"] = {value}', row.place)]
        lines += self.note(row, came, raw or "None", path, value)
        if goal.custom:
            keep = self.part.use("custom")
            lost = [f'lost.append("{self.loss(p)}")' for p in came]
            lines = [Line(0, f"if {keep}:", row.place), *deeper(lines)]
            if lost:
                lines += [Line(0, "else:"), *(Line(1, text, row.place) for text in lost)]
        return lines

    def set_always(
        self, row: Row, path: Path, value: str, came: tuple[Path, ...], raw: str = ""
    ) -> None:
        """The same for a value that is always there: part of the literal where possible."""
        goal = self.goal(path[:-1])
        if goal.custom or self.part.traced:
            self.body += self.put(row, path, value, came, raw)
        else:
            goal.literals.append((path[-1], value))

    def note(
        self, row: Row | Block, came: tuple[Path, ...], raw: str, path: Path | None, value: str
    ) -> Lines:
        """Statements that trace one assignment, or a loss where path is None."""
        if not self.part.traced:
            return []
        sources = ", ".join(f'f"{self.source_at}{dotted(p)}"' for p in came)
        target = f'f"{self.target_at}{dotted(path)}"' if path is not None else "None"
        place = self.part.constant("place", row.place)
        came_from = f"({sources},)" if sources else "()"
        text = f"trace.append(({place}, {came_from}, {raw}, {target}, {value}))"
        return [Line(0, text, row.place)]

    def give_up(self, row: Row, path: Path, raw: str = "None", why: str = "") -> Lines:
        """Lines for a source value that cannot be expressed. why: text of an expression for it."""
        what = f"{self.source_prefix}{dotted(path)} has no place in OCPP {self.part.target}"
        seen = self.note(row, (path,), raw, None, why or repr(what))
        lines = [Line(line.depth, line.text.replace(WHAT, what), row.place) for line in self.fail]
        return [*seen, *lines]

    # -- finishing ------------------------------------------------------------------------------

    def finish(self) -> Lines:
        """All lines of the scope; the target is complete after them."""
        lines = list(self.head)
        for goal in self.targets.values():
            if goal is self.root and self.copied:
                lines += self._copy()
                continue
            members = ", ".join(f'"{key}": {value}' for key, value in goal.literals)
            lines.append(Line(0, f"{goal.var} = {{{members}}}"))
        lines += self.body
        for path, var in self.lists.items():
            lines += self._tie_list(path, var)
        for path, goal in reversed(self.targets.items()):
            for source in (s for s, target in self.nearest.items() if target == path):
                lines += self._carry(source, goal)
            lines += self._tie(goal)
        return lines

    def _carry(self, path: Path, goal: Target) -> Lines:
        """Members of a source object that its schema does not have."""
        below = self.source_prefix + dotted((*path, ""))
        names = (
            name.removeprefix(below) for name in self.part.source_fields if name.startswith(below)
        )
        known = self.part.constant("known", frozenset(n for n in names if not set(".[") & set(n)))
        source = self.objects[path]
        return [
            Line(0, f"if not {known}.issuperset({source}):"),
            Line(1, f"carry({goal.var}, {source}, {known}, context)"),
        ]

    def _copy(self) -> Lines:
        lines = [Line(0, f"{self.root.var} = {self.source}.copy()")]
        for name, losses in self.removed.items():
            lines.append(Line(0, f"if {self.there(name)}:"))
            lines.append(Line(1, f'del {self.root.var}["{name}"]'))
            lines += deeper(losses)
        put = self.root.literals
        return lines + [Line(0, f'{self.root.var}["{key}"] = {value}') for key, value in put]

    def _tie_list(self, path: Path, var: str) -> Lines:
        tie = Line(0, f'{self.goal(path[:-1]).var}["{path[-1]}"] = {var}')
        if not self.needs(path):
            return [Line(0, f"if {var}:"), tie.deeper(1)]
        return [Line(0, f"if not {var}:"), *deeper(self._emptied(path)), tie]

    def _emptied(self, path: Path) -> Lines:
        """As fail, with the reply that tells an empty message from an impossible one."""
        what = f"{self.target_prefix}{dotted(path)} has nothing that OCPP {self.part.target} takes"
        return [
            Line(x.depth, x.text.replace('"failed")', '"empty")').replace(WHAT, what))
            for x in self.fail
        ]

    def _tie(self, goal: Target) -> Lines:
        if goal.parent is None:
            return []
        tie = Line(0, f'{goal.parent.var}["{goal.key}"] = {goal.var}')
        if goal.custom:
            vendor = Line(0, f'{goal.var}["vendorId"] = {_VENDOR}')
            return [Line(0, f"if {goal.var}:"), *deeper([vendor, tie])]
        if goal.needed:
            return [tie]
        return [Line(0, f"if {goal.var}:"), tie.deeper(1)]
