"""Map texts become maps, and every misfit of form is named with its place."""

import pytest

from gateway.core.dialects import Side, Version
from gateway.core.mapping.loader import load
from gateway.core.mapping.rows import REQUEST, RESPONSE, Block, Fill, Row

V16, V201 = Version.V16, Version.V201
HEAD = 'message: {v16: A, v201: B}\nfrom: station\nspec: {v16: "1", v201: "2"}\n'


def loaded(text="", **shared):
    texts = {"x/A.yaml": HEAD + text} | {f"shared/{name}.yaml": t for name, t in shared.items()}
    library, problems = load(texts, "mappings/")
    return library, [f"{p.place}: {p.message}" for p in problems]


def rows(text, **shared):
    library, problems = loaded(f"request:\n{text}", **shared)
    assert problems == []
    return library.maps["A"].rows[REQUEST]


def test_a_map_is_named_after_its_file_and_has_defaults():
    library, problems = loaded()
    assert problems == []
    found = library.maps["A"]
    assert found.actions == {V16: "A", V201: "B"}
    assert found.sender is Side.STATION
    assert found.entry == {V16, V201}
    assert found.procedure == {V16: ("relay", {}), V201: ("relay", {})}
    assert found.directions() == (V16, V201)
    assert not found.absorb
    assert found.rows == {REQUEST: (), RESPONSE: ()}


@pytest.mark.parametrize(
    ("text", "procedure"),
    [
        ("procedure: x", {V16: ("x", {}), V201: ("x", {})}),
        ("procedure: {name: x, p: {q: 1}}", dict.fromkeys((V16, V201), ("x", {"p": {"q": 1}}))),
        ("procedure: {to_v16: x}", {V16: ("x", {}), V201: ("relay", {})}),
        (
            "procedure: {to_v16: x, to_v201: {name: y, n: [1]}}",
            {V16: ("x", {}), V201: ("y", {"n": [1]})},
        ),
    ],
)
def test_a_procedure_is_for_both_directions_or_each_has_its_own(text, procedure):
    library, problems = loaded(text)
    assert (library.maps["A"].procedure, problems) == (procedure, [])


def test_a_row_knows_its_sides_and_place():
    (row,) = rows("  - {v16: a, v201: [b.c, d], via: tag, default: now, with: {request: e}}\n")
    assert isinstance(row, Row)
    assert str(row.place) == "mappings/x/A.yaml:5:5"
    assert row.sides == {V16: (("a",),), V201: (("b", "c"), ("d",))}
    assert (row.via, row.default) == ("tag", (Fill("now"),))
    assert row.extra[0].request


def test_fills_are_alternatives_in_order():
    (row,) = rows("  - {v201: a, fill: [{state: s}, {config: c.d}, {const: 1}, now], lose: why}\n")
    assert row.fill == (Fill("state", "s"), Fill("config", "c.d"), Fill("const", 1), Fill("now"))


def test_shared_rows_stand_where_they_are_used_and_keep_their_own_place():
    shared = "summary: s\nrows:\n  - {v16: a, v201: a}\n"
    first, block = rows(
        "  - {use: shared/S}\n  - {each: {v16: l, v201: m}, use: shared/S}\n", S=shared
    )
    assert str(first.place) == "mappings/shared/S.yaml:3:5"
    assert isinstance(block, Block)
    assert block.rows == (first,)


def test_rows_take_over_the_direction_of_their_block():
    (block,) = rows(
        "  - one: {v201: l}\n    only: to_v201\n    rows:\n      - {v201: a, fill: {const: 1}}\n"
    )
    assert block.rows[0].only is V201


def test_a_map_that_travels_one_way_needs_no_reason_for_what_it_fills():
    library, problems = loaded("only: to_v201\nrequest:\n  - {v201: a, fill: {const: 1}}\n")
    assert problems == []
    assert library.maps["A"].rows[REQUEST][0].only is V201


