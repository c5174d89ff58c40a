"""Body elements as peers write them, brought to the form that the schema knows.

Only a body that is not valid as it came passes here. What is legal XML Schema but not for the
validator or for JSON (blanks around values, `007`, hour 24) is put right in every mode; what
breaks the schema is put right in `repair` alone and named among the repairs, which are counted
per peer. Design: soap.md 8, 10 and 11.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lxml import etree

from gateway.core import timestamps
from gateway.core.codec.soap_extras import Extras
from gateway.core.codec.soap_head import split_tag
from gateway.core.codec.soap_shape import Kind, Shape

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_BLANK = " \t\r\n"
_MOST_DIGITS = 40
UTC = "UTC"

_INTEGER = re.compile(r"([+-]?)0*([0-9]+)").fullmatch
_DECIMAL = re.compile(r"([+-]?)0*([0-9]*)(?:\.([0-9]*?)0*)?").fullmatch
_TIME = re.compile(
    r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]+)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
).fullmatch

Charging = Callable[[int], bool]
"""Whether a transaction is known to be open on that connector."""


class Differences(NamedTuple):
    """schemas/soap/differences.yaml, which says what its members are."""

    to_soap: Mapping[str, Mapping[str, str | None]]
    from_soap: Mapping[str, Mapping[str, Any]]
    renamed: Mapping[str, Mapping[str, str]]
    answered: Mapping[str, str]


class Mender:
    """Puts one body right, in place. repairs: what was done, each once; zone: of times without
    one (`timezone_default`); extras: where elements that the standard has not are kept, None if
    nowhere."""

    def __init__(
        self,
        differences: Differences,
        lenient: bool,
        charging: Charging,
        zone: str = UTC,
        extras: Extras | None = None,
    ) -> None:
        self._extras = extras
        self._words = differences.from_soap
        self._renamed = differences.renamed
        self._lenient = lenient
        self._charging = charging
        self._zone = zone
        self.repairs: dict[str, None] = {}

    def mend(self, body: etree._Element, shape: Shape) -> None:
        """body: the body element, of whatever namespace; shape: of its message."""
        self._name(body, shape)
        self._structure(body, shape, self._renamed.get(shape.name, {}))
        # An element that was renamed and moved may share its prefix with a declaration that it had
        # before, `xmlns=""` above all; a copy of it would be taken for one of that namespace.
        etree.cleanup_namespaces(body)

    def _structure(self, element: etree._Element, shape: Shape, renamed: Mapping[str, str]) -> None:
        if not (element.text or "").strip():
            element.text = None
        for child in list(element):
            if not (child.tail or "").strip():
                child.tail = None
            self._child(element, child, shape, renamed)
        self._put_in_order(element, shape)

    def _child(
        self,
        parent: etree._Element,
        child: etree._Element,
        shape: Shape,
        renamed: Mapping[str, str],
    ) -> None:
        namespace, local = split_tag(child)
        known = shape.children.get(renamed.get(local, local) if self._lenient else local)
        if known is None or not _ours(namespace):
            if self._lenient:
                parent.remove(child)
                if self._extras is None or not self._extras.keep(parent, local, child, shape):
                    self._did("unknown_element")
            return
        nil = (child.get(_NIL) or "").strip() in ("true", "1")
        if nil and not self._lenient:
            return
        self._name(child, known)
        if nil:
            self._did("nil")
        if nil or not self._holds(child, known):
            parent.remove(child)

    def _holds(self, element: etree._Element, shape: Shape) -> bool:
        """Put right what an element holds; False if that is nothing: it counts as absent."""
        if shape.kind is not Kind.STRUCTURE:
            return self._leaf(element, shape)
        self._structure(element, shape, {})
        if self._lenient and len(element) == 0 and not element.text:
            self._did("empty_element")
            return False
        return True

    def _name(self, element: etree._Element, shape: Shape) -> None:
        """Name it as the schema does, without attributes: no message of ours has one."""
        element.attrib.clear()
        if element.tag != shape.tag and self._lenient:
            self._did("element_name")
            element.tag = shape.tag

    def _put_in_order(self, element: etree._Element, shape: Shape) -> None:
        if not self._lenient:
            return
        children = list(element)
        ordered = sorted(children, key=lambda child: shape.order.get(split_tag(child)[1], 0))
        if children != ordered:
            element[:] = ordered
            self._did("element_order")

    def _leaf(self, element: etree._Element, shape: Shape) -> bool:
        """Put the value right; False if there is none, so that the element counts as absent."""
        if shape.kind is Kind.TEXT:
            return True
        text = (element.text or "").strip(_BLANK)
        if not text and len(element) == 0:
            if self._lenient:
                self._did("empty_element")
            # To the schema an empty address is as good as any.
            return not self._lenient and shape.kind is not Kind.URI
        if shape.kind is Kind.TIME:
            text = self._time(text, shape.required)
        elif shape.kind is Kind.WORD and text not in shape.words and self._lenient:
            text = self._word(element, text)
        else:
            text = _plain(text, shape.kind)
        if text != element.text:
            element.text = text
        return bool(text) or len(element) > 0

    def _time(self, text: str, required: bool) -> str:
        """The time as JSON has it, "" for one that is none and need not be there."""
        found = _TIME(text)
        if not found and not self._lenient:
            return text
        try:
            normal = timestamps.normalise(text, self._zone)
        except ValueError:
            if required or not self._lenient:
                return text
            self._did("timestamps")
            return ""
        if not found:
            self._did("timestamps")
            return normal
        if not found[1] and self._zone != UTC:
            return timestamps.normalise(text, self._zone)
        zone = found[1] or ""
        if "T24" in text:
            return timestamps.normalise(text.removesuffix(zone)).removesuffix("Z") + (zone or "Z")
        return text if zone else f"{text}Z"

    def _word(self, element: etree._Element, text: str) -> str:
        """A word of an older edition, as this one has it."""
        become = self._words.get(split_tag(element)[1], {}).get(text)
        if become is None:
            return text
        self._did("old_words")
        if isinstance(become, str):
            return become
        beside = element.getparent()
        siblings = [] if beside is None else list(beside)
        number = next((e.text for e in siblings if split_tag(e)[1] == become["connector"]), "")
        known = _INTEGER((number or "").strip())
        charging = known is not None and self._charging(int(known[0][:_MOST_DIGITS]))
        return str(become["charging" if charging else "else"])

    def _did(self, repair: str) -> None:
        self.repairs[repair] = None


def _ours(namespace: str) -> bool:
    """Whether elements of it are taken for ours; so are those of no namespace (soap.md 10)."""
    return not namespace or namespace.lower().startswith("urn://ocpp/")


def _plain(text: str, kind: Kind) -> str:
    """A number or boolean as JSON has it; what is none is left for the schema to refuse."""
    if len(text) > _MOST_DIGITS:
        return text
    if kind is Kind.BOOLEAN:
        return {"1": "true", "0": "false"}.get(text, text)
    if kind is Kind.INTEGER and (found := _INTEGER(text)):
        sign, digits = found.groups()
        return digits if sign == "+" or digits == "0" else sign + digits
    if kind is Kind.DECIMAL and text.strip("+-.") and (found := _DECIMAL(text)):
        sign, whole, part = found[1], found[2] or "0", found[3]
        value = f"{whole}.{part}" if part else whole
        return f"-{value}" if sign == "-" and value != "0" else value
    return text
