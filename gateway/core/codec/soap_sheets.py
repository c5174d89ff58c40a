"""Stylesheets: read, overlaid, checked and compiled once, so that none of them can reach anything.

A sheet is compiled from parts: what the sheets of a direction share, the sheet itself, and overlays
of the same names. A later part's template, parameter or variable takes the place of an earlier one
of the same name or pattern; nothing is included or imported. Compiled without a base URL and with
deny-all access control; what could read, write or leave XSLT 1.0 is refused before that.
Design: soap.md 11 and 12, reliability S20.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from lxml import etree

from gateway.core.codec.soap_references import undeclared
from gateway.core.codec.soap_service import Service
from gateway.core.errors import ConfigError, MappingError, OperatorError, Place, Problems

TO_SOAP, TO_JSON = "to-soap", "to-json"
_SHARED = {TO_SOAP: "envelope.xsl", TO_JSON: "json.xsl"}

_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_ROOTS = (f"{_XSL}stylesheet", f"{_XSL}transform")
_INSTRUCTIONS = frozenset(
    {"apply-imports", "apply-templates", "attribute", "call-template", "choose", "comment"}
    | {"copy", "copy-of", "element", "fallback", "for-each", "if", "message", "number"}
    | {"otherwise", "param", "processing-instruction", "sort", "text", "value-of", "variable"}
    | {"when", "with-param"}
)
_TOP = frozenset({"attribute-set", "decimal-format", "key", "output", "param", "template"})
_TOP |= {"variable", "strip-space", "preserve-space", "namespace-alias"}
_CALLS = re.compile(r"(?<![\w.-])(document|unparsed-entity-uri|[\w.-]+:[\w.-]+)\s*\(")
_EXTENDS = ("extension-element-prefixes", f"{_XSL}extension-element-prefixes")

GIVEN = frozenset(
    {"station", "message-id", "relates-to", "from", "to", "must-understand", "prefix"}
)
GIVEN |= {"soap", "addressing", "fault-code", "fault-subcode", "reason"}
"""Parameters that each message sets; all others are the operator's."""

_SAYS_NOTHING = re.compile(
    r".* error, element '.*'|error|unknown error|XPath evaluation returned no result\."
).fullmatch
_ITS_FUNCTION = re.compile(r"^xslt[A-Za-z]+ ?: ")

# Parts are told apart by their lines: those of the n-th stand n times this further down.
_LINES = 10_000
_MOST_PARTS = 6


class SheetProblems(Problems):
    """Everything that is wrong with the stylesheets."""


class Part(NamedTuple):
    """One file. path: as messages name it."""

    name: str
    path: str
    text: bytes


