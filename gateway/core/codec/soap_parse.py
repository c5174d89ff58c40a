"""Bytes of an HTTP body to a tree of XML, with everything that XML can do to a parser shut off.

The bytes are brought to UTF-8 first, so that one encoding is parsed and a limit can be checked by
looking at bytes. Design: soap.md 10 and 11; limits: reliability S19.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from gateway.core.codec.soap_service import SENDER, Fault, SoapRefused
from gateway.core.dialects import PROTOCOL_ERROR

_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
}
_MARKS = {
    b"\xef\xbb\xbf": "utf-8",
    b"\xff\xfe\x00\x00": "",
    b"\x00\x00\xfe\xff": "",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
    b"\x00\x00\x00<": "",
    b"<\x00\x00\x00": "",
    b"<\x00": "utf-16-le",
    b"\x00<": "utf-16-be",
}
_IS_UTF8 = re.compile(rb"<\?xml version=[\"']1\.[0-9][\"'] encoding=[\"'][Uu][Tt][Ff]-8[\"']").match
_DECLARED = re.compile(rb"<\?xml[^>]{0,100}?\sencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
_WIDE = ("utf-16-le", "utf-16-be")

_MOST_NAMESPACES = 256
"""In scope at one place. libxml2 takes time by their square for each tree that it takes over."""

_MARKED = b"<!"
"""What CDATA sections and comments begin with."""

_XML_TYPES = ("application/soap+xml", "text/xml", "application/xml")
_UNSAID = ("", "text/plain", "application/octet-stream")


class XmlLimits(NamedTuple):
    """size in bytes after decompression, depth and number of elements."""

    size: int = 1 << 20
    depth: int = 32
    elements: int = 20_000


def bad(reason: str) -> SoapRefused:
    """The error for what is no SOAP message at all (design/README.md decision 22)."""
    return SoapRefused(Fault(SENDER, PROTOCOL_ERROR, reason))


class Parser:
    """Parses bodies within limits. Not for several threads at once."""

    def __init__(self, limits: XmlLimits) -> None:
        self._limits = limits
        self._strict = _parser()
        self._exact = _parser(remove_blank_text=False)
        self._lenient = _parser(recover=True)
        # The limit on depth is small, so a path that is one step deeper is, too.
        self._too_deep = etree.XPath(f"boolean({'/*' * (limits.depth + 1)})", regexp=False)

    def parse(self, data: bytes, content_type: str | None) -> etree._Element:
        """The root of the document. Raises SoapRefused; its reason quotes nothing of the body."""
        text = self._text(data, content_type)
        if _MARKED not in text:
            return self._parsed(text, self._strict)
        # Blanks before a CDATA section or a comment are part of a value, where libxml2 drops them.
        root = self._parsed(text, self._exact)
        _drop_blanks(root)
        return root

    def recover(self, data: bytes, content_type: str | None) -> etree._Element:
        """The root of what can be read of a body that is not well-formed (`xml_recover`)."""
        return self._parsed(self._text(data, content_type), self._lenient)

    def _text(self, data: bytes, content_type: str | None) -> bytes:
        """The document in UTF-8, without what embedded stacks put around it."""
        if len(data) > self._limits.size:
            raise bad(f"the body is longer than {self._limits.size} bytes")
        if content_type is not None:
            check_media_type(content_type)
        text = data if _IS_UTF8(data) else _utf8(data, content_type or "")
        text = text.rstrip(b"\0 \t\r\n")
        most = self._limits.elements
        if text.count(b"<") > most and text.count(b"<") - text.count(b"</") > most:
            raise bad(f"more than {most} elements")
        return text

    def _parsed(self, text: bytes, parser: "etree.XMLParser[etree._Element]") -> etree._Element:
        try:
            root = etree.fromstring(text, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            raise bad(f"the body is not well-formed XML{_where(error)}") from None
        if root is None:
            raise bad("the body is not XML")
        if root.getroottree().docinfo.internalDTD is not None:
            raise bad("a document type is not allowed")
        if parser is self._lenient and next(root.iter(etree.Entity), None) is not None:
            raise bad("an entity that nobody declared")
        # All but the innermost of nested elements have a tag at either end.
        shallow = parser is not self._lenient and text.count(b"<") <= 2 * self._limits.depth
        if not shallow and self._too_deep(root):
            raise bad(f"elements are nested deeper than {self._limits.depth}")
        if text.count(b"xmlns") > _MOST_NAMESPACES and _is_crowded(root):
            raise bad(f"more than {_MOST_NAMESPACES} namespaces at one place")
        return root


@lru_cache(maxsize=64)
def check_media_type(content_type: str) -> None:
    """Raise SoapRefused for the type of something that is no XML. A body without a type, or with
    one that says nothing, is tried (soap.md 2: never dispatch on the type)."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _UNSAID or kind in _XML_TYPES or kind.endswith("+xml"):
        return
    raise bad("the content type is not that of a SOAP message")


def _drop_blanks(root: etree._Element) -> None:
    """Leave out the white space between elements."""
    for element in root.iter("*"):
        if len(element) and not (element.text or "").strip():
            element.text = None
        if not (element.tail or "").strip():
            element.tail = None


def _is_crowded(root: etree._Element) -> bool:
    return any(len(element.nsmap) > _MOST_NAMESPACES for element in root.iter("*"))


def _parser(
    recover: bool = False, remove_blank_text: bool = True
) -> "etree.XMLParser[etree._Element]":
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=remove_blank_text,
        recover=recover,
    )


def _utf8(data: bytes, content_type: str) -> bytes:
    encoding = _encoding(data, content_type)
    if encoding == "utf-8":
        return data.lstrip(b" \t\r\n").removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    try:
        return data.decode(encoding).removeprefix("\ufeff").lstrip(" \t\r\n").encode()
    except ValueError:
        raise bad(f"the body is not {encoding}") from None


def _encoding(data: bytes, content_type: str) -> str:
    """By its mark, its declaration, the charset of the HTTP header, in this order (soap.md 11)."""
    start = data[:300].lstrip(b" \t\r\n")
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
    if marked in _WIDE:
        return marked
    declared = _DECLARED.match(start.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n"))
    said = _CHARSET.search(content_type)
    name = declared[1].decode() if declared else said[1] if said and not marked else "utf-8"
    known = "" if marked == "" else _ENCODINGS.get(name.lower(), "")
    if not known or (declared and known.startswith("utf-16")):
        raise bad("the encoding is none of UTF-8, UTF-16, US-ASCII, ISO-8859-1")
    return known


def _where(error: Exception) -> str:
    position = getattr(error, "position", None)
    return f" (line {position[0]}, column {position[1]})" if position else ""
