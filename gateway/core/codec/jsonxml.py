"""JSON values as generic XML, in which stylesheets can look for members by name.

    <message ...><o><e n="idTag" t="s">TAG1</e></o></message>

An object is an `o`; each member is an `e` with its name `n` and its type `t` (s string, n number,
b boolean, o object, a array); items of an array are `e` without a name. Names never become names
of XML and numbers stay text, so any JSON fits. Written as text and parsed by the caller, which is
several times faster than building a tree. Design: soap.md 12.
"""

import re
from collections.abc import Mapping
from typing import Any

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = re.compile('[&<>"\t\n\r]')
_ESCAPES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}


def legal(text: str) -> str:
    """Text without what XML cannot hold: such a character becomes U+FFFD (soap.md 8)."""
    return _ILLEGAL.sub("\ufffd", text) if _ILLEGAL.search(text) else text


def escaped(text: str) -> str:
    """Text fit for content and attributes of XML. text: legal."""
    return _MARKUP.sub(_escape, text) if _MARKUP.search(text) else text


def tag(name: str, attributes: Mapping[str, str], content: str) -> str:
    """An element with that content, which is XML already."""
    given = "".join(f' {key}="{escaped(value)}"' for key, value in attributes.items())
    return f"<{name}{given}>{content}</{name}>"


def as_xml(value: Mapping[str, Any]) -> str:
    """The `o` of a JSON object. Null members are left out."""
    parts: list[str] = []
    _object(value, parts)
    return "".join(parts)


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES[found[0]]


def _object(value: Mapping[str, Any], parts: list[str]) -> None:
    parts.append("<o>")
    for name, member in value.items():
        if member is not None:
            known = name if name.isalnum() else escaped(legal(name))
            _element(f'<e n="{known}" t="', member, parts)
    parts.append("</o>")


def _element(start: str, value: Any, parts: list[str]) -> None:
    """start: the element's tag up to the type."""
    kind = type(value)
    if kind is str:
        # Letters and digits alone, as in most values, need no look at their signs.
        text = value if value.isalnum() else escaped(legal(value))
        parts.append(f'{start}s">{text}</e>')
    elif kind is dict:
        parts.append(f'{start}o">')
        _object(value, parts)
        parts.append("</e>")
    elif kind is list:
        parts.append(f'{start}a">')
        for item in value:
            _element('<e t="', item, parts)
        parts.append("</e>")
    elif kind is bool:
        parts.append(f'{start}b">{"true" if value else "false"}</e>')
    else:
        parts.append(f'{start}n">{value}</e>')
