"""SOAP for tests: the installed codec, envelopes to put bodies in, and comparing elements."""

from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from lxml import etree

from gateway.core.codec.soap import Soap
from gateway.core.codec.soap_service import ADDRESSING, SOAP12, Service
from gateway.core.codec.soap_sheets import Part
from gateway.core.codec.soap_write import Letter
from gateway.soap_files import load_soap

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT.parent / "shared/reference/soap"
CAPTURES = REFERENCE / "captures"
CORPUS = ROOT.parent / "shared/corpus/soap"
RECORDED_FAULTS = {
    "047-simsrv-DataTransfer": "ProtocolError",
    "052-simsrv-GetConfiguration": "ProtocolError",
    "062-tscs-DataTransfer": "InternalError",
    "065-plain-Authorize": "SecurityError",
    "070-plain-malformed": "GenericError",
}
"""The recorded responses that are faults, and the error that each becomes."""
RECORDED_AMISS = frozenset({"020-nrcp-GetLocalListVersion"})
"""Recorded responses that lack what they must have: a status stands in the place of a version."""

OFFICIAL = {
    Service.CENTRAL_SYSTEM: REFERENCE / "OCPP_CentralSystemService_1.6.wsdl",
    Service.CHARGE_POINT: REFERENCE / "OCPP_ChargePointService_1.6.wsdl",
}
OURS = {service: ROOT / f"schemas/soap/{service.stem}.wsdl" for service in Service}

CS, CP = Service.CENTRAL_SYSTEM, Service.CHARGE_POINT
LETTER = Letter("CP1", "urn:uuid:1", to="http://csms.example/", sender="http://gw.example/CP1")


@cache
def soap() -> Soap:
    return load_soap()


def envelope(body: str, header: str = "", service: Service = CS, version: str = SOAP12) -> bytes:
    """body, header: XML; `s:` is the service, `wsa:` and `soap:` are bound, too."""
    return (
        f'<soap:Envelope xmlns:soap="{version}" xmlns:wsa="{ADDRESSING}" '
        f'xmlns:s="{service.namespace}"><soap:Header>{header}</soap:Header>'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    ).encode()


def body_of(data: bytes) -> etree._Element:
    return etree.fromstring(data)[-1][0]


def header_of(data: bytes) -> dict[str, str]:
    """Local names of the blocks and their text, in order."""
    return {
        etree.QName(block).localname: "".join(block.itertext())
        for block in etree.fromstring(data)[0]
    }


def same(one: etree._Element, other: etree._Element) -> bool:
    """By qualified names, order and text; numbers by value (tests/vectors/README.md 2)."""
    if one.tag != other.tag or len(one) != len(other):
        return False
    if len(one) == 0 and _value(one.text or "") != _value(other.text or ""):
        return False
    return all(same(a, b) for a, b in zip(one, other, strict=True))


def sheet(name: str, content: str, path: str = "") -> Part:
    """A stylesheet with that content between its outer tags."""
    text = (
        '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
        f"{content}</xsl:stylesheet>"
    )
    return Part(name, path or name, text.encode())


def _value(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text
