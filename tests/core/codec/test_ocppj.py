"""Frames: what is read, what is refused and how it is answered (decision 22, reliability S17)."""

import json

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.core.codec.ocppj import Limits, decode, encode_call, encode_error, encode_result
from gateway.core.dialects import (
    ERROR_CODES,
    FORMAT_VIOLATION,
    MESSAGE_TYPE_NOT_SUPPORTED,
    OCCURRENCE_VIOLATION,
    RPC_FRAMEWORK_ERROR,
    Version,
)
from gateway.core.errors import FrameError
from gateway.core.frames import Call, CallError, CallResult
from tests.support.payloads import json_values

V16, V201 = Version.V16, Version.V201
ID = "19223201"


def nested(depth: int) -> bytes:
    """A CALL with so many lists and objects inside each other, its own two included."""
    return b'[2,"%s","DataTransfer",{"data":%s}]' % (
        ID.encode(),
        b"[" * (depth - 2) + b"]" * (depth - 2),
    )


def wide(nodes: int) -> bytes:
    """A CALL with so many values, its own five included."""
    return b'[2,"%s","DataTransfer",{"data":[%s]}]' % (ID.encode(), b",".join([b"1"] * (nodes - 6)))


def in_payload(text: str) -> bytes:
    """A CALL with this JSON text as a member's value."""
    return f'[2,"{ID}","DataTransfer",{{"data":{text}}}]'.encode()


def refusal(data: bytes, version: Version = V201, limits: Limits | None = None) -> FrameError:
    with pytest.raises(FrameError) as caught:
        decode(data, version, limits or Limits())
    return caught.value


@pytest.mark.parametrize(
    ("data", "frame"),
    [
        (b'[2,"1","Heartbeat",{}]', Call("1", "Heartbeat", {})),
        (b' [ 2 , "1" ,\n"Heartbeat",\t{ } ]\r\n', Call("1", "Heartbeat", {})),
        (b'[2,"\\u00e9","A",{"a":[1,2.5,null]}]', Call("é", "A", {"a": [1, 2.5, None]})),
        (b'[2,"%s","%s",{}]' % (b"i" * 36, b"a" * 50), Call("i" * 36, "a" * 50, {})),
        (b'[3,"1",{}]', CallResult("1", {})),
        (b'[3,"1",{"status":"Accepted"}]', CallResult("1", {"status": "Accepted"})),
        (
            b'[4,"1","FormationViolation","",{"a":1}]',
            CallError("1", "FormationViolation", "", {"a": 1}),
        ),
        (b'[4,"1","Whatever","text"]', CallError("1", "Whatever", "text", {})),
        (b'[4,"1","GenericError","%s",{}]' % (b"x" * 500), None),
        (b'[2,"1","A",{"a":1,"a":2}]', Call("1", "A", {"a": 2})),
    ],
)
def test_frames_are_read(data: bytes, frame: Call | CallResult | CallError | None) -> None:
    for version in Version:
        decoded = decode(data, version)
        assert frame is None or decoded == frame
        assert frame is None or type(decoded) is type(frame)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"{}",
        b'"text"',
        b"null",
        b"17",
        b"[]",
        b"[2]",
        b'[2,"","Heartbeat",{}]',
        b'[2,null,"Heartbeat",{}]',
        b'[2,17,"Heartbeat",{}]',
        b'[2,["1"],"Heartbeat",{}]',
        b'[2,"%s","Heartbeat",{}]' % (b"i" * 37),
        b'[2,"1\\u0000","Heartbeat",{}]',
        b'[2,"\\ud800","Heartbeat",{}]',
        b'[2,"1","Heartbeat",{}',
        b'[2,"1","Heartbeat",{"a":}]',
        b'[2,"1","Heartbeat",{"a":1,}]',
        b"[2,'1','Heartbeat',{}]",
        b'[2,"1","Heartbeat",{"a":01}]',
        b'[2,"1","Heartbeat",{"a":"\n"}]',
        b'[2,"1","Heart\xffbeat",{}]',
        b'\xff\xfe[2,"1","Heartbeat",{}]',
        b"[" * 100,
        b'"' * 99,
    ],
)
def test_without_an_id_only_2_0_1_is_answered(data: bytes) -> None:
    """Under "-1", which is what an error without an id means."""
    error = refusal(data)

    assert error.code == RPC_FRAMEWORK_ERROR
    assert error.message_id is None
    assert error.answer


@pytest.mark.parametrize(
    ("data", "message_id"),
    [
        (b'[5,"1","Heartbeat",{}]', "1"),
        (b'[0,"1",{}]', "1"),
        (b'["2","1","Heartbeat",{}]', "1"),
        (b'[true,"1","Heartbeat",{}]', "1"),
        (b'[null,"1"]', "1"),
        (b'[[],"1"]', "1"),
        (b'[2.5,"1"]', "1"),
        (b'[99999999999999999999,"1"]', "1"),
        (b"[5]", None),
        (b"[5,6]", None),
        (b'["Heartbeat",{}]', None),
    ],
)
def test_an_unknown_message_type_is_answered_by_2_0_1_only(
    data: bytes, message_id: str | None
) -> None:
    new, old = refusal(data, V201), refusal(data, V16)

    assert (new.code, new.message_id, new.answer) == (MESSAGE_TYPE_NOT_SUPPORTED, message_id, True)
    assert not old.answer


