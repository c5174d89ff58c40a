"""What pydantic found, said to the person who wrote the file."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel

from gateway.core.errors import Key

Loc = Key
_MANY = 12


class Complaint(NamedTuple):
    """where: the key; is_key: the key itself is wrong, not its value."""

    where: Loc
    message: str
    cure: str
    is_key: bool


_MUST: dict[str, tuple[str, str]] = {
    "string_type": ("text", "put the value in quotes"),
    "bool_type": ("true or false", ""),
    "int_type": ("a whole number", ""),
    "float_type": ("a number", ""),
    "model_type": ("a section with keys of its own", "leave it out if nothing is below it"),
    "dict_type": ("a section with keys of its own", "leave it out if nothing is below it"),
    "tuple_type": ("a list", "write [one, two]"),
    "greater_than": ("above {gt}", ""),
    "greater_than_equal": ("at least {ge}", ""),
    "less_than": ("below {lt}", ""),
    "less_than_equal": ("at most {le}", ""),
    "string_too_short": ("text of at least {min_length} characters", ""),
    "string_too_long": ("text of at most {max_length} characters", ""),
    "string_pattern_mismatch": ("text of the form {pattern}", ""),
    "too_short": ("a list of at least {min_length}", ""),
    "too_long": ("a list of at most {max_length}", ""),
    "literal_error": ("{expected}", ""),
}


def complaints(
    model: type[BaseModel], errors: Iterable[Any], known: "Sequence[Loc]"
) -> list[Complaint]:
    """One complaint a place, in the order found.

    errors: of a pydantic ValidationError; known: the part of each error's location that the
    operator wrote; what follows it are pydantic's names for the members of a union.
    """
    grouped: dict[Loc, list[Any]] = {}
    for error, where in zip(errors, known, strict=True):
        grouped.setdefault(where, []).append(error)
    return [_complaint(model, where, group) for where, group in grouped.items()]


def _complaint(model: type[BaseModel], where: Loc, group: list[Any]) -> Complaint:
    kinds = {error["type"] for error in group}
    if kinds == {"extra_forbidden"}:
        return _unknown_key(model, where)
    if kinds == {"missing"}:
        names = " and ".join(_member(error["loc"][-1]) for error in group)
        return Complaint(where, f"{names} must be given", "", False)
    wishes = dict.fromkeys(_wish(error) for error in group if error["type"] != "none_required")
    must = " or ".join(wish for wish, _ in wishes)
    cure = next((cure for _, cure in wishes if cure), "")
    return Complaint(where, f"{dotted(where)} must be {must}", cure, False)


def _member(name: str | int) -> str:
    return f"item {name + 1}" if isinstance(name, int) else name


def _wish(error: Any) -> tuple[str, str]:
    if error["type"] not in _MUST:
        return error["msg"], ""
    wish, cure = _MUST[error["type"]]
    return wish.format(**{k: _plain(v) for k, v in error.get("ctx", {}).items()}), cure


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unknown_key(model: type[BaseModel], where: Loc) -> Complaint:
    keys = _keys_at(model, where[:-1])
    near = difflib.get_close_matches(str(where[-1]), keys, n=1)
    cure = f"known here: {', '.join(keys)}" if len(keys) <= _MANY else "see `print-schema`"
    if near:
        cure = f"did you mean {near[0]}?"
    return Complaint(where, f"unknown key {dotted(where)}", cure, True)


def _keys_at(model: type[BaseModel], where: Loc) -> list[str]:
    """The keys of the section at where, through lists and unions; [] if it is no section."""
    current: type[BaseModel] | None = model
    for part in where:
        if current is None or isinstance(part, int):
            continue
        field = current.model_fields.get(part)
        current = _section_in(field.annotation) if field else None
    return list(current.model_fields) if current else []


def _section_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_section_in(part) for part in getattr(annotation, "__args__", ()))
    return next((section for section in found if section), None)


def dotted(where: Loc) -> str:
    """stations.paths[0], as the documentation writes keys."""
    text = ""
    for part in where:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
