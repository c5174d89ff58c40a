"""Elements that the standard has not, as members of the payload.

A vendor's overlay may know them, by names that are the vendor's own; else the payload loses them
like any member that nobody knows (translation-station.md 1.2). All their values are text.
"""

from collections import Counter
from typing import Any

from lxml import etree

from gateway.core.codec.soap_head import split_tag
from gateway.core.codec.soap_shape import Kind, Shape
from gateway.core.frames import JsonObject


class Extras:
    """What one body has beside the standard's elements, by the element that held it."""

    def __init__(self) -> None:
        self._kept: dict[etree._Element, JsonObject] = {}

    def keep(
        self, parent: etree._Element, name: str, element: etree._Element, shape: Shape
    ) -> bool:
        """Whether it can be a member of its own. name: its local name; shape: of its parent."""
        if name in shape.children:
            return False
        _add(self._kept.setdefault(parent, {}), name, _value(element))
        return True

    def put_back(self, payload: JsonObject, body: etree._Element, shape: Shape) -> None:
        """Add what was kept to the payload that was made of the body."""
        if self._kept:
            self._put_back(payload, body, shape)

    def _put_back(self, holder: Any, element: etree._Element, shape: Shape) -> None:
        if not isinstance(holder, dict):
            return
        seen = Counter[str]()
        for child in element:
            name = split_tag(child)[1]
            known = shape.children[name]
            if known.kind is Kind.STRUCTURE:
                self._put_back(_item(holder.get(name), seen[name]), child, known)
                seen[name] += 1
        holder.update(self._kept.get(element, {}))


def _item(value: Any, number: int) -> Any:
    """The object that stands for one of several elements of a name."""
    if not isinstance(value, list):
        return value
    return value[number] if number < len(value) else None


def _value(element: etree._Element) -> Any:
    if len(element) == 0:
        return element.text or ""
    members: JsonObject = {}
    for child in element:
        _add(members, split_tag(child)[1], _value(child))
    return members


def _add(members: JsonObject, name: str, value: Any) -> None:
    """Elements of one name are a list."""
    if name not in members:
        members[name] = value
    elif isinstance(members[name], list):
        members[name].append(value)
    else:
        members[name] = [members[name], value]
