"""Names in stylesheets that nobody declares."""

import pytest
from lxml import etree

from gateway.core.codec.soap_references import undeclared
from tests.support.soap import ROOT, sheet


def found(content: str) -> list[tuple[str, str]]:
    root = etree.fromstring(sheet("envelope.xsl", content).text)
    return [(etree.QName(element).localname, said) for element, said in undeclared(root)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('<xsl:value-of select="$a"/>', ("value-of", "the variable $a is not declared")),
        ('<xsl:if test="not($a)"/>', ("if", "the variable $a is not declared")),
        ('<x y="1{$a}2"/>', ("x", "the variable $a is not declared")),
        ('<xsl:element name="{$a}"/>', ("element", "the variable $a is not declared")),
        ('<xsl:call-template name="a"/>', ("call-template", "there is no template 'a'")),
        (
            '<xsl:value-of select="upper-case(.)"/>',
            ("value-of", "there is no function upper-case()"),
        ),
        ('<x y="{matches(., 1)}"/>', ("x", "there is no function matches()")),
    ],
)
def test_a_name_that_nobody_declares(content, problem):
    assert found(f'<xsl:template name="t">{content}</xsl:template>') == [problem]


@pytest.mark.parametrize(
    "content",
    [
        '<xsl:param name="a"/><xsl:value-of select="$a"/>',
        '<xsl:variable name="a" select="1"/><x y="{$a}"/>',
        '<xsl:value-of select="$everywhere"/>',
        '<xsl:call-template name="t"/>',
        """<xsl:value-of select="concat('$a upper-case(', name())"/>""",
        '<xsl:value-of select="(1) and (2) or text() and not(self::node())"/>',
        '<xsl:value-of select="self::processing-instruction() | ../e[position() = last()]"/>',
        '<x y="$a matches(1)"/>',
        "<x>{$a}</x>",
    ],
)
def test_a_name_that_somebody_declares(content):
    text = f'<xsl:variable name="everywhere"/><xsl:template name="t">{content}</xsl:template>'
    assert found(text) == []


def test_variables_of_one_template_are_not_those_of_another():
    one = '<xsl:template name="s"><xsl:variable name="a" select="1"/></xsl:template>'
    other = '<xsl:template name="t"><xsl:value-of select="$a"/></xsl:template>'
    assert [said for _, said in found(one + other)] == ["the variable $a is not declared"]


def test_a_sheet_that_stands_alone():
    assert list(undeclared(etree.parse(ROOT / "xslt/json.xsl").getroot())) == []
