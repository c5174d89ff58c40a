"""Maps, schemas and stylesheets are found in a checkout and inside an installed wheel."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gateway.resources import folder

ROOT = Path(__file__).parents[1]
FOLDERS = ("mappings", "schemas", "xslt")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> Path:
    """What pip puts into site-packages."""
    built = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    [wheel] = built.glob("ocpp_gateway-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(built / "site")
    return built / "site"


def run(unpacked: Path, cwd: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run code with the wheel's package, far away from the checkout."""
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(unpacked)!r}); {code}"],
        cwd=cwd,
        env={**os.environ, "HOME": str(cwd)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("name", FOLDERS)
def test_in_a_checkout_they_stand_at_the_top(name):
    assert folder(name) == ROOT / name


@pytest.mark.parametrize("name", FOLDERS)
def test_a_wheel_carries_them_whole(unpacked, name):
    carried = {p.relative_to(unpacked / "gateway" / "_data") for p in _files(unpacked, name)}
    assert carried >= {p.relative_to(ROOT) for p in (ROOT / name).rglob("*.*") if p.is_file()}


def _files(unpacked: Path, name: str) -> list[Path]:
    return [p for p in (unpacked / "gateway" / "_data" / name).rglob("*.*") if p.is_file()]


def test_the_wheels_own_are_used_and_sound(unpacked, tmp_path):
    code = "import gateway; print(gateway.__file__); from gateway.resources import folder"
    shown = run(unpacked, tmp_path, f"{code}; print(folder('mappings'))").stdout.splitlines()
    assert shown == [
        str(unpacked / "gateway" / "__init__.py"),
        str(unpacked / "gateway" / "_data" / "mappings"),
    ]
    checked = run(
        unpacked, tmp_path, "from gateway.cli.main import main; sys.exit(main(['check']))"
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.endswith("nothing wrong\n")


def test_the_demo_runs_from_a_wheel(unpacked, tmp_path):
    code = "from gateway.cli.main import main; sys.exit(main(['demo', '--pause', '0']))"
    played = run(unpacked, tmp_path, code)
    assert (played.returncode, played.stderr) == (0, "")


def test_the_schemas_for_editors_are_printed_from_a_wheel(unpacked, tmp_path):
    code = "from gateway.cli.main import main; sys.exit(main(['print-schema', 'overlay']))"
    printed = run(unpacked, tmp_path, code)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert json.loads(printed.stdout)["$id"] == "overlay.schema.json"


def test_a_report_is_made_from_a_wheel(unpacked, tmp_path):
    (tmp_path / "a.log").write_text('[2,"1","Heartbeat",{}]\n')
    words = ["validate", "a.log", "--format", "html", "-o", "r.html"]
    code = f"from gateway.cli.main import main; sys.exit(main({words}))"
    made = run(unpacked, tmp_path, code)
    assert (made.returncode, made.stderr) == (0, "")
    assert "</style>" in (tmp_path / "r.html").read_text()
