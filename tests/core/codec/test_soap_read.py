"""Envelopes: dispatch, the three modes, recovery, answers that are none."""

import pytest

from gateway.core.codec.soap_read import ReadSettings
from gateway.core.codec.soap_service import NO_VERSION, SOAP11, Fault, SoapRefused
from tests.support.soap import CP, CS, envelope, soap

IDENTITY = "<s:chargeBoxIdentity>CP1</s:chargeBoxIdentity><wsa:MessageID>m1</wsa:MessageID>"
AUTHORIZE = "<s:authorizeRequest><s:idTag>T</s:idTag></s:authorizeRequest>"
REPAIR, RECOVER = ReadSettings(), ReadSettings(recover=True)


def refused(data, settings=REPAIR, service=CS):
    with pytest.raises(SoapRefused) as found:
        soap().read.call(service, data, None, settings)
    return found.value


@pytest.mark.parametrize(
    "body",
    [
        '<x:authorizeRequest xmlns:x="urn://Ocpp/Cs/2012/06/"/>',
        '<x:authorizeRequest xmlns:x="urn:x"/>',
        '<x:resetRequest xmlns:x="urn://Ocpp/Cp/2015/10/"/>',
        "<s:authorizeResponse/>",
        "<s:chargeBoxIdentity/>",
        "<s:request/>",
    ],
)
def test_what_the_service_does_not_have(body):
    found = refused(envelope(body, IDENTITY))
    assert (found.fault.code, found.fault.subcode) == ("Receiver", "NotSupported")
    assert (found.head.identity, found.head.message_id) == ("CP1", "m1")


def test_a_refusal_carries_what_it_takes_to_answer_it():
    found = refused(envelope("<s:authorizeRequest/>", IDENTITY, version=SOAP11))
    assert (found.action, found.head.identity) == ("Authorize", "CP1")
    assert found.head.envelope == SOAP11


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<html><body>Sign in</body></html>", "the body is no SOAP envelope"),
        (
            '<e:Envelope xmlns:e="urn:soap13"><e:Body/></e:Envelope>',
            "neither SOAP 1.2 nor SOAP 1.1",
        ),
        ("<Envelope/>", "the envelope has no body"),
        ("<Envelope><Body/></Envelope>", "the envelope has no body"),
        ("<Envelope><Body>text</Body></Envelope>", "the envelope has no body"),
    ],
)
def test_what_is_no_envelope(text, fault):
    found = refused(text.encode())
    assert found.fault.reason == fault
    assert found.fault.code == (NO_VERSION if "neither" in fault else "Sender")


def test_an_envelope_in_no_namespace_is_read():
    data = f"<Envelope xmlns:s='{CS.namespace}'><Body>{AUTHORIZE}</Body></Envelope>".encode()
    assert soap().read.call(CS, data, None).payload == {"idTag": "T"}


@pytest.mark.parametrize("action", ["/Authorize", "Authorize", "urn:x/Cs/AuthorizeRequest"])
def test_an_action_header_that_fits_is_not_noted(action):
    data = envelope(AUTHORIZE, f"<wsa:Action>{action}</wsa:Action>")
    assert soap().read.call(CS, data, None).notes == ()


def test_an_action_header_of_another_call_is_noted_and_the_body_wins():
    reading = soap().read.call(CS, envelope(AUTHORIZE, "<wsa:Action>/Reset</wsa:Action>"), None)
    assert (reading.action, reading.notes) == ("Authorize", ("action_header",))


def test_observe_reads_what_is_not_valid_and_keeps_the_body_as_it_came():
    body = "<s:authorizeRequest><s:colour>red</s:colour></s:authorizeRequest>"
    reading = soap().read.call(CS, envelope(body), None, ReadSettings("observe"))
    assert reading.payload is None
    assert any("incomplete" in note for note in reading.notes)
    assert [child.text for child in reading.body] == ["red"]


