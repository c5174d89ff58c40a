"""SOAP envelopes of logs to the frames of 1.6 JSON, so that nothing behind here hears of SOAP.

Who sent an envelope is told by its service and by whether it asks or answers, whatever the line
says. The station is the chargeBoxIdentity, else that of the call. An answer belongs to the call of
the same HTTP exchange where the log shows it; else to the one whose MessageID it names in
RelatesTo; else, since fielded peers name the wrong one, to the newest open call that it fits.
What cannot be decoded is a remark. Spec: soap.md 2 to 10.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from lxml import etree

from gateway.core.codec.diagnosis import LONGEST_ID
from gateway.core.codec.soap import Soap
from gateway.core.codec.soap_fault import description, error_of_fault
from gateway.core.codec.soap_head import read_head, split_tag
from gateway.core.codec.soap_parse import Parser, XmlLimits, bad
from gateway.core.codec.soap_read import Reading, ReadSettings
from gateway.core.codec.soap_service import (
    FAULT,
    REQUEST,
    RESPONSE,
    SOAP12,
    Head,
    Service,
    SoapRefused,
    action_of,
)
from gateway.core.dialects import Side, Version
from gateway.core.frames import Call, CallError, CallResult, Frame
from gateway.logs.entry import SOAP, Entry, Envelope, Item, Remark
from gateway.soap_files import load_soap

MOST_OPEN = 512
URN = "urn:uuid:"
_FAMILY = "urn://ocpp/"
_OLDER = {"/2012/06": "1.5", "/2010/08": "1.2"}
_CALLERS = {Service.CENTRAL_SYSTEM: Side.STATION, Service.CHARGE_POINT: Side.CSMS}


class _Asked(NamedTuple):
    """A call that is open. message_id: of its frame; said: its MessageID, "" without one."""

    service: Service
    action: str
    station: str
    message_id: str
    said: str


class _Look(NamedTuple):
    """What an envelope shows before it is decoded. local: name of its body element."""

    head: Head
    namespace: str
    local: str


class Decoding(NamedTuple):
    """How envelopes are decoded."""

    codec: Soap
    settings: ReadSettings


def installed() -> Decoding:
    """As a gateway without a configuration does it."""
    return Decoding(load_soap(), ReadSettings())


class Envelopes:
    """All envelopes of a run. load: called when the first one comes; raises OperatorError."""

    def __init__(self, load: Callable[[], Decoding] = installed) -> None:
        self._load = load
        self._decoding: Decoding | None = None
        self._parser = Parser(XmlLimits())
        self._open: dict[tuple[str, str], _Asked] = {}

    def items(self, envelope: Envelope) -> Iterator[Item]:
        """The entry of an envelope, and remarks on it."""
        try:
            look = self._look(envelope)
            if look.local == FAULT:
                yield self._fault(envelope, look)
            elif look.local.endswith(RESPONSE):
                yield from self._answer(envelope, look)
            else:
                yield from self._call(envelope, look)
        except SoapRefused as refused:
            what = f"{refused.action}: " if refused.action else ""
            station = envelope.station or refused.head.identity or ""
            yield _remark(envelope, "soap", f"{what}{refused}", station)

    @property
    def _decodes(self) -> Decoding:
        if self._decoding is None:
            self._decoding = self._load()
        return self._decoding

    def _look(self, envelope: Envelope) -> _Look:
        parse = self._parser.parse
        try:
            root = parse(envelope.data, envelope.content_type)
        except SoapRefused:
            if not self._decodes.settings.recover:
                raise
            root = self._parser.recover(envelope.data, envelope.content_type)
        namespace, local = split_tag(root)
        if local != "Envelope":
            raise bad("this is no SOAP envelope")
        # A header that was never closed has the body inside it.
        parts = {split_tag(part)[1]: part for part in reversed(list(root.iter(etree.Element)))}
        head, _ = read_head(parts.get("Header"), namespace or SOAP12)
        body = parts.get("Body")
        if body is None or len(body) == 0:
            raise SoapRefused(bad("the envelope has no body").fault, head)
        return _Look(head, *split_tag(body[0]))

    # -- calls --------------------------------------------------------------------------------

    def _call(self, envelope: Envelope, look: _Look) -> Iterator[Item]:
        service = self._service(look, REQUEST, envelope.sender)
        head, action = look.head, action_of(look.local)
        station = envelope.station or head.identity or ""
        message_id = _frame_id(head.message_id, envelope)
        asked = _Asked(service, action, station, message_id, head.message_id or "")
        self._remember(envelope, asked)
        codec, settings = self._decodes
        reading = codec.read.call(service, envelope.data, envelope.content_type, settings)
        yield from _remarks(envelope, reading, station)
        if reading.payload is None:
            text = f"{action}: JSON has no such request; the gateway answers it at once"
            yield _remark(envelope, "soap", text, station)
            return
        yield _entry(envelope, asked, Call(message_id, action, reading.payload))

    def _remember(self, envelope: Envelope, asked: _Asked) -> None:
        key = _exchange(envelope) or (asked.station, asked.said or asked.message_id)
        self._open.pop(key, None)
        self._open[key] = asked
        if len(self._open) > MOST_OPEN:
            del self._open[next(iter(self._open))]

    def _service(self, look: _Look, part: str, sender: object) -> Service:
        """Whose message it is, by its namespace; by its name where it has none."""
        space = look.namespace.rstrip("/").lower()
        for service in Service:
            if space == service.namespace.rstrip("/").lower():
                return service
        action = action_of(look.local)
        if space.startswith(_FAMILY):
            text = f"{look.namespace:.60} is not the namespace of OCPP 1.6"
            if older := next((v for year, v in _OLDER.items() if year in space), ""):
                text = f"an envelope of OCPP {older}; of OCPP over SOAP only 1.6 is read"
            raise SoapRefused(bad(text).fault, look.head, action)
        offering = [
            service for service in Service if action in self._decodes.codec.actions(service)
        ]
        if look.namespace or not offering:
            text = f"{look.local:.60} is no message of OCPP 1.6"
            raise SoapRefused(bad(text).fault, look.head)
        by_csms = (sender is Side.CSMS) is (part == REQUEST)
        return offering[-1] if by_csms else offering[0]

    # -- answers ------------------------------------------------------------------------------

    def _answer(self, envelope: Envelope, look: _Look) -> Iterator[Item]:
        service = self._service(look, RESPONSE, envelope.sender)
        action = action_of(look.local)
        asked = self._asked(envelope, look, (service, action))
        asked = asked or self._unasked(envelope, look.head, service, action)
        reading = self._read(envelope, asked)
        yield from _remarks(envelope, reading, asked.station)
        yield _entry(envelope, asked, CallResult(asked.message_id, reading.payload or {}))

    def _fault(self, envelope: Envelope, look: _Look) -> Item:
        asked = self._asked(envelope, look, None)
        if asked is None:
            by_csms = envelope.sender is Side.CSMS
            service = Service.CENTRAL_SYSTEM if by_csms else Service.CHARGE_POINT
            asked = self._unasked(envelope, look.head, service, "")
        fault = self._read(envelope, asked).fault
        if fault is None:
            raise SoapRefused(bad("the fault cannot be read").fault, look.head, asked.action)
        code = error_of_fault(fault, _CALLERS[asked.service])
        said: dict[str, Any] = {"subcode": fault.subcode} if fault.subcode else {}
        if envelope.status:
            said["httpStatus"] = envelope.status
        error = CallError(asked.message_id, code, description(fault), said)
        return _entry(envelope, asked, error)

    def _read(self, envelope: Envelope, asked: _Asked) -> Reading:
        codec, settings = self._decodes
        data, kind = envelope.data, envelope.content_type
        try:
            return codec.read.answer(asked.service, asked.action, data, kind, settings)
        except SoapRefused as refused:
            raise SoapRefused(refused.fault, refused.head, asked.action) from None

    def _asked(
        self, envelope: Envelope, look: _Look, fits: tuple[Service, str] | None
    ) -> _Asked | None:
        """The call that an envelope answers, which is open no more."""
        key = _exchange(envelope)
        if key is not None:
            return self._open.pop(key, None)
        station = envelope.station or look.head.identity or ""
        relates = look.head.relates_to
        fitting = [
            key
            for key, asked in self._open.items()
            if (fits is None or fits == asked[:2]) and station in ("", asked.station)
        ]
        named = [key for key in fitting if relates and self._open[key].said == relates]
        found = named or fitting
        return self._open.pop(found[-1]) if found else None

    def _unasked(self, envelope: Envelope, head: Head, service: Service, action: str) -> _Asked:
        """What stands for a call that the log does not hold."""
        station = envelope.station or head.identity or ""
        return _Asked(service, action, station, _frame_id(head.relates_to, envelope), "")


def made_up_id(text: str) -> str:
    """An id in the form of a UUID, the same whenever the text is the same."""
    digits = sha256(text.encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


def _frame_id(said: str | None, envelope: Envelope) -> str:
    """The id of the frame: that of the envelope where it can be one, else made of it."""
    short = (said or "").removeprefix(URN)
    if 0 < len(short) <= LONGEST_ID and short.isprintable():
        return short
    return made_up_id(said or f"{envelope.line}\0{envelope.data!r}")


def _exchange(envelope: Envelope) -> tuple[str, str] | None:
    return (envelope.file + "\0", envelope.exchange) if envelope.exchange else None


def _entry(envelope: Envelope, asked: _Asked, frame: Frame) -> Entry:
    caller = _CALLERS[asked.service]
    sender = caller if isinstance(frame, Call) else caller.other
    file, line, time = envelope[:3]
    version = Version.V16.value
    return Entry(file, line, time, asked.station, sender, frame, b"", envelope.shape, version, SOAP)


def _remarks(envelope: Envelope, reading: Reading, station: str) -> Iterator[Item]:
    for rule, said in (("mended", reading.repairs), ("soap_odd", reading.notes)):
        if said:
            yield _remark(envelope, rule, f"{reading.action}: {', '.join(said)}", station)


def _remark(envelope: Envelope, rule: str, text: str, station: str) -> Remark:
    return Remark(envelope.file, envelope.line, rule, text, station=station)
