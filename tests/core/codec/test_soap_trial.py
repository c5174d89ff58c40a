"""Overlays that spoil single messages are found before those messages come."""

import pytest

from gateway.core.codec.soap_sheets import SheetProblems
from gateway.soap_files import load_soap
from tests.support.soap import sheet

RESET = "<xsl:template match=\"message[@element='resetRequest']/o\">{}</xsl:template>"


def problems(tmp_path, name: str, content: str) -> list[str]:
    (tmp_path / name).write_bytes(sheet(name, content).text)
    with pytest.raises(SheetProblems) as found:
        load_soap(overlays=(tmp_path,))
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in found.value.problems]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("charge-point-to-soap.xsl", RESET.format("<odd/>"), "resetRequest"),
        ("charge-point-to-soap.xsl", RESET.format(""), "resetRequest is incomplete"),
        (
            "charge-point-to-json.xsl",
            '<xsl:template match="cp:fileName" xmlns:cp="urn://Ocpp/Cp/2015/10/">"</xsl:template>',
            "what becomes of getDiagnosticsResponse is none: a value of the body cannot",
        ),
        (
            "central-system-to-soap.xsl",
            RESET.replace("reset", "heartbeat").format('<xsl:value-of select="q:x"/>'),
            "Undefined namespace prefix",
        ),
    ],
)
def test_one_message_is_spoilt(tmp_path, name, content, problem):
    (found,) = problems(tmp_path, name, content)
    assert found.startswith(f"{name}:1:1: ")
    assert problem in found


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("head", "there is no chargeBoxIdentity"),
        ("body", "the stylesheet makes no body"),
    ],
)
def test_every_message_is_spoilt(tmp_path, name, problem):
    found = problems(tmp_path, "envelope.xsl", f'<xsl:template name="{name}"/>')
    # 58 messages, of which both services have two.
    assert len(found) == 56
    assert all(problem in line for line in found)


def test_what_shows_only_once_the_station_has_booted(tmp_path):
    content = (
        '<xsl:template name="identity"><xsl:if test="$boot/e"><xsl:value-of select="q:x"/></xsl:if>'
        '<xsl:value-of select="$station"/></xsl:template>'
    )
    (found,) = problems(tmp_path, "envelope.xsl", content)
    assert found == "envelope.xsl:1:1: Undefined namespace prefix"


def test_an_overlay_may_change_what_is_said(tmp_path):
    name = "charge-point-to-soap.xsl"
    content = RESET.format('<cp:type xmlns:cp="urn://Ocpp/Cp/2015/10/">Soft</cp:type>')
    (tmp_path / name).write_bytes(sheet(name, content).text)
    assert load_soap(overlays=(tmp_path,))
