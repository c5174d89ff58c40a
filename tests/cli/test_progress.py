"""The line that says how far a run has come: on a terminal only, within its width."""

import io
from itertools import count

import pytest

from gateway.cli.progress import Progress
from gateway.logs.opening import Source

FRAMES = 2560


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def log(tmp_path):
    file = tmp_path / "a.log"
    file.write_bytes(b"x" * 4_000_000)
    return file


def shown(monkeypatch, name, err, *, shown=True, read=1_000_000, seconds=100, columns=100):
    """What the terminal got of a run that takes a second for every look at the clock."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stderr", err)
    ticks = count(0, seconds)
    progress = Progress([str(name)], shown=shown, clock=lambda: next(ticks))
    with Source(str(name)) as source:
        progress.begun(source)
        source.read(read)
        for _ in range(FRAMES):
            progress.step(1)
        progress.end()
    return err.getvalue().split("\r\x1b[K")[1:]


def test_it_tells_bytes_frames_and_the_time_left(monkeypatch, log):
    first, *_, last, cleared = shown(monkeypatch, log, Terminal())
    assert first == "[########......................]  25 %  1.0 of 4.0 MB  3 frames/s  5:00 left"
    assert last.endswith("3 frames/s  50:00 left")
    assert cleared == ""


def test_long_times_have_hours(monkeypatch, log):
    assert shown(monkeypatch, log, Terminal(), seconds=3000)[0].endswith("2:30:00 left")


@pytest.mark.parametrize("columns", [20, 40, 57, 64, 300])
def test_it_stays_on_one_line(monkeypatch, log, columns):
    lines = shown(monkeypatch, log, Terminal(), columns=columns)
    assert lines
    assert max(map(len, lines)) < columns


def test_where_the_end_is_not_known_no_time_is_told(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x" * 2_000_000)))
    first, *_ = shown(monkeypatch, "-", Terminal(), read=2_000_000)
    assert first == "2.0 MB  3 frames/s"


def test_it_is_quiet_when_nobody_looks(monkeypatch, log):
    assert shown(monkeypatch, log, io.StringIO()) == []
    assert shown(monkeypatch, log, Terminal(), shown=False) == []
