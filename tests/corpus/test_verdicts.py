"""Frames that real devices and tools sent get the verdict that the corpus gives them."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.core.codec.ocppj import decode
from gateway.core.dialects import GENERIC_ERROR, Version, read_error
from gateway.core.errors import FrameError
from gateway.core.frames import Call, CallResult
from gateway.core.schema.repair import PROFILES, acceptable, repair
from tests.support.payloads import catalog

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FILES = {Version.V16: CORPUS / "ocpp16j.jsonl", Version.V201: CORPUS / "ocpp201.jsonl"}

# Nobody can guess what is missing, what an object stands for, or what an unknown value means.
NOT_MENDED = {"required", "type", "enum", "format", "minItems"}

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the traffic corpus is not here")


def records(version: Version) -> list[dict[str, Any]]:
    return [json.loads(line) for line in FILES[version].read_text("utf-8").splitlines()]


def verdict(version: Version, record: dict[str, Any]) -> bool:
    """Whether the codec and the catalogue accept the record's frame."""
    try:
        frame = decode(orjson.dumps(record["frame"]), version)
    except FrameError:
        return False
    if isinstance(frame, Call | CallResult):
        part = "request" if isinstance(frame, Call) else "response"
        if catalog().sender(version, record["action"]) is None:
            return False
        return catalog().is_valid(version, record["action"], part, frame.payload)
    return True


def exception(record: dict[str, Any], version: Version) -> str:
    """Why our verdict on a CALLERROR is another one than the corpus's; "" if there is no reason."""
    frame = record["frame"]
    if frame[0] != 4:
        return ""
    if not isinstance(frame[1], str):
        return "a message id is a string of 1 to 36 characters (design/README.md decision 22)"
    if len(frame) == 4:
        return "a CALLERROR without details is read as if they were empty"
    if read_error(frame[2]) == GENERIC_ERROR:
        return "an unknown code is read as GenericError (translation-station 1.2)"
    return ""


@pytest.mark.parametrize("version", Version)
def test_verdicts_are_those_of_the_corpus(version: Version) -> None:
    decided = [record for record in records(version) if record["valid"] is not None]
    different = [record for record in decided if verdict(version, record) != record["valid"]]

    assert len(decided) > 100
    assert [record for record in different if not exception(record, version)] == []
    assert len(different) < 6


@pytest.mark.parametrize("version", Version)
def test_what_is_not_mended_breaks_a_rule_that_no_repair_covers(version: Version) -> None:
    """Every invalid payload of the corpus ends valid, or refused for a reason repairs leave."""
    for record in records(version):
        part = {2: "request", 3: "response"}.get(record["frame"][0])
        payload = record["frame"][-1]
        message = (version, record["action"], part)
        if record["valid"] is not False or part is None or not isinstance(payload, dict):
            continue
        if catalog().sender(version, record["action"]) is None:
            continue
        mended, _ = repair(catalog(), *message, payload, PROFILES)
        rules = {finding.rule for finding in catalog().findings(*message, mended)}
        assert acceptable(catalog(), *message, mended) or rules & NOT_MENDED, record


@pytest.mark.parametrize("version", Version)
def test_valid_frames_are_left_as_they_are(version: Version) -> None:
    for record in records(version):
        part = {2: "request", 3: "response"}.get(record["frame"][0])
        if record["valid"] and part:
            payload = record["frame"][-1]
            mended, done = repair(catalog(), version, record["action"], part, payload)
            assert mended is payload
            assert done == ()
