"""Blocks of rows to lines of source: lists, one-item lists, and objects with a condition."""

from collections.abc import Callable
from typing import Any

from gateway.core.mapping.codegen import WHAT, Line, Lines, Part, Scope, deeper
from gateway.core.mapping.metering import KEEPS, SPLITS
from gateway.core.mapping.rowcode import find_nearest, plan_copy, under, write, write_loss
from gateway.core.mapping.rows import CUSTOM_DATA, V201, Block, Path, Row, Rows, flattened
from gateway.core.mapping.waycode import step_of


def write_rows(scope: Scope, rows: Rows) -> None:
    """Add all rows and blocks that travel this way to the scope."""
    flat = [r for r in flattened(rows) if r.only in (None, scope.part.target)]
    for row in flat:
        if isinstance(row, Row):
            write(scope, row)
        else:
            lines = _BLOCKS[row.kind](scope, row)
            scope.body += under(scope, row.when, lines) if row.when else lines
    for row in flat:
        if isinstance(row, Row) and row.one_sided:
            write_loss(scope, row)
    if scope.part.extra:
        find_nearest(scope, [row for row in flat if isinstance(row, Row)])


def function(part: Part, rows: Rows, name: str) -> Lines:
    """The whole function."""
    fail = [Line(0, f'raise Untranslatable("{part.prefix}: {WHAT}", "failed")')]
    scope = Scope(part, "p", fail)
    write_rows(scope, rows)
    lines = scope.finish()
    head = []
    if part.uses & {"custom", "settings"}:
        head.append(Line(0, "settings = context.settings"))
    if "custom" in part.uses:
        head.append(Line(0, "custom = settings.custom_data"))
    if "request" in part.uses:
        head.append(Line(0, 'request = state.get("request", EMPTY)'))
    further = ", trace" if part.traced else ""
    return [
        Line(0, f"def {name}(p, context, state, lost{further}):"),
        *deeper([*head, *lines, Line(0, f"return {scope.root.var}")]),
    ]


def _inner(
    scope: Scope, block: Block, source: str, *, item: bool, fail: Lines, rest: str = ""
) -> Scope:
    """A scope for the block's rows. item: they belong to an item of a list on each side named."""
    part = scope.part
    below_source = block.sides.get(part.source)
    below_target = block.sides.get(part.target)

    def prefix(at: str, path: Path | None, is_list: bool, mark: str) -> str:
        if path is None:
            return at
        return at + ".".join(path) + (mark if is_list else "") + "."

    source_list = item and below_source is not None and _is_list(scope, below_source, source=True)
    target_list = item and below_target is not None and _is_list(scope, below_target, source=False)
    return Scope(
        part,
        source,
        fail,
        source_prefix=prefix(scope.source_prefix, below_source, source_list, "[]"),
        target_prefix=prefix(scope.target_prefix, below_target, target_list, "[]"),
        source_at=prefix(scope.source_at, below_source, source_list, f"[{{i_{source}}}]"),
        target_at=prefix(
            scope.target_at,
            below_target,
            target_list,
            f"[{{len({scope.list_at(below_target)})}}]" if target_list and below_target else "",
        ),
        rest=rest,
        own_source=below_source is not None,
    )


def _is_list(scope: Scope, path: Path, *, source: bool) -> bool:
    known = scope.source_field(path) if source else scope.target_field(path)
    return known is not None and known.type == "array"


# -- each: list to list -------------------------------------------------------------------------


def _each(scope: Scope, block: Block) -> Lines:
    part = scope.part
    source_path, target_path = block.sides[part.source], block.sides[part.target]
    made = scope.list_at(target_path)
    rest = part.name("r") if block.rest and part.target is V201 else ""
    item = part.name("s")
    loss = f'lost.append("{scope.loss(source_path)}[]")'
    drop = f"{rest}.append({item})" if rest else loss
    fail = [Line(0, drop), Line(0, "continue")]
    inner = _inner(scope, block, item, item=True, fail=fail, rest=rest)
    split = _split_row(block.rows, part)
    lines: Lines = []
    if rest:
        lines.append(Line(0, f"{rest} = []"))
    first: Lines = []
    after: Lines = []
    if split is not None:
        before, first, after, end = _split(inner, split, item, made, rest or "")
        lines += before
    if not (part.traced or part.extra):
        plan_copy(inner, block.rows)
    loop = _loop(scope, block, inner)
    write_rows(inner, block.rows)
    inside = [*first, *inner.finish(), Line(0, f"{made}.append({inner.root.var})"), *after]
    lines += [*loop, *deeper(inside)]
    if split is not None:
        lines += end
    if block.rest:
        lines += _rest(scope, block, rest, made)
    return lines


