"""Rows become functions: what each word of the language does to a payload."""

import traceback

import pytest

from gateway.core.dialects import Version
from gateway.core.errors import Untranslatable
from gateway.core.mapping import compiler, loader
from gateway.core.mapping.trace import trace
from gateway.core.schema.fields import field_table
from tests.support.mapping import context

V16, V201 = Version.V16, Version.V201
ENUMS = """\
Pair: {summary: s, pairs: {a: b}}
Wide: {summary: s, to_v201: {x: [y, z], w: [v, null]}}
Drop: {summary: s, same: [a], drop: {to_v201: {gone: why}}}
"""


def text(limit=None):
    return {"type": "string"} | ({"maxLength": limit} if limit else {})


def enum(*values):
    return {"type": "string", "enum": list(values)}


def obj(*required, **members):
    return {"type": "object", "properties": members, "required": list(required)}


def array(items, fewest=0):
    return {"type": "array", "items": items, "minItems": fewest}


INT, TIME, CUSTOM = {"type": "integer"}, text() | {"format": "date-time"}, obj("vendorId")


def translated(rows, old, new, payload, towards=V201, state=None, settings=None, part="request"):
    """Translate with these rows; compiled and traced must agree. Returns (payload, losses)."""
    source = 'message: {v16: M, v201: N}\nfrom: csms\nspec: {v16: "1", v201: "2"}\n'
    library, problems = loader.load(
        {"x/M.yaml": f"{source}{part}:\n{rows}", "shared/enums.yaml": ENUMS}
    )
    assert problems == []
    tables = {V16: field_table(old), V201: field_table(new)}

    def fields_of(version, action, part):
        return tables[version]

    station, lost = context(settings, V16 if towards is V201 else V201), []
    run = compiler.compile_part(library.maps["M"], part, towards, library, fields_of)
    traced = trace(
        library.maps["M"], library, fields_of, part, towards, payload, station, state or {}
    )
    if traced.refusal:
        with pytest.raises(Untranslatable) as caught:
            run(payload, station, state or {}, lost)
        assert traced.refusal == str(caught.value)
        raise caught.value
    made = run(payload, station, state or {}, lost)
    assert (traced.payload, list(traced.lost)) == (made, lost)
    return made, lost


COPY = "  - {v16: a, v201: b}\n"


def test_a_field_that_is_there_goes_over():
    old, new = obj("a", a=INT), obj("b", b=INT)
    assert translated(COPY, old, new, {"a": 5}) == ({"b": 5}, [])
    assert translated(COPY, old, new, {"b": 5}, V16) == ({"a": 5}, [])


def test_a_field_that_is_absent_stays_absent():
    assert translated(COPY, obj(a=INT), obj(b=INT), {}) == ({}, [])
    assert translated(COPY, obj(a=INT), obj(b=INT), {"a": 0}) == ({"b": 0}, [])


def test_an_empty_optional_text_is_left_out():
    assert translated(COPY, obj(a=text()), obj(b=text()), {"a": ""}) == ({}, [])
    assert translated(COPY, obj("a", a=text()), obj(b=text()), {"a": ""}) == ({}, [])
    assert translated(COPY, obj("a", a=text()), obj("b", b=text()), {"a": ""}) == ({"b": ""}, [])


def test_objects_are_opened_and_made():
    rows = "  - {v16: a.b, v201: c.d.e}\n  - {v16: a.f, v201: g}\n"
    old = obj(a=obj(b=INT, f=INT))
    new = obj(c=obj(d=obj(e=INT)), g=INT)
    assert translated(rows, old, new, {"a": {"b": 1}}) == ({"c": {"d": {"e": 1}}}, [])
    assert translated(rows, old, new, {"a": {"f": 2}}) == ({"g": 2}, [])
    assert translated(rows, old, new, {}) == ({}, [])
    assert translated(rows, old, new, {"c": {"d": {"e": 1}}}, V16) == ({"a": {"b": 1}}, [])


def test_date_times_come_out_in_normal_form():
    old, new = obj("a", a=TIME), obj("b", b=TIME)
    made, _ = translated(COPY, old, new, {"a": "2025-06-01T10:00:00+02:00"})
    assert made == {"b": "2025-06-01T08:00:00Z"}


def test_an_unreadable_date_time_is_lost_or_ends_the_translation():
    assert translated(COPY, obj(a=TIME), obj(b=TIME), {"a": "x"}) == ({}, ["M.request:a"])
    with pytest.raises(Untranslatable) as caught:
        translated(COPY, obj("a", a=TIME), obj("b", b=TIME), {"a": "x"})
    assert caught.value.reply == "failed"
    assert str(caught.value) == "M.request: a has no place in OCPP 2.0.1"


