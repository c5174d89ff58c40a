"""The steps that mappings/README.md teaches work as it says."""

import re

from gateway import resources
from gateway.core.mapping import checker, loader
from gateway.core.mapping.compiler import build
from gateway.core.mapping.functions import V16, V201
from gateway.core.mapping.loader import _BLOCK_KEYS, _KINDS, _MAP_KEYS, _ROW_KEYS
from gateway.core.mapping.trace import fates
from tests.support.map_examples import cases
from tests.support.mapping import ROOT, context, texts
from tests.support.payloads import catalog

TEXT = (resources.folder("mappings") / "README.md").read_text("utf-8")
FILE = "ocpp16-ocpp201/CancelReservation.yaml"
SECTION = TEXT.partition("\n## Adding a message\n")[2].partition("\n## ")[0]
FIRST, FINISHED = re.findall(r"```yaml\n(.*?)```", SECTION, re.S)
(SAID,) = re.findall(r"```text\n(.*?)```", SECTION, re.S)


def with_map(text):
    library, problems = loader.load({**texts(), FILE: text}, ROOT)
    return library, problems + checker.check(library, catalog().fields)


def test_the_file_is_the_one_that_the_text_names():
    assert f"`{ROOT}{FILE}`" in TEXT


def test_the_first_attempt_has_the_problems_that_are_shown():
    _, problems = with_map(FIRST)
    assert [str(problem) for problem in problems] == SAID.splitlines()


def test_the_finished_map_is_complete_and_its_example_runs():
    library, problems = with_map(FINISHED)
    assert problems == []
    made = build(library, catalog().fields).named("CancelReservation")
    run = list(cases(library.maps["CancelReservation"], catalog().fields))
    assert {(case.part, case.towards) for case in run} == {
        (part, towards) for part in ("request", "response") for towards in (V16, V201)
    }
    for case in run:
        translate = getattr(made.to(case.towards), case.part)
        assert translate(case.payload, context(), case.state, []) == case.expected


def test_the_finished_map_explains_every_field():
    library, _ = with_map(FINISHED)
    told = fates(library.maps["CancelReservation"], library)
    lost = [f.sources for f in told if f.kind == "lost"]
    assert lost == [("customData",), ("statusInfo",), ("customData",)]


def test_every_word_of_the_language_is_taught():
    for word in {*_MAP_KEYS, *_ROW_KEYS, *_BLOCK_KEYS, *_KINDS} - {"rows"}:
        assert re.search(rf"\b{word}\b", TEXT), word
