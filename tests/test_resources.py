"""The data folders are found in a checkout and inside an installed wheel."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gateway import resources
from gateway.core.dialects import Version
from gateway.core.errors import ConfigError

PROJECT = Path(__file__).parents[1]
PROBE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from gateway import resources
print(json.dumps({
    "package": resources.__file__,
    "folders": [str(resources.folder(name)) for name in ("mappings", "xslt", "schemas")],
    "catalogue": resources.catalogue_text(),
    "mappings": sorted(resources.mapping_files()),
    "schemas": len(resources.schema_files()),
}))
"""


def probe(root: Path, cwd: Path) -> dict[str, object]:
    """What a fresh interpreter finds that imports the package from root."""
    run = subprocess.run(
        [sys.executable, "-c", PROBE, str(root)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(run.stdout)
    return found


def checkout(root: Path) -> Path:
    """A tree as a checkout has it. Returns the package's folder."""
    for name in ("gateway", "mappings", "xslt", "schemas"):
        (root / name).mkdir(parents=True)
    return root / "gateway"


def wheel(root: Path) -> Path:
    """A tree as a wheel is installed. Returns the package's folder."""
    for name in ("mappings", "xslt", "schemas"):
        (root / "gateway" / "_data" / name).mkdir(parents=True)
    return root / "gateway"


@pytest.mark.parametrize("name", ["mappings", "xslt", "schemas"])
def test_a_checkout_has_its_folders_beside_the_package(tmp_path: Path, name: str) -> None:
    assert resources.folder(name, checkout(tmp_path)) == tmp_path / name


@pytest.mark.parametrize("name", ["mappings", "xslt", "schemas"])
def test_a_wheel_has_its_folders_inside_the_package(tmp_path: Path, name: str) -> None:
    package = wheel(tmp_path)
    (tmp_path / name).mkdir()

    assert resources.folder(name, package) == package / "_data" / name


def test_an_installation_without_its_folders_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"the folder mappings/ is neither at .* nor at "):
        resources.folder("mappings", tmp_path / "gateway")


def test_the_checkout_is_found_from_anywhere(tmp_path: Path) -> None:
    found = probe(PROJECT, tmp_path)

    assert found["folders"] == [str(PROJECT / name) for name in ("mappings", "xslt", "schemas")]


def test_a_built_wheel_finds_what_it_carries(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="the build back end is not installed")
    built, installed = tmp_path / "built", tmp_path / "installed"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)],
        cwd=PROJECT,
        capture_output=True,
        check=True,
    )
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        archive.extractall(installed)

    found = probe(installed, tmp_path)

    assert str(found["package"]).startswith(str(installed))
    data = installed / "gateway" / "_data"
    assert found["folders"] == [str(data / name) for name in ("mappings", "xslt", "schemas")]
    assert found["catalogue"] == resources.catalogue_text()
    assert found["mappings"] == sorted(resources.mapping_files())
    assert found["schemas"] == len(resources.schema_files())


def test_schema_files_are_there_for_both_versions() -> None:
    files = resources.schema_files()

    assert json.loads(files[Version.V16, "Reset.json"])["title"] == "ResetRequest"
    assert (Version.V201, "ResetRequest.json") in files


def test_mapping_files_of_an_operator_come_by_relative_path(tmp_path: Path) -> None:
    (tmp_path / "vendors" / "acme").mkdir(parents=True)
    (tmp_path / "vendors" / "acme" / "Boot.yaml").write_text("b: ü", "utf-8")
    (tmp_path / "a.yaml").write_text("a: 1", "utf-8")
    (tmp_path / "README.md").write_text("not a map", "utf-8")

    assert resources.mapping_files(tmp_path) == {"a.yaml": "a: 1", "vendors/acme/Boot.yaml": "b: ü"}


def test_a_mapping_directory_that_is_not_there_is_an_operator_s_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a directory"):
        resources.mapping_files(tmp_path / "missing")


def test_a_mapping_file_that_is_no_text_is_an_operator_s_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match=r"a\.yaml cannot be read"):
        resources.mapping_files(tmp_path)
