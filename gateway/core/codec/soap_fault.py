"""Faults: from a CALLERROR code, to a CALLERROR code, and reading what peers take for one.

Recorded peers write `value` for `Value`, use prefixes they never declared, mix the children of
SOAP 1.1 and 1.2 and leave the Reason out; a fault is read by local names whatever it looks like.
Design: soap.md 6.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from gateway.core.codec.ocppj import LONGEST_DESCRIPTION
from gateway.core.codec.soap_head import split_tag
from gateway.core.codec.soap_service import RECEIVER, SENDER, Fault
from gateway.core.dialects import (
    FORMAT_VIOLATION,
    GENERIC_ERROR,
    INTERNAL_ERROR,
    MESSAGE_TYPE_NOT_SUPPORTED,
    NOT_IMPLEMENTED,
    NOT_SUPPORTED,
    OCCURRENCE_VIOLATION,
    PROPERTY_VIOLATION,
    PROTOCOL_ERROR,
    RPC_FRAMEWORK_ERROR,
    SECURITY_ERROR,
    TYPE_VIOLATION,
    Side,
    read_error,
)

IDENTITY_MISMATCH = "IdentityMismatch"
_REASONS = ("text", "faultstring", "reason")

_PROTOCOL = (SENDER, PROTOCOL_ERROR)
_OF_ERROR: Mapping[str, tuple[str, str]] = {
    NOT_IMPLEMENTED: (RECEIVER, NOT_SUPPORTED),
    NOT_SUPPORTED: (RECEIVER, NOT_SUPPORTED),
    SECURITY_ERROR: (SENDER, SECURITY_ERROR),
    PROTOCOL_ERROR: _PROTOCOL,
    FORMAT_VIOLATION: _PROTOCOL,
    PROPERTY_VIOLATION: _PROTOCOL,
    OCCURRENCE_VIOLATION: _PROTOCOL,
    TYPE_VIOLATION: _PROTOCOL,
    MESSAGE_TYPE_NOT_SUPPORTED: _PROTOCOL,
    RPC_FRAMEWORK_ERROR: _PROTOCOL,
}

# By subcode first, then by code; towards a station and towards a CSMS.
_BY_SUBCODE: Mapping[str, tuple[str, str]] = {
    SECURITY_ERROR: (SECURITY_ERROR, SECURITY_ERROR),
    IDENTITY_MISMATCH: (SECURITY_ERROR, INTERNAL_ERROR),
    "UrlMismatch": (INTERNAL_ERROR, INTERNAL_ERROR),
    PROTOCOL_ERROR: (PROTOCOL_ERROR, PROTOCOL_ERROR),
    NOT_SUPPORTED: (NOT_SUPPORTED, NOT_SUPPORTED),
    INTERNAL_ERROR: (INTERNAL_ERROR, INTERNAL_ERROR),
}
_BY_CODE: Mapping[str, str] = {
    SENDER: PROTOCOL_ERROR,
    "Client": PROTOCOL_ERROR,
    RECEIVER: INTERNAL_ERROR,
    "Server": INTERNAL_ERROR,
    "MustUnderstand": NOT_SUPPORTED,
    "VersionMismatch": NOT_SUPPORTED,
    "DataEncodingUnknown": NOT_SUPPORTED,
}
_IN_SOAP12: Mapping[str, str] = {"Client": SENDER, "Server": RECEIVER}


def fault_of_error(code: str, reason: str) -> Fault:
    """The fault that a CALLERROR becomes. code: any spelling; unknown ones are InternalError."""
    return Fault(*_OF_ERROR.get(read_error(code), (RECEIVER, INTERNAL_ERROR)), reason)


def relayed(fault: Fault) -> Fault:
    """A fault of one SOAP peer for another: with a code of SOAP 1.2, where it came with one of 1.1
    or with its subcode alone."""
    if not fault.subcode and not fault.code:
        return fault_of_error(GENERIC_ERROR, fault.reason)
    code = _IN_SOAP12.get(fault.code, fault.code)
    if not code:
        code = RECEIVER if fault.subcode in (NOT_SUPPORTED, INTERNAL_ERROR) else SENDER
    return fault._replace(code=code)


def error_of_fault(fault: Fault, towards: Side) -> str:
    """The CALLERROR code that a fault becomes towards that side, inside spelling."""
    codes = _BY_SUBCODE.get(fault.subcode)
    if codes:
        return codes[0 if towards is Side.STATION else 1]
    return _BY_CODE.get(fault.code, GENERIC_ERROR)


def description(fault: Fault) -> str:
    """errorDescription of the CALLERROR."""
    return fault.reason[:LONGEST_DESCRIPTION]


def details(fault: Fault, http_status: int) -> dict[str, Any]:
    """errorDetails of the CALLERROR: never what the peer wrote beyond the codes."""
    return {"httpStatus": http_status, "subcode": fault.subcode}


def find_fault(root: etree._Element) -> etree._Element | None:
    """The Fault of an envelope, wherever in it."""
    return next((e for e in root.iter("*") if split_tag(e)[1] == "Fault"), None)


def read_fault(element: etree._Element) -> Fault:
    """What a Fault says. Codes that are not in the tables of soap.md 6 are left empty."""
    said = list(_without_detail(element))
    values = [_word(e) for e in said if _name(e) in ("value", "faultcode")]
    reasons = ((e.text or "").strip() for e in said if _name(e) in _REASONS)
    # A fault code of SOAP 1.1 may hold both, with a dot between: Client.SecurityError.
    parts = [part for value in values for part in value.split(".")]
    subcode = next((part for part in reversed(parts) if part in _BY_SUBCODE), "")
    code = next((part for part in parts if part in _BY_CODE), "")
    return Fault(code, subcode, next(filter(None, reasons), ""))


def _without_detail(element: etree._Element) -> Iterator[etree._Element]:
    """The element and all in it, but for Detail: there stacks put traces and names of their own."""
    yield element
    for child in element.iterchildren("*"):
        if _name(child) != "detail":
            yield from _without_detail(child)


def _name(element: etree._Element) -> str:
    return split_tag(element)[1].lower()


def _word(element: etree._Element) -> str:
    return (element.text or "").strip().rpartition(":")[2]