def _loop(scope: Scope, block: Block, inner: Scope) -> Lines:
    """The head of the loop; what can be made of all items together is made before it."""
    part, place, item = scope.part, block.place, inner.source
    walked = _walked(scope, block, block.sides[part.source])
    if part.traced:
        return [Line(0, f"for i_{item}, {item} in enumerate({walked}):", place)]
    made = [(row, call) for row in block.rows if (call := _together(inner, row)) is not None]
    if not made:
        return [Line(0, f"for {item} in {walked}:", place)]
    items = part.name("l")
    lines, names, lists = [Line(0, f"{items} = {walked}", place)], [item], [items]
    for row, call in made:
        share = inner.together[row.place] = part.name("w")
        member = row.sides[part.source][0][-1]
        names.append(share)
        lists.append(f'{part.constant(call.__name__, call)}([i["{member}"] for i in {items}])')
    lines.append(Line(0, f"for {', '.join(names)} in zip({', '.join(lists)}, strict=True):", place))
    return lines


def _together(inner: Scope, row: Row | Block) -> Callable[[list[Any]], list[Any]] | None:
    """What the row's values of all items are made into at once, where each item has one."""
    if not isinstance(row, Row) or row.one_sided or row.when or row.only or not row.via:
        return None
    sources = row.sides[inner.part.source]
    step = step_of(row, inner.part.target, None, None)
    if step is None or len(sources[0]) > 1 or not inner.always(sources[0]):
        return None
    return step.together


def _walked(scope: Scope, block: Block, path: Path) -> str:
    """Python text of the source list."""
    parent = scope.object(path[:-1])
    text = f'{parent}["{path[-1]}"]'
    if not scope.always(path):
        text = f'{parent}.get("{path[-1]}", EMPTY_LIST)'
    keep = block.keep.get(scope.part.target)
    if keep:
        text = f"{scope.part.constant(f'keep_{keep}', KEEPS[keep].call)}({text}, context)"
    return text


def _rest(scope: Scope, block: Block, rest: str, made: str) -> Lines:
    """What could not be expressed: kept in customData towards 2.0.1, taken out towards 1.6."""
    part, at = scope.part, block.rest.index(CUSTOM_DATA) + 1
    member = block.rest[at]
    if part.target is V201:
        custom = scope.goal(block.rest[:at])
        noted = scope.note(block, (block.sides[part.source],), rest, block.rest, rest)
        loss = f'lost.append("{scope.loss(block.sides[part.source])}[]")'
        return [
            Line(0, f"if {rest}:", block.place),
            Line(1, f"if {part.use('custom')}:", block.place),
            Line(2, f'{custom.var}["{member}"] = {rest}', block.place),
            *deeper(noted, 2),
            Line(1, "else:", block.place),
            Line(2, loss, block.place),
        ]
    own = scope.own(block.rest[:at])
    below = scope.target_prefix + ".".join(block.sides[part.target]) + "[]."
    fields = part.target_fields.items()
    names = {n.removeprefix(below): frozenset(f.enum) for n, f in fields if n.startswith(below)}
    known = part.constant("members", names)
    kept = part.name("v")
    return [
        Line(0, f"if {own}:", block.place),
        Line(1, f'{kept} = restored_items({own}.get("{member}"), {known})', block.place),
        *deeper(scope.note(block, (block.rest,), kept, block.sides[part.target], kept)),
        Line(1, f"{made} += {kept}", block.place),
    ]


def _split_row(rows: Rows, part: Part) -> Row | None:
    for row in rows:
        if isinstance(row, Row) and row.split and row.only in (None, part.target):
            return row
    return None


