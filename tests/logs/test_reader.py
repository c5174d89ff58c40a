"""Every line shape has a golden file: the log, and beside it what is to be read in it.

`NAME.ext` is the log and `NAME.ext.items` what it holds: one JSON list a line, of an entry
[line, time, station, sender, frame], of a remark [line, rule, lines]. `NAME.ext.map`, where there
is one, is read with it (`--map`).
"""

import gzip
import json
from pathlib import Path
from time import process_time
from types import SimpleNamespace

import pytest
import yaml
import zstandard

from gateway.core.dialects import Side
from gateway.core.frames import Call, CallError
from gateway.logs import records
from gateway.logs.entry import Entry, one_by_one
from gateway.logs.inputs import Reading, runs
from gateway.logs.opening import LONGEST_LINE, Source
from gateway.logs.reader import LineReader
from gateway.logs.shapes import SHAPES

GOLDEN = Path(__file__).parent / "golden"
LOGS = sorted(path for path in GOLDEN.iterdir() if path.suffix not in (".items", ".map"))
TEXTS = [path for path in LOGS if "pcap" not in path.suffix]
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "logs"


def read(*paths):
    beside = paths[0].with_name(paths[0].name + ".map")
    names = records.DEFAULT
    if beside.exists():
        names = records.names_from(yaml.safe_load(beside.read_text()), str(beside))
    return list(one_by_one(runs([str(path) for path in paths], Reading(names=names))))


def plain(item):
    if not isinstance(item, Entry):
        return [item.line, item.rule, item.lines]
    frame = item.frame
    if isinstance(frame, Call):
        content = [2, *frame]
    else:
        content = [4 if isinstance(frame, CallError) else 3, *frame[:4]]
    return [item.line, item.time, item.station, item.sender, content]


def remarks(items):
    return [(item.line, item.rule) for item in items if not isinstance(item, Entry)]


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
def test_a_log_of_each_shape_is_read_as_its_golden_file_says(path):
    expected = path.with_name(path.name + ".items").read_text("utf-8").splitlines()
    assert [json.dumps(plain(item)) for item in read(path)] == expected


def test_every_shape_has_a_golden_file():
    found = {item.shape for path in LOGS for item in read(path) if isinstance(item, Entry)}
    named = {shape.name for shape in SHAPES}
    several_lines = {"everest-html", "soap", "steve-soap"}
    assert found == named | several_lines | {"generic", "raw", "jsonl", "csv", "pcap"}


@pytest.mark.parametrize(
    "name",
    [
        "steve.log",
        "evcc.log",
        "generic.log",
        "mixed.log",
        "trace.jsonl",
        "loggers.log",
        "stations.log",
    ],
)
def test_no_line_vanishes(name):
    """In logs of one line a frame, each line is an entry's or counted in a remark."""
    found = read(GOLDEN / name)
    with_frame = {item.line for item in found if isinstance(item, Entry)}
    without = sum(item.lines for item in found if not isinstance(item, Entry))
    filled = [line for line in (GOLDEN / name).read_bytes().splitlines() if line.strip()]
    assert len(with_frame) + without == len(filled)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_packed_files_are_read_like_others(tmp_path, pack):
    packed = tmp_path / "log"
    lines = (GOLDEN / "steve.log").read_bytes().splitlines(keepends=True)
    # `cat old.gz new.gz`, and an empty one as bgzip ends its files.
    packed.write_bytes(b"".join(pack(b"".join(part)) for part in (lines[:3], lines[3:], [])))
    assert [plain(i) for i in read(packed)] == [plain(i) for i in read(GOLDEN / "steve.log")]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_a_packed_file_that_ends_early_is_read_as_far_as_it_goes(tmp_path, pack):
    lines = [f'[2,"{n:06}{n * 7919 % 99991:05}","Heartbeat",{{}}]' for n in range(60_000)]
    data = pack("\n".join(lines).encode())
    packed = tmp_path / "log"
    packed.write_bytes(data[: len(data) - 100])
    found = read(packed)
    assert found[0].frame.message_id == "00000000000"
    assert len(found) > 1000
    assert found[-1].rule in ("truncated", "incomplete")
    assert "truncated" in [rule for _, rule in remarks(found)]


def test_what_stands_before_the_damage_of_a_packed_file_is_read(tmp_path):
    packed = tmp_path / "log"
    packed.write_bytes(gzip.compress(b'[2,"a","Heartbeat",{}]\n') + b"no gzip")
    entry, remark = read(packed)
    assert entry.frame.message_id == "a"
    assert (remark.line, remark.rule) == (1, "truncated")


def test_a_packed_file_that_is_damaged_from_its_start_is_told_of_once(tmp_path):
    packed = tmp_path / "log"
    packed.write_bytes(b"\x1f\x8b" + bytes(100))
    assert remarks(read(packed)) == [(0, "truncated")]


