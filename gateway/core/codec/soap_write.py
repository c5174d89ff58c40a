"""Writing: payloads of 1.6 JSON to envelopes.

Values are put into the text that SOAP has for them, the stylesheet puts names, order and headers
around them, and the schema has the last word: what leaves is always valid.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import NamedTuple

from lxml import etree

from gateway.core.codec.jsonxml import as_xml, legal, tag
from gateway.core.codec.soap_head import callback, split_tag
from gateway.core.codec.soap_lexical import Writer
from gateway.core.codec.soap_read import Reading
from gateway.core.codec.soap_service import (
    ADDRESSING,
    FAULT,
    REQUEST,
    RESPONSE,
    SOAP12,
    Fault,
    Head,
    Service,
    element_of,
)
from gateway.core.codec.soap_shape import Description
from gateway.core.codec.soap_sheets import TO_SOAP, Sheets
from gateway.core.codec.soap_tolerance import Differences
from gateway.core.codec.soap_verdict import violation
from gateway.core.dialects import INTERNAL_ERROR
from gateway.core.errors import MappingError, PayloadInvalid, Violation
from gateway.core.frames import JsonObject

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'
PREFIXES = {Service.CENTRAL_SYSTEM: "cs", Service.CHARGE_POINT: "cp"}


class Letter(NamedTuple):
    """What the headers of a message that we send say.

    sender: our address, for From (requests); to: the receiver's, byte for byte, "" if unknown.
    boot: the station's last BootNotification, towards a CSMS only: overlays take the identity
    from it. prefix: of the service's namespace, "" for our own (`soap.prefix`).
    """

    station: str
    message_id: str
    to: str = ""
    sender: str = ""
    relates_to: str = ""
    boot: JsonObject | None = None
    envelope: str = SOAP12
    addressing: str = ADDRESSING
    must_understand: bool = True
    prefix: str = ""


class Written(NamedTuple):
    """A message ready to be sent. losses: what SOAP could not carry, as `path: what`."""

    data: bytes
    losses: tuple[str, ...] = ()


def letter_to(head: Head, station: str, message_id: str, prefix: str = "") -> Letter:
    """The headers of an answer: to where the request came from, in its own namespaces.

    The identity is the one that the request gave: peers drop an answer with another (soap.md 3).
    """
    return Letter(
        head.identity or station,
        message_id,
        to=callback(head.from_address) or "",
        relates_to=head.message_id or "",
        envelope=head.envelope,
        addressing=head.addressing,
        prefix=prefix,
    )


class SoapWriter:
    """Writes the messages of both services. most: bytes of one message; overlaid: whether the
    sheets are as installed or an operator's are over them."""

    def __init__(
        self,
        descriptions: Mapping[Service, Description],
        sheets: Sheets,
        differences: Differences,
        most: int,
        overlaid: bool,
    ) -> None:
        self._descriptions = descriptions
        self._sheets = sheets
        self._words = differences.to_soap
        self._most = most
        self._overlaid = overlaid

    def identity(self, service: Service, station: str, boot: JsonObject | None) -> str:
        """The chargeBoxIdentity under which a CSMS knows the station: as overlays make it."""
        if not self._overlaid:
            return station
        letter = Letter(station, "", boot=boot)
        root = self._run(service, {"action": "", "kind": "identity"}, "", letter, {})
        return (root.text or "").strip() or station

    def call(self, service: Service, action: str, payload: JsonObject, letter: Letter) -> Written:
        """A request. Raises PayloadInvalid: an integer too large for SOAP (the sender's fault),
        or a payload that is not what its JSON schema says (ours)."""
        return self._written(service, action, REQUEST, payload, letter)

    def answer(self, service: Service, action: str, payload: JsonObject, letter: Letter) -> Written:
        """A response. Raises as `call` does."""
        return self._written(service, action, RESPONSE, payload, letter)

    def fault(self, service: Service, action: str, fault: Fault, letter: Letter) -> bytes:
        """A fault as the answer to a call of that action; action: "" if it is not known."""
        about = {
            "fault-code": fault.code,
            "fault-subcode": fault.subcode,
            "reason": legal(fault.reason),
        }
        attributes = {"action": action, "kind": FAULT}
        return self._bytes(self._run(service, attributes, "", letter, about), service, letter)

    def relay(self, reading: Reading, letter: Letter) -> bytes:
        """The body of a message in an envelope of our own. Values may have prefixes in them
        (xsi:type), so the body keeps those that were declared around it, unless one is wanted."""
        if reading.body is None:
            raise ValueError("nothing was read that could be relayed")
        part = REQUEST if split_tag(reading.body)[1].endswith(REQUEST) else RESPONSE
        root = self.empty(reading.service, reading.action, part, letter)
        if letter.prefix:
            root[-1].append(deepcopy(reading.body))
            return self._bytes(root, reading.service, letter)
        etree.SubElement(root[-1], "body")
        before, _, after = self._bytes(root, reading.service, letter).rpartition(b"<body/>")
        body: bytes = etree.tostring(reading.body, encoding="UTF-8", with_tail=False)
        return before + body + after

    def empty(self, service: Service, action: str, part: str, letter: Letter) -> etree._Element:
        """An envelope with headers and an empty Body."""
        return self._run(service, {"action": action, "kind": part}, "", letter, {})

    def _written(
        self, service: Service, action: str, part: str, payload: JsonObject, letter: Letter
    ) -> Written:
        description, sheet = self._descriptions[service], self._sheets[service, TO_SOAP]
        element = element_of(action, part)
        writer = Writer(self._words)
        content = as_xml(writer.write(payload, description.shapes[element]))
        attributes = {"action": action, "kind": part, "element": element}
        root = self._run(service, attributes, content, letter, {})
        if len(root) == 0 or len(root[-1]) == 0:
            raise MappingError(f"the stylesheet makes no body of {element}", sheet.place)
        body = root[-1][0]
        if not description.schema.validate(body):
            text = violation(description.schema, body, description.shapes[element])
            raise PayloadInvalid((Violation("$", "schema", INTERNAL_ERROR, text),))
        return Written(self._bytes(root, service, letter), tuple(writer.losses))

    def _run(
        self,
        service: Service,
        attributes: Mapping[str, str],
        content: str,
        letter: Letter,
        about: Mapping[str, str],
    ) -> etree._Element:
        """The envelope of a message. content: the generic XML of its payload."""
        prefix = PREFIXES[service]
        declared = {f"xmlns:{prefix}": service.namespace, "xmlns:wsa": letter.addressing}
        if letter.boot is not None and self._overlaid:
            content += tag("boot", {}, as_xml(letter.boot))
        message = etree.fromstring(tag("message", {**declared, **attributes}, content))
        values = {
            "station": legal(letter.station),
            "message-id": legal(letter.message_id),
            "relates-to": legal(letter.relates_to),
            "from": legal(letter.sender),
            "to": legal(letter.to),
            "must-understand": "true" if letter.must_understand else "",
            "prefix": letter.prefix or prefix,
            "soap": letter.envelope,
            "addressing": letter.addressing,
            **about,
        }
        return self._sheets[service, TO_SOAP].to_tree(message, values)

    def _bytes(self, root: etree._Element, service: Service, letter: Letter) -> bytes:
        data = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
        if len(data) > self._most:
            raise MappingError(f"a message of more than {self._most} bytes")
        if letter.prefix:
            data = _respelled(data, PREFIXES[service].encode(), letter.prefix.encode())
        return _DECLARATION + data


def _respelled(data: bytes, own: bytes, wanted: bytes) -> bytes:
    """The message with another prefix for the namespace of the service (`soap.prefix`).

    Only tags begin with `<`, and the declaration stands in the first of them.
    """
    data = data.replace(b"xmlns:" + own + b"=", b"xmlns:" + wanted + b"=", 1)
    for tag_start in (b"<", b"</"):
        data = data.replace(tag_start + own + b":", tag_start + wanted + b":")
    return data
