"""What our own service description says of each message: its elements in order and their types.

Read from the `types` of schemas/soap/*.wsdl, which hold a small part of XML Schema: sequences of
elements, named or anonymous types, restrictions by enumeration, length and fraction digits.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from enum import Enum

from lxml import etree

from gateway.core.codec.soap_service import Service
from gateway.core.errors import ConfigError, Place

_XS = "{http://www.w3.org/2001/XMLSchema}"
_SOAP12_ADDRESS = "{http://schemas.xmlsoap.org/wsdl/soap12/}address"


class Kind(Enum):
    """The type of an element, as far as the codec treats it in its own way."""

    STRUCTURE = "structure"
    TEXT = "text"
    WORD = "word"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    TIME = "time"
    URI = "uri"


_KINDS = {
    "xs:int": Kind.INTEGER,
    "xs:decimal": Kind.DECIMAL,
    "xs:boolean": Kind.BOOLEAN,
    "xs:dateTime": Kind.TIME,
    "xs:anyURI": Kind.URI,
    "xs:string": Kind.TEXT,
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One element. tag: its name as lxml spells it; order: of the children, from 0."""

    name: str
    tag: str
    kind: Kind
    required: bool = True
    many: bool = False
    words: frozenset[str] = frozenset()
    children: Mapping[str, "Shape"] = field(default_factory=dict)
    order: Mapping[str, int] = field(default_factory=dict)


class Description:
    """A service description: what is sent to who asks for it, its shapes and its schema.

    Raises ConfigError for a file that is no such description (the operator's fault).
    """

    def __init__(self, service: Service, file: str, text: bytes) -> None:
        self.service = service
        self._root = _parsed(text, file)
        types = self._root.find(f".//{_XS}schema")
        if types is None or types.get("targetNamespace") != service.namespace:
            raise ConfigError(f"no schema of {service.namespace}", Place(file, 1))
        # Parsed anew by itself, for the names in it are read with the declarations around it.
        schema = etree.fromstring(etree.tostring(types))
        try:
            self.schema = etree.XMLSchema(schema)
        except etree.XMLSchemaParseError as error:
            raise ConfigError(str(error), Place(file, 1)) from None
        self.shapes: Mapping[str, Shape] = _Reader(schema, service.namespace).messages()
        self._repairable = {opened: _repairable(schema, opened) for opened in (False, True)}

    def repairable(self, opened: bool) -> etree.XMLSchema:
        """The schema without what `repair` settles in the payload (translation-station 1.2): how
        long strings are and, opened, which words there are and which elements must be there."""
        return self._repairable[opened]

    def at(self, address: str) -> bytes:
        """The description of the service at that address."""
        self._root.find(f".//{_SOAP12_ADDRESS}").set("location", address)  # type: ignore[union-attr]
        return etree.tostring(self._root, encoding="UTF-8", xml_declaration=True)


class _Reader:
    def __init__(self, schema: etree._Element, namespace: str) -> None:
        self._schema = schema
        self._namespace = namespace
        self._named = {t.get("name"): t for t in schema if t.get("name") and "Type" in str(t.tag)}

    def messages(self) -> dict[str, Shape]:
        return {
            shape.name: shape
            for element in self._schema.findall(f"{_XS}element")
            if (shape := self._shape(element)).kind is Kind.STRUCTURE
        }

    def _shape(self, element: etree._Element) -> Shape:
        kind, words, children = self._type(element)
        name = element.get("name", "")
        return Shape(
            name,
            f"{{{self._namespace}}}{name}",
            kind,
            required=element.get("minOccurs") != "0",
            many=element.get("maxOccurs") == "unbounded",
            words=words,
            children=children,
            order={child: place for place, child in enumerate(children)},
        )

    def _type(self, element: etree._Element) -> tuple[Kind, frozenset[str], dict[str, Shape]]:
        """element: of anything that has a type: an element, or a restriction with its base."""
        said = element.get("type") or element.get("base")
        if said in _KINDS:
            return _KINDS[said], frozenset(), {}
        found = self._named[said.partition(":")[2]] if said else element[0]
        if found.tag == f"{_XS}complexType":
            inner = found.iterfind(f"{_XS}sequence/{_XS}element")
            return Kind.STRUCTURE, frozenset(), {s.name: s for s in map(self._shape, inner)}
        restriction = found[0]
        words = frozenset(e.get("value", "") for e in restriction.findall(f"{_XS}enumeration"))
        kind = Kind.WORD if words else self._type(restriction)[0]
        return kind, words, {}


def _repairable(schema: etree._Element, opened: bool) -> etree.XMLSchema:
    relaxed = deepcopy(schema)
    rules = [f"{_XS}maxLength", f"{_XS}enumeration"][: 2 if opened else 1]
    for rule in list(relaxed.iter(*rules)):
        rule.getparent().remove(rule)  # type: ignore[union-attr]
    if opened:
        for element in relaxed.iterfind(f".//{_XS}sequence/{_XS}element"):
            element.set("minOccurs", "0")
    return etree.XMLSchema(relaxed)


def _parsed(text: bytes, file: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        return etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise ConfigError(error.msg or "not XML", Place(file, line or 1, column or 1)) from None
