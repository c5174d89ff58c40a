"""Mistakes in the key table are told with file and line."""

import re

import pytest

from gateway.core.mapping.key_loader import _DATA, _ROW, _SECTIONS, SOURCES, load_keys
from gateway.resources import folder, mapping_files

KEYS = "configuration/keys.yaml"
VALUES = "configuration/values.yaml"
ROW = """keys:
  One:
    profile: Core
    v16: {type: boolean, access: RW}
    variable: A.B
    via: boolean
"""


def told(**files):
    """Sentences with their places, without the cure."""
    texts = {f"configuration/{name.replace('_', '-')}.yaml": text for name, text in files.items()}
    _, problems = load_keys(texts, "maps/")
    return [f"{problem.place}: {problem.message}" for problem in problems]


def test_the_shipped_files_have_no_problem():
    table, problems = load_keys(mapping_files())
    assert problems == []
    assert table.rotation is not None


def test_no_files_are_an_empty_table():
    table, problems = load_keys({})
    assert (table.keys, problems) == ((), [])


def test_a_sound_row():
    assert told(keys=ROW) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (ROW.replace("A.B", "AB"), "maps/configuration/keys.yaml:5:5: variable: no variable"),
        (
            ROW.replace("via: boolean", "via: bool"),
            "maps/configuration/keys.yaml:6:5: via: unknown word 'bool'",
        ),
        (ROW.replace("    variable: A.B\n", ""), "maps/configuration/keys.yaml:2:3: One needs one"),
        (ROW + "    legacy: One\n", "maps/configuration/keys.yaml:2:3: One needs one place"),
        (
            ROW + "    tells: heartbeat_interval\n",
            "maps/configuration/keys.yaml:7:5: tells: needs a number",
        ),
        (ROW + "    colour: red\n", "maps/configuration/keys.yaml:7:5: unknown key 'colour'"),
        (
            ROW.replace("access: RW", "access: RWX"),
            "maps/configuration/keys.yaml:4:26: access: unknown word 'RWX'",
        ),
        (
            ROW + "    also: {variable: A.C, when: config.stoptxn}\n",
            "maps/configuration/keys.yaml:7:27: there is no option 'config.stoptxn'",
        ),
        (
            ROW.replace("    variable: A.B\n    via: boolean", "    composite: price"),
            "maps/configuration/keys.yaml:5:5: composite: unknown word 'price'",
        ),
        (
            ROW.replace("One", "x" * 51),
            f"maps/configuration/keys.yaml:2:3: '{'x' * 51}' is no key",
        ),
        (ROW + "values: {}\n", "maps/configuration/keys.yaml:7:1: unknown key 'values'"),
        (
            ROW + "composites: {price: {members: []}}\n",
            "maps/configuration/keys.yaml:7:14: price has no members",
        ),
        ("keys: [", "maps/configuration/keys.yaml:2:1: no YAML"),
    ],
)
def test_a_mistake_in_the_keys(text, sentence):
    (found,) = told(keys=text)
    assert found.startswith(sentence)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("{variable: A.C, type: boolean}", "2:5: a shown variable needs one source"),
        ('{variable: A.C, const: "1", boot: [x]}', "2:5: a shown variable needs one source"),
        ("{variable: A.C, rule: guess}", "2:21: rule: unknown word 'guess'"),
        ("{variable: A.C, option: nothing.there}", "2:21: there is no option 'nothing.there'"),
        ("{variable: A.C, key: Two}", "2:5: there is no key Two"),
        ('{variable: A.B, const: "1"}', "2:5: A.B is shown already, by One"),
        ('{const: "1"}', "2:5: variable: is missing"),
        ('{variable: A.C, const: "1", per: plug}', "2:33: per: unknown word 'plug'"),
    ],
)
def test_a_mistake_in_the_shown_variables(row, sentence):
    (found,) = told(keys=ROW, device_model=f"shown:\n  - {row}\n")
    assert found.startswith(f"maps/configuration/device-model.yaml:{sentence}")


def test_two_rows_that_could_be_meant_alike():
    twice = (
        ROW + "  one:\n    v16: {type: boolean, access: RW}\n    variable: A.C\n    via: boolean\n"
    )
    assert told(keys=twice) == [
        "maps/configuration/keys.yaml:7:3: one is a key already, maps/configuration/keys.yaml:2:3"
    ]
    same = (
        ROW + "  Two:\n    v16: {type: boolean, access: RW}\n    variable: a.b\n    via: boolean\n"
    )
    assert told(keys=same) == [
        "maps/configuration/keys.yaml:7:3: Two has the same place as One, "
        "maps/configuration/keys.yaml:2:3"
    ]


def test_a_file_that_nobody_reads_is_told():
    assert told(more="") == ["maps/configuration/more.yaml:1:1: no file of the key table"]


def test_what_a_station_is_set_to_is_said_once():
    (found,) = told(device_model="provision:\n  - {variable: A.B, equal: x, contains: y}\n")
    assert found.startswith("maps/configuration/device-model.yaml:2:5: what the variable shall be")


TAUGHT = (folder("mappings") / "README.md").read_text("utf-8")
TAUGHT = TAUGHT.partition("\n## Configuration keys\n")[2].partition("\n## ")[0]


def test_the_row_that_the_readme_shows_is_sound_and_new():
    (row,) = re.findall(r"```yaml\n(.*?)```", TAUGHT, re.S)
    texts = mapping_files()
    texts[KEYS] = texts[KEYS].replace("keys:\n", row, 1)
    table, problems = load_keys(texts)
    assert problems == []
    assert table.find("CableTemperatureLimit").key.data201.unit == "Celsius"


def test_every_word_is_taught():
    for word in {
        *_ROW,
        *_DATA,
        *SOURCES,
        *(name for names in _SECTIONS.values() for name in names),
    }:
        assert re.search(rf"\b{word.replace('_', '[_ ]')}\b", TAUGHT), word
