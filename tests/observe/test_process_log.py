"""What the process says of itself appears in the same form as its frames."""

import io
import json
import logging

from gateway.observe.lines import Lines
from gateway.observe.process_log import ProcessLog


def said(people: bool, message: str, *values: object, failing: bool = False) -> str:
    out = io.StringIO()
    logger = logging.Logger("gateway.test")
    logger.addHandler(ProcessLog(Lines(out, people, False, 2048)))
    try:
        assert not failing
    except AssertionError:
        logger.exception(message, *values)
    else:
        logger.warning(message, *values)
    return out.getvalue()


def test_as_json():
    line = json.loads(said(False, "cannot reach %s", "ws://user:CANARY@host/x"))
    assert line.pop("ts").endswith("Z")
    assert line == {
        "level": "warning",
        "event": "log",
        "logger": "gateway.test",
        "text": "cannot reach ws://***@host/x",
    }


def test_a_traceback_is_one_json_line():
    text = said(False, "it failed", failing=True)
    assert text.count("\n") == 1
    assert "Traceback" in json.loads(text)["text"]


def test_for_people_further_lines_are_indented():
    first, *rest = said(True, "it failed", failing=True).splitlines()
    assert first.endswith("error    it failed")
    assert rest
    assert all(line.startswith("    ") for line in rest)
