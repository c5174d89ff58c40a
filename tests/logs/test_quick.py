"""Lines read at a glance: what is looked at closely, and that both ways find the same."""

from itertools import islice

import orjson
import pytest

from gateway.config.model import Resources
from gateway.core.frames import Call, CallResult
from gateway.logs.conversation import Conversations
from gateway.logs.entry import Entry, Remark
from gateway.logs.opening import Source
from gateway.logs.quick import LONGEST, items_of, runs_of
from gateway.logs.reader import LineReader
from gateway.logs.traces import Traces
from gateway.logs.validation import Validation
from gateway.revision import load_catalog
from tests.bench import offline

TOO_LARGE = "123456789012345678901234567890"


@pytest.fixture(scope="module")
def catalog():
    return load_catalog(Resources())


@pytest.fixture
def found(tmp_path):
    """A function: what a reader finds in these lines."""

    def read(*lines):
        file = tmp_path / "a.log"
        file.write_bytes(b"".join(line + b"\n" for line in lines))
        with Source(str(file)) as source:
            return list(LineReader(source).found())

    return read


def traces(count: int) -> list[dict]:
    lines = islice(offline.frames(), count)
    return [orjson.loads(offline.traced(*item)) for item in lines]


def call(payload: str, message_id: str = "1") -> bytes:
    return f'[2,"{message_id}","DataTransfer",{payload}]'.encode()


def test_records_of_one_file_come_together(found):
    (run,) = found(*map(orjson.dumps, traces(20)))
    assert isinstance(run, Traces)
    assert len(run.rows) == 20


def test_records_and_frames_come_apart_and_in_order(found):
    record = orjson.dumps(traces(1)[0])
    raw = [call('{"vendorId":"a"}', message_id) for message_id in "1234"]
    entries = list(items_of(found(*raw, record, *raw, record)))
    assert [entry.line for entry in entries] == list(range(1, 11))
    assert [entry.shape for entry in entries] == (["raw"] * 4 + ["jsonl"]) * 2


@pytest.mark.parametrize("spaced", [False, True])
def test_an_integer_beyond_64_bits_is_not_passed_over(found, spaced):
    payload = f'{{"vendorId":"a","data":{TOO_LARGE}}}'
    lines = [call('{"vendorId":"a"}'), call(payload)]
    if spaced:
        lines = [data.replace(b":", b": ") for data in lines]
    first, second = items_of(found(*lines))
    assert isinstance(first, Entry)
    assert isinstance(second, Remark)
    assert (second.rule, second.line) == ("unreadable", 2)


@pytest.mark.parametrize("text", ['{"vendorId":"a"}', '{"vendorId": "a"}', '{"vendorId":"a",'
                                  '"data":"\\u0041"}', '{"vendorId":"a","x":1.50}'])  # fmt: skip
def test_texts_of_other_writers_are_read_alike(found, text):
    first, second = items_of(found(call("{}"), call(text, "2")))
    assert second.frame == Call("2", "DataTransfer", orjson.loads(text))
    assert second.data == call(text, "2")
    assert first.frame == Call("1", "DataTransfer", {})


def test_a_member_that_is_there_twice_is_not_exact(found):
    _, twice = items_of(found(call('{"vendorId":"a"}'), call('{"vendorId":"a","vendorId":"b"}')))
    assert not twice.exact
    assert twice.frame.payload == {"vendorId": "b"}


def test_deep_and_long_frames_are_looked_at_closely(found):
    deep = "[" * 40 + "]" * 40
    wide = "[" + ",".join(["{}"] * 60) + "]"
    long = '"' + "x" * LONGEST + '"'
    ends = [call(f'{{"vendorId":"a","data":{data}}}') for data in (wide, deep, long)]
    read = list(items_of(found(call("{}"), *ends)))
    assert [type(item) for item in read] == [Entry, Entry, Remark, Entry]


def test_a_line_may_end_in_a_carriage_return(found):
    _, again = items_of(found(call("{}"), call('{"vendorId":"a"}') + b"\r"))
    assert again.data == call('{"vendorId":"a"}')


def test_a_record_may_leave_out_its_station_and_version(found):
    record = traces(2)[1]
    del record["chargePointId"], record["ocppVersion"]
    (entry,) = items_of(found(orjson.dumps(record)))
    assert (entry.station, entry.version) == ("", "")
    assert isinstance(entry.frame, CallResult)


# -- with and without entries -----------------------------------------------------------------

ODD = {
    3: lambda record, before: record.update(messageId=before["messageId"]),
    5: lambda record, before: record["payload"].update(extra=1),
    7: lambda record, before: record.update(timestamp="2025-01-01T00:00:00.000Z"),
    11: lambda record, before: record.update(direction="csms-to-cp"),
    13: lambda record, before: record.update(direction="cp-to-csms"),
    17: lambda record, before: record.update(ocppVersion="2.0.1"),
    19: lambda record, before: record.update(ocppVersion=""),
    23: lambda record, before: record.pop("chargePointId"),
    29: lambda record, before: record.update(messageType="CALL", action="Nonsense"),
    31: lambda record, before: record.update(messageId=""),
    37: lambda record, before: record.update(messageType="CALLERROR", error={"code": "Oops"}),
}
"""What is changed in a record whose number is divisible by that."""


def findings(catalog, found):
    told = []
    conversations = Conversations(catalog, told.append)
    validation = Validation(catalog, conversations, told.append)
    for one in found:
        if isinstance(one, Traces):
            validation.take_traces(one)
        elif isinstance(one, list):
            validation.take_all(one)
        else:
            validation.take(one)
    told += conversations.finish()
    return validation.frames, told


def test_records_without_entries_are_judged_as_with_them(catalog, found):
    records = traces(6000)
    before = records[0]
    for number, record in enumerate(records[1000:], start=1):
        for divisor, change in ODD.items():
            if number % (divisor * 3) == 0:
                change(record, before)
        before = record
    kept = [record for number, record in enumerate(records) if number % 41]
    read = found(*map(orjson.dumps, kept))
    plain = findings(catalog, read)
    assert plain == findings(catalog, runs_of(read))
    rules = {finding.rule for finding in plain[1] if not isinstance(finding, str)}
    assert {"duplicate_id", "clock_back", "role", "unknown_action", "no_answer"} <= rules
    assert {"answer_without_call", "additionalProperties"} <= rules
