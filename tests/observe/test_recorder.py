"""What `serve --record` writes: every message, masked or as it is, and how much it may keep."""

import json
import os
import stat

import pytest

from gateway.core.dialects import Encoding, Leg, Side, Version
from gateway.core.errors import ConfigError
from gateway.observe.recorder import MOST_BYTES, Heard, Recorder, Trace
from gateway.observe.redaction import Redactor

STATION = Leg(Side.STATION, Version.V16, 0.0)
CSMS = Leg(Side.CSMS, Version.V201, 0.0)
SOAP = Leg(Side.STATION, Version.V16, 0.0, Encoding.SOAP)
CALL = b'[2, "1", "Authorize", {"idTag": "04A1B2"}]'
NOW = 1748768520.25


def heard(data=CALL, leg=STATION, sender=Side.STATION, left_out=0):
    return Heard(NOW, "CP1", leg, sender, data, left_out)


def written(message, redactor=None):
    return json.loads(Trace(redactor).line(message))


def test_a_message_is_a_record_of_open_ocpp_trace():
    assert written(heard()) == {
        "schemaVersion": "1.1",
        "timestamp": "2025-06-01T09:02:00.250Z",
        "transport": "json",
        "direction": "cp-to-csms",
        "messageType": "CALL",
        "ocppVersion": "1.6",
        "chargePointId": "CP1",
        "messageId": "1",
        "action": "Authorize",
        "payload": {"idTag": "04A1B2"},
        "raw": CALL.decode(),
        "meta": {"leg": "station"},
    }


def test_answers_and_refusals_have_their_own_members():
    answer = written(heard(b'[3,"1",{"a":1}]', CSMS, Side.CSMS))
    assert (answer["messageType"], answer["payload"]) == ("CALLRESULT", {"a": 1})
    assert (answer["direction"], answer["meta"]["leg"]) == ("csms-to-cp", "csms")
    error = written(heard(b'[4,"1","FormationViolation","no",{}]'))
    assert error["error"] == {"code": "FormationViolation", "description": "no", "details": {}}


def test_masked_shows_no_token_and_no_secret_and_not_the_text():
    masked = written(heard(), Redactor(b"k"))
    assert "raw" not in masked
    assert masked["payload"]["idTag"].startswith("h:")
    key = b'[2,"2","ChangeConfiguration",{"key":"AuthorizationKey","value":"secret"}]'
    assert b"secret" not in Trace(Redactor(b"k")).line(heard(key))


def test_a_refusal_that_quotes_its_call_is_masked_too():
    trace = Trace(Redactor(b"k"))
    trace.line(heard())
    refusal = b'[4,"1","GenericError","04A1B2 is unknown",{}]'
    assert b"04A1B2" not in trace.line(heard(refusal, sender=Side.CSMS))


def test_a_soap_leg_is_told_from_its_frames():
    record = written(heard(leg=SOAP))
    assert (record["transport"], record["payload"]) == ("soap", {"idTag": "04A1B2"})
    assert "raw" not in record


def test_what_cannot_be_read_is_kept_as_it_is():
    record = written(heard(b'[2,"1"\xff'))
    assert record["raw"] == '[2,"1"\\xff'
    assert record["meta"]["unreadable"]


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