@pytest.mark.parametrize("text", ["", "\n\n", "started\nstopped\n"])
def test_a_file_without_frames_is_told_of(tmp_path, text):
    log = tmp_path / "log"
    log.write_text(text)
    assert remarks(read(log))[-1] == (0, "empty")


def test_objects_that_never_close_are_looked_at_once(tmp_path):
    log = tmp_path / "log"
    log.write_text('{\n"a":\n' * 30_000)
    start = process_time()
    found = read(log)
    assert process_time() - start < 5
    assert sum(item.lines for item in found) == 60_000 + 1


def test_a_line_of_many_times_is_looked_at_no_longer_than_others(tmp_path):
    log = tmp_path / "log"
    log.write_text("2025-03-04 08:00:00 [x] " * 20_000)
    start = process_time()
    assert remarks(read(log)) == [(1, "no_frame"), (0, "empty")]
    assert process_time() - start < 5


def test_a_quote_that_never_closes_does_not_swallow_a_table(tmp_path):
    log = tmp_path / "log"
    rows = [f'2025-03-04T08:00:{n:02},CP,"[2,""{n}"",""Heartbeat"",{{}}]"' for n in range(60)]
    rows[7] = rows[7].rstrip('"')
    log.write_text("time,station,message\n" + "\n".join(rows))
    found = read(log)
    assert remarks(found) == [(9, "unreadable")]
    assert len(found) == 60


def test_a_line_without_end_is_left_out_and_said(tmp_path):
    log = tmp_path / "log"
    huge = b'[2,"x","DataTransfer",{"vendorId":"' + b"x" * (LONGEST_LINE + 10) + b'"}]'
    log.write_bytes(b'[2,"a","Heartbeat",{}]\n' + huge + b'\n[2,"b","Heartbeat",{}]\n')
    found = read(log)
    assert [plain(i)[0] for i in found if isinstance(i, Entry)] == [1, 3]
    assert remarks(found) == [(2, "line_too_long")]


@pytest.mark.parametrize("coding", ["utf-16", "utf-8-sig"])
def test_marks_of_encodings_are_understood(tmp_path, coding):
    log = tmp_path / "log"
    log.write_bytes('[2,"ü","Heartbeat",{}]\n'.encode(coding))
    (entry,) = read(log)
    assert entry.frame.message_id == "ü"


def test_a_bracket_that_never_closes_does_not_swallow_the_lines_after_it(tmp_path):
    log = tmp_path / "log"
    log.write_text('[2,"a","DataTransfer",{"vendorId":"x",\n[2,"b","Heartbeat",{}]\n')
    found = read(log)
    assert remarks(found) == [(1, "incomplete")]
    assert [plain(i)[0] for i in found if isinstance(i, Entry)] == [2]


def test_several_files_are_read_one_after_the_other(tmp_path):
    """A call and its answer in envelopes may stand in two of them."""
    lines = (GOLDEN / "soap.log").read_bytes().splitlines(keepends=True)
    first, second = tmp_path / "a.log", tmp_path / "b.log"
    first.write_bytes(lines[0])
    second.write_bytes(b"".join(lines[1:6]))
    call, answer = read(first, second)
    assert (call.file, answer.file) == (str(first), str(second))
    assert call.frame.message_id == answer.frame.message_id == "17"


def test_standard_input_is_an_input(monkeypatch):
    with (GOLDEN / "steve.log").open("rb") as log:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=log))
        found = list(one_by_one(runs(["-"], Reading())))
    assert [plain(i) for i in found] == [plain(i) for i in read(GOLDEN / "steve.log")]
    assert {i.file for i in found} == {"stdin"}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_other_line_ends_make_no_difference(tmp_path, path):
    log = tmp_path / path.name
    log.write_bytes(path.read_bytes().replace(b"\r", b"").replace(b"\n", b"\r\n"))
    beside = path.with_name(path.name + ".map")
    if beside.exists():
        log.with_name(beside.name).write_bytes(beside.read_bytes())
    assert [plain(i) for i in read(log)] == [plain(i) for i in read(path)]


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
def test_a_log_cut_off_anywhere_gives_remarks_and_no_error(tmp_path, path):
    data, log = path.read_bytes(), tmp_path / path.name
    for size in range(0, len(data), max(1, len(data) // 40)):
        log.write_bytes(data[:size])
        assert all(item.line >= 0 for item in read(log))


def test_a_shape_can_be_insisted_on():
    with Source(str(GOLDEN / "mixed.log")) as source:
        found = list(LineReader(source, only="evcc").items())
    assert [plain(i)[2:4] for i in found if isinstance(i, Entry)] == [["DEPOT-8", Side.STATION]]


def test_frames_of_the_corpus_are_found_in_each_of_its_logs():
    if not CORPUS.is_dir():
        pytest.skip("the corpus is not beside this checkout")
    quoted_only = {"ha_huawei_1144.log"}
    for path in sorted(CORPUS.glob("*.log")):
        entries = [item for item in read(path) if isinstance(item, Entry)]
        assert bool(entries) is (path.name not in quoted_only), path.name
