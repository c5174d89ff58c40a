"""Whether a value of one field may go into another: type, length, enum, format.

Each function says what is wrong in a sentence, or nothing. `checker.py` puts place and row to it.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel

from gateway.core.dialects import Version
from gateway.core.mapping.forms import nearest
from gateway.core.mapping.functions import Shape, Step
from gateway.core.mapping.rows import Enum, Field, Fill, dotted
from gateway.core.mapping.states import STATES
from gateway.core.settings import Translation

_JSON_TYPES: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
DATE_TIME = "date-time"


class Wrong(NamedTuple):
    """A sentence and what would mend it."""

    message: str
    cure: str = ""


def fits(given: str, wanted: str) -> bool:
    """Whether a value of one JSON type is one of another."""
    return wanted in ("any", given) or (given, wanted) == ("integer", "number")


def copied(source: Field, target: Field) -> Iterator[Wrong]:
    """A value that goes over as it is."""
    if not fits(source.type, target.type):
        yield Wrong(f"{source.type} does not go into {target.type}", "name a conversion: via:")
        return
    if source.type != "string":
        return
    if target.format == DATE_TIME != source.format:
        yield Wrong("text does not go into a date-time", "name a conversion: via:")
    if target.enum:
        yield from values(source.enum, target.enum)
    yield from _length(source.max_length, target, bool(source.enum))


def values(given: Iterable[str], allowed: tuple[str, ...]) -> Iterator[Wrong]:
    """Values against the target's enum; () given means any text."""
    listed = tuple(given)
    if not listed:
        yield Wrong("any text does not go into an enum", "name a table: enum:")
    for value in listed:
        if value not in allowed:
            yield Wrong(
                f"the value {value} has no counterpart",
                f"name a table with it: enum:; the other side has {', '.join(allowed)}",
            )


def _length(given: int | None, target: Field, bounded: bool = False) -> Iterator[Wrong]:
    limit = target.max_length
    if limit is None or bounded or (given is not None and given <= limit):
        return
    most = f"up to {given} characters" if given is not None else "text of any length"
    yield Wrong(f"{most} into {limit}", "name a conversion that cuts: via: cut")


def converted(step: Step, sources: list[Field], targets: list[Field | None]) -> Iterator[Wrong]:
    """A value that goes through a conversion. sources: with the row's further inputs."""
    if len(sources) != len(step.takes):
        yield Wrong(f"takes {len(step.takes)} inputs and gets {len(sources)}")
    if len(targets) != len(step.gives):
        yield Wrong(f"gives {len(step.gives)} values and the row has {len(targets)} targets")
    for source, takes in zip(sources, step.takes, strict=False):
        if not fits(source.type, takes) and source.type != "any":
            yield Wrong(f"takes {takes} and gets {source.type}")
    for target, shape in zip(targets, step.gives, strict=False):
        if target is not None:
            yield from _shaped(step, shape, sources[0], target)


def _shaped(step: Step, shape: Shape, source: Field, target: Field) -> Iterator[Wrong]:
    if not fits(shape.type, target.type):
        yield Wrong(f"gives {shape.type}, the target is {target.type}")
    if shape.format != target.format == DATE_TIME:
        yield Wrong("gives no date-time")
    if shape.type == "string" and not (step.limit or target.enum):
        given = source.max_length if step.keeps_length else shape.max_length
        yield from _length(given, target)


def tabled(table: Enum, to: Version, source: Field, targets: list[Field | None]) -> Iterator[Wrong]:
    """A value that is looked up."""
    rows, drops = table.to[to], table.drops.get(to, {})
    if not rows:
        yield Wrong(f"the table {table.name} has no values towards {to.key}")
        return
    for value in source.enum:
        if value not in rows and value not in drops:
            yield Wrong(
                f"the value {value} has no counterpart in the table {table.name}",
                f"add it to the table, {table.place}",
            )
    for value in (*rows, *drops):
        if source.enum and value not in source.enum:
            cure = nearest(value, source.enum)
            yield Wrong(f"the value {value} of the table {table.name} never occurs", cure)
    for made in rows.values():
        yield from _columns(table, made, targets)


def _columns(table: Enum, made: Any, targets: list[Field | None]) -> Iterator[Wrong]:
    columns = made if isinstance(made, tuple) else (made,)
    if len(columns) != len(targets):
        yield Wrong(
            f"the table {table.name} gives {len(columns)} values for {len(targets)} targets"
        )
        return
    for value, target in zip(columns, targets, strict=True):
        if value is not None and target is not None:
            for wrong in constant(value, target):
                yield Wrong(f"the table {table.name}: {wrong.message}", wrong.cure)


def constant(value: Any, target: Field) -> Iterator[Wrong]:
    """A fixed value."""
    kind = _JSON_TYPES.get(type(value), "null")
    if not fits(kind, target.type):
        yield Wrong(f"{value!r} is {kind}, the target is {target.type}")
    elif target.enum and value not in target.enum:
        yield Wrong(f"{value!r} is no value of the target", nearest(str(value), target.enum))
    elif isinstance(value, str):
        yield from _length(len(value), target)


def filled(fill: Fill, target: Field) -> Iterator[Wrong]:
    """A value from elsewhere than the message."""
    if fill.kind == "const":
        if fill.value is not None:
            yield from constant(fill.value, target)
    elif fill.kind == "now":
        if target.format != DATE_TIME:
            yield Wrong("now is a date-time, the target is not")
    elif fill.kind == "config":
        yield from _configured(fill.value, target)
    else:
        yield from _computed(fill.value, target)


def _computed(name: str, target: Field) -> Iterator[Wrong]:
    state = STATES.get(name)
    if state is None:
        yield Wrong(f"there is no state value {name!r}", nearest(name, STATES))
        return
    what = f"the state value {name}"
    if not fits(state.type, target.type):
        yield Wrong(f"{what} is {state.type}, the target is {target.type}")
        return
    if target.format == DATE_TIME != state.format:
        yield Wrong(f"{what} is no date-time")
    if state.chosen:
        return
    if target.enum:
        for wrong in values(state.enum, target.enum):
            yield Wrong(f"{what}: {wrong.message}", wrong.cure)
    elif state.type == "string" and not state.format:
        longest = max(map(len, state.enum)) if state.enum else state.max_length
        for wrong in _length(longest, target):
            yield Wrong(f"{what}: {wrong.message}", "state its max_length in states.py")


def _configured(key: str, target: Field) -> Iterator[Wrong]:
    model: type[BaseModel] = Translation
    names = key.split(".")
    for depth, name in enumerate(names):
        found = model.model_fields.get(name)
        if found is None:
            at = dotted(tuple(names[:depth]))
            cure = nearest(name, model.model_fields)
            yield Wrong(f"there is no configuration key {name!r} below {at or 'translation'}", cure)
            return
        kind = found.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            model = kind
    kinds = _types(kind)
    if not any(fits(given, target.type) for given in kinds):
        yield Wrong(f"{key} is {' or '.join(kinds)}, the target is {target.type}")


def _types(annotation: Any) -> list[str]:
    """JSON types of a settings annotation."""
    if isinstance(annotation, type):
        return [_JSON_TYPES.get(annotation, "object")]
    if get_origin(annotation) is None:
        return [_JSON_TYPES.get(type(annotation), "null")]
    return [kind for inner in get_args(annotation) for kind in _types(inner)]
