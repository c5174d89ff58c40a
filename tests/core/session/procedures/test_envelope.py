"""What travels inside another message, and what comes back in it."""

from gateway.core.frames import CallError
from gateway.core.session.procedures.envelope import opened, plain, read, sealed
from gateway.core.session.requests import Outcome, Reply


def test_a_payload_travels_as_compact_json():
    assert sealed("v", "Do", {"a": [1, {"b": "ü"}]}) == {
        "vendorId": "v",
        "messageId": "Do",
        "data": '{"a":[1,{"b":"ü"}]}',
    }


def test_only_text_of_an_object_is_a_payload():
    assert opened('{"a":1}') == {"a": 1}
    assert [opened(data) for data in (None, 5, "", "[1]", "{", {"a": 1})] == [None] * 6


def test_an_accepted_envelope_without_data_brings_an_empty_answer():
    found = read(Reply(Outcome.RESULT, {"status": "Accepted"}))
    assert (found.payload, found.status) == ({}, "Accepted")
    assert read(Reply(Outcome.RESULT, {"status": "Accepted", "data": "x"})).payload is None
    assert read(Reply(Outcome.RESULT, {"status": "Rejected", "data": "{}"})).payload is None


def test_silence_and_an_error_are_told_apart_from_not_knowing_the_message():
    silent = read(Reply(Outcome.NONE, {}))
    unknown = read(Reply(Outcome.ERROR, {}, CallError("1", "NotImplemented", "", {})))
    failed = read(Reply(Outcome.ERROR, {}, CallError("1", "InternalError", "", {})))
    assert [found.is_silent for found in (silent, unknown, failed)] == [True, False, False]
    assert [found.is_error for found in (silent, unknown, failed)] == [False, False, True]


def test_custom_data_is_taken_out_at_any_depth_and_the_original_stays():
    payload = {"a": {"customData": {"vendorId": "x"}, "b": [{"customData": {}, "c": 1}]}}
    assert plain(payload) == {"a": {"b": [{"c": 1}]}}
    assert "customData" in payload["a"]
