"""What compiled maps call in the rare cases: putting customData back, failing, empty stand-ins."""

from collections.abc import Mapping
from typing import Any

from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject
from gateway.core.mapping.context import Context
from gateway.core.mapping.rows import CUSTOM_DATA

__all__ = [
    "EMPTY",
    "EMPTY_LIST",
    "Untranslatable",
    "carry",
    "first",
    "restored",
    "restored_items",
]

EMPTY: Mapping[str, Any] = {}
EMPTY_LIST: tuple[Any, ...] = ()
EXTRA = "extra"


def first(items: list[JsonObject] | tuple[JsonObject, ...]) -> Mapping[str, Any]:
    """The one item of a list that stands for an object."""
    return items[0] if items else EMPTY


_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
}


def restored(value: Any, limit: int | None, enum: frozenset[str], kind: str = "string") -> Any:
    """What the gateway itself had put into customData, if it still fits its 1.6 field.

    kind: JSON type of that field.
    """
    if kind == "any":
        return value
    if kind != "string":
        of_kind = isinstance(value, _TYPES[kind]) and isinstance(value, bool) == (kind == "boolean")
        return value if of_kind else None
    if not isinstance(value, str) or not value or (limit is not None and len(value) > limit):
        return None
    return value if not enum or value in enum else None


def restored_items(value: Any, allowed: Mapping[str, frozenset[str]]) -> list[JsonObject]:
    """1.6 list items that were kept verbatim: objects of text members that 1.6 knows.

    allowed: members of an item and their values, none for any text.
    """
    if not isinstance(value, list):
        return []
    return [item for item in value if _is_item(item, allowed)]


def _is_item(item: Any, allowed: Mapping[str, frozenset[str]]) -> bool:
    if not isinstance(item, dict) or "value" not in item or not item.keys() <= allowed.keys():
        return False
    return all(
        isinstance(text, str) and (not allowed[name] or text in allowed[name])
        for name, text in item.items()
    )


def carry(
    target: JsonObject, source: Mapping[str, Any], known: frozenset[str], context: Context
) -> None:
    """Put members that no schema knows into customData (extensions.md section 4).

    An object that has the gateway's own customData keeps it, they are its member `extra` then.
    """
    extra = {name: value for name, value in source.items() if name not in known}
    own = target.get(CUSTOM_DATA)
    if own is None and "vendorId" not in extra:
        target[CUSTOM_DATA] = {"vendorId": context.namespace, **extra}
    elif own is None:
        target[CUSTOM_DATA] = {"vendorId": context.namespace, EXTRA: extra}
    elif own["vendorId"] == context.namespace and own.keys().isdisjoint(extra):
        own |= extra
    else:
        own[EXTRA] = {**own.get(EXTRA, {}), **extra}
