"""Mistakes in `config.user_keys` are told with file and line."""

from pathlib import Path

import pytest

from gateway.config import read_config

FILE = """stations: {auth: none, allow_unauthenticated: true}
csms: {url: ws://127.0.0.1:9001/o}
translation:
  config:
    user_keys:
      Mine: {component: Display, variable: Brightness, evse: 1, converter: integer}
      %s
"""


def told(tmp_path: Path, row: str, mappings: str = "") -> list[str]:
    """Problems as `line: sentence`."""
    file = tmp_path / "gateway.yaml"
    file.write_text(FILE % row + mappings)
    problems = read_config(file, {}).problems
    return [f"{p.place.line if p.place else 0}: {p.message}" for p in problems]


def test_a_sound_key(tmp_path: Path) -> None:
    assert told(tmp_path, "Other: {component: A, variable: B}") == []


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("Other: {component: A, variable: B, converter: bool}", "7: unknown converter 'bool'"),
        (
            "Other: {component: display, variable: BRIGHTNESS, evse: 1}",
            "7: Other has the same place as Mine",
        ),
        (
            "Other: {component: OCPPCommCtrlr, variable: HeartbeatInterval}",
            "7: Other has the same place as HeartbeatInterval",
        ),
        ("mine: {component: A, variable: B}", "7: the same key as Mine"),
        (
            "Other: {component: SecurityCtrlr, variable: BasicAuthPassword}",
            "7: a password is changed by its own key only",
        ),
    ],
)
def test_a_mistake(tmp_path: Path, row: str, sentence: str) -> None:
    assert sentence in told(tmp_path, row)


def test_a_member_that_is_missing_or_unknown(tmp_path: Path) -> None:
    (missing,) = told(tmp_path, "Other: {component: A}")
    assert missing.startswith("7: ")
    (unknown,) = told(tmp_path, "Other: {component: A, variable: B, colour: red}")
    assert unknown.startswith("7: ")


def test_a_table_that_cannot_be_read_is_told_elsewhere(tmp_path: Path) -> None:
    row = "Other: {component: A, variable: B, converter: bool}"
    assert told(tmp_path, row, "resources: {mappings: nowhere}\n") == []
