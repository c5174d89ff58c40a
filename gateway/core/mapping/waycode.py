"""How the value of a two-sided row changes on its way: copied, looked up, or converted."""

from dataclasses import dataclass, field

from gateway.core.dialects import Version
from gateway.core.mapping.codegen import Line, Lines, Scope, deeper
from gateway.core.mapping.functions import (
    BASIC,
    DEFAULT_FOR_DATE_TIME,
    Conversion,
    Shape,
    Step,
    same,
)
from gateway.core.mapping.metering import QUANTITY
from gateway.core.mapping.rows import Enum, Field, Path, Row

CONVERSIONS: dict[str, Conversion] = {**BASIC, QUANTITY.name: QUANTITY}

Results = list[tuple[str, str]]
"""Variables that hold what the targets get, and what tells that there is something: a condition,
"" where there always is."""


@dataclass(slots=True)
class Made:
    """What a row comes to: lines before, values that are then always there, lines after."""

    before: Lines = field(default_factory=list)
    always: list[tuple[Path, str]] = field(default_factory=list)
    after: Lines = field(default_factory=list)


class Way:
    """How the value of a two-sided row changes on the way."""

    def __init__(self, scope: Scope, row: Row) -> None:
        self.scope = scope
        self.row = row
        self.target = scope.part.target
        self.sources = row.sides[scope.part.source]
        self.targets = row.sides[scope.part.target]
        source, target = scope.source_field(self.sources[0]), scope.target_field(self.targets[0])
        self.table = self._table(source)
        self.step = step_of(row, scope.part.target, source, target)
        self.plain = self.table is None and self.step is None
        self.needed = scope.needs(self.targets[0])
        leaves_empty = not self.needed and _is_text(source) and (target is None or _is_text(target))
        # Of several sources an empty one may still say something: an idToken beside its type.
        several = len(self.sources) > 1
        self.drops_empty = leaves_empty and not several
        self.drops_empty_result = leaves_empty and several

    def _table(self, source: Field | None) -> Enum | None:
        """The enum table, None where every value is the same on the other side."""
        if not self.row.enum:
            return None
        table = self.scope.part.enums[self.row.enum]
        to = table.to[self.scope.part.target]
        known = source.enum if source is not None else ()
        return None if known and all(to.get(value) == value for value in known) else table

    def lines(self, value: str) -> tuple[Lines, Results]:
        """Lines that convert the variable, and the results: (variable, may be None)."""
        if self.table is not None:
            return self._looked_up(value, self.table)
        if self.step is None:
            return [], [(value, "")]
        if self.step.inline:
            return self._in_line(value, self.step)
        return self._called(value, self.step)

    def assigned(self, results: Results, before: Lines) -> Made:
        """For a value that is there in every message."""
        made = Made(before)
        for path, (value, there) in zip(self.targets, results, strict=True):
            if there:
                made.after += self._put_if_there(path, value, there)
            else:
                made.always.append((path, value))
        return made

    def put(self, value: str) -> Lines:
        """Lines that convert and assign, for a value known to be there."""
        raw = self.scope.raw(self.sources)
        lines, results = self.lines(value)
        for path, (result, there) in zip(self.targets, results, strict=True):
            if there:
                lines += self._put_if_there(path, result, there)
            else:
                lines += self.scope.put(self.row, path, result, self.sources, raw)
        return lines

    def _put_if_there(self, path: Path, value: str, there: str) -> Lines:
        lines = [Line(0, f"if {there}:", self.row.place)]
        raw = self.scope.raw(self.sources)
        lines += deeper(self.scope.put(self.row, path, value, self.sources, raw))
        if self.scope.needs(path):
            lines += [Line(0, "else:"), *deeper(self.scope.give_up(self.row, self.sources[0]))]
        return lines

    def _looked_up(self, value: str, table: Enum) -> tuple[Lines, Results]:
        part = self.scope.part
        to = table.to[part.target]
        get = part.constant(f"{table.name}_to_{part.target.key}", to) + ".get"
        result = part.name("v")
        place = self.row.place
        lines = [
            Line(0, f"{result} = {get}({value})", place),
            Line(0, f"if {result} is None:", place),
            *deeper(self.scope.give_up(self.row, self.sources[0], value, self._why(table, value))),
        ]
        if len(self.targets) == 1:
            return lines, [(result, "")]
        columns = [part.name("v") for _ in self.targets]
        lines.append(Line(0, f"{', '.join(columns)} = {result}", place))
        absent = [any(row[n] is None for row in to.values()) for n in range(len(columns))]
        return lines, [(c, _not_none(c, a)) for c, a in zip(columns, absent, strict=True)]

    def _why(self, table: Enum, value: str) -> str:
        """Text of the reason that the table gives for leaving a value out, for traces."""
        if not self.scope.part.traced:
            return ""
        drops = self.scope.part.constant(f"{table.name}_drops", table.drops.get(self.target, {}))
        return f'{drops}.get({value}, "unknown value")'

    def _call(self, step: Step, inputs: list[str]) -> str:
        part = self.scope.part
        arguments = ["context"] if step.context else []
        arguments += inputs
        arguments += [self._extra(n) for n in range(len(self.row.extra))]
        if step.limit:
            arguments.append(str(self._limit()))
        name = part.constant(step.call.__name__.replace("<lambda>", "call"), step.call)
        return f"{name}({', '.join(arguments)})"

    def _extra(self, number: int) -> str:
        extra = self.row.extra[number]
        if extra.request:
            return self.scope.asked(extra.paths[self.scope.part.target])
        return self.scope.access(extra.paths[self.scope.part.source])

    def _limit(self) -> int | None:
        known = self.scope.target_field(self.targets[0])
        return known.max_length if known is not None else None

    def _called(
        self, value: str, step: Step, further: list[str] | None = None
    ) -> tuple[Lines, Results]:
        """further: text of the inputs after the first, where they are at hand."""
        place = self.row.place
        result = self.scope.part.name("v")
        if further is None:
            further = [self.scope.access(path) for path in self.sources[1:]]
        lines = [Line(0, f"{result} = {self._call(step, [value, *further])}", place)]
        if step.fast:
            fast = step.fast.format(value, limit=self._limit())
            lines = [
                Line(0, f"{result} = {value}", place),
                Line(0, f"if not ({fast}):", place),
                *deeper(lines),
            ]
        absent = step.fails and not self.needed
        if step.fails and self.needed:
            failed = [
                Line(0, f"if {result} is None:", place),
                *deeper(self.scope.give_up(self.row, self.sources[0])),
            ]
            lines += deeper(failed) if step.fast else failed
        elif step.fails and not step.optional:
            lost = f'lost.append("{self.scope.loss(self.sources[0])}")'
            lines += [Line(0, f"if {result} is None:", place), Line(1, lost, place)]
        if len(step.gives) == 1:
            there = result if self.drops_empty_result else _not_none(result, absent)
            return lines, [(result, there)]
        columns = [self.scope.part.name("v") for _ in step.gives]
        lines.append(Line(0, f"{', '.join(columns)} = {result}", place))
        return lines, [(c, _there(c, s)) for c, s in zip(columns, step.gives, strict=True)]

    def _in_line(self, value: str, step: Step) -> tuple[Lines, Results]:
        scope, part, place = self.scope, self.scope.part, self.row.place
        lines: Lines = []
        inputs = [value]
        for path in self.sources[1:]:
            inputs.append(part.name("v"))
            lines.append(Line(0, f"{inputs[-1]} = {self.scope.access(path)}", place))
        columns = [part.name("v") for _ in step.gives]
        names = dict(zip("abc", columns, strict=False))
        extras = [self._extra(n) for n in range(len(self.row.extra))]
        if step.together is not None:
            names["t"] = scope.together.get(self.row.place, "")
            if not names["t"]:
                names["t"] = part.name("w")
                one = f"{part.constant(step.together.__name__, step.together)}([{value}])[0]"
                lines.append(Line(0, f"{names['t']} = {one}", place))
        for text in step.inline:
            depth = (len(text) - len(text.lstrip())) // 4
            lines.append(Line(depth, text.strip().format(*inputs, *extras, **names), place))
        called, results = self._called(value, step, inputs[1:])
        lines += deeper(called)
        taken = ", ".join(columns)
        lines.append(Line(1, f"{taken} = {', '.join(r for r, _ in results)}", place))
        return lines, [(c, _there(c, s)) for c, s in zip(columns, step.gives, strict=True)]


def _not_none(variable: str, absent: bool) -> str:
    return f"{variable} is not None" if absent else ""


def _there(variable: str, shape: Shape) -> str:
    """An empty text is left out where it may be (translation-station 1.4)."""
    if shape.absent and shape.type == "string":
        return variable
    return _not_none(variable, shape.absent)


def step_of(row: Row, target: Version, source: Field | None, goal: Field | None) -> Step | None:
    """The step that the row names, or the one that its fields ask for; None: nothing changes."""
    if row.via:
        step = CONVERSIONS[row.via].to[target]
        return None if step.call is same else step
    if row.enum or source is None or goal is None:
        return None
    if source.format == goal.format == "date-time":
        return CONVERSIONS[DEFAULT_FOR_DATE_TIME].to[target]
    return None


def _is_text(known: Field | None) -> bool:
    return known is not None and known.type == "string" and not known.enum and not known.format
