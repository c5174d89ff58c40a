"""Generic XML of JSON values."""

from lxml import etree

from gateway.core.codec.jsonxml import as_xml, escaped, legal, tag


def test_each_type_has_its_letter():
    value = {"s": "x", "n": 1.5, "b": True, "o": {"k": "v"}, "a": ["x", {"k": 1}, []], "z": None}
    assert as_xml(value) == (
        '<o><e n="s" t="s">x</e><e n="n" t="n">1.5</e><e n="b" t="b">true</e>'
        '<e n="o" t="o"><o><e n="k" t="s">v</e></o></e>'
        '<e n="a" t="a"><e t="s">x</e><e t="o"><o><e n="k" t="n">1</e></o></e><e t="a"></e></e></o>'
    )


def test_names_never_become_names_of_xml():
    name = 'a"><b/>&\x00\n'
    root = etree.fromstring(as_xml({name: "x"}))
    assert root[0].get("n") == 'a"><b/>&\ufffd\n'


def test_any_text_comes_back():
    text = "<>&\"'\t\r\n ]]>\U0001f50c"
    assert etree.fromstring(as_xml({"k": text}))[0].text == text
    assert etree.fromstring(tag("t", {"a": text}, escaped(text))).get("a") == text


def test_what_xml_cannot_hold_becomes_the_replacement_character():
    assert legal("a\x00\x1f\ud800\uffffz") == "a\ufffd\ufffd\ufffd\ufffdz"
    assert legal("\t\n\r \ue000\U0010ffff") == "\t\n\r \ue000\U0010ffff"


def test_a_number_keeps_its_digits():
    assert etree.fromstring(as_xml({"n": 123456789012345678901234567890}))[0].text == (
        "123456789012345678901234567890"
    )