def test_a_table_is_looked_up_both_ways():
    rows = "  - {v16: a, v201: b, enum: Pair}\n"
    old, new = obj("a", a=enum("a")), obj("b", b=enum("b"))
    assert translated(rows, old, new, {"a": "a"}) == ({"b": "b"}, [])
    assert translated(rows, old, new, {"b": "b"}, V16) == ({"a": "a"}, [])


def test_a_table_gives_several_values_and_leaves_null_out():
    rows = "  - {v16: a, v201: [b, c], enum: Wide, only: to_v201}\n"
    old, new = obj("a", a=enum("x", "w")), obj("b", b=enum("y", "v"), c=enum("z"))
    assert translated(rows, old, new, {"a": "x"}) == ({"b": "y", "c": "z"}, [])
    assert translated(rows, old, new, {"a": "w"}) == ({"b": "v"}, [])


def test_a_default_stands_in_for_one_or_several_targets():
    rows = "  - {v16: a, v201: [b, c], enum: Wide, default: {const: [v, null]}, only: to_v201}\n"
    old, new = obj(a=enum("x", "w")), obj("b", b=enum("y", "v"), c=enum("z"))
    assert translated(rows, old, new, {}) == ({"b": "v"}, [])
    now = "  - {v16: a, v201: b, default: now}\n"
    assert translated(now, obj(a=TIME), obj("b", b=TIME), {}) == (
        {"b": "2025-01-01T00:00:00Z"},
        [],
    )


def test_another_field_stands_in():
    rows = "  - {v16: a, v201: b, else: {v16: c}}\n"
    old, new = obj(a=text(), c=text()), obj(b=text())
    assert translated(rows, old, new, {"a": "1", "c": "2"})[0] == {"b": "1"}
    assert translated(rows, old, new, {"c": "2"})[0] == {"b": "2"}
    assert translated(rows, old, new, {"a": "", "c": "2"})[0] == {"b": "2"}
    assert translated(rows, old, new, {})[0] == {}


@pytest.mark.parametrize(
    ("fill", "state", "made"),
    [
        ("{const: 7}", {}, 7),
        ("{const: [1, {x: y}]}", {}, [1, {"x": "y"}]),
        ("{config: b.boot_reason}", {}, "Unknown"),
        ("now", {}, "2025-01-01T00:00:00Z"),
        ("{state: sequence}", {"sequence": 0}, 0),
        ("[{state: sequence}, {const: 9}]", {"sequence": 3}, 3),
        ("[{state: sequence}, {const: 9}]", {"sequence": None}, 9),
        ("[{state: sequence}, {const: 9}]", {}, 9),
    ],
)
def test_a_target_is_filled(fill, state, made):
    rows = f"  - {{v201: b, fill: {fill}, only: to_v201}}\n"
    assert translated(rows, obj(), obj("b", b=INT), {}, state=state) == ({"b": made}, [])


def test_a_state_that_is_absent_leaves_an_optional_target_out():
    rows = "  - {v201: b, fill: {state: sequence}, only: to_v201}\n"
    assert translated(rows, obj(), obj(b=INT), {}, state={"sequence": None}) == ({}, [])


def test_a_two_sided_row_can_be_filled_one_way():
    rows = "  - {v16: a, v201: b, to_v201: {state: sequence}}\n"
    old, new = obj("a", a=INT), obj("b", b=INT)
    assert translated(rows, old, new, {"a": 1}, state={"sequence": 2}) == ({"b": 2}, [])
    assert translated(rows, old, new, {"b": 1}, V16) == ({"a": 1}, [])


def test_a_lost_field_is_noted_only_where_it_is_there():
    rows = "  - {v201: b.c, lose: why}\n  - {v201: d, lose: why}\n"
    new = obj(b=obj(c=INT), d=INT)
    assert translated(rows, obj(), new, {}, V16) == ({}, [])
    lost = ["M.request:b.c", "M.request:d"]
    assert translated(rows, obj(), new, {"b": {"c": 1}, "d": 2}, V16) == ({}, lost)
    assert translated(rows, obj(), new, {}) == ({}, [])


def test_a_refused_field_ends_the_translation():
    rows = "  - {v201: b, refuse: not yet}\n"
    assert translated(rows, obj(), obj(b=INT), {}, V16) == ({}, [])
    with pytest.raises(Untranslatable, match="not yet") as caught:
        translated(rows, obj(), obj(b=INT), {"b": 1}, V16)
    assert caught.value.reply == "unsupported"


