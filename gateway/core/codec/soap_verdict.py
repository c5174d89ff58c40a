"""What the XML Schema validator found, in our own words; its own quote what the peer wrote."""

from collections.abc import Mapping

from lxml import etree

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


def violation(schema: etree.XMLSchema, shapes: Mapping[str, Shape]) -> str:
    """The first thing that the last validation found. shapes: by body element."""
    entry = next(iter(schema.error_log), None)
    if entry is None:
        return "the body breaks its schema"
    rule = _RULES.get(entry.type_name, "breaks its schema")
    names = [step.partition("[")[0].rpartition(":")[2] for step in (entry.path or "").split("/")]
    known = _known(names, shapes)
    return f"{known} {rule}" if known else f"the body {rule}"


def _known(names: list[str], shapes: Mapping[str, Shape]) -> str:
    """The innermost element of a path, if it is one of ours; peers choose the other names."""
    found = ""
    children = shapes
    for name in names:
        if name in children:
            found, children = name, children[name].children
    return found