def test_observe_reads_what_can_be_put_right():
    body = "<s:authorizeRequest><s:colour>red</s:colour><idTag>T</idTag></s:authorizeRequest>"
    reading = soap().read.call(CS, envelope(body), None, ReadSettings("observe"))
    assert reading.payload == {"idTag": "T"}
    assert set(reading.repairs) == {"unknown_element", "element_name"}
    assert len(reading.body) == 2


UNCLOSED = envelope(AUTHORIZE, "<s:chargeBoxIdentity>CP1")


def test_an_unclosed_header_is_read_by_the_profile_alone():
    assert refused(UNCLOSED).fault.subcode == "ProtocolError"
    reading = soap().read.call(CS, UNCLOSED, None, RECOVER)
    assert (reading.payload, reading.head.identity) == ({"idTag": "T"}, "CP1")
    assert "xml_recover" in reading.repairs


def test_recovery_does_not_bend_the_schema():
    data = UNCLOSED.replace(b"<s:idTag>T</s:idTag>", b"")
    assert refused(data, RECOVER).fault.reason.startswith("authorizeRequest is incomplete")


def test_recovery_is_not_for_what_the_limits_forbid():
    data = b"<!DOCTYPE e [<!ENTITY x 'y'>]>" + envelope(AUTHORIZE)
    assert refused(data, RECOVER).fault.reason == "a document type is not allowed"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<html><body>Sign in</body></html>", "text/html"),
        (b"<html><body>Sign in</body></html>", None),
        (b"Error: stack trace\n at Fault.js:12", "application/soap+xml"),
        (b"", None),
        (envelope("<s:resetResponse/>", service=CP), None),
        (envelope("<s:clearCacheResponse/>", service=CP), None),
        (envelope("<s:resetRequest/>", service=CP), None),
        (envelope(""), None),
    ],
)
def test_an_answer_that_is_none(data, kind):
    with pytest.raises(SoapRefused):
        soap().read.answer(CP, "Reset", data, kind)


@pytest.mark.parametrize(
    ("head", "notes"),
    [
        ("<wsa:RelatesTo>urn:uuid:1</wsa:RelatesTo><wsa:Action>/ResetResponse</wsa:Action>", ()),
        ("<wsa:RelatesTo>urn:uuid:0</wsa:RelatesTo>", ("relates_to_header",)),
        ("<wsa:Action>/ClearCacheResponse</wsa:Action>", ("action_header",)),
        ("<wsa:Action>urn://Ocpp/Cp/2015/10/ChargePointService/ResetResponse</wsa:Action>", ()),
        ("", ()),
    ],
)
def test_headers_of_another_call_in_an_answer_are_noted(head, notes):
    body = "<s:resetResponse><s:status>Accepted</s:status></s:resetResponse>"
    data = envelope(body, head, CP)
    reading = soap().read.answer(CP, "Reset", data, None, asked="urn:uuid:1")
    assert (reading.payload, reading.notes) == ({"status": "Accepted"}, notes)


def test_a_fault_in_soap_11():
    body = "<soap:Fault><faultcode>Server</faultcode><faultstring>no</faultstring></soap:Fault>"
    reading = soap().read.answer(CP, "Reset", envelope(body, version=SOAP11), "text/xml")
    assert (reading.fault, reading.payload) == (Fault("Server", "", "no"), None)


def test_a_block_that_must_be_understood_in_an_answer_is_ignored():
    block = '<w:Security xmlns:w="urn:w" soap:mustUnderstand="1"/>'
    body = "<s:resetResponse><s:status>Accepted</s:status></s:resetResponse>"
    data = envelope(body, block, CP)
    reading = soap().read.answer(CP, "Reset", data, None, ReadSettings("enforce"))
    assert reading.payload == {"status": "Accepted"}


def test_meter_values_without_a_value_are_answered_at_once():
    body = "<s:meterValuesRequest><s:connectorId>1</s:connectorId></s:meterValuesRequest>"
    reading = soap().read.call(CS, envelope(body), None)
    assert (reading.payload, reading.answer) == (None, {})