LIST = "  - {each: {v16: l, v201: m}, rows: [{v16: a, v201: b, enum: Drop}, {v201: c, lose: x}]}\n"
OLD_LIST = obj(l=array(obj(a=enum("a", "gone"))))
NEW_LIST = obj(m=array(obj(b=enum("a"), c=INT)))


def test_lists_go_over_item_by_item():
    made, lost = translated(LIST, OLD_LIST, NEW_LIST, {"l": [{"a": "a"}, {}, {"a": "gone"}]})
    assert (made, lost) == ({"m": [{"b": "a"}, {}]}, ["M.request:l[]"])
    assert translated(LIST, OLD_LIST, NEW_LIST, {"m": [{"c": 1}]}, V16) == (
        {"l": [{}]},
        ["M.request:m[].c"],
    )


def test_an_optional_list_without_items_stays_absent():
    assert translated(LIST, OLD_LIST, NEW_LIST, {}) == ({}, [])
    assert translated(LIST, OLD_LIST, NEW_LIST, {"l": [{"a": "gone"}]})[0] == {}


def test_a_required_list_without_items_ends_the_translation():
    new = obj("m", m=array(obj(b=enum("a"), c=INT), 1))
    with pytest.raises(Untranslatable) as caught:
        translated(LIST, OLD_LIST, new, {"l": [{"a": "gone"}]})
    assert caught.value.reply == "empty"


def test_an_item_without_what_it_must_have_takes_its_parent_with_it():
    inner = "{each: {v16: l, v201: m}, rows: [{v16: a, v201: b, enum: Drop}]}"
    rows = f"  - {{each: {{v16: k, v201: n}}, rows: [{inner}]}}\n"
    old = obj(k=array(obj(l=array(obj(a=enum("a", "gone"))))))
    new = obj(n=array(obj("m", m=array(obj(b=enum("a"))))))
    payload = {"k": [{"l": [{"a": "gone"}]}, {"l": [{"a": "a"}]}]}
    assert translated(rows, old, new, payload) == (
        {"n": [{"m": [{"b": "a"}]}]},
        ["M.request:k[].l[]", "M.request:k[]"],
    )


REST = """\
  - each: {v16: l, v201: m}
    rest: customData.kept
    rows: [{v16: value, v201: b, enum: Drop}]
  - {v201: customData, lose: x}
"""
REST_OLD = obj(l=array(obj(value=enum("a", "gone"))))
REST_NEW = obj(m=array(obj(b=enum("a"))), customData=CUSTOM)
KEPT = {"vendorId": "org.ocpp-gateway", "kept": [{"value": "gone"}]}


def test_what_has_no_place_is_kept_in_custom_data_and_comes_back():
    payload = {"l": [{"value": "a"}, {"value": "gone"}]}
    made = {"m": [{"b": "a"}], "customData": KEPT}
    assert translated(REST, REST_OLD, REST_NEW, payload) == (made, [])
    assert translated(REST, REST_OLD, REST_NEW, made, V16) == (payload, [])


def test_without_custom_data_it_is_lost():
    off = {"custom_data": False}
    payload = {"l": [{"value": "a"}, {"value": "gone"}]}
    assert translated(REST, REST_OLD, REST_NEW, payload, settings=off) == (
        {"m": [{"b": "a"}]},
        ["M.request:l[]"],
    )


@pytest.mark.parametrize(
    "kept", [{}, "x", [1], [{"value": 5}], [{"value": "a", "more": "b"}], [{"other": "x"}], [{}]]
)
def test_custom_data_that_cannot_be_ours_brings_nothing_back(kept):
    payload = {"m": [{"b": "a"}], "customData": {"vendorId": "org.ocpp-gateway", "kept": kept}}
    assert translated(REST, REST_OLD, REST_NEW, payload, V16)[0] == {"l": [{"value": "a"}]}


def test_custom_data_of_others_is_lost():
    payload = {"m": [{"b": "a"}], "customData": {"vendorId": "x", "kept": [{"value": "gone"}]}}
    assert translated(REST, REST_OLD, REST_NEW, payload, V16) == (
        {"l": [{"value": "a"}]},
        ["M.request:customData"],
    )


OWN = "  - {v16: a, v201: customData.a}\n  - {v201: customData, lose: x}\n"
OWN_NEW = obj(customData=CUSTOM)


def test_a_field_rides_in_custom_data_and_back():
    made = {"customData": {"vendorId": "org.ocpp-gateway", "a": "v"}}
    assert translated(OWN, obj(a=text(5)), OWN_NEW, {"a": "v"}) == (made, [])
    assert translated(OWN, obj(a=text(5)), OWN_NEW, made, V16) == ({"a": "v"}, [])
    assert translated(OWN, obj(a=text(5)), OWN_NEW, {}) == ({}, [])