@pytest.mark.parametrize(
    "rest",
    [
        b"",
        b',"Heartbeat"',
        b',"Heartbeat",{},{}',
        b",17,{}",
        b",null,{}",
        b',"%s",{}' % (b"a" * 51),
        b',"Heartbeat",[]',
        b',"Heartbeat",null',
        b',"Heartbeat","{}"',
    ],
)
@pytest.mark.parametrize("version", Version)
def test_a_call_of_the_wrong_shape_is_a_format_error_under_its_id(
    rest: bytes, version: Version
) -> None:
    error = refusal(b'[2,"19223201"' + rest + b"]", version)

    assert (error.code, error.message_id, error.answer) == (FORMAT_VIOLATION, ID, True)


@pytest.mark.parametrize(
    ("data", "message_id"),
    [
        (b'[3,"1"]', "1"),
        (b'[3,"1",[]]', "1"),
        (b'[3,"1",null]', "1"),
        (b'[3,"1",{},{}]', "1"),
        (b'[3,"1","Heartbeat",{}]', "1"),
        (b'[4,"1"]', "1"),
        (b'[4,"1","GenericError"]', "1"),
        (b'[4,"1",17,"text",{}]', "1"),
        (b'[4,"1","GenericError",null,{}]', "1"),
        (b'[4,"1","GenericError","text",[]]', "1"),
        (b'[4,"1","GenericError","text",{},1]', "1"),
        (b'[3,"1",{"a":1e999}]', "1"),
        (b'[3,"1",{"a":"\\u0000"}]', "1"),
        (b'[4,"1","GenericError","\\u0000",{}]', "1"),
        (b'[3,"1",{"a":' + b"[" * 99 + b"]" * 99 + b"}]", "1"),
        (b"[3,1,{}]", None),
        (b'[4,null,"GenericError","text",{}]', None),
        (b"[3]", None),
    ],
)
@pytest.mark.parametrize("version", Version)
def test_an_answer_is_never_answered(data: bytes, message_id: str | None, version: Version) -> None:
    error = refusal(data, version)

    assert (error.message_id, error.answer) == (message_id, False)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (in_payload("NaN"), "not finite"),
        (in_payload("Infinity"), "not finite"),
        (in_payload("-Infinity"), "not finite"),
        (in_payload("1e999"), "not finite"),
        (in_payload("-1e999"), "not finite"),
        (in_payload("1" * 400), "not finite"),
        (in_payload("1" * 5000), "not finite"),
        (in_payload('"\\ud800"'), "lone surrogate"),
        (in_payload('"\\udc00x"'), "lone surrogate"),
        (in_payload('"\\u0000"'), "NUL"),
        (in_payload('"\\\\\\u0000"'), "NUL"),
        (in_payload('{"\\u0000":1}'), "NUL"),
        (in_payload("18446744073709551616"), "64 bits"),
        (in_payload("-9223372036854775809"), "64 bits"),
        (in_payload("[1,99999999999999999999]"), "64 bits"),
        (in_payload('{"a":"12345678901234567890","b":-99999999999999999999}'), "64 bits"),
        (in_payload("1" * 200), "64 bits"),
        (nested(33), "deeper than 32"),
        (nested(1000), "deeper than 32"),
        (nested(100_000), "deeper than 32"),
        (nested(100_000)[:-100_000], "deeper than 32"),
        (in_payload('{"a":' * 31 + "1" + "}" * 31), "deeper than 32"),
        (in_payload('["]",' * 3 + "[" * 40 + "]" * 43), "deeper than 32"),
        (in_payload('[{"a":"},{},{},{"},' * 31 + "1" + "]" * 31), "deeper than 32"),
        (wide(20_001), "more than 20000"),
        (in_payload("[" + "{}," * 30_000 + "{}]"), "more than 20000"),
        (b"\xef\xbb\xbf" + in_payload("1"), "byte order mark"),
        (b"\xef\xbb\xbf " + in_payload("1"), "byte order mark"),
        (in_payload("1") + b" x", "more data"),
        (in_payload("1") + b"\n" + in_payload("1"), "more data"),
        (b"\t " + in_payload("1") + b"]", "more data"),
    ],
    ids=lambda value: value[:60] if isinstance(value, bytes) else value,
)
@pytest.mark.parametrize("version", Version)
def test_forbidden_json_is_a_format_error_under_the_call_s_id(
    data: bytes, reason: str, version: Version
) -> None:
    error = refusal(data, version)

    assert (error.code, error.message_id, error.answer) == (FORMAT_VIOLATION, ID, True)
    assert reason in str(error)


