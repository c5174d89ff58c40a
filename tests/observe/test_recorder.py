"""What `serve --record` does with what it hears: the file, and how much may wait for it."""

import json
import os
import stat

import pytest

from gateway.core.dialects import Leg, Side, Version
from gateway.core.errors import ConfigError
from gateway.observe.recorder import MOST_BYTES, Recorder
from gateway.observe.trace import Heard

STATION = Leg(Side.STATION, Version.V16, 0.0)


def heard(data):
    return Heard(1748768520.25, "CP1", STATION, Side.STATION, data)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "traffic.jsonl"


def ids(file):
    return [json.loads(line)["messageId"] for line in file.read_text().splitlines()]


def call(number):
    return heard(b'[2,"%d","Heartbeat",{}]' % number)


def test_what_was_heard_is_in_the_file_in_order(file):
    with Recorder(str(file), None) as recorder:
        for number in range(500):
            recorder.hear(call(number))
    assert ids(file) == [str(number) for number in range(500)]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_is_continued_also_behind_half_a_record(file):
    file.write_bytes(b'{"messageId":"0"}\n{"mess')
    with Recorder(str(file), None) as recorder:
        recorder.hear(call(1))
    lines = file.read_text().splitlines()
    assert lines[:2] == ['{"messageId":"0"}', '{"mess']
    assert json.loads(lines[2])["messageId"] == "1"


def test_what_does_not_fit_is_counted_in_the_next_record(file, caplog):
    """The thread has not begun yet, as if the disk stood still."""
    recorder = Recorder(str(file), None)
    large = heard(b'[2,"x","Heartbeat",{}]' + b" " * (MOST_BYTES // 4))
    for _ in range(6):
        recorder.hear(large)
    recorder.hear(call(1))
    with recorder:
        pass
    counts = [json.loads(line)["meta"].get("leftOut") for line in file.read_text().splitlines()]
    assert counts == [None, None, None, 3]
    assert "3 messages were left out" in caplog.text


def test_a_full_disk_ends_the_recording_and_nothing_else(caplog):
    with Recorder("/dev/full", None) as recorder:
        recorder.hear(call(1))
    assert "the recording has ended" in caplog.text


def test_a_fault_of_the_gateway_ends_the_recording_with_a_word(file, caplog):
    with Recorder(str(file), None) as recorder:
        recorder.hear(call(1)._replace(now=float("inf")))
    assert "the recording has ended" in caplog.text


def test_a_file_that_cannot_be_written_is_the_operators_mistake(tmp_path):
    with pytest.raises(ConfigError, match=r"record\.file"):
        Recorder(str(tmp_path / "none" / "x"), None)


def test_a_pipe_can_take_it_too(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with Recorder(str(pipe), None) as recorder:
        recorder.hear(call(7))
    assert json.loads(os.read(reading, 65536))["messageId"] == "7"
    os.close(reading)
