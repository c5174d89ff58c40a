"""Every message once through the stylesheets: what an overlay gets wrong with one of them is found
before that message comes.

The messages hold every member that the service description knows, and one item in each list.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lxml import etree

from gateway.core.codec.soap_read import SoapReader
from gateway.core.codec.soap_service import (
    RECEIVER,
    REQUEST,
    RESPONSE,
    Fault,
    Service,
    SoapRefused,
    action_of,
)
from gateway.core.codec.soap_shape import Description, Kind, Shape
from gateway.core.codec.soap_sheets import TO_JSON, TO_SOAP, Sheets
from gateway.core.codec.soap_write import Letter, SoapWriter
from gateway.core.dialects import INTERNAL_ERROR
from gateway.core.errors import MappingError, PayloadInvalid
from gateway.core.frames import JsonObject

_BOOT = "chargePointVendor"
"""A member that tells the message with which a station introduces itself from all others."""

_VALUES: Mapping[Kind, Any] = {
    Kind.TEXT: "x",
    Kind.INTEGER: 1,
    Kind.DECIMAL: 1,
    Kind.BOOLEAN: True,
    Kind.TIME: "2026-01-01T00:00:00Z",
    Kind.URI: "http://example.com/x",
}


class Trial:
    """One codec under test."""

    def __init__(
        self,
        descriptions: Mapping[Service, Description],
        sheets: Sheets,
        read: SoapReader,
        write: SoapWriter,
    ) -> None:
        self._descriptions = descriptions
        self._sheets = sheets
        self._read = read
        self._write = write

    def outlines(self) -> Iterator[MappingError]:
        """What is wrong with envelopes, identities and faults, whatever is in a message."""
        letter = Letter("station", "id", boot={})
        fault = Fault(RECEIVER, INTERNAL_ERROR, "x")
        write = self._write
        for service in Service:
            nothing = etree.Element(f"{{{service.namespace}}}x")
            yield from _of(write.identity, service, "station", {})
            yield from _of(write.empty, service, "x", REQUEST, letter)
            yield from _of(write.empty, service, "x", RESPONSE, letter)
            yield from _of(write.fault, service, "", fault, letter)
            yield from _of(self._sheets[service, TO_JSON].to_text, nothing)

    def messages(self) -> Iterator[MappingError]:
        """What is wrong with any of the messages."""
        boot = next(
            _sample(shape)
            for shape in self._descriptions[Service.CENTRAL_SYSTEM].shapes.values()
            if _BOOT in shape.children
        )
        letter = Letter("station", "id", "http://to.example/", "http://from.example/", boot=boot)
        for service in Service:
            for shape in self._descriptions[service].shapes.values():
                yield from _of(self._there_and_back, service, shape, letter)

    def _there_and_back(self, service: Service, shape: Shape, letter: Letter) -> None:
        """Raises MappingError."""
        action, payload = action_of(shape.name), _sample(shape)
        asks = shape.name.endswith(REQUEST)
        write = self._write.call if asks else self._write.answer
        try:
            data = write(service, action, payload, letter).data
        except PayloadInvalid as error:
            found = error.violations[0].message
            raise self._wrong(service, TO_SOAP, shape, found) from None
        try:
            if asks:
                head = self._read.call(service, data, None).head
            else:
                head = self._read.answer(service, action, data, None).head
        except SoapRefused as refused:
            raise self._wrong(service, TO_JSON, shape, refused.fault.reason) from None
        if not head.identity:
            raise self._wrong(service, TO_SOAP, shape, "there is no chargeBoxIdentity")

    def _wrong(self, service: Service, direction: str, shape: Shape, found: str) -> MappingError:
        place = self._sheets[service, direction].place
        return MappingError(f"what becomes of {shape.name} is none: {found}", place)


def _of(work: Callable[..., object], *given: object) -> Iterator[MappingError]:
    try:
        work(*given)
    except MappingError as error:
        yield error


def _sample(shape: Shape) -> JsonObject:
    return {name: _value(child) for name, child in shape.children.items()}


def _value(shape: Shape) -> Any:
    if shape.kind is Kind.STRUCTURE:
        one: Any = _sample(shape)
    else:
        one = min(shape.words) if shape.words else _VALUES[shape.kind]
    return [one] if shape.many else one
