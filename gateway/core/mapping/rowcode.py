"""One row to lines of source, within a scope of `codegen.py`."""

from collections.abc import Iterable, Iterator
from itertools import takewhile

from gateway.core.dialects import Version
from gateway.core.mapping.codegen import Line, Lines, Scope, deeper
from gateway.core.mapping.metering import CHECKS
from gateway.core.mapping.rows import (
    CUSTOM_DATA,
    Block,
    Fill,
    Fills,
    Path,
    Row,
    Rows,
    When,
)
from gateway.core.mapping.waycode import Made, Way

# A copy pays from this many members on.
_MOST = 3
# Members and their members: what of a removed member is looked at where it is removed.
_NEAR = 2


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
    way = Way(scope, row)
    table = way.table
    same_values = table is None or all(k == v for k, v in table.to[target].items())
    return source if way.step is None and same_values and not way.drops_empty else None


def find_nearest(scope: Scope, rows: Iterable[Row]) -> None:
    """For each object in the source, the innermost target object that its own members all go to.

    One member alone says nothing of the object around it.
    """
    goals: dict[Path, list[Path]] = {}
    for row in rows:
        if row.one_sided or scope.part.target in row.fills or row.split:
            continue
        goal = tuple(takewhile(lambda name: name != CUSTOM_DATA, _first(row, scope)[:-1]))
        path = row.sides[scope.part.source][0]
        for n in range(len(path) - 1):
            goals.setdefault(path[:n], [])
        goals.setdefault(path[:-1], []).append(goal)
    for path, found in goals.items():
        if () not in scope.nearest and not path:
            continue
        nearest = _common(found) if len(found) > 1 else ()
        scope.nearest[path] = nearest if nearest in scope.targets else ()
        scope.object(path, sure=False)


def _first(row: Row, scope: Scope) -> Path:
    return row.sides[scope.part.target][0]


def _common(paths: list[Path]) -> Path:
    same = takewhile(lambda names: len(set(names)) == 1, zip(*paths, strict=False))
    return tuple(names[0] for names in same)


def _targets(scope: Scope, rows: Rows) -> Iterator[Path]:
    for row in rows:
        if isinstance(row, Row):
            yield from row.sides.get(scope.part.target, ())


def write(scope: Scope, row: Row) -> None:
    """Add what the row produces to the scope."""
    if not row.one_sided and row.sides[_source(scope)][0][0] in scope.copied:
        scope.head += _checked(scope, row)
        return
    made = _made(scope, row)
    came = () if row.one_sided or scope.part.target in row.fills else row.sides[_source(scope)]
    if row.when is not None:
        lines = list(made.before)
        for path, value in made.always:
            lines += scope.put(row, path, value, came, scope.raw(came))
        scope.body += under(scope, row.when, lines + made.after, row)
        return
    scope.head += made.before
    for path, value in made.always:
        scope.set_always(row, path, value, came, scope.raw(came))
    scope.body += made.after


def _checked(scope: Scope, row: Row) -> Lines:
    """For a copied member: the values that the other version has not."""
    way = Way(scope, row)
    if way.table is None:
        return []
    path = way.sources[0]
    # None: the member is absent.
    values = frozenset((*way.table.to[way.target], None))
    known = scope.part.constant(f"{way.table.name}_known", values)
    return [
        Line(0, f"if {scope.access(path)} not in {known}:", row.place),
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
    inside = scope.objects.get(path[:1]) or f'{scope.source}["{path[0]}"]'
    return [Line(0, f'if "{path[1]}" in {inside}:', row.place), lost.deeper(1)]


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
        conditions.append(f"{scope.asked(asked)} is not None")
    if when.check:
        call = scope.part.constant(f"check_{when.check}", CHECKS[when.check].call)
        conditions.append(f"{call}({scope.access(when.of[_source(scope)])})")
    return " and ".join(conditions)


def _source(scope: Scope) -> Version:
    return scope.part.source


def _made(scope: Scope, row: Row) -> Made:
    target = scope.part.target
    if row.one_sided:
        if row.side is target and row.fill:
            return _filled(scope, row, row.sides[target][0], row.fill)
        return Made()
    if target in row.fills:
        return _filled(scope, row, row.sides[target][0], row.fills[target])
    if row.split:
        return Made()
    if CUSTOM_DATA in row.sides[scope.part.source][0]:
        return _restored(scope, row)
    return _converted(scope, row)


# -- fills ------------------------------------------------------------------------------------


def _filled(scope: Scope, row: Row, path: Path, fills: Fills) -> Made:
    scope.part.filled.append(scope.target_prefix + ".".join(path))
    needed = scope.needs(path)
    texts = [_fill_text(scope, f, needed and f is fills[-1]) for f in fills]
    sure = needed or fills[-1].kind != "state"
    if len(texts) == 1 and sure:
        return Made(always=[(path, texts[0])])
    value = scope.part.name("v")
    made = Made([Line(0, f"{value} = {texts[0]}", row.place)])
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


def _restored(scope: Scope, row: Row) -> Made:
    path = row.sides[scope.part.source][0]
    target = row.sides[scope.part.target][0]
    at = path.index(CUSTOM_DATA) + 1
    own = scope.own(path[:at])
    known = scope.target_field(target)
    limit = known.max_length if known else None
    enum = scope.part.constant("values", frozenset(known.enum if known else ()))
    value = scope.part.name("v")
    kind = f', "{known.type}"' if known and known.type != "string" else ""
    restore = f'{value} = restored({own}.get("{path[at]}"), {limit}, {enum}{kind})'
    put = scope.put(row, target, value, (path,), value)
    lines = [
        Line(0, f"if {own}:", row.place),
        Line(1, restore, row.place),
        Line(1, f"if {value} is not None:", row.place),
        *deeper(put, 2),
    ]
    return Made(after=lines)


# -- from the source message --------------------------------------------------------------------


def _converted(scope: Scope, row: Row) -> Made:
    sources = row.sides[scope.part.source]
    targets = row.sides[scope.part.target]
    primary = sources[0]
    fallback = row.fallback.get(scope.part.source)
    sure = scope.always(primary)
    way = Way(scope, row)
    if sure and not way.drops_empty:
        raw = scope.access(primary)
        if way.plain:
            return Made(always=[(targets[0], raw)])
        if row.place in scope.together:
            # The value itself is asked for in rare cases only.
            lines, results = way.lines(raw)
            return way.assigned(results, lines)
        value = scope.part.name("v")
        lines, results = way.lines(value)
        return way.assigned(results, [Line(0, f"{value} = {raw}", row.place), *lines])
    if way.plain and not (way.drops_empty or fallback or row.default):
        parent = scope.object(primary[:-1])
        raw = f'{parent}["{primary[-1]}"]'
        put = scope.put(row, targets[0], raw, sources, raw)
        seen = Line(0, f'if "{primary[-1]}" in {parent}:', row.place)
        return Made(after=[seen, *deeper(put)])
    value = scope.part.name("v")
    lines = [Line(0, f"{value} = {scope.access(primary)}", row.place)]
    if fallback:
        lines.append(Line(0, f"if not {value}:", row.place))
        lines.append(Line(1, f"{value} = {scope.access(fallback)}", row.place))
    test = value if way.drops_empty else f"{value} is not None"
    lines.append(Line(0, f"if {test}:", row.place))
    lines += deeper(way.put(value))
    if row.default:
        lines += [Line(0, "else:", row.place), *deeper(_defaulted(scope, row, targets))]
    return Made(after=lines)


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
