"""Records known by heart say what they say when they are read."""

from itertools import islice, pairwise
from random import Random

import orjson
import pytest

from gateway.core.codec.templates import ANSWER, Templates
from gateway.logs.heads import LONG, Heads
from gateway.logs.quick import Quick
from gateway.logs.traces import payload_of
from tests.bench import offline

RECORDS = 2000
SPARED = ("StartTransaction", "StopTransaction")


def lines():
    for item in islice(offline.frames(), RECORDS):
        yield offline.traced(*item)


def learned(records):
    """What knows those records, and all of them as read."""
    templates, quick, read = Templates(), Quick("a.log"), []
    heads = Heads(templates)
    for number, line in enumerate(records):
        row = quick.trace(number, line)
        read.append(row)
        if row is not None and row[6] not in SPARED:
            templates.of(row[6] or ANSWER, row[7])
        if row is not None:
            heads.learn(line, row)
    return heads, read


def test_most_records_are_known_by_heart():
    heads, read = learned(lines())
    known = 0
    for number, line in enumerate(lines()):
        row = heads.trace(number, line)
        if row is not None:
            known += 1
            assert not isinstance(row[7], dict)
            assert (*row[:7], payload_of(row)) == read[number]
    assert known > RECORDS * 0.9


def test_an_odd_record_is_read_or_says_the_same():
    heads, _ = learned(lines())
    random, quick, known = Random(4), Quick("a.log"), 0
    signs = b'"\\{}[],:aZ0 \t\x80\x00'
    for line in lines():
        odd = bytearray(line)
        for _ in range(random.choice((1, 1, 2))):
            at, kind = random.randrange(len(odd)), random.random()
            if kind < 0.4:
                odd[at] = random.choice(signs)
            elif kind < 0.6:
                del odd[at : at + random.choice((1, 1, 4, 30))]
            elif kind < 0.8:
                odd[at:at] = bytes(random.choices(signs, k=random.choice((1, 2))))
            else:
                cut = random.randrange(len(odd))
                odd[at:at] = odd[min(at, cut) : max(at, cut)][:80]
        row = heads.trace(1, bytes(odd))
        if row is not None:
            known += 1
            assert (*row[:7], payload_of(row)) == quick.trace(1, bytes(odd))
    assert known > RECORDS // 20


def test_a_log_known_by_heart_is_read_as_any_other():
    heads, _ = learned(lines())
    random, found = Random(6), []
    for line in lines():
        odd = random.random()
        if odd < 0.05:
            line = line.replace(
                *random.choice(((b'"payload":{}', b'"payload":{"a":1}'), (b"Z", b"")))
            )
        elif odd < 0.1:
            at = random.randrange(len(line))
            line = line[:at] + random.choice((b"", b"0", b'"', b"\\", b"\x80")) + line[at + 1 :]
        elif odd < 0.12:
            line = line[: random.randrange(LONG + 2)]
        if odd > 0.03:
            found.insert(len(found) - random.choice((0,) * 9 + (1, 2)), line)
    read = [rows_of(found, Quick("a.log", None, one)) for one in (None, heads)]
    assert read[0] == read[1]
    assert len(read[0]) > RECORDS * 0.8


@pytest.mark.parametrize("odd", [b"\x80", b'"', b"\\", b"\x00"])
def test_an_answer_awaited_is_read_where_its_time_is_no_text(odd):
    heads, _ = learned(lines())
    pairs = pairwise(lines())
    call, answer = next((one, behind) for one, behind in pairs if b'"MeterValues"' in one)
    assert heads.trace(1, call) is not None
    assert heads.awaited == answer[LONG:]
    at = answer.index(b"2025") + 12
    assert heads.answer(2, answer[:at] + odd + answer[at + 1 :]) is None


def rows_of(records, quick):
    """The records that are read at a glance."""
    rows, numbered = [], iter(enumerate(records))
    while True:
        some, following = quick.traces(numbered, 100, [])
        rows += [(*row[:7], payload_of(row)) for row in some]
        if following is None:
            return rows


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"messageId":"', '"messageId":"' + "i" * 37),
        ('"action"', '"meta":{},"action"'),
        ('"payload":{', '"payload":{},"payload":{'),
        ('"timestamp":"2', '"timestamp":"\\u0032'),
        ('"schemaVersion":"1.1"', '"schemaVersion":"1.1","payload":{}'),
        ('"transport":"json"', '"transport":"soap"'),
        ('"messageType":"CALL"', '"messageType":"CALLRESULT"'),
    ],
)
def test_a_record_with_more_or_less_in_it_is_read(old, new):
    heads, _ = learned(lines())
    line = next(line for line in lines() if b'"MeterValues"' in line)
    assert heads.trace(1, line) is not None
    assert heads.trace(1, line.replace(old.encode(), new.encode(), 1)) is None


def test_other_orders_of_members_are_known_where_the_payload_comes_last():
    def turned(line):
        record = orjson.loads(line)
        version = record.pop("ocppVersion")
        begin = {name: record.pop(name) for name in ("schemaVersion", "timestamp")}
        return orjson.dumps({**begin, "ocppVersion": version, **record})

    heads, read = learned(map(turned, lines()))
    rows = [heads.trace(number, turned(line)) for number, line in enumerate(lines())]
    found = [row for row in rows if row is not None]
    assert len(found) > RECORDS * 0.9
    assert all((*row[:7], payload_of(row)) == read[row[0]] for row in found)
