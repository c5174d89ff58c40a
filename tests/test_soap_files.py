"""Reading stylesheets and descriptions from directories; what `check` says of them."""

import shutil

import pytest

from gateway.core.codec.soap_service import Service
from gateway.core.errors import ConfigError
from gateway.soap_files import load_soap, soap_problems
from tests.support.soap import ROOT, sheet

EXAMPLES = sorted(path for path in (ROOT / "xslt/examples").iterdir() if path.is_dir())


def test_the_installed_files_are_in_order():
    assert soap_problems() == ()
    assert load_soap().actions(Service.CENTRAL_SYSTEM)


@pytest.mark.parametrize("directory", EXAMPLES, ids=lambda path: path.name)
def test_every_example_is_in_order(directory):
    assert soap_problems(overlays=(directory,)) == ()


def test_every_problem_of_an_overlay_is_named_with_its_file_and_line(tmp_path):
    part = sheet("json.xsl", '\n<xsl:import href="a"/>\n<xsl:include href="b"/>')
    (tmp_path / part.name).write_bytes(part.text)
    found = [str(problem) for problem in soap_problems(overlays=(tmp_path,))]
    assert [line.partition(": ")[0] for line in found] == [
        f"{tmp_path}/json.xsl:2:1",
        f"{tmp_path}/json.xsl:3:1",
    ]


def test_what_only_shows_when_a_sheet_runs_is_found(tmp_path):
    part = sheet(
        "envelope.xsl",
        '\n<xsl:template name="identity"><xsl:value-of select="q:nobody"/></xsl:template>',
    )
    (tmp_path / part.name).write_bytes(part.text)
    (found,) = soap_problems(overlays=(tmp_path,))
    assert str(found).startswith(f"{tmp_path}/envelope.xsl:2:1: ")


def test_stylesheets_in_place_of_the_installed_ones_are_tried_with_every_message(tmp_path):
    shutil.copytree(ROOT / "xslt", tmp_path / "xslt")
    path = tmp_path / "xslt/central-system-to-json.xsl"
    path.write_text(path.read_text().replace('"idTag":"', '"idTag":'))
    found = [str(problem) for problem in soap_problems(tmp_path / "xslt")]
    assert len(found) == 3
    assert found[0].startswith(f"{path}:1:1: what becomes of authorizeRequest is none: ")


def test_directories_in_place_of_the_installed_ones(tmp_path):
    shutil.copytree(ROOT / "xslt", tmp_path / "xslt")
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    assert soap_problems(tmp_path / "xslt", tmp_path / "schemas") == ()
    (tmp_path / "schemas/soap/differences.yaml").write_text("to_soap: {}\nmine: 1\n")
    (found,) = soap_problems(tmp_path / "xslt", tmp_path / "schemas")
    assert "differences.yaml:" in str(found)
    (tmp_path / "schemas/soap/central-system.wsdl").unlink()
    (found,) = soap_problems(tmp_path / "xslt", tmp_path / "schemas")
    assert "cannot be read" in str(found)


def test_a_directory_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="is not a directory"):
        load_soap(overlays=(tmp_path / "none",))


def test_a_directory_without_a_stylesheet(tmp_path):
    (tmp_path / "envelope.xslt").write_text("<x/>")
    (found,) = soap_problems(overlays=(tmp_path,))
    assert str(found) == f"{tmp_path} holds no stylesheet (their names end in .xsl)"


def test_a_parameter_that_nothing_has():
    (found,) = soap_problems(parameters={"colour": "red"})
    assert "no stylesheet has a parameter 'colour'" in str(found)
