"""Headers of what we send, relayed bodies, prefixes, overlays."""

import pytest
from lxml import etree

from gateway.core.codec.soap import Soap
from gateway.core.codec.soap_service import ADDRESSING, SOAP11, Head
from gateway.core.codec.soap_write import Letter, letter_to
from gateway.soap_files import load_soap
from tests.support.soap import CP, CS, LETTER, ROOT, envelope, header_of, same, soap

OLD = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
EXAMPLE = ROOT / "xslt/examples/identity-from-boot"
BOOT = {
    "chargePointVendor": "V",
    "chargePointModel": "M",
    "iccid": "8931",
    "chargePointSerialNumber": "SN 1",
    "colour": "<red>",
}


@pytest.fixture(scope="module")
def by_iccid() -> Soap:
    return load_soap(overlays=(EXAMPLE,))


def heartbeat(letter: Letter = LETTER, part: str = "call") -> bytes:
    data: bytes = getattr(soap().write, part)(CS, "Heartbeat", PAYLOADS[part], letter).data
    return data


PAYLOADS = {"call": {}, "answer": {"currentTime": "2026-11-22T05:40:00Z"}}


def test_the_headers_of_a_request_in_order():
    assert list(header_of(heartbeat()).items()) == [
        ("chargeBoxIdentity", "CP1"),
        ("Action", "/Heartbeat"),
        ("MessageID", "urn:uuid:1"),
        ("From", "http://gw.example/CP1"),
        ("ReplyTo", f"{ADDRESSING}/anonymous"),
        ("To", "http://csms.example/"),
    ]


def test_a_request_begins_with_a_declaration_and_has_no_white_space_between_tags():
    data = heartbeat()
    assert data.startswith(b'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope ')
    assert b"> <" not in data
    assert b">\n" not in data
    sender = etree.fromstring(data)[0].find(f"{{{ADDRESSING}}}From")
    assert (sender.text, etree.QName(sender[0]).localname) == (None, "Address")


def test_four_blocks_of_a_request_must_be_understood():
    def understood(letter: Letter, part: str = "call") -> list[str]:
        header = etree.fromstring(heartbeat(letter, part))[0]
        return [etree.QName(block).localname for block in header if block.attrib]

    assert understood(LETTER) == ["chargeBoxIdentity", "Action", "ReplyTo", "To"]
    assert understood(LETTER._replace(must_understand=False)) == []
    assert understood(LETTER, "answer") == []
    assert b'soap:mustUnderstand="1"' in heartbeat(LETTER._replace(envelope=SOAP11))


def test_the_headers_of_an_answer_in_order():
    head = Head("cp1", "m 1", from_address="http://cp.example:80/ocpp", envelope=SOAP11)
    data = heartbeat(letter_to(head, "CP1", "urn:uuid:2"), "answer")
    assert list(header_of(data).items()) == [
        ("chargeBoxIdentity", "cp1"),
        ("Action", "/HeartbeatResponse"),
        ("MessageID", "urn:uuid:2"),
        ("RelatesTo", "m 1"),
        ("To", "http://cp.example:80/ocpp"),
    ]
    assert etree.fromstring(data).tag == f"{{{SOAP11}}}Envelope"


@pytest.mark.parametrize("address", [None, "http://:8082/", f"{ADDRESSING}/anonymous"])
def test_an_answer_to_nobody_in_particular(address):
    found = header_of(heartbeat(letter_to(Head(from_address=address), "CP1", "i"), "answer"))
    assert found == {
        "chargeBoxIdentity": "CP1",
        "Action": "/HeartbeatResponse",
        "MessageID": "i",
        "To": f"{ADDRESSING}/anonymous",
    }


def test_an_answer_in_the_old_addressing():
    letter = letter_to(Head(message_id="m", addressing=OLD), "CP1", "i")
    data = heartbeat(letter, "answer")
    assert header_of(data)["To"] == f"{OLD}/role/anonymous"
    assert f'xmlns:wsa="{OLD}"'.encode() in data


def test_header_values_are_escaped():
    letter = Letter("<CP>&\x00", '"m"', "http://h/?a&b", "http://s/'", "<r>")
    found = header_of(heartbeat(letter))
    assert found["chargeBoxIdentity"] == "<CP>&\ufffd"
    assert (found["MessageID"], found["To"]) == ('"m"', "http://h/?a&b")
    assert (found["From"], found["RelatesTo"]) == ("http://s/'", "<r>")


def test_another_prefix_says_the_same():
    payload = {"vendorId": "v", "data": "<cs:x xmlns:cs='urn:y'/> cs:z"}
    plain = soap().write.call(CS, "DataTransfer", payload, LETTER).data
    spelled = soap().write.call(CS, "DataTransfer", payload, LETTER._replace(prefix="ns1")).data
    assert b"<ns1:dataTransferRequest>" in spelled
    assert b"<cs:" not in spelled
    assert same(etree.fromstring(plain), etree.fromstring(spelled))


def test_a_body_is_relayed_in_headers_of_our_own():
    tag = "<x:idTag>T</x:idTag>"
    body = f"<x:authorizeRequest xmlns:x='{CS.namespace}'>{tag}</x:authorizeRequest>"
    reading = soap().read.call(CS, envelope(body, "<wsa:MessageID>theirs</wsa:MessageID>"), None)
    data = soap().write.relay(reading, LETTER)
    assert same(etree.fromstring(data)[-1][0], etree.fromstring(body))
    assert header_of(data)["MessageID"] == "urn:uuid:1"
    assert header_of(data)["Action"] == "/Authorize"
    assert soap().read.call(CS, data, None).payload == {"idTag": "T"}


def test_an_answer_is_relayed_as_one():
    body = "<s:resetResponse><s:status>Accepted</s:status></s:resetResponse>"
    reading = soap().read.answer(CP, "Reset", envelope(body, service=CP), None)
    data = soap().write.relay(reading, LETTER)
    assert header_of(data)["Action"] == "/ResetResponse"
    assert soap().read.answer(CP, "Reset", data, None).payload == {"status": "Accepted"}


def test_without_an_overlay_the_identity_is_the_station():
    assert soap().write.identity(CS, "CP1", BOOT) == "CP1"
    assert header_of(heartbeat(LETTER._replace(boot=BOOT)))["chargeBoxIdentity"] == "CP1"


@pytest.mark.parametrize("service", [CS, CP])
def test_the_shipped_overlay_takes_the_identity_from_the_modem(by_iccid, service):
    assert by_iccid.write.identity(service, "CP1", BOOT) == "8931"
    data = by_iccid.write.call(CS, "Heartbeat", {}, LETTER._replace(boot=BOOT)).data
    assert header_of(data)["chargeBoxIdentity"] == "8931"


@pytest.mark.parametrize("boot", [None, {}, {"iccid": ""}, {"iccid": " "}, {"iccid": None}])
def test_a_station_that_did_not_say_keeps_its_id(by_iccid, boot):
    assert by_iccid.write.identity(CS, "CP1", boot) == "CP1"


def test_a_parameter_names_another_field():
    by_serial = load_soap(
        overlays=(EXAMPLE,), parameters={"identity-field": "chargePointSerialNumber"}
    )
    assert by_serial.write.identity(CS, "CP1", BOOT) == "SN 1"


def test_a_description_says_where_the_service_is():
    for service in (CS, CP):
        for address in ("http://gw.example/soap?a=1&b=2", "https://other.example/"):
            root = etree.fromstring(soap().wsdl(service, address))
            found = root.find(".//{http://schemas.xmlsoap.org/wsdl/soap12/}address")
            assert found.get("location") == address
