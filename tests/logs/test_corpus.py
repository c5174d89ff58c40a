"""The traffic corpus, as the commands read it: nothing raises or vanishes, what comes out is valid.

How much the repairs mend is printed. A frame of the field counts there as carrying enough
information if every member that its schema requires is in it, as the schema names it or, where an
overlay says so, under another name: what is wrong is then how something is said, not that it is not
said. A frame that was cut off counts as carrying enough if only brackets are missing at its end.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gateway.cli.main import main
from gateway.core.dialects import Version
from gateway.core.mapping.overlay import Facts
from gateway.core.schema.catalog import Catalog
from gateway.core.schema.own_words import OwnWords
from gateway.core.schema.repair import UNPROMPTED, acceptable, cut_strings, repair
from gateway.core.schema.violations import REQUIRED
from gateway.core.session.desk import Revision
from gateway.core.settings import ExtensionSettings
from gateway.logs.entry import Entry, Remark, one_by_one
from gateway.logs.inputs import Reading, runs
from tests.support.payloads import catalog

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FRAMES = {Version.V16: CORPUS / "ocpp16j.jsonl", Version.V201: CORPUS / "ocpp201.jsonl"}
LOGS = sorted((CORPUS / "logs").glob("*.log")) if CORPUS.is_dir() else []
ENVELOPES = sorted((CORPUS / "soap").glob("*.xml")) if CORPUS.is_dir() else []
V16, V201 = Version.V16, Version.V201
KINDS = {2: "request", 3: "response"}
FRAME = re.compile(rb'\[\s*[234]\s*,\s*\\?"')

NAMED = {
    "issue/1144": "huawei",
    "issue/1248": "legrand",
    "issue/361": "alfen",
    "unnamed-a": "uniev",
}
"""The overlay that an operator names for a source: the boots of these are not in the excerpts.

Of the sources by several stations, the one station that has a name."""
ANONYMOUS = {("unnamed-a", "StopTransaction"): "underscored"}
TARGET_SHARE = 0.9

pytestmark = pytest.mark.skipif(not LOGS, reason="the traffic corpus is not here")


class Record(NamedTuple):
    """A frame of the corpus that has a payload."""

    version: Version
    source: str
    form: str
    action: str
    part: str
    payload: Any
    valid: bool | None

    @property
    def message(self) -> tuple[Version, str, str]:
        return self.version, self.action, self.part

    @property
    def of_the_field(self) -> bool:
        return self.form.startswith("log")

    @property
    def overlays(self) -> list[str]:
        special = ANONYMOUS.get((self.source.partition(":")[0], self.action))
        return [special or o for part, o in NAMED.items() if part in self.source]


def records() -> Iterator[Record]:
    for version, file in FRAMES.items():
        for line in file.read_text("utf-8").splitlines():
            one = json.loads(line)
            part = KINDS.get(one["frame"][0], "")
            known = part and catalog().sender(version, one["action"]) is not None
            if known and isinstance(one["frame"][-1], dict):
                about = one["source"], one["form"], one["action"], part, one["frame"][-1]
                yield Record(version, *about, one["valid"])


def fitted(revision: Revision, record: Record) -> Revision:
    assert revision.variants is not None
    settings = ExtensionSettings()
    return revision.variants.fitting(revision, Facts("CP"), settings, record.overlays)


def says_enough(record: Record, words: OwnWords) -> bool:
    renamed = {meant.value for meant in words.names.get(record.message[1:], {}).values()}
    missing = catalog().findings(*record.message, record.payload)
    return not [f for f in missing if f.rule == REQUIRED and f.path[-1] not in renamed]


def passes(revision: Revision, record: Record) -> bool:
    """Whether the repairs leave what the station's catalogue accepts, cut for output."""
    own = revision.catalog
    mended, _ = repair(own, *record.message, record.payload, revision.profiles, now=1.7e9)
    cut = cut_strings(own, *record.message, mended)
    return acceptable(own, *record.message, mended) and own.is_valid(*record.message, cut)


