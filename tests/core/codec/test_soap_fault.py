"""Faults of every shape that was recorded, and the tables of soap.md 6."""

import pytest
from lxml import etree

from gateway.core.codec.soap_fault import (
    description,
    details,
    error_of_fault,
    fault_of_error,
    find_fault,
    read_fault,
)
from gateway.core.codec.soap_service import SOAP11, SOAP12, Fault
from gateway.core.dialects import Side
from tests.support.soap import CP, CS, LETTER, soap


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("NotImplemented", "Receiver/NotSupported"),
        ("NotSupported", "Receiver/NotSupported"),
        ("InternalError", "Receiver/InternalError"),
        ("GenericError", "Receiver/InternalError"),
        ("Nonsense", "Receiver/InternalError"),
        ("ProtocolError", "Sender/ProtocolError"),
        ("FormationViolation", "Sender/ProtocolError"),
        ("FormatViolation", "Sender/ProtocolError"),
        ("PropertyConstraintViolation", "Sender/ProtocolError"),
        ("OccurenceConstraintViolation", "Sender/ProtocolError"),
        ("OccurrenceConstraintViolation", "Sender/ProtocolError"),
        ("TypeConstraintViolation", "Sender/ProtocolError"),
        ("MessageTypeNotSupported", "Sender/ProtocolError"),
        ("RpcFrameworkError", "Sender/ProtocolError"),
        ("SecurityError", "Sender/SecurityError"),
    ],
)
def test_a_callerror_becomes_a_fault(code, fault):
    made = fault_of_error(code, "why")
    assert (f"{made.code}/{made.subcode}", made.reason) == (fault, "why")


@pytest.mark.parametrize(
    ("code", "subcode", "station", "csms"),
    [
        ("Sender", "SecurityError", "SecurityError", "SecurityError"),
        ("Sender", "IdentityMismatch", "SecurityError", "InternalError"),
        ("Sender", "UrlMismatch", "InternalError", "InternalError"),
        ("Sender", "ProtocolError", "ProtocolError", "ProtocolError"),
        ("Receiver", "NotSupported", "NotSupported", "NotSupported"),
        ("Receiver", "InternalError", "InternalError", "InternalError"),
        ("Sender", "", "ProtocolError", "ProtocolError"),
        ("Client", "", "ProtocolError", "ProtocolError"),
        ("Receiver", "", "InternalError", "InternalError"),
        ("Server", "", "InternalError", "InternalError"),
        ("MustUnderstand", "", "NotSupported", "NotSupported"),
        ("VersionMismatch", "", "NotSupported", "NotSupported"),
        ("DataEncodingUnknown", "", "NotSupported", "NotSupported"),
        ("", "", "GenericError", "GenericError"),
    ],
)
def test_a_fault_becomes_a_callerror(code, subcode, station, csms):
    fault = Fault(code, subcode, "")
    assert error_of_fault(fault, Side.STATION) == station
    assert error_of_fault(fault, Side.CSMS) == csms


def test_what_the_callerror_says():
    fault = Fault("Sender", "SecurityError", "x" * 300)
    assert description(fault) == "x" * 255
    assert details(fault, 403) == {"httpStatus": 403, "subcode": "SecurityError"}


def read(content: str) -> Fault:
    text = (
        f"<s:Envelope xmlns:s='{SOAP12}'><s:Body><s:Fault>{content}</s:Fault></s:Body></s:Envelope>"
    )
    element = find_fault(etree.fromstring(text))
    assert element is not None
    return read_fault(element)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (
            "<s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:value>tns:SecurityError</s:value>"
            "</s:Subcode></s:Code><s:Reason><s:Text>no</s:Text></s:Reason>",
            Fault("Sender", "SecurityError", "no"),
        ),
        (
            "<Code><Value>Receiver</Value><Subcode><Value>NotSupported</Value></Subcode></Code>",
            Fault("Receiver", "NotSupported", ""),
        ),
        (
            "<faultcode>SOAP-ENV:Client</faultcode><faultstring> bad </faultstring>",
            Fault("Client", "", "bad"),
        ),
        ("<faultcode>s:Client.SecurityError</faultcode>", Fault("Client", "SecurityError", "")),
        ("<faultcode>500</faultcode><faultstring>x</faultstring>", Fault("", "", "x")),
        (
            "<s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>a:ProtocolError</s:Value>"
            "<s:Subcode><s:Value>b:SecurityError</s:Value><s:Subcode><s:Value>c:Own</s:Value>"
            "</s:Subcode></s:Subcode></s:Subcode></s:Code>",
            Fault("Sender", "SecurityError", ""),
        ),
        (
            "<s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Detail><v:Value xmlns:v='urn:v'>"
            "SecurityError</v:Value><v:Text xmlns:v='urn:v'>at Foo.bar(Foo.java:7)</v:Text>"
            "</s:Detail>",
            Fault("Receiver", "", ""),
        ),
        (
            "<faultcode>s:Server</faultcode><faultstring/><detail><text>at Foo</text></detail>",
            Fault("Server", "", ""),
        ),
        ("<s:Reason>no</s:Reason>", Fault("", "", "no")),
        ("", Fault("", "", "")),
        ("<s:Reason><s:Text/></s:Reason>", Fault("", "", "")),
    ],
)
def test_a_fault_is_read_whatever_it_looks_like(content, fault):
    assert read(content) == fault


def test_a_fault_with_prefixes_that_nobody_declared():
    data = (
        b"<soap:Envelope><soap:Body><soap:Fault><soap:Code><soap:Value>soap:Sender</soap:Value>"
        b"<soap:Subcode><soap:value>cs:SecurityError</soap:value></soap:Subcode></soap:Code>"
        b"</soap:Fault></soap:Body></soap:Envelope>"
    )
    reading = soap().read.answer(CS, "Authorize", data, "application/soap+xml")
    assert reading.fault == Fault("Sender", "SecurityError", "")


@pytest.mark.parametrize("service", [CS, CP])
@pytest.mark.parametrize("version", [SOAP12, SOAP11])
@pytest.mark.parametrize("prefix", ["", "ns1"])
def test_what_we_write_is_read_again_and_its_names_are_declared(service, version, prefix):
    letter = LETTER._replace(envelope=version, prefix=prefix, relates_to="m1")
    fault = Fault("Sender", "IdentityMismatch", "who <are> you")
    data = soap().write.fault(service, "Reset", fault, letter)
    read_again = soap().read.answer(service, "Reset", data, None).fault
    assert read_again is not None
    assert read_again._replace(code="Sender") == fault
    spelled = next(
        e for e in etree.fromstring(data).iter() if (e.text or "").endswith("IdentityMismatch")
    )
    assert spelled.nsmap[spelled.text.partition(":")[0]] == service.namespace
    assert b"<wsa:Action>/ResetResponse</wsa:Action>" in data


def test_a_fault_without_an_action_has_that_of_all_faults():
    data = soap().write.fault(CS, "", Fault("Sender", "ProtocolError", "x"), LETTER)
    assert b"addressing/fault</wsa:Action>" in data


@pytest.mark.parametrize("code", ["VersionMismatch", "MustUnderstand"])
def test_faults_of_soap_itself_have_no_subcode(code):
    data = soap().write.fault(CS, "", Fault(code, "", "x"), LETTER)
    assert f">soap:{code}<".encode() in data
    assert b"Subcode" not in data
