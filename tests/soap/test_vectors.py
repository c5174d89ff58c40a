"""The vectors of tests/vectors/soap, both ways, and of soap-quirks."""

import json
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from lxml import etree

from gateway.core.codec.soap_fault import description, error_of_fault
from gateway.core.codec.soap_head import callback
from gateway.core.codec.soap_read import ReadSettings
from gateway.core.codec.soap_service import Service, SoapRefused
from gateway.core.dialects import Side, Version
from gateway.core.session.desk import Revision
from tests.io.soap_rig import profiles_of
from tests.support.soap import CP, CS, LETTER, OURS, ROOT, body_of, envelope, same, soap

VECTORS = ROOT / "tests/vectors"
BODIES = sorted((VECTORS / "soap").glob("*.json"))
QUIRKS = sorted((VECTORS / "soap-quirks").glob("*.json"))


def stem(path: Path) -> str:
    return path.stem


def load(path: Path) -> dict[str, Any]:
    vector: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return vector


@pytest.fixture(scope="module")
def reference() -> dict[Service, xmlschema.XMLSchema]:
    """The types of our descriptions, as another validator reads them."""
    return {
        service: xmlschema.XMLSchema(etree.tostring(next(root.iter("{*}schema"))).decode())
        for service, path in OURS.items()
        if (root := etree.parse(path).getroot()) is not None
    }


@pytest.mark.parametrize("path", BODIES, ids=stem)
def test_a_payload_becomes_the_body(path):
    vector = load(path)
    service = Service(vector["service"])
    write = soap().write.call if vector["kind"] == "request" else soap().write.answer
    written = write(service, vector["action"], vector["json"], LETTER)
    assert same(body_of(written.data), etree.fromstring(vector["xml"]))
    assert written.losses == ()


@pytest.mark.parametrize("path", BODIES, ids=stem)
def test_a_body_becomes_the_payload(path, revision: Revision):
    vector = load(path)
    service, action = Service(vector["service"]), vector["action"]
    data = envelope(vector["xml"], service=service)
    if vector["kind"] == "request":
        reading = soap().read.call(service, data, None)
    else:
        reading = soap().read.answer(service, action, data, None)
    assert (reading.action, reading.payload) == (action, vector["json"])
    assert reading.repairs == ()
    assert revision.catalog.is_valid(Version.V16, action, vector["kind"], reading.payload)


@pytest.mark.parametrize("path", BODIES, ids=stem)
def test_another_validator_accepts_what_is_written(path, reference):
    vector = load(path)
    service = Service(vector["service"])
    write = soap().write.call if vector["kind"] == "request" else soap().write.answer
    data = write(service, vector["action"], vector["json"], LETTER).data
    reference[service].validate(etree.tostring(body_of(data)).decode())


@pytest.mark.parametrize("path", QUIRKS, ids=stem)
def test_a_quirk_is_read_as_expected(path):
    vector = load(path)
    data = vector["xml"].encode()
    settings = ReadSettings(recover="xml_recover" in profiles_of(vector))
    if vector["kind"] == "request":
        _check_request(vector, data, settings)
    elif vector["kind"] == "fault":
        _check_fault(vector, data)
    else:
        service = CP if CP.namespace in vector["xml"] else CS
        reading = soap().read.answer(
            service, vector["action"], data, vector["content_type"], settings
        )
        assert (reading.payload, reading.fault) == (vector["json"], None)
        assert reading.head.identity == vector["chargeBoxIdentity"]


def _check_request(vector: dict[str, Any], data: bytes, settings: ReadSettings) -> None:
    expect = vector["expect"]
    # Without the identity it is the face's to look at the path.
    if expect.startswith("fault ") and " unless " not in expect:
        with pytest.raises(SoapRefused) as refused:
            soap().read.call(CS, data, vector["content_type"], settings)
        assert refused.value.fault.subcode == expect.removeprefix("fault ")
        return
    reading = soap().read.call(CS, data, vector["content_type"], settings)
    assert (reading.action, reading.payload) == (vector["action"], vector["json"])
    assert reading.answer == ({} if expect == "answer locally" else None)
    head = reading.head
    assert (head.identity, head.message_id) == (vector["chargeBoxIdentity"], vector["messageId"])
    assert head.from_address == vector["from"]
    usable = vector["from"] if vector.get("from_usable", True) else None
    assert callback(head.from_address) == usable


def _check_fault(vector: dict[str, Any], data: bytes) -> None:
    fault = soap().read.answer(CS, "Authorize", data, vector["content_type"]).fault
    assert fault is not None
    towards_csms = vector.get("errorCodeTowardsCentralSystem", vector["errorCode"])
    assert error_of_fault(fault, Side.STATION) == vector["errorCode"]
    assert error_of_fault(fault, Side.CSMS) == towards_csms
    assert description(fault) == vector["errorDescription"]
