"""One row to lines of source, within a scope of `codegen.py`."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.core.dialects import Version
from gateway.core.mapping.codegen import Line, Lines, Scope, deeper
from gateway.core.mapping.functions import BASIC, DEFAULT_FOR_DATE_TIME, Conversion, Step, same
from gateway.core.mapping.metering import CHECKS, QUANTITY
from gateway.core.mapping.rows import (
    CUSTOM_DATA,
    Block,
    Enum,
    Field,
    Fill,
    Fills,
    Path,
    Row,
    Rows,
    When,
)

CONVERSIONS: dict[str, Conversion] = {**BASIC, QUANTITY.name: QUANTITY}

# A copy pays from this many members on.
_MOST = 3
# Members and their members: what of a removed member is looked at where it is removed.
_NEAR = 2


@dataclass(slots=True)
class _Made:
    """What a row comes to: lines before, values that are then always there, lines after."""

    before: Lines = field(default_factory=list)
    always: list[tuple[Path, str]] = field(default_factory=list)
    after: Lines = field(default_factory=list)


def plan_copy(scope: Scope, rows: Rows) -> None:
    """Let the target begin as a copy of the source, if most of its members stay what they are."""
    below = scope.source_prefix
    members = [
        name.removeprefix(below)
        for name in scope.part.source_fields
        if name.startswith(below) and not set(".[") & set(name.removeprefix(below))
    ]
    same = {r.sides[r_source][0][0] for r in rows if (r_source := _is_same(scope, r)) is not None}
    if len(same) < _MOST:
        return
    made = {path[0] for path in _targets(scope, rows) if len(path) == 1 and scope.needs(path)}
    scope.copied = frozenset(same)
    scope.removed = {name: [] for name in members if name not in same | made}


def _is_same(scope: Scope, row: Row | Block) -> Version | None:
    """The source version if the row carries a member over under its own name."""
    if isinstance(row, Block) or row.one_sided or row.only not in (None, scope.part.target):
        return None
    source, target = scope.part.source, scope.part.target
    if row.fills or row.when or row.split or row.fallback or row.default:
        return None
    if row.sides[source] != row.sides[target] or len(row.sides[source][0]) != 1:
        return None
    way = _Way(scope, row)
    table = way.table
    same_values = table is None or all(k == v for k, v in table.to[target].items())
    return source if way.step is None and same_values and not way.drops_empty else None


def _targets(scope: Scope, rows: Rows) -> Iterator[Path]:
    for row in rows:
        if isinstance(row, Row):
            yield from row.sides.get(scope.part.target, ())


def write(scope: Scope, row: Row) -> None:
    """Add what the row produces to the scope."""
    if not row.one_sided and row.sides[_source(scope)][0][0] in scope.copied:
        scope.body += _checked(scope, row)
        return
    made = _made(scope, row)
    came = () if row.one_sided or scope.part.target in row.fills else row.sides[_source(scope)]
    if row.when is not None:
        lines = list(made.before)
        for path, value in made.always:
            lines += scope.put(row, path, value, came, _raw(scope, came))
        scope.body += under(scope, row.when, lines + made.after, row)
        return
    scope.head += made.before
    for path, value in made.always:
        scope.set_always(row, path, value, came, _raw(scope, came))
    scope.body += made.after


def _checked(scope: Scope, row: Row) -> Lines:
    """For a copied member: the values that the other version has not."""
    way = _Way(scope, row)
    if way.table is None:
        return []
    known = scope.part.constant(f"{way.table.name}_known", frozenset(way.table.to[way.target]))
    value, path = scope.part.name("v"), way.sources[0]
    return [
        Line(0, f"{value} = {access(scope, path)}", row.place),
        Line(0, f"if {value} is not None and {value} not in {known}:", row.place),
        *deeper(scope.give_up(row, path)),
    ]


def write_loss(scope: Scope, row: Row) -> None:
    """Add the look at a field that has nowhere to go."""
    if not (row.lose or row.refuse) or row.side is not _source(scope):
        return
    for path in row.sides[row.side]:
        if path[0] in scope.removed and len(path) <= _NEAR and not row.refuse:
            scope.removed[path[0]] += _removed_loss(scope, row, path)
            continue
        parent = scope.object(path[:-1], sure=False)
        seen = f'"{path[-1]}" in {parent}'
        if path in scope.own_custom:
            seen += f" and not {scope.own_custom[path]}"
        raw = f'{parent}["{path[-1]}"]'
        if row.refuse:
            act = [Line(1, f'raise Untranslatable({row.refuse!r}, "unsupported")', row.place)]
        else:
            act = [Line(1, f'lost.append("{scope.loss(path)}")', row.place)]
            act += deeper(scope.note(row, (path,), raw, None, repr(row.lose)))
        scope.body += [Line(0, f"if {seen}:", row.place), *act]


def _removed_loss(scope: Scope, row: Row, path: Path) -> Lines:
    lost = Line(0, f'lost.append("{scope.loss(path)}")', row.place)
    if len(path) == 1:
        return [lost]
    seen = f'if "{path[1]}" in {scope.source}["{path[0]}"]:'
    return [Line(0, seen, row.place), lost.deeper(1)]


def under(scope: Scope, when: When, lines: Lines, row: Row | None = None) -> Lines:
    """The lines, on the condition."""
    condition = condition_of(scope, when)
    if not condition:
        return lines
    return [Line(0, f"if {condition}:", row.place if row else None), *deeper(lines)]


def condition_of(scope: Scope, when: When) -> str:
    """Python text of the condition, "" if it always holds in this direction."""
    conditions = []
    asked = when.request.get(scope.part.target)
    if asked is not None:
        conditions.append(f"{request_at(scope, asked)} is not None")
    if when.check:
        call = scope.part.constant(f"check_{when.check}", CHECKS[when.check].call)
        conditions.append(f"{call}({access(scope, when.of[_source(scope)])})")
    return " and ".join(conditions)


def request_at(scope: Scope, path: Path) -> str:
    text = scope.part.use("request")
    for name in path[:-1]:
        text += f'.get("{name}", EMPTY)'
    return f'{text}.get("{path[-1]}")'


def access(scope: Scope, path: Path) -> str:
    """Python text of a source field, None where it may be absent."""
    parent = scope.object(path[:-1])
    return f'{parent}["{path[-1]}"]' if scope.always(path) else f'{parent}.get("{path[-1]}")'


def _raw(scope: Scope, came: tuple[Path, ...]) -> str:
    """Python text of the source value, for traces."""
    return access(scope, came[0]) if came and scope.part.traced else ""


def _source(scope: Scope) -> Version:
    return scope.part.source


def _made(scope: Scope, row: Row) -> _Made:
    target = scope.part.target
    if row.one_sided:
        if row.side is target and row.fill:
            return _filled(scope, row, row.sides[target][0], row.fill)
        return _Made()
    if target in row.fills:
        return _filled(scope, row, row.sides[target][0], row.fills[target])
    if row.split:
        return _Made()
    if CUSTOM_DATA in row.sides[scope.part.source][0]:
        return _restored(scope, row)
    return _converted(scope, row)


# -- fills ------------------------------------------------------------------------------------


def _filled(scope: Scope, row: Row, path: Path, fills: Fills) -> _Made:
    scope.part.filled.append(scope.target_prefix + ".".join(path))
    needed = scope.needs(path)
    texts = [_fill_text(scope, f, needed and f is fills[-1]) for f in fills]
    sure = needed or fills[-1].kind != "state"
    if len(texts) == 1 and sure:
        return _Made(always=[(path, texts[0])])
    value = scope.part.name("v")
    made = _Made([Line(0, f"{value} = {texts[0]}", row.place)])
    for text in texts[1:]:
        made.before.append(Line(0, f"if {value} is None:", row.place))
        made.before.append(Line(1, f"{value} = {text}", row.place))
    if sure:
        made.always.append((path, value))
    else:
        made.after.append(Line(0, f"if {value} is not None:", row.place))
        made.after += deeper(scope.put(row, path, value, ()))
    return made


def _fill_text(scope: Scope, fill: Fill, needed: bool) -> str:
    if fill.kind == "const":
        return repr(fill.value)
    if fill.kind == "config":
        return f"{scope.part.use('settings')}.{fill.value}"
    if fill.kind == "now":
        return "context.now_text"
    return f'state["{fill.value}"]' if needed else f'state.get("{fill.value}")'


# -- what the gateway kept in customData --------------------------------------------------------


def _restored(scope: Scope, row: Row) -> _Made:
    path = row.sides[scope.part.source][0]
    target = row.sides[scope.part.target][0]
    at = path.index(CUSTOM_DATA) + 1
    own = scope.own(path[:at])
    known = scope.target_field(target)
    limit = known.max_length if known else None
    enum = scope.part.constant("values", frozenset(known.enum if known else ()))
    value = scope.part.name("v")
    restore = f'{value} = restored({own}.get("{path[at]}"), {limit}, {enum})'
    put = scope.put(row, target, value, (path,), value)
    lines = [
        Line(0, f"if {own}:", row.place),
        Line(1, restore, row.place),
        Line(1, f"if {value} is not None:", row.place),
        *deeper(put, 2),
    ]
    return _Made(after=lines)


# -- from the source message --------------------------------------------------------------------


def _converted(scope: Scope, row: Row) -> _Made:
    sources = row.sides[scope.part.source]
    targets = row.sides[scope.part.target]
    primary = sources[0]
    fallback = row.fallback.get(scope.part.source)
    sure = scope.always(primary)
    way = _Way(scope, row)
    if sure and not way.drops_empty:
        raw = access(scope, primary)
        if way.plain:
            return _Made(always=[(targets[0], raw)])
        value = scope.part.name("v")
        lines, results = way.lines(value)
        return way.assigned(results, [Line(0, f"{value} = {raw}", row.place), *lines])
    if way.plain and not (way.drops_empty or fallback or row.default):
        parent = scope.object(primary[:-1])
        raw = f'{parent}["{primary[-1]}"]'
        put = scope.put(row, targets[0], raw, sources, raw)
        seen = Line(0, f'if "{primary[-1]}" in {parent}:', row.place)
        return _Made(after=[seen, *deeper(put)])
    value = scope.part.name("v")
    lines = [Line(0, f"{value} = {access(scope, primary)}", row.place)]
    if fallback:
        lines.append(Line(0, f"if not {value}:", row.place))
        lines.append(Line(1, f"{value} = {access(scope, fallback)}", row.place))
    test = value if way.drops_empty else f"{value} is not None"
    lines.append(Line(0, f"if {test}:", row.place))
    lines += deeper(way.put(value))
    if row.default:
        lines += [Line(0, "else:", row.place), *deeper(_defaulted(scope, row, targets))]
    return _Made(after=lines)


def _defaulted(scope: Scope, row: Row, targets: tuple[Path, ...]) -> Lines:
    fill = row.default[0]
    if len(targets) == 1:
        return scope.put(row, targets[0], _fill_text(scope, fill, False), ())
    pairs = zip(targets, fill.value, strict=True)
    return [
        line
        for path, value in pairs
        if value is not None
        for line in scope.put(row, path, repr(value), ())
    ]


class _Way:
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
        self.drops_empty = (
            not self.needed and _is_text(source) and (target is None or _is_text(target))
        )

    def _table(self, source: Field | None) -> Enum | None:
        """The enum table, None where every value is the same on the other side."""
        if not self.row.enum:
            return None
        table = self.scope.part.enums[self.row.enum]
        to = table.to[self.scope.part.target]
        known = source.enum if source is not None else ()
        return None if known and all(to.get(value) == value for value in known) else table

    def lines(self, value: str) -> tuple[Lines, list[tuple[str, bool]]]:
        """Lines that convert the variable, and the results: (variable, may be None)."""
        if self.table is not None:
            return self._looked_up(value, self.table)
        if self.step is None:
            return [], [(value, False)]
        if self.step.inline:
            return self._in_line(value, self.step)
        return self._called(value, self.step)

    def assigned(self, results: list[tuple[str, bool]], before: Lines) -> _Made:
        """For a value that is there in every message."""
        made = _Made(before)
        for path, (value, absent) in zip(self.targets, results, strict=True):
            if absent:
                made.after += self._put_if_there(path, value)
            else:
                made.always.append((path, value))
        return made

    def put(self, value: str) -> Lines:
        """Lines that convert and assign, for a value known to be there."""
        raw = _raw(self.scope, self.sources)
        lines, results = self.lines(value)
        for path, (result, absent) in zip(self.targets, results, strict=True):
            if absent:
                lines += self._put_if_there(path, result)
            else:
                lines += self.scope.put(self.row, path, result, self.sources, raw)
        return lines

    def _put_if_there(self, path: Path, value: str) -> Lines:
        lines = [Line(0, f"if {value} is not None:", self.row.place)]
        raw = _raw(self.scope, self.sources)
        lines += deeper(self.scope.put(self.row, path, value, self.sources, raw))
        if self.scope.needs(path):
            lines += [Line(0, "else:"), *deeper(self.scope.give_up(self.row, self.sources[0]))]
        return lines

    def _looked_up(self, value: str, table: Enum) -> tuple[Lines, list[tuple[str, bool]]]:
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
            return lines, [(result, False)]
        columns = [part.name("v") for _ in self.targets]
        lines.append(Line(0, f"{', '.join(columns)} = {result}", place))
        absent = [any(row[n] is None for row in to.values()) for n in range(len(columns))]
        return lines, list(zip(columns, absent, strict=True))

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
            return request_at(self.scope, extra.paths[self.scope.part.target])
        return access(self.scope, extra.paths[self.scope.part.source])

    def _limit(self) -> int | None:
        known = self.scope.target_field(self.targets[0])
        return known.max_length if known is not None else None

    def _called(
        self, value: str, step: Step, further: list[str] | None = None
    ) -> tuple[Lines, list[tuple[str, bool]]]:
        """further: text of the inputs after the first, where they are at hand."""
        place = self.row.place
        result = self.scope.part.name("v")
        if further is None:
            further = [access(self.scope, path) for path in self.sources[1:]]
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
            return lines, [(result, absent)]
        columns = [self.scope.part.name("v") for _ in step.gives]
        lines.append(Line(0, f"{', '.join(columns)} = {result}", place))
        return lines, [(c, s.absent) for c, s in zip(columns, step.gives, strict=True)]

    def _in_line(self, value: str, step: Step) -> tuple[Lines, list[tuple[str, bool]]]:
        part, place = self.scope.part, self.row.place
        lines: Lines = []
        inputs = [value]
        for path in self.sources[1:]:
            inputs.append(part.name("v"))
            lines.append(Line(0, f"{inputs[-1]} = {access(self.scope, path)}", place))
        columns = [part.name("v") for _ in step.gives]
        names = dict(zip("abc", columns, strict=False))
        for text in step.inline:
            depth = (len(text) - len(text.lstrip())) // 4
            lines.append(Line(depth, text.strip().format(*inputs, **names), place))
        called, results = self._called(value, step, inputs[1:])
        lines += deeper(called)
        taken = ", ".join(columns)
        lines.append(Line(1, f"{taken} = {', '.join(r for r, _ in results)}", place))
        return lines, [(c, a) for c, (_, a) in zip(columns, results, strict=True)]


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
