"""The rules of the house that no other tool checks: layout, words, mirrors, imports."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from gateway.config.model import Resources
from gateway.core.dialects import Version
from gateway.revision import load_catalog

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "gateway"
FOLDERS = {"gateway", "mappings", "xslt", "schemas", "tests", "deploy"}
FILES = {
    "pyproject.toml",
    "Makefile",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
}
LEFT_BY_TOOLS = {"build", "dist", "node_modules", "__pycache__"}

LONGEST_MODULE = 450
LONGEST_FUNCTION = 60

NAMES_ACTIONS = re.compile(
    "gateway/core/settings.py"  # values of `trigger.meter_values`
    "|gateway/core/session/procedures/(transaction|status)_[a-z0-9_]*.py"
).fullmatch
"""Where OCPP actions may be named in Python; what differs per message is YAML."""

ABOUT_A_WHOLE_PACKAGE = {
    "tests/logs/test_corpus.py",
    "tests/logs/report/test_memory.py",
    "tests/storage/test_engines_agree.py",
    "tests/storage/test_open_store.py",
}

PYTHON = sorted(PACKAGE.rglob("*.py"))


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def texts(path: Path) -> Iterator[str]:
    """Every string of a module that is no docstring."""
    module = tree(path)
    documentation = {
        id(node.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(module):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in documentation:
            yield node.value


def committed() -> list[Path]:
    """The files under version control; in an unpacked archive every file that looks like one."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode == 0 and listing.stdout:
        return [ROOT / name for name in listing.stdout.split("\0") if (ROOT / name).is_file()]
    hidden = re.compile(
        r"(^|/)(\.(?!ci|gitignore)|__pycache__|build/|dist/)|node_modules/|\.so$"
    ).search
    return [p for p in ROOT.rglob("*") if p.is_file() and not hidden(shown(p))]


def test_the_top_level_is_the_users():
    left = re.compile(r"\.|.*\.so$").match  # and what mypyc leaves in build/compiled
    found = {path.name: path.is_dir() for path in ROOT.iterdir() if not left(path.name)}
    folders = {name for name, is_folder in found.items() if is_folder} - LEFT_BY_TOOLS
    assert folders == FOLDERS
    assert {name for name, is_folder in found.items() if not is_folder} == FILES


def test_every_data_folder_says_what_is_in_it():
    for name in FOLDERS - {"gateway", "tests"}:
        assert (ROOT / name / "README.md").read_text("utf-8").startswith("# "), name


def test_imports_go_one_way_and_the_core_is_pure():
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("path", PYTHON, ids=shown)
def test_a_module_is_small_and_says_what_it_is_for(path):
    module = tree(path)
    assert ast.get_docstring(module), "no docstring"
    code = path.read_text("utf-8").splitlines()
    assert len(code) <= LONGEST_MODULE + len(ast.get_docstring(module).splitlines())
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.body[0].lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"


def test_no_action_is_named_in_python():
    catalog = load_catalog(Resources())
    actions = {action for version in Version for action in catalog.actions(version)}
    named = re.compile(rf"\b({'|'.join(sorted(actions))})\b")
    found = [
        f"{shown(path)}: {text!r}"
        for path in PYTHON
        if not NAMES_ACTIONS(shown(path))
        for text in texts(path)
        if named.search(text)
    ]
    assert found == [], "\n".join(found)


def test_tests_mirror_sources():
    """tests/x/test_y.py proves gateway/x/y.py, or the package gateway/x/y."""
    mirrored = {"core", "config", "storage", "observe", "io", "logs", "cli"}
    strangers = [
        shown(test)
        for test in sorted((ROOT / "tests").rglob("test_*.py"))
        if (inside := test.relative_to(ROOT / "tests")).parts[0] in mirrored
        and not any(
            (PACKAGE / inside.parent / (source + ending)).exists()
            for source in _sources(inside.stem.removeprefix("test_"))
            for ending in (".py", "")
        )
    ]
    assert set(strangers) <= ABOUT_A_WHOLE_PACKAGE, "\n".join(strangers)


def _sources(name: str) -> Iterator[str]:
    """Modules that a test file may be about: test_y_detail.py is about y as well."""
    words = name.split("_")
    for count in range(len(words), 0, -1):
        yield "_".join(words[:count])


def test_nothing_tells_of_the_machine_it_was_made_on():
    strange = re.compile(rb"/(work|root|home/[a-z]+)/[a-z]")
    found = [
        shown(path)
        for path in committed()
        if path != Path(__file__) and strange.search(path.read_bytes())
    ]
    assert found == []


def test_the_readme_and_the_command_name_the_same_commands():
    from gateway.cli.main import COMMANDS

    readme = (ROOT / "README.md").read_text("utf-8")
    assert set(re.findall(r"^\| `ocpp-gateway ([a-z-]+)", readme, re.M)) == set(COMMANDS)


def test_the_makefile_has_the_commands_that_are_promised():
    lines = (ROOT / "Makefile").read_text("utf-8").splitlines()
    targets = {"".join(takewhile(lambda c: c not in ": ", line)) for line in lines if "## " in line}
    assert {"install", "run", "test", "test-full", "check", "bench"} <= targets
