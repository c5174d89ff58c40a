"""Logs far larger than memory: what validate and convert take of it does not grow with them."""

import os
from pathlib import Path

import pytest

from tests.bench import offline

MEGABYTE = 1_000_000
MOST_BYTES = offline.MOST_MEGABYTES * MEGABYTE
SMALL, LARGE = 8 * MEGABYTE, 1000 * MEGABYTE
COMMANDS = [("validate",), ("convert",), ("convert", "--jobs", "2"), ("validate", "--jobs", "2")]


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """A function: the bench log of that many bytes; and the number of its lines."""
    file = tmp_path_factory.mktemp("large") / "bench.log"

    def written(size: int) -> tuple[Path, int]:
        return file, offline.write(file, size, "jsonl")

    yield written
    file.unlink(missing_ok=True)


def lines_of(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines)


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_the_whole_log_is_worked_on_within_the_bound(log, argv, tmp_path):
    check(argv, *log(SMALL), tmp_path / "out")


@pytest.mark.full
def test_a_gigabyte_takes_no_more_memory_than_a_small_log(log, tmp_path):
    file, lines = log(LARGE)
    assert os.path.getsize(file) >= LARGE
    for argv in COMMANDS:
        check(argv, file, lines, tmp_path / "out")


def check(argv: tuple[str, ...], file: Path, lines: int, out: Path) -> None:
    name, *options = argv
    _, peak = offline.command(name, file, out, *options)
    assert peak < MOST_BYTES
    if name == "convert":
        assert lines_of(out) >= lines - 1
    else:
        assert f"{lines} frames: 0 errors, 0 warnings, " in out.read_text()
    out.unlink()