def test_invalid_frames_of_the_field_pass_after_repair(revision, capsys):
    invalid = [r for r in records() if r.of_the_field and r.valid is False]
    enough = [r for r in invalid if says_enough(r, fitted(revision, r).catalog.own)]
    usual = [r for r in enough if passes(revision, r)]
    mended = [r for r in enough if passes(fitted(revision, r), r)]
    share = len(mended) / len(enough)
    with capsys.disabled():
        print(
            f"\ncorpus: {len(invalid)} frames of the field are invalid, {len(enough)} carry enough"
            f" information; {len(usual)} pass with the usual repairs, {len(mended)}"
            f" ({share:.0%}) with the overlay of their station"
        )
    assert len(enough) > 10
    assert share >= TARGET_SHARE, [r for r in enough if r not in mended]


def test_what_is_valid_stays_valid_under_every_overlay(revision):
    """And as it is, where the overlay asks for no repair of valid readings."""
    overlays, none = revision.variants.overlays.by_name, (Facts("CP"), ExtensionSettings())
    valid = [record for record in records() if record.valid]
    for name in overlays:
        one = revision.variants.fitting(revision, *none, (name,))
        for record in valid:
            payload = record.payload
            made, names = repair(one.catalog, *record.message, payload, one.profiles, now=1.7e9)
            assert one.catalog.is_valid(*record.message, made), (name, record)
            if UNPROMPTED.isdisjoint(one.profiles):
                assert (made, names) == (payload, ())


# -- the commands -----------------------------------------------------------------------------

EVERY = ["--profile", "close_brackets"]
"""The profile of the one model whose frames are cut; its log has them before its boot."""


def jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def named(files: list[Path]) -> list[str]:
    return [str(file) for file in files]


def frames_by_source(version: Version, folder: Path) -> list[Path]:
    """The frames of the corpus as files of raw frames, one a source, as a user has them."""
    found: dict[str, list[str]] = {}
    for line in FRAMES[version].read_text("utf-8").splitlines():
        one = json.loads(line)
        found.setdefault(one["source"], []).append(json.dumps(one["frame"]))
    files = []
    for number, lines in enumerate(found.values()):
        file = folder / f"{version}-{number}.log"
        file.write_text("\n".join(lines) + "\n")
        files.append(file)
    return files


def test_every_frame_is_parsed_or_named(tmp_path):
    """Looked for by other means than the reader's: whatever begins like a frame, by line."""
    frames = [file for version in Version for file in frames_by_source(version, tmp_path)]
    checked = 0
    for file in [*LOGS, *frames, *ENVELOPES]:
        found = list(one_by_one(runs([str(file)], Reading())))
        parsed = [item.line for item in found if isinstance(item, Entry)]
        told = {
            line: item.rule
            for item in found
            if isinstance(item, Remark)
            for line in range(item.line, item.line + item.lines)
        }
        for number, line in enumerate(file.read_bytes().split(b"\n"), 1):
            begun = [match.start() for match in FRAME.finditer(line)]
            checked += len(begun)
            if parsed.count(number) < len(begun):
                assert number in told, (file.name, number)
                assert told[number] != "no_frame" or not any(is_json(line[at:]) for at in begun)
        assert found, file.name
    assert checked > 600