class Sheet:
    """One compiled stylesheet. parameters: the operator's, given to every run.

    Raises SheetProblems (the operator's fault).
    """

    def __init__(self, parts: tuple[Part, ...], parameters: Mapping[str, str], most: int) -> None:
        self._parts = parts
        self._most = most
        merged = _merge(parts)
        declared = {e.get("name", "") for e in merged.findall(f"{_XSL}param")}
        self._fixed = {
            name: etree.XSLT.strparam(value)
            for name, value in parameters.items()
            if name in declared
        }
        self.parameters = frozenset(declared) - GIVEN
        wrong = [MappingError(said, self._place(e)) for e, said in undeclared(merged)]
        if wrong:
            raise SheetProblems(tuple(wrong))
        try:
            self._run = etree.XSLT(
                merged, regexp=False, access_control=etree.XSLTAccessControl.DENY_ALL
            )
        except etree.XSLTParseError as error:
            raise SheetProblems((self._problem(error),)) from None

    @property
    def place(self) -> Place:
        """The beginning of the part that has the last word."""
        return Place(self._parts[-1].path, 1)

    def to_text(self, element: etree._Element) -> bytes:
        """What a sheet with `method="text"` writes. Raises MappingError (the operator's fault)."""
        try:
            result: Any = self._run(element, **self._fixed)  # type: ignore[arg-type]
            return self._bounded(bytes(result))
        except etree.XSLTApplyError as error:
            raise self._problem(error) from None

    def to_tree(self, element: etree._Element, values: Mapping[str, str]) -> etree._Element:
        """The root of what the sheet makes. values: its parameters, as strings.

        Raises MappingError (the operator's fault).
        """
        quoted = {name: etree.XSLT.strparam(value) for name, value in values.items()}
        try:
            given: Any = {**self._fixed, **quoted}
            root = self._run(element, **given).getroot()
        except etree.XSLTApplyError as error:
            raise self._problem(error) from None
        if root is None:
            raise MappingError("the stylesheet makes no document", self.place)
        return root

    def _bounded(self, text: bytes) -> bytes:
        if len(text) > self._most:
            raise MappingError(
                f"the stylesheet writes more than {self._most} bytes",
                self.place,
            )
        return text

    def _problem(self, error: etree.LxmlError) -> MappingError:
        entries = list(error.error_log)
        line = next((entry.line for entry in entries if entry.line > 0), 0)
        said = dict.fromkeys(_plain(entry.message) for entry in entries)
        details = [text for text in said if not _SAYS_NOTHING(text)]
        message = "; ".join(details[:2]) if details else str(error)
        return MappingError(message, self._at(line))

    def _place(self, element: etree._Element) -> Place:
        at = self._at(element.sourceline or 1)
        part = next(part for part in self._parts if part.path == at.file)
        return _place(element, part, at.line)

    def _at(self, line: int) -> Place:
        """A line of the merged sheet, in the part that it is from; 0: it is not known."""
        if not line:
            return self.place
        part = self._parts[min(line // _LINES, len(self._parts) - 1)]
        return Place(part.path, line % _LINES or 1)


def _plain(message: str) -> str:
    """The first line of what libxslt says, without the name of a function of its own."""
    return _ITS_FUNCTION.sub("", message.strip().partition("\n")[0])


Sheets = Mapping[tuple[Service, str], Sheet]
"""By service and direction."""


def load_sheets(
    installed: Mapping[str, Part],
    overlays: tuple[Mapping[str, Part], ...],
    parameters: Mapping[str, str],
    most: int,
) -> Sheets:
    """The four sheets.

    installed, overlays: parts by file name; of overlays a later one wins. most: bytes of output.
    Raises SheetProblems: all that is wrong, with file and line (the operator's fault).
    """
    names = {sheet_name(s, d) for s in Service for d in _SHARED} | set(_SHARED.values())
    problems: list[OperatorError] = [
        MappingError("no stylesheet has this name", Place(part.path, 1), "one of " + _listed(names))
        for overlay in overlays
        for name, part in overlay.items()
        if name not in names
    ]
    files = [*installed.values(), *(part for overlay in overlays for part in overlay.values())]
    problems += [found for part in files for found in _forbidden(part)]
    if problems:
        raise SheetProblems(tuple(problems))
    sheets: dict[tuple[Service, str], Sheet] = {}
    for service in Service:
        for direction, shared in _SHARED.items():
            names_of = (shared, sheet_name(service, direction))
            try:
                parts = _parts_of(names_of, installed, overlays)
                sheets[service, direction] = Sheet(parts, parameters, most)
            except SheetProblems as found:
                problems += found.problems
            except MappingError as error:
                problems.append(error)
    if not problems:
        problems = list(_unknown_parameters(sheets, parameters))
    if problems:
        raise SheetProblems(distinct(problems))
    return sheets


def distinct(problems: Iterable[OperatorError]) -> tuple[OperatorError, ...]:
    """Each problem once: what sheets share is found with each of them."""
    return tuple({str(problem): problem for problem in problems}.values())


def sheet_name(service: Service, direction: str) -> str:
    return f"{service.stem}-{direction}.xsl"


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _parts_of(
    names: tuple[str, ...],
    installed: Mapping[str, Part],
    overlays: tuple[Mapping[str, Part], ...],
) -> tuple[Part, ...]:
    missing = [name for name in names if name not in installed]
    if missing:
        raise MappingError(f"the stylesheet {missing[0]} is missing")
    own = [installed[name] for name in names]
    added = [overlay[name] for overlay in overlays for name in names if name in overlay]
    if len(own) + len(added) > _MOST_PARTS:
        raise MappingError(f"more than {_MOST_PARTS - len(own)} overlays", Place(added[-1].path, 1))
    return (*own, *added)


def _unknown_parameters(sheets: Sheets, parameters: Mapping[str, str]) -> Iterator[ConfigError]:
    known = {name for sheet in sheets.values() for name in sheet.parameters}
    cure = f"one of {_listed(known)}" if known else "the stylesheets at hand have none"
    for name in sorted(set(parameters) - known):
        text = f"resources.xslt_parameters: no stylesheet has a parameter {name!r} to be set there"
        yield ConfigError(text, None, cure, ("resources", "xslt_parameters", name))


def _merge(parts: tuple[Part, ...]) -> etree._Element:
    """One stylesheet of all parts; each element keeps a line that tells its part."""
    roots = [_parse(part) for part in parts]
    merged = etree.Element(f"{_XSL}stylesheet", {"version": "1.0"}, _prefixes(parts, roots))
    for number, root in enumerate(roots):
        for element in root.iter("*"):
            line = (element.sourceline or 1) + number * _LINES
            element.sourceline = line  # type: ignore[misc]
        for element in list(root):
            for old in [old for old in merged if _key(old) == _key(element)]:
                merged.remove(old)
            merged.append(element)
    return merged


def _prefixes(parts: tuple[Part, ...], roots: list[etree._Element]) -> dict[str | None, str]:
    """The prefixes that the parts declare; names in patterns are read by them."""
    prefixes: dict[str | None, str] = {}
    for part, root in zip(parts, roots, strict=True):
        for prefix, namespace in root.nsmap.items():
            if prefixes.setdefault(prefix, namespace) != namespace:
                message = f"the prefix {prefix} stands for another namespace in {parts[0].name}"
                raise MappingError(message, Place(part.path, root.sourceline or 1))
    return prefixes


def _key(element: etree._Element) -> tuple[str | None, ...]:
    """What makes two top-level elements the same one; variables and parameters share names."""
    local = str(element.tag).removeprefix(_XSL)
    if local in ("param", "variable"):
        return ("value", element.get("name"))
    given = [element.get(key) for key in ("name", "match", "mode")]
    return (local, *given) if any(given) or local == "output" else (str(id(element)),)


def _parse(part: Part) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(part.text, parser)


def _forbidden(part: Part) -> Iterator[MappingError]:
    """What in a part is no XSLT 1.0, or could reach outside of it."""
    try:
        root = _parse(part)
    except (etree.XMLSyntaxError, ValueError) as error:
        line, column = getattr(error, "position", None) or (1, 1)
        yield MappingError(
            getattr(error, "msg", None) or "not XML", Place(part.path, line or 1, column or 1)
        )
        return
    if root.getroottree().docinfo.internalDTD is not None:
        yield MappingError("a stylesheet has no document type", Place(part.path, 1))
    elif root.tag not in _ROOTS or root.get("version") != "1.0":
        yield MappingError("not a stylesheet of XSLT 1.0", Place(part.path, root.sourceline or 1))
    elif part.text.count(b"\n") >= _LINES:
        yield MappingError(f"more than {_LINES} lines", Place(part.path, _LINES))
    else:
        yield from _refused_elements(root, part)


def _refused_elements(root: etree._Element, part: Part) -> Iterator[MappingError]:
    for element in root.iter("*"):
        for message in _refused(element, root):
            yield MappingError(message, _place(element, part, element.sourceline or 1))


def _refused(element: etree._Element, root: etree._Element) -> Iterator[str]:
    tag = str(element.tag)
    if any(name in element.attrib for name in _EXTENDS):
        yield "extension elements are not allowed"
    local = tag.removeprefix(_XSL)
    if local in ("import", "include") and local != tag:
        yield f"xsl:{local} is not allowed: a stylesheet reads nothing"
    elif element is not root and element.getparent() is root:
        if local == tag or local not in _TOP:
            yield f"{_shown(element)} has no meaning at this place"
    elif element is not root and local != tag and local not in _INSTRUCTIONS:
        yield f"{_shown(element)} is no instruction of XSLT 1.0"
    for value in element.attrib.values():
        for found in _CALLS.finditer(str(value)):
            yield f"the function {found[1]}() is not allowed: a stylesheet reads nothing"


def _shown(element: etree._Element) -> str:
    name = etree.QName(element)
    return f"{element.prefix}:{name.localname}" if element.prefix else name.localname


def _place(element: etree._Element, part: Part, line: int) -> Place:
    """Line of the element; column of its tag if the line shows it."""
    lines = part.text.splitlines()
    text = lines[line - 1] if line <= len(lines) else b""
    return Place(part.path, line, max(text.find(b"<" + _shown(element).encode()), 0) + 1)
