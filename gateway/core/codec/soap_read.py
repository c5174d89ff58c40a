"""Reading: HTTP bodies to payloads of 1.6 JSON.

A body that is valid as it came goes straight to the stylesheet; only what is not, or holds values
that JSON writes otherwise, is walked through in Python. Pipeline: soap.md 10.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import NamedTuple

import orjson
from lxml import etree

from gateway.core.codec.soap_extras import Extras
from gateway.core.codec.soap_fault import find_fault, read_fault
from gateway.core.codec.soap_head import not_understood, read_head, refuse_unknown, split_tag
from gateway.core.codec.soap_parse import Parser, XmlLimits, bad
from gateway.core.codec.soap_service import (
    FAULT,
    NO_VERSION,
    RECEIVER,
    REQUEST,
    RESPONSE,
    SOAP11,
    SOAP12,
    Fault,
    Head,
    Service,
    SoapRefused,
    action_of,
)
from gateway.core.codec.soap_shape import Description, Kind, Shape
from gateway.core.codec.soap_sheets import TO_JSON, Sheets
from gateway.core.codec.soap_tolerance import UTC, Charging, Differences, Mender
from gateway.core.codec.soap_verdict import violation
from gateway.core.dialects import INTERNAL_ERROR, NOT_SUPPORTED
from gateway.core.frames import JsonObject

_ATTRIBUTES = etree.XPath("boolean(descendant-or-self::*/@*)", regexp=False)
_ESCAPED_IN_JSON = (b'"', b"\\", b"\n", b"\t", b"\r")
_HOUR_24 = b"T24"
_Blocks = tuple[etree._Element, ...]
_NOT_WELL_FORMED = "not well-formed"


class ReadSettings(NamedTuple):
    """validation: `enforce`, `repair` or `observe`; recover: the profile `xml_recover` is on;
    opened: `repair` leaves words that are none, elements that are missing and those that the
    standard has not to the repairs of the payload, which know the vendor's own; zone: of times
    without one (`timezone_default`)."""

    validation: str = "repair"
    recover: bool = False
    charging: Charging = lambda connector: False
    opened: bool = False
    zone: str = UTC


DEFAULT = ReadSettings()


class Reading(NamedTuple):
    """One message as read.

    payload: of 1.6 JSON; None for a fault, for a request that JSON cannot express and, under
    `observe`, for a body that is not valid. answer: what to answer such a request with at once.
    repairs: names of what was put right; notes: of what was odd and needs no repair.
    body: the body element as it may be relayed.
    """

    service: Service
    action: str
    head: Head
    payload: JsonObject | None = None
    answer: JsonObject | None = None
    fault: Fault | None = None
    repairs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    body: etree._Element | None = None


class SoapReader:
    """Reads the messages of both services."""

    def __init__(
        self,
        descriptions: Mapping[Service, Description],
        sheets: Sheets,
        differences: Differences,
        limits: XmlLimits,
    ) -> None:
        self._descriptions = descriptions
        self._sheets = sheets
        self._differences = differences
        self._parser = Parser(limits)
        # To the validator blanks around an address, and none at all, are as good as any.
        self._addressed = {
            shape.name
            for description in descriptions.values()
            for shape in description.shapes.values()
            if any(child.kind is Kind.URI for child in shape.children.values())
        }
        self._known = {
            service: {s.tag: (s, action_of(s.name)) for s in description.shapes.values()}
            for service, description in descriptions.items()
        }

    def call(
        self,
        service: Service,
        data: bytes,
        content_type: str | None,
        settings: ReadSettings = DEFAULT,
    ) -> Reading:
        """A request. Raises SoapRefused: with which fault it is answered (the peer's fault)."""
        head, blocks, body, recovered = self._opened(data, content_type, settings)
        notes: tuple[str, ...] = ()
        if blocks and (unknown := not_understood(blocks)):
            if settings.validation == "enforce":
                raise refuse_unknown(unknown, head)
            notes = tuple(f"must_understand:{name}" for name in unknown)
        shape, action = self._dispatched(service, body, REQUEST, head)
        if _operation(head, REQUEST) != action:
            notes += ("action_header",)
        try:
            return self._read(service, action, head, body, shape, settings, recovered, notes)
        except SoapRefused as refused:
            raise SoapRefused(refused.fault, head, action) from None

    def answer(
        self,
        service: Service,
        action: str,
        data: bytes,
        content_type: str | None,
        settings: ReadSettings = DEFAULT,
        asked: str = "",
    ) -> Reading:
        """The response to a call of that action, whatever its HTTP status; a fault is a Reading.

        asked: the MessageID of the call. Headers that speak of another call are noted and no more:
        the answer is what the HTTP exchange brings (soap.md 3). Raises SoapRefused for anything
        else: to the caller that is an InternalError.
        """
        try:
            head, _, body, recovered = self._opened(data, content_type, settings)
        except SoapRefused as refused:
            fault = self._hidden_fault(data, content_type)
            if fault is None:
                raise
            return Reading(service, action, refused.head, fault=fault)
        if split_tag(body)[1] == FAULT:
            return Reading(service, action, head, fault=read_fault(body), body=body)
        shape, answered = self._dispatched(service, body, RESPONSE, head)
        if answered != action:
            text = "the answer is one to another operation"
            raise SoapRefused(Fault(RECEIVER, INTERNAL_ERROR, text), head, action)
        notes: tuple[str, ...] = ()
        if head.relates_to and asked and head.relates_to != asked:
            notes += ("relates_to_header",)
        if head.action and _operation(head, RESPONSE) != action:
            notes += ("action_header",)
        try:
            return self._read(service, action, head, body, shape, settings, recovered, notes)
        except SoapRefused as refused:
            raise SoapRefused(refused.fault, head, action) from None

    def _opened(
        self, data: bytes, content_type: str | None, settings: ReadSettings
    ) -> tuple[Head, _Blocks, etree._Element, tuple[str, ...]]:
        """Head, unknown blocks, first element of the Body, and the repair that it took."""
        try:
            root = self._parser.parse(data, content_type)
        except SoapRefused as refused:
            if _NOT_WELL_FORMED not in refused.fault.reason:
                raise
            if not settings.recover:
                # Who sent it may decide whether it is read by that profile after all.
                raise SoapRefused(refused.fault, self._recovered_head(data, content_type)) from None
            return (*self._recovered(data, content_type), ("xml_recover",))
        return (*_envelope(root, {split_tag(e)[1]: e for e in root}), ())

    def _recovered(
        self, data: bytes, content_type: str | None
    ) -> tuple[Head, _Blocks, etree._Element]:
        root = self._parser.recover(data, content_type)
        # A header that was never closed has the body inside it.
        return _envelope(root, {split_tag(e)[1]: e for e in reversed(list(root.iter("*")))})

    def _recovered_head(self, data: bytes, content_type: str | None) -> Head:
        """As much of the head as can be told of a body that is not well-formed."""
        try:
            return self._recovered(data, content_type)[0]
        except SoapRefused as refused:
            return refused.head

    def _hidden_fault(self, data: bytes, content_type: str | None) -> Fault | None:
        """The fault in a body that is not quite an envelope (soap.md 6)."""
        if FAULT.encode() not in data:
            return None
        try:
            element = find_fault(self._parser.recover(data, content_type))
        except SoapRefused:
            return None
        return None if element is None else read_fault(element)

    def _dispatched(
        self, service: Service, body: etree._Element, part: str, head: Head
    ) -> tuple[Shape, str]:
        """By the qualified name of the body element; no namespace at all stands for ours."""
        known = self._known[service].get(str(body.tag))
        if known is not None and known[0].name.endswith(part):
            return known
        namespace, local = split_tag(body)
        if known is None and namespace.rstrip("/").lower() in ("", _bare(service)):
            known = self._known[service].get(f"{{{service.namespace}}}{local}")
        if known is None or not local.endswith(part):
            text = "the service has no such operation"
            raise SoapRefused(Fault(RECEIVER, NOT_SUPPORTED, text), head, action_of(local))
        return known

    def _read(
        self,
        service: Service,
        action: str,
        head: Head,
        body: etree._Element,
        shape: Shape,
        settings: ReadSettings,
        repairs: tuple[str, ...],
        notes: tuple[str, ...],
    ) -> Reading:
        payload: JsonObject | None = None
        if shape.name not in self._addressed and settings.zone == UTC:
            payload = self._as_it_is(service, body)
        kept = body
        if payload is None:
            if settings.validation == "observe":
                body = deepcopy(body)
            lenient = settings.validation != "enforce"
            extras = Extras() if settings.opened and settings.validation == "repair" else None
            mender = Mender(self._differences, lenient, settings.charging, settings.zone, extras)
            mender.mend(body, shape)
            repairs += tuple(mender.repairs)
            payload, problem = self._mended(service, body, shape, settings)
            if problem and settings.validation != "observe":
                raise bad(problem)
            if extras is not None and payload is not None:
                extras.put_back(payload, body, shape)
            notes += (problem,) if problem else ()
        answer: JsonObject | None = None
        needed = self._differences.answered.get(shape.name)
        if payload is not None and needed and needed not in payload:
            payload, answer = None, {}
        return Reading(service, action, head, payload, answer, None, repairs, notes, kept)

    def _as_it_is(self, service: Service, body: etree._Element) -> JsonObject | None:
        """The payload of a body that is valid and needs no look at its values; else None."""
        # Attributes first: xsi:schemaLocation would have the validator look for a file.
        if _ATTRIBUTES(body) or not self._descriptions[service].schema.validate(body):
            return None
        text = etree.tostring(body, method="text", encoding="utf-8")
        if _HOUR_24 in text or any(sign in text for sign in _ESCAPED_IN_JSON):
            return None
        try:
            payload: JsonObject = orjson.loads(self._sheets[service, TO_JSON].to_text(body))
        except orjson.JSONDecodeError:
            # Numbers that XML Schema knows and JSON does not: `007`, `+7`, `.5`.
            return None
        return payload

    def _mended(
        self, service: Service, body: etree._Element, shape: Shape, settings: ReadSettings
    ) -> tuple[JsonObject | None, str]:
        """The payload, or what is wrong with the body."""
        description = self._descriptions[service]
        schema = description.schema
        if settings.validation == "repair":
            schema = description.repairable(settings.opened)
        if not schema.validate(body):
            return None, violation(schema, body, shape)
        escaped = deepcopy(body)
        for element in escaped.iter("*"):
            if element.text:
                element.text = orjson.dumps(element.text)[1:-1].decode()
        try:
            return orjson.loads(self._sheets[service, TO_JSON].to_text(escaped)), ""
        except orjson.JSONDecodeError:
            return None, "a value of the body cannot be expressed in JSON"


def _operation(head: Head, part: str) -> str:
    """The operation that the Action header speaks of, "" if there is none."""
    return (head.action or "").rpartition("/")[2].removesuffix(part)


def _bare(service: Service) -> str:
    return service.namespace.rstrip("/").lower()


def _envelope(
    root: etree._Element, parts: Mapping[str, etree._Element]
) -> tuple[Head, _Blocks, etree._Element]:
    namespace, local = split_tag(root)
    if local != "Envelope":
        raise bad("the body is no SOAP envelope")
    if namespace not in (SOAP12, SOAP11, ""):
        raise SoapRefused(Fault(NO_VERSION, "", "neither SOAP 1.2 nor SOAP 1.1"))
    header, body = parts.get("Header"), parts.get("Body")
    head, others = read_head(header, namespace or SOAP12)
    if body is None or len(body) == 0:
        raise SoapRefused(bad("the envelope has no body").fault, head)
    return head, others, body[0]