def test_an_enum_table_has_values_for_each_way():
    enums = (
        "T:\n  summary: s\n  same: [x]\n  pairs: {a: b}\n  to_v16: {c: [d, null]}\n"
        "  drop: {to_v201: {y: why}}\n"
    )
    library, problems = loaded(enums=enums)
    assert problems == []
    table = library.enums["T"]
    assert table.to == {V16: {"x": "x", "b": "a", "c": ("d", None)}, V201: {"x": "x", "a": "b"}}
    assert table.drops == {V201: {"y": "why"}}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("reqest: []", "x/A.yaml:4:1: unknown key 'reqest'"),
        ("entry: [v15]", "x/A.yaml:4:1: entry: 'v15' is no side of this map"),
        ("only: v16", "x/A.yaml:4:1: only: 'v16' is no direction"),
        ("procedure: {p: 1}", "x/A.yaml:4:12: a procedure needs its name"),
        ("absorb: maybe", "x/A.yaml:4:9: absorb: true or false is expected here"),
        ("replies: {to_v16: {failed: 1}}", "4:28: failed: a payload or `callerror` is expected"),
        ("request: {v16: a}", "x/A.yaml:4:10: request: a list of rows is expected here"),
        ("request: [a]", "x/A.yaml:4:11: a mapping is expected here"),
        ("request:\n  - {via: tag}", "x/A.yaml:5:5: a row names a field of v16, v201 or both"),
        ("request:\n  - {v16: 'a..b', lose: x}", "x/A.yaml:5:11: 'a..b' is no path"),
        ("request:\n  - {v16: 'a[0]', lose: x}", "x/A.yaml:5:11: 'a[0]' is no path"),
        ("request:\n  - {v16: a}", "x/A.yaml:5:5: a one-sided row says once what becomes"),
        ("request:\n  - {v16: a, lose: x, used: y}", "5:5: a one-sided row says once what becomes"),
        ("request:\n  - {v16: a, lose: x, via: tag}", "5:23: via: needs a row with two sides"),
        (
            "request:\n  - {v16: a, fill: now, only: to_v201, lose: x}",
            "5:14: fill: never happens, the row travels the other way only",
        ),
        ("request:\n  - {v16: a, v201: b, lose: x}", "5:5: fill, lose, used and refuse need"),
        ("request:\n  - {v16: a, v201: b, via: x, enum: Y}", "5:31: via: and enum: on one row"),
        ("request:\n  - {v16: [a, c], v201: b}", "5:5: several paths on a side need via: or enum:"),
        ("request:\n  - {v16: a, v201: b, only: to_v15}", "5:23: only: 'to_v15' is no direction"),
        ("request:\n  - {v16: a, fill: {constant: 1}, lose: x}", "5:20: unknown kind of fill"),
        ("request:\n  - {v16: a, lose: 5}", "5:20: lose: text is expected here"),
        ("request:\n  - {use: shared/None}", "5:6: there are no shared rows 'shared/None'"),
        ("request:\n  - {each: {v16: a, v201: b}}", "5:5: a block `each` needs a side and rows"),
        (
            "only: to_v16\nrequest:\n  - {v16: a, v201: b, only: to_v201}",
            "6:23: the rows around it only travel the other way",
        ),
        ("examples:\n  - {request: {v16: {}, v201: {}}}", "5:5: an example needs a name"),
        ("examples:\n  - {name: n, request: {v16: {}}}", "5:15: an example shows the versions of"),
    ],
)
def test_a_misfit_is_named_with_its_place(text, problem):
    _, problems = loaded(text + "\n")
    assert any(problem in p for p in problems), problems


def test_everything_that_is_wrong_is_told_at_once():
    _, problems = loaded("entry: [v15]\nrequest:\n  - {v16: a}\nresponse: 5\n")
    assert len(problems) == 3


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("from: station\n", "message: is missing"),
        ("message: {v16: A}\nspec: {v16: x}\n", "from: says who sends the CALL"),
        ("message: {v16: A}\nfrom: csms\n", "spec: says nothing of v16"),
        ("", "the file holds no map"),
        ("[]", "the file holds no map"),
        ("message: [", "no YAML"),
    ],
)
def test_a_file_that_is_no_map_says_why(text, problem):
    _, problems = load({"x/A.yaml": text})
    assert any(problem in str(p) for p in problems), problems


def test_a_name_is_used_once():
    _, problems = load({"x/A.yaml": HEAD, "y/A.yaml": HEAD})
    assert [str(p) for p in problems] == ["y/A.yaml:1:1: a second map A (the first is x/A.yaml)"]


def test_shared_rows_that_use_themselves_are_found():
    _, problems = loaded("request: [{use: shared/S}]", S="summary: s\nrows: [{use: shared/S}]\n")
    assert any("shared/S uses itself" in p for p in problems)


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("T: {same: [a]}", "the table T needs a summary"),
        ("T: {summary: s, same: [a], to_v16: {a: b}}", "T: 'a' is in the table twice"),
        ("T: {summary: s, some: [a]}", "unknown key 'some'"),
    ],
)
def test_a_table_that_is_wrong_says_why(table, problem):
    _, problems = loaded(enums=table)
    assert any(problem in p for p in problems), problems