@pytest.mark.parametrize(
    "data",
    [
        in_payload("18446744073709551615"),
        in_payload("-9223372036854775808"),
        in_payload("9223372036854775807"),
        in_payload("0.1234567890123456789012345"),
        in_payload("12345678901234567890.5"),
        in_payload("12345678901234567890e2"),
        in_payload("1e300"),
        in_payload('"99999999999999999999"'),
        in_payload('"-99999999999999999999"'),
        in_payload('"x99999999999999999999"'),
        in_payload('"a\\":99999999999999999999"'),
        in_payload('{"99999999999999999999":"\\\\"}'),
        in_payload('"\\\\u0000"'),
        in_payload('"\\\\\\\\u0000"'),
        in_payload('"\\ud83d\\ude00"'),
        in_payload('"\ufeff"'),
        in_payload('"' + "[" * 100 + '"'),
        in_payload('"' + '\\"[' * 100 + '"'),
        in_payload("[" + ",".join('{"a":{"b":[]}}' for _ in range(50)) + "]"),
        in_payload("[" + ", ".join('{"a": {"b": []}}' for _ in range(50)) + "]"),
        in_payload('"' + "x" * 100_000 + '"'),
        in_payload('"' + "," * 100_000 + '"'),
        nested(32),
        wide(20_000),
        in_payload("[" + "[],\n" * 19_000 + "[]]"),
    ],
    ids=lambda data: data[:60],
)
def test_what_only_looks_forbidden_is_read(data: bytes) -> None:
    frame = decode(data, V16)

    assert frame == Call(*json.loads(data)[1:])


def test_the_limits_are_settings() -> None:
    limits = Limits(json_depth=4, json_nodes=10)

    assert decode(nested(4), V16, limits)
    assert "deeper than 4" in str(refusal(nested(5), V16, limits))
    assert decode(wide(10), V16, limits)
    assert "more than 10 values" in str(refusal(wide(11), V16, limits))


def test_calls_and_results_are_written_as_plain_arrays() -> None:
    assert (
        encode_call("1", "Authorize", {"idTag": "é"})
        == '[2,"1","Authorize",{"idTag":"é"}]'.encode()
    )
    assert encode_result("1", {"limit": 21.4}) == b'[3,"1",{"limit":21.4}]'


@pytest.mark.parametrize(
    ("version", "code", "spelled"),
    [
        (V16, FORMAT_VIOLATION, "FormationViolation"),
        (V201, FORMAT_VIOLATION, "FormatViolation"),
        (V16, OCCURRENCE_VIOLATION, "OccurenceConstraintViolation"),
        (V201, OCCURRENCE_VIOLATION, "OccurrenceConstraintViolation"),
        (V16, RPC_FRAMEWORK_ERROR, "GenericError"),
    ],
)
def test_errors_are_written_as_the_version_spells_them(
    version: Version, code: str, spelled: str
) -> None:
    data = encode_error("1", code, "why", {"a": 1}, version)

    assert orjson.loads(data) == [4, "1", spelled, "why", {"a": 1}]


def test_a_description_is_cut_to_255_characters() -> None:
    frame = decode(encode_error("1", FORMAT_VIOLATION, "é" * 300, {}, V201), V201)

    assert isinstance(frame, CallError)
    assert frame.description == "é" * 255


objects = st.dictionaries(st.text(max_size=5), json_values(), max_size=3)
GOOD = encode_call(ID, "StatusNotification", {"connectorId": 1, "info": "a\\b", "list": [{}, {}]})


@given(st.text(min_size=1, max_size=36), st.text(max_size=50), json_values())
def test_what_is_written_is_read_back(message_id: str, action: str, value: object) -> None:
    for letter in (message_id, action):
        if "\0" in letter or not letter.isprintable():
            return
    frame = decode(encode_call(message_id, action, {"a": value}), V201)

    assert frame == Call(message_id, action, {"a": value})


def checked(data: bytes) -> None:
    """Whatever data is: a frame, or a FrameError that can be answered as it says."""
    for version in Version:
        try:
            frame = decode(data, version)
        except FrameError as error:
            code, message_id = error.code, error.message_id
        else:
            code, message_id = FORMAT_VIOLATION, frame.message_id
            orjson.dumps(tuple(frame))
        assert code in ERROR_CODES
        assert message_id is None or 0 < len(message_id) <= 36
        assert encode_error(message_id or "-1", code, "why", {}, version)


@given(st.binary(max_size=80))
def test_no_bytes_do_worse_than_a_frame_error(data: bytes) -> None:
    checked(data)


@given(st.text(alphabet='[]{}",:\\ue0123456789-NaIf \t', max_size=60))
@example('[2,"\\')
@example('[2,"1","A",{"a":"\\u000')
def test_no_json_like_text_does_worse_than_a_frame_error(text: str) -> None:
    checked(text.encode())
    checked(b'[2,"1","A",{"a":' + text.encode())


@given(st.integers(0, len(GOOD)), st.integers(0, len(GOOD)), st.binary(max_size=4))
def test_no_damaged_frame_does_worse_than_a_frame_error(
    start: int, length: int, patch: bytes
) -> None:
    checked(GOOD[:start] + patch + GOOD[start + length :])


@given(st.lists(json_values() | st.sampled_from([2, 3, 4, "1", "Heartbeat", {}]), max_size=6))
def test_no_array_does_worse_than_a_frame_error(frame: list[object]) -> None:
    checked(orjson.dumps(frame))