@pytest.mark.parametrize("value", ["", "too long", 5, None, ["v"]])
def test_what_does_not_fit_its_field_does_not_come_back(value):
    payload = {"customData": {"vendorId": "org.ocpp-gateway", "a": value}}
    assert translated(OWN, obj(a=text(5)), OWN_NEW, payload, V16)[0] == {}


def test_the_vendor_id_is_configured():
    made, lost = translated(
        OWN, obj(a=text(5)), OWN_NEW, {"a": "v"}, settings={"vendor_id": "com.example"}
    )
    assert made == {"customData": {"vendorId": "com.example", "a": "v"}}
    assert lost == []


ONE = "  - {one: {v16: o, v201: m}, rows: [{v16: a, v201: b}]}\n"


def test_an_object_is_a_list_of_one_item():
    old, new = obj(o=obj(a=INT)), obj(m=array(obj(b=INT)))
    assert translated(ONE, old, new, {"o": {"a": 1}}) == ({"m": [{"b": 1}]}, [])
    assert translated(ONE, old, new, {}) == ({}, [])
    made = translated(ONE, old, new, {"m": [{"b": 1}, {"b": 2}]}, V16)
    assert made == ({"o": {"a": 1}}, ["M.request:m[]"])
    assert translated(ONE, old, new, {"m": []}, V16) == ({}, [])


def test_a_list_of_one_item_is_made_of_what_stands_around_it():
    rows = "  - {one: {v201: m}, rows: [{v16: a, v201: b}]}\n  - {v16: c, v201: d}\n"
    old, new = obj(a=INT, c=INT), obj(m=array(obj(b=INT)), d=INT)
    assert translated(rows, old, new, {"a": 1, "c": 2}) == ({"m": [{"b": 1}], "d": 2}, [])
    assert translated(rows, old, new, {"m": [{"b": 1}], "d": 2}, V16) == ({"a": 1, "c": 2}, [])


def test_a_block_with_a_condition_looks_at_the_callers_request():
    rows = (
        "  - {at: {v16: o, v201: p}, when: {request: {v201: token}}, rows: [{v16: a, v201: b}]}\n"
    )
    old, new = obj(o=obj(a=INT)), obj(p=obj(b=INT), token=INT)
    answer, asked = {"o": {"a": 1}}, {"request": {"token": 5}}
    assert translated(rows, old, new, answer, V16, asked, part="response")[0] == {"p": {"b": 1}}
    assert translated(rows, old, new, answer, V16, {"request": {}}, part="response")[0] == {}
    assert translated(rows, old, new, answer, V16, {}, part="response")[0] == {}
    back = translated(rows, old, new, {"p": {"b": 1}}, V201, {}, part="response")
    assert back[0] == {"o": {"a": 1}}


def test_a_block_has_a_stand_in_for_an_absent_object():
    rows = "  - {at: {v16: o, v201: p}, default: {to_v201: {b: 9}}, rows: [{v16: a, v201: b}]}\n"
    old, new = obj(o=obj(a=INT)), obj("p", p=obj(b=INT))
    assert translated(rows, old, new, {}) == ({"p": {"b": 9}}, [])
    assert translated(rows, old, new, {"o": {"a": 1}}) == ({"p": {"b": 1}}, [])


def test_what_is_filled_is_told():
    rows = "  - {v201: b, fill: {const: 1}, only: to_v201}\n  - {v16: a, v201: c}\n"
    source = 'message: {v16: M, v201: N}\nfrom: csms\nspec: {v16: "1", v201: "2"}\nrequest:\n'
    library, _ = loader.load({"x/M.yaml": source + rows})
    tables = {V16: field_table(obj(a=INT)), V201: field_table(obj(b=INT, c=INT))}
    run = compiler.compile_part(
        library.maps["M"], "request", V201, library, lambda version, *_: tables[version]
    )
    assert run.filled == ("b",)


def test_a_surprise_points_to_the_row():
    source = 'message: {v16: M, v201: N}\nfrom: csms\nspec: {v16: "1", v201: "2"}\nrequest:\n'
    library, _ = loader.load({"x/M.yaml": source + "  - {v16: a, v201: b, via: tag}\n"}, "maps/")
    tables = {V16: field_table(obj("a", a=text())), V201: field_table(obj("b", b=text()))}
    run = compiler.compile_part(
        library.maps["M"], "request", V16, library, lambda version, *_: tables[version]
    )
    with pytest.raises(TypeError) as caught:
        run({"b": "x"}, context(), {}, [])
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert frame.filename == "<M.request to OCPP 1.6>"
    assert frame.line.endswith("# maps/x/M.yaml:5")
