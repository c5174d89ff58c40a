"""Names that a stylesheet uses and nobody declares.

libxslt finds them when it comes past them, which may be in the middle of the night; an operator
wants to know when the file is checked.
"""

import re
from collections.abc import Iterator

from lxml import etree

_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_EXPRESSIONS = frozenset({"select", "test", "match", "use", "count", "from", "value"})
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_VARIABLE = re.compile(r"\$([\w.:-]+)")
_FUNCTION = re.compile(r"(?<![\w.:$-])([\w.-]+)\s*\(")

# XPath 1.0, 3.7 and 4; XSLT 1.0, 12. What reads documents is refused elsewhere.
_KNOWN = frozenset({"and", "or", "div", "mod", "node", "text", "comment", "processing-instruction"})
_KNOWN |= {"last", "position", "count", "id", "local-name", "namespace-uri", "name", "string"}
_KNOWN |= {"concat", "starts-with", "contains", "substring-before", "substring-after", "substring"}
_KNOWN |= {"string-length", "normalize-space", "translate", "boolean", "not", "true", "false"}
_KNOWN |= {"lang", "number", "sum", "floor", "ceiling", "round", "key", "format-number", "current"}
_KNOWN |= {"generate-id", "system-property", "element-available", "function-available"}
_KNOWN |= {"document", "unparsed-entity-uri"}


def undeclared(sheet: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """The elements that use a name nobody declares, with a sentence each. sheet: its root."""
    named = {e.get("name") for e in sheet.findall(f"{_XSL}template")}
    everywhere = _declared(sheet)
    for top in sheet:
        here = everywhere.union(*(_declared(element) for element in top.iter("*")))
        for element in top.iter("*"):
            called = element.get("name") if element.tag == f"{_XSL}call-template" else None
            if called is not None and called not in named:
                yield element, f"there is no template {called!r}"
            for expression in _expressions(element):
                yield from ((element, said) for said in _unknown(expression, here))


def _declared(parent: etree._Element) -> set[str]:
    """The variables and parameters directly below an element."""
    found = (e.get("name", "") for e in parent if e.tag in (f"{_XSL}variable", f"{_XSL}param"))
    return set(found)


def _expressions(element: etree._Element) -> Iterator[str]:
    """The XPath in an element's attributes, without the text that stands in quotes."""
    ours = str(element.tag).startswith(_XSL)
    for name, value in element.attrib.items():
        parts = [value] if ours and name in _EXPRESSIONS else _IN_BRACES.findall(str(value))
        yield from (_LITERAL.sub("''", str(part)) for part in parts)


def _unknown(expression: str, variables: set[str]) -> Iterator[str]:
    for name in _VARIABLE.findall(expression):
        if name not in variables:
            yield f"the variable ${name} is not declared"
    for name in _FUNCTION.findall(expression):
        if name not in _KNOWN:
            yield f"there is no function {name}()"
