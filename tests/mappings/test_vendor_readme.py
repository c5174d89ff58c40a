"""The vendor overlay that mappings/README.md teaches works as it says."""

import json
import re
import shutil

import pytest

from gateway import resources
from gateway.config.model import Resources
from gateway.core.mapping.overlay_reader import (
    _CODEC_KEYS,
    _FIELD_KEYS,
    _ITEM_KEYS,
    _KEYS,
    _SAMPLE_KEYS,
)
from gateway.core.mapping.rows import MapProblems
from gateway.core.session.scenario import play
from gateway.revision import REPAIRS, load_revision
from tests.support.map_examples import cases
from tests.support.vendors import of_vendor

TEXT = (resources.folder("mappings") / "README.md").read_text("utf-8")
SECTION = TEXT.partition("\n## Vendor overlays\n")[2].partition("\n## ")[0]
FIRST, FINISHED = re.findall(r"```yaml\n(.*?)```", SECTION, re.S)
SAID = re.findall(r"```text\n(.*?)```", SECTION, re.S)
(SCRIPT,) = re.findall(r"```json\n(.*?)```", SECTION, re.S)


@pytest.fixture
def loaded(tmp_path, monkeypatch):
    """Loads the shipped maps with this text as vendors/acme.yaml beside them."""
    shutil.copytree(resources.folder("mappings"), tmp_path / "mappings")
    monkeypatch.chdir(tmp_path)

    def load(text):
        (tmp_path / "mappings" / "vendors" / "acme.yaml").write_text(text)
        return load_revision(Resources(mappings="mappings"))

    return load


def problems(loaded, text):
    with pytest.raises(MapProblems) as found:
        loaded(text)
    return "".join(f"{problem}\n" for problem in found.value.problems)


def test_the_first_attempt_has_the_problems_that_are_shown(loaded):
    assert problems(loaded, FIRST) == SAID[0]
    assert problems(loaded, FIRST.replace("conector", "connector")) == SAID[1]


def test_the_finished_overlay_is_right_and_its_examples_run(loaded):
    revision = loaded(FINISHED)
    acme = of_vendor(revision, "Acme", model="AC-1")
    source = acme.library.maps["BootNotification"]
    run = [c for c in cases(source, acme.catalog.fields) if "Acme" in c.name]
    assert {case.towards.key for case in run} == {"v16", "v201"}
    for case in run:
        translate = getattr(acme.maps.named("BootNotification").to(case.towards), case.part)
        assert translate(case.payload, acme.context(case.towards), case.state, []) == case.expected
    codec = revision.variants.overlays.codecs["acme_state"]
    for text, data in codec.examples:
        assert codec.to_v201(text, acme.numbers) == data
        assert codec.to_v16(data, acme.numbers) == text
    assert acme.maps.keys.find("acmelightlevel").key.attribute.variable.component == "AcmeLight"


def test_stations_of_others_do_not_see_it(loaded):
    revision = loaded(FINISHED)
    for vendor, model in (("Acme", "XX"), ("Other", "AC-1"), (None, None)):
        assert of_vendor(revision, vendor, model=model).maps is revision.maps


def test_the_conversation_comes_out_as_it_stands_there(loaded):
    result = play(json.loads(SCRIPT), loaded(FINISHED))
    assert result.ok, result.text


def test_every_word_of_overlays_is_taught():
    for word in {*_KEYS, *_FIELD_KEYS, *_CODEC_KEYS, *_ITEM_KEYS, *_SAMPLE_KEYS, *REPAIRS} - {
        "summary",
        "examples",
    }:
        assert re.search(rf"`{word}`", SECTION), word
