"""Header blocks as peers write them, and addresses that can be called."""

import pytest
from lxml import etree

from gateway.core.codec.soap_head import callback, not_understood, read_head
from gateway.core.codec.soap_read import ReadSettings
from gateway.core.codec.soap_service import ADDRESSING, SOAP11, SOAP12, Head, SoapRefused
from tests.support.soap import CS, envelope, soap

OLD = "http://schemas.xmlsoap.org/ws/2004/08/addressing"


def head(blocks: str, addressing: str = ADDRESSING) -> Head:
    text = f"<h xmlns:a='{addressing}' xmlns:c='{CS.namespace}'>{blocks}</h>"
    return read_head(etree.fromstring(text), SOAP12)[0]


def test_all_blocks():
    blocks = (
        "<c:chargeBoxIdentity>CP 1</c:chargeBoxIdentity><a:Action>/Heartbeat</a:Action>"
        "<a:MessageID>m1</a:MessageID><a:RelatesTo>m0</a:RelatesTo><a:To>http://gw/</a:To>"
        "<a:From><a:Address>http://cp/</a:Address></a:From>"
        "<a:ReplyTo><a:Address>http://r/</a:Address></a:ReplyTo><a:FaultTo>x</a:FaultTo>"
    )
    assert head(blocks) == Head(
        "CP 1", "m1", "m0", "/Heartbeat", "http://cp/", "http://r/", "http://gw/", "x"
    )


def test_an_answer_is_in_the_namespaces_that_were_used():
    assert head("<a:MessageID>m</a:MessageID>", OLD).addressing == OLD
    assert head("<MessageID>m</MessageID>").addressing == ADDRESSING
    assert read_head(None, SOAP11)[0] == Head(envelope=SOAP11)


def test_values_are_trimmed_and_the_first_of_two_counts():
    found = head("<a:MessageID> 7230\r\n</a:MessageID><a:MessageID>2</a:MessageID><a:To> </a:To>")
    assert (found.message_id, found.to) == ("7230", None)


def test_an_identity_wrapped_in_attributes():
    assert head("<chargeBoxIdentity a='1'> 00:90:0B </chargeBoxIdentity>").identity == "00:90:0B"


@pytest.mark.parametrize(
    "address", [f"{ADDRESSING}/anonymous", f"{OLD}/role/anonymous", f"{ADDRESSING}/none"]
)
def test_an_address_of_addressing_itself_is_none(address):
    assert head(f"<a:From><a:Address>{address}</a:Address></a:From>").from_address is None
    assert callback(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "http://cp.example/",
        "HTTPS://cp.example:8443/a%20b/",
        "http://10.0.0.1:8082",
        "http://[2001:db8::1]:80/x",
    ],
)
def test_an_address_that_can_be_called_is_kept_byte_for_byte(address):
    assert callback(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "/cp:8081",
        "http://:8082/",
        "ftp://cp.example/",
        "http://user:word@cp.example/",
        "http://cp.example:99999/",
        "http://[::1/",
        "cp.example",
        "http://h/a b",
        "http://h/a\r\nX-Injected: 1",
        "http://h\t/",
        "http://h /",
        "http://h\\@x/",
        "http://h/<x>",
        "http://h/\x00",
    ],
)
def test_an_address_that_nobody_can_call(address):
    assert callback(address) is None


UNKNOWN = '<w:Security xmlns:w="urn:w" {}/>'


@pytest.mark.parametrize(
    ("attributes", "refused"),
    [
        (f'xmlns:e="{SOAP12}" e:mustUnderstand="true"', True),
        (f'xmlns:e="{SOAP12}" e:mustUnderstand=" 1 "', True),
        (f'xmlns:e="{SOAP11}" e:mustUnderstand="1"', True),
        (f'xmlns:e="{SOAP12}" e:mustUnderstand="1" e:role="{SOAP12}/role/next"', True),
        (f'xmlns:e="{SOAP12}" e:mustUnderstand="1" e:role="urn:someone-else"', False),
        (f'xmlns:e="{SOAP12}" e:mustUnderstand="false"', False),
        ("", False),
        ('mustUnderstand="1"', False),
    ],
)
def test_blocks_that_must_be_understood(attributes, refused):
    block = UNKNOWN.format(attributes)
    _, blocks = read_head(etree.fromstring(f"<h>{block}</h>"), SOAP12)
    assert not_understood(blocks) == (("Security",) if refused else ())


def test_only_enforce_refuses_what_is_not_understood():
    block = UNKNOWN.format(f'xmlns:e="{SOAP12}" e:mustUnderstand="1"')
    data = envelope("<s:heartbeatRequest/>", block)
    assert "must_understand:Security" in soap().read.call(CS, data, None).notes
    with pytest.raises(SoapRefused) as refused:
        soap().read.call(CS, data, None, ReadSettings("enforce"))
    assert (refused.value.fault.code, refused.value.fault.subcode) == ("MustUnderstand", "")


def test_what_we_know_is_understood():
    block = '<wsa:Action soap:mustUnderstand="1">/Heartbeat</wsa:Action>'
    data = envelope("<s:heartbeatRequest/>", block)
    assert soap().read.call(CS, data, None, ReadSettings("enforce")).notes == ()