def with_actions(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records of answers do not say what they answer: the last call of that id."""
    calls: dict[tuple[str, str], str] = {}
    for line in lines:
        key = line.get("chargePointId", ""), line["messageId"]
        if line["messageType"] == "CALL":
            calls[key] = line["action"]
        line["action"] = calls.get(key)
    return lines


def of_vendors(revision: Revision) -> list[Catalog]:
    """What stays in its version keeps the members that its vendor's overlay knows."""
    none = Facts("CP"), ExtensionSettings()
    assert revision.variants is not None
    names = revision.variants.overlays.by_name
    return [revision.variants.fitting(revision, *none, (name,)).catalog for name in names]


def is_valid(catalogs: list[Catalog], version: Version, line: dict[str, Any]) -> bool:
    if line["messageType"] == "CALLERROR":
        return True
    part = "request" if line["messageType"] == "CALL" else "response"
    return any(c.is_valid(version, line["action"], part, line["payload"]) for c in catalogs)


def is_json(text: bytes) -> bool:
    try:
        json.JSONDecoder().raw_decode(text.decode("utf-8", "replace"))
    except ValueError:
        return False
    return True


def inputs_of(kind: str, folder: Path) -> list[str]:
    if kind == "logs":
        return named(LOGS)
    if kind == "soap":
        return named(ENVELOPES)
    return named(frames_by_source(Version(kind), folder))


@pytest.mark.parametrize("target", Version)
@pytest.mark.parametrize("kind", ["logs", "soap", "1.6", "2.0.1"])
def test_what_is_translated_is_valid_in_the_target(kind, target, tmp_path, revision):
    out, report = tmp_path / "out.jsonl", tmp_path / "report.json"
    version = [] if kind in ("logs", "soap") else ["--version", kind]
    asked = ["convert", *inputs_of(kind, tmp_path), "--to", str(target), *version, *EVERY]
    code = main([*asked, "-o", str(out), "--report", str(report)])
    findings = json.loads(report.read_text("utf-8"))["findings"]
    assert code in (0, 1)
    assert [f for f in findings if f["rule"] in ("internal", "invalid_output")] == []
    lines = with_actions(jsonl(out))
    translated = [line for line in lines if "untranslated" not in line.get("meta", {})]
    assert translated
    assert {line["ocppVersion"] for line in translated} == {str(target)}
    catalogs = [catalog(), *(of_vendors(revision) if target == kind or kind == "logs" else ())]
    assert [line for line in translated if not is_valid(catalogs, target, line)] == []


def test_refused_frames_are_named_in_the_report(tmp_path):
    out, report = tmp_path / "out.jsonl", tmp_path / "report.json"
    main(["convert", *named(LOGS), "--to", "2.0.1", "-o", str(out), "--report", str(report)])
    told = {
        (finding["file"], finding["line"])
        for finding in json.loads(report.read_text("utf-8"))["findings"]
    }
    refused = [
        line["meta"]["source"]
        for line in jsonl(out)
        if line.get("meta", {}).get("untranslated") == "refused" and "source" in line["meta"]
    ]
    assert refused
    assert [at for at in refused if (at["file"], at["line"]) not in told] == []


@pytest.mark.parametrize("ending", ["html", "json", "sarif", "txt"])
def test_the_whole_corpus_in_one_run_with_the_report(ending, tmp_path, capsys):
    frames = [file for version in Version for file in frames_by_source(version, tmp_path)]
    report, out = tmp_path / f"report.{ending}", tmp_path / "out.jsonl"
    everything = named([*LOGS, *frames, *ENVELOPES])
    asked = ["convert", *everything, "--to", "2.0.1", *EVERY, "-o", str(out)]
    assert main([*asked, "--report", str(report)]) == 1
    assert "frames" in capsys.readouterr().err
    text = report.read_text("utf-8")
    assert "internal" not in {f["rule"] for f in findings_in(text, ending)}
    assert "grizzl" in text.lower()
    assert len(jsonl(out)) > 500


def findings_in(text: str, ending: str) -> list[dict[str, Any]]:
    return json.loads(text)["findings"] if ending == "json" else []


def test_validate_looks_at_the_whole_corpus_too(tmp_path, capsys):
    frames = [file for version in Version for file in frames_by_source(version, tmp_path)]
    everything = named([*LOGS, *frames, *ENVELOPES])
    assert main(["validate", *everything, *EVERY, "--format", "json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    mended = {repair for f in findings for repair in f.get("repair", "").split(", ")}
    assert {"strip_unknown", "timestamps", "cut_strings", "close_brackets"} <= mended
    assert "evpower.fields" in mended