def _split(
    inner: Scope, row: Row, item: str, made: str, rest: str
) -> tuple[Lines, Lines, Lines, Lines]:
    """Lines before the loop, first and last in it, and after it, for items that are two in 1.6."""
    part, split = inner.part, SPLITS[row.split]
    member = row.sides[part.source][0][-1]
    place = row.place
    if part.target is V201:
        aside = part.name("a")
        join = part.constant(f"join_{split.name}", split.join)
        left, loss = part.name("v"), f"{inner.loss(())} {split.name}"
        return (
            [Line(0, f"{aside} = []", place)],
            [
                Line(0, f'if {item}.get("{member}") == "{split.mark}":', place),
                Line(1, f"{aside}.append({item})", place),
                Line(1, "continue", place),
            ],
            [],
            [
                Line(0, f"if {aside}:", place),
                Line(1, f"{left} = {join}({aside}, {made}, context)", place),
                Line(1, f"if {left}:", place),
                Line(2, f"{rest} += {left}", place),
                Line(2, f'lost.append("{loss}")', place),
            ],
        )
    call = part.constant(f"split_{split.name}", split.split)
    second = part.name("v")
    traced = inner.note(row, (row.sides[part.source][0],), f'{item}["{member}"]', (), second)
    return (
        [],
        [],
        [
            Line(0, f'if "{member}" in {item}:', place),
            Line(1, f'{second} = {call}({item}["{member}"], {inner.root.var}, context)', place),
            Line(1, f"if {second} is not None:", place),
            *deeper(traced, 2),
            Line(2, f"{made}.append({second})", place),
            Line(1, "else:", place),
            Line(2, f'lost.append("{inner.loss((member,))}")', place),
        ],
        [],
    )


# -- one: an object on one side, a list of one item on the other ----------------------------------


def _one(scope: Scope, block: Block) -> Lines:
    part = scope.part
    source_path, target_path = block.sides.get(part.source), block.sides.get(part.target)
    source = scope.source
    lines: Lines = []
    if source_path is not None:
        source = part.name("s")
        if _is_list(scope, source_path, source=True):
            items, loss = part.name("l"), f'lost.append("{scope.loss(source_path)}[]")'
            lines += [
                Line(0, f"{items} = {scope.access(source_path)} or EMPTY_LIST", block.place),
                Line(0, f"if len({items}) > 1:", block.place),
                Line(1, loss, block.place),
            ]
            value = f"first({items})"
        else:
            value = scope.object(source_path)
        lines.append(Line(0, f"{source} = {value}", block.place))
        if part.traced:
            lines.append(Line(0, f"i_{source} = 0"))
    inner = _inner(scope, block, source, item=True, fail=scope.fail)
    write_rows(inner, block.rows)
    lines += inner.finish()
    if target_path is None:
        lines.append(Line(0, f"{scope.root.var}.update({inner.root.var})", block.place))
    elif _is_list(scope, target_path, source=False):
        made = scope.list_at(target_path)
        lines.append(Line(0, f"if {inner.root.var}:", block.place))
        lines.append(Line(1, f"{made}.append({inner.root.var})", block.place))
    else:
        lines += _tied(scope, target_path, inner.root.var, block)
    return lines


# -- at: an object with a condition or a stand-in -------------------------------------------------


def _at(scope: Scope, block: Block) -> Lines:
    part = scope.part
    source_path, target_path = block.sides[part.source], block.sides[part.target]
    inner = _inner(scope, block, scope.object(source_path), item=False, fail=scope.fail)
    write_rows(inner, block.rows)
    lines = [*inner.finish(), *_tied(scope, target_path, inner.root.var, block)]
    default = block.default.get(part.target)
    if default is None and scope.always(source_path):
        return lines
    there = Line(0, f"if {scope.object(source_path)}:", block.place)
    if default is None:
        return [there, *deeper(lines)]
    goal = scope.goal(target_path[:-1])
    put = Line(1, f'{goal.var}["{target_path[-1]}"] = {default!r}', block.place)
    part.filled.append(scope.target_prefix + ".".join(target_path))
    noted = scope.note(block, (source_path,), "None", target_path, repr(default))
    return [there, *deeper(lines), Line(0, "else:", block.place), put, *deeper(noted)]


def _tied(scope: Scope, path: Path, made: str, block: Block) -> Lines:
    goal = scope.goal(path[:-1])
    return [
        Line(0, f"if {made}:", block.place),
        Line(1, f'{goal.var}["{path[-1]}"] = {made}', block.place),
    ]


_BLOCKS = {"each": _each, "one": _one, "at": _at}
