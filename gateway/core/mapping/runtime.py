"""What compiled maps call in the rare cases: putting customData back, failing, empty stand-ins."""

from collections.abc import Mapping
from typing import Any

from gateway.core.errors import Untranslatable
from gateway.core.frames import JsonObject

__all__ = ["EMPTY", "EMPTY_LIST", "Untranslatable", "first", "restored", "restored_items"]

EMPTY: Mapping[str, Any] = {}
EMPTY_LIST: tuple[Any, ...] = ()


def first(items: list[JsonObject] | tuple[JsonObject, ...]) -> Mapping[str, Any]:
    """The one item of a list that stands for an object."""
    return items[0] if items else EMPTY


def restored(value: Any, limit: int | None, enum: frozenset[str]) -> str | None:
    """Text that the gateway itself had put into customData, if it still fits its 1.6 field."""
    if not isinstance(value, str) or not value or (limit is not None and len(value) > limit):
        return None
    return value if not enum or value in enum else None


def restored_items(value: Any, allowed: frozenset[str]) -> list[JsonObject]:
    """1.6 list items that were kept verbatim: objects of text members that 1.6 knows."""
    if not isinstance(value, list):
        return []
    return [item for item in value if _is_item(item, allowed)]


def _is_item(item: Any, allowed: frozenset[str]) -> bool:
    if not isinstance(item, dict) or not allowed.issuperset(item):
        return False
    return "value" in item and all(isinstance(member, str) for member in item.values())
