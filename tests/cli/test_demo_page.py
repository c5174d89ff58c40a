"""Rows of the demo: what comes in, and beside it what the gateway sends because of it."""

from gateway.cli.demo_page import Page
from gateway.core.dialects import Side
from gateway.core.frames import Call, CallError, CallResult
from gateway.core.session.effects import Record

STATION, CSMS = Side.STATION, Side.CSMS


def written(*happenings) -> list[str]:
    """The lines of a page of 96 columns; ("came", side, frame) and so on."""
    lines: list[str] = []
    page = Page(0, lines.append)
    for name, *arguments in happenings:
        getattr(page, name)(*arguments)
    page.flush()
    return [" ".join(line.split()) for line in lines]


def test_a_call_and_what_becomes_of_it_share_a_row():
    assert written(
        ("came", STATION, Call("s1", "Boot", {"a": {"b": 1}})),
        ("went", CSMS, Call("uuid-uuid-uuid", "Start", {"c": [1, {"d": 2}]})),
        ("came", CSMS, CallResult("uuid-uuid-uuid", {})),
        ("went", STATION, CallError("s1", "GenericError", "no", {})),
    ) == [
        "Boot (s1) --> Start (uuid-uui)",
        "a.b: 1 c[0]: 1",
        "c[1].d: 2",
        "refusal of s1: GenericError no <-- answer to uuid-uui",
    ]


def test_what_the_gateway_sends_of_its_own_has_a_row_of_its_own():
    assert written(
        ("came", STATION, Call("s1", "Boot", {})),
        ("went", STATION, CallResult("s1", {})),
        ("went", CSMS, Call("g1", "Status", {})),
    ) == ["Boot (s1) -->", "answer to s1 <--", "--> Status (g1)"]


def test_notes_stand_between_the_columns():
    record = Record(">", CSMS, "Start", "1", losses=("M.request:a.b", "M.request:c"))
    assert written(
        ("came", STATION, Call("s1", "Boot", {"x": 1})),
        ("happened", record),
        ("went", CSMS, Call("g1", "Start", {})),
    ) == ["Boot (s1) --> Start (g1)", "x: 1 lost: a.b", "lost: c"]


def test_a_long_path_loses_its_beginning_before_the_value():
    lines = written(
        ("came", STATION, Call("s1", "X", {"one" * 8: {"two" * 8: {"three": "v" * 8}}}))
    )
    assert lines[1] == "..three: vvvvvvvv"
