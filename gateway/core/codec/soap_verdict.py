"""What the XML Schema validator found, in our own words; its own quote what the peer wrote."""

from collections.abc import Iterator

from lxml import etree

from gateway.core.codec.soap_head import split_tag
from gateway.core.codec.soap_shape import Shape

_RULES = {
    "SCHEMAV_CVC_ENUMERATION_VALID": "is none of the words allowed",
    "SCHEMAV_CVC_MAXLENGTH_VALID": "is too long",
    "SCHEMAV_CVC_FRACTIONDIGITS_VALID": "has too many decimals",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "has a value of another type",
    "SCHEMAV_ELEMENT_CONTENT": "is incomplete, or has elements too many or out of order",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": "must be empty",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "must hold elements only",
    "SCHEMAV_CVC_TYPE_3_1_2": "must not hold elements",
}


def violation(schema: etree.XMLSchema, body: etree._Element, shape: Shape) -> str:
    """The first thing that the last validation found, that of a message of that shape."""
    entry = next(iter(schema.error_log), None)
    if entry is None:
        return "the body breaks its schema"
    rule = _RULES.get(entry.type_name, "breaks its schema")
    name = _innermost(_at(body, entry.path or ""), frozenset(_names(shape)))
    return f"{name} {rule}"


def _at(body: etree._Element, path: str) -> etree._Element:
    """The element at a path that begins with the body element; else the body element itself."""
    below = path[1:].partition("/")[2]
    prefixes = {prefix: name for prefix, name in body.nsmap.items() if prefix}
    try:
        found = body.xpath(below, namespaces=prefixes) if below else None
    except etree.XPathError:
        return body
    return found[0] if isinstance(found, list) and found else body


def _innermost(element: etree._Element, names: frozenset[str]) -> str:
    """The name of the element, or of the nearest one around it whose name is ours."""
    around = [element, *element.iterancestors()]
    named = (split_tag(e)[1] for e in around)
    return next((name for name in named if name in names), "the body")


def _names(shape: Shape) -> Iterator[str]:
    """The names that are ours; peers choose the others."""
    yield shape.name
    for child in shape.children.values():
        yield from _names(child)
