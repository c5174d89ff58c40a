"""The checker names everything that is incomplete or wrong, with place and cure."""

from textwrap import dedent

import pytest

from gateway.core.dialects import Version
from gateway.core.mapping import checker, loader
from gateway.core.schema.fields import field_table

V16, V201 = Version.V16, Version.V201


def schema(**members):
    """An object schema; a name that ends with `_` is a required member."""
    required = [name[:-1] for name in members if name.endswith("_")]
    properties = {name.removesuffix("_"): member for name, member in members.items()}
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def text(limit=None, **more):
    return {"type": "string"} | ({"maxLength": limit} if limit else {}) | more


INT, TIME = {"type": "integer"}, text(format="date-time")
CUSTOM = {"type": "object", "properties": {"vendorId": text(255)}, "required": ["vendorId"]}
SCHEMAS = {
    (V16, "Old", "request"): schema(
        name_=text(20), size=INT, state=text(enum=["On", "Off"]), at=TIME, note=text()
    ),
    (V201, "New", "request"): schema(
        label_=text(50),
        size=INT,
        state=text(enum=["On", "Off", "Idle"]),
        at_=TIME,
        info=schema(code_=text(10), more=text(10)),
        customData=CUSTOM,
    ),
    (V16, "Old", "response"): schema(),
    (V201, "New", "response"): schema(),
    (V16, "Rows", "request"): schema(items={"type": "array", "items": schema(a_=INT)}, one=INT),
    (V201, "Rows", "request"): schema(
        items_={"type": "array", "minItems": 1, "items": schema(a_=INT, b=INT)}, one=INT
    ),
    (V16, "Rows", "response"): schema(),
    (V201, "Rows", "response"): schema(),
}
ENUMS = (
    "State: {summary: s, same: [On, Off], to_v16: {Idle: Off}}\nHalf: {summary: s, same: [On]}\n"
)
GOOD = """\
  - {v16: name, v201: label, via: cut}
  - {v16: size, v201: size}
  - {v16: state, v201: state, enum: State}
  - {v16: at, v201: at, default: now}
  - {v16: note, lose: why not}
  - {v201: info, lose: why not}
  - {v201: customData, lose: why not}
"""


def fields_of(version, action, part):
    return field_table(SCHEMAS[version, action, part])


def problems(rows=GOOD, head="", names=("Old", "New")):
    source = f"message: {{v16: {names[0]}, v201: {names[1]}}}\n"
    source += 'from: csms\nspec: {v16: "1", v201: "2"}\n' + dedent(head)
    source += f"request:\n{rows}" if rows else ""
    library, found = loader.load({"x/A.yaml": source, "shared/enums.yaml": ENUMS})
    assert found == []
    return [str(problem) for problem in checker.check(library, fields_of)]


def changed(old, new):
    assert old in GOOD
    return problems(GOOD.replace(old, new))


def only(found, *parts):
    assert len(found) == 1, found
    for part in parts:
        assert part in found[0]


def test_a_complete_map_has_no_problems():
    assert problems() == []


def test_a_field_that_no_row_names_is_named():
    only(changed("  - {v16: note, lose: why not}\n", ""), "x/A.yaml:4:1", "no row names note")


def test_an_object_that_no_row_names_is_named_once():
    only(changed("  - {v201: info, lose: why not}\n", ""), "no row names info ")


def test_of_an_object_that_is_named_in_part_the_rest_is_named():
    found = changed("{v201: info, lose: why not}", "{v201: info.more, lose: why not}")
    only(found, "no row names info.code")


def test_a_required_target_that_nothing_fills_is_named():
    found = changed(
        "  - {v16: name, v201: label, via: cut}",
        "  - {v16: name, lose: x}\n  - {v201: label, lose: x}",
    )
    assert any("Old.request of OCPP 1.6: name is required and nothing fills it" in p for p in found)
    assert any("New.request of OCPP 2.0.1: label is required" in p for p in found)


def test_a_required_member_of_an_object_that_is_made_is_named():
    found = changed(
        "{v16: note, lose: why not}\n  - {v201: info, lose: why not}",
        "{v16: note, v201: info.more, via: cut}\n  - {v201: info.code, lose: x}",
    )
    only(found, "info.code is required and nothing fills it")


def test_a_required_target_of_an_optional_source_is_named():
    only(
        changed(", default: now", ""),
        "x/A.yaml:8:5",
        "at to at of OCPP 2.0.1: required, and its source may be absent",
    )


def test_a_path_that_does_not_exist_is_named_with_the_nearest_one():
    left_out, wrong = changed("v201: size}", "v201: sise}")
    assert "x/A.yaml:4:1: New.request of OCPP 2.0.1: no row names size" in left_out
    assert "x/A.yaml:6:5: New.request of OCPP 2.0.1 has no field sise" in wrong
    assert "did you mean 'size'?" in wrong


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (", via: cut", "", "up to 50 characters into 20"),
        (
            "v16: size, v201: size}",
            "v16: size, v201: info.more}",
            "integer does not go into string",
        ),
        ("v201: state, enum: State", "v201: state", "the value Idle has no counterpart"),
        ("enum: State", "enum: Half", "the value Off has no counterpart in the table Half"),
        ("enum: State", "enum: Stat", "unknown table 'Stat' (did you mean 'State'?)"),
        ("via: cut", "via: cutt", "unknown conversion 'cutt' (did you mean 'cut'?)"),
        ("via: cut", "via: running_transaction", "does not lead to v201"),
        ("via: cut", "via: tag", "takes 2 inputs and gets 1"),
        ("via: cut", "via: timestamp", "timestamp text of any length into 20"),
        ("{v16: note, lose: why not}", "{v16: note, v201: at}", "at has its row in line 8 already"),
        (
            "{v16: note, lose: why not}",
            "{v16: [note], lose: x}\n  - {v16: note, used: y}",
            "note is named in line 9 already",
        ),
        (
            "lose: why not}\n  - {v201: info",
            "fill: {state: id_tagg}, lose: x}\n  - {v201: info",
            "there is no state value 'id_tagg' (did you mean 'id_tag'?)",
        ),
        (
            "v16: note, lose",
            "v16: note, fill: {config: b.boot_raison}, lose",
            "no configuration key 'boot_raison' below b",
        ),
        (
            "v16: note, lose",
            "v16: note, fill: {config: custom_data}, lose",
            "custom_data is boolean, the target is string",
        ),
        (
            "v16: note, lose",
            "v16: note, fill: {const: 5}, lose",
            "5 is integer, the target is string",
        ),
        (
            "v16: size, v201: size",
            "v16: size, v201: size, to_v16: {state: id_tag}",
            "the state value id_tag is string, the target is integer",
        ),
        (
            "v16: state, v201: state, enum: State",
            "v16: state, v201: state, enum: State, to_v16: {const: Of}",
            "'Of' is no value of the target (did you mean 'Off'?)",
        ),
        (
            "v16: state, v201: state, enum: State",
            "v16: state, v201: state, enum: State, to_v16: {state: status16}",
            "the state value status16: the value Available has no counterpart",
        ),
        (
            "v16: at, v201: at, default: now",
            "v16: at, v201: at, default: now, to_v16: {state: id_tag}",
            "the state value id_tag is no date-time",
        ),
        (
            "v16: name, v201: label, via: cut",
            "v16: name, v201: label, via: cut, to_v16: {state: component_name}",
            "up to 50 characters into 20",
        ),
        (
            "v16: size, v201: size",
            "v16: size, v201: size, default: now",
            "now is a date-time, the target is not",
        ),
        (
            "v16: name, v201: label, via: cut",
            "v16: name, v201: label, via: cut, default: {const: x}",
            "default: never happens",
        ),
        (
            "v16: name, v201: label, via: cut",
            "v16: name, v201: label, via: cut, else: {v16: note}",
            "else: never happens",
        ),
        (
            "v16: size, v201: size",
            "v16: size, v201: size, split: signd",
            "unknown split 'signd' (did you mean 'signed'?)",
        ),
        (
            "v16: size, v201: size",
            "v16: size, v201: size, when: {check: x, of: size}",
            "unknown check 'x'",
        ),
        (
            "v16: size, v201: size",
            "v16: size, v201: size, when: {request: {v16: x}}",
            "no request of v16 has a field x",
        ),
        (
            "v16: name, v201: label, via: cut",
            "v16: name, v201: label, via: cut, when: {check: no_end_reading, of: name}",
            "required, and the row has a condition",
        ),
        (
            "v16: size, v201: size",
            "v16: size, v201: size, via: quantity, with: [nothing]",
            "has no field nothing",
        ),
        (
            "{v16: size, v201: size}",
            "{at: {v16: size, v201: size}, rows: [{v16: a, v201: a}]}",
            "has no field size.a",
        ),
        (
            "{v16: size, v201: size}",
            "{each: {v16: size, v201: size}, rows: [{v16: a, v201: a}]}",
            "size is no list",
        ),
    ],
)
def test_what_does_not_fit_is_named(old, new, message):
    found = changed(old, new)
    assert any(message in problem for problem in found), found


def test_a_row_that_is_wrong_on_one_side_still_names_the_other():
    found = changed("v201: label, via", "v201: lable, via")
    assert not any("names name" in problem for problem in found)
    assert any("no field lable" in problem for problem in found)


LISTS = "  - {v16: one, v201: one}\n"


def test_lists_are_entered_with_blocks():
    rows = LISTS + "  - {v16: items.a, v201: items.a}\n"
    found = problems(rows, names=("Rows", "Rows"))
    assert any("items is a list (enter it with each: or one:)" in p for p in found)


def test_items_of_a_list_are_checked_like_messages():
    rows = LISTS + "  - {each: {v16: items, v201: items}, rows: [{v16: a, v201: a}]}\n"
    found = problems(rows, "replies: {to_v201: {empty: {}}}\n", ("Rows", "Rows"))
    only(found, "x/A.yaml:7:5", "no row names items[].b")


def test_a_message_that_may_come_out_empty_needs_an_answer_for_that():
    rows = (
        LISTS
        + "  - {each: {v16: items, v201: items}, rows: [{v16: a, v201: a}, {v201: b, lose: x}]}\n"
    )
    found = problems(rows, names=("Rows", "Rows"))
    only(found, "items: may come out empty (replies: with an answer `empty`)")
    assert problems(rows, "replies: {to_v201: {empty: {}}}\n", ("Rows", "Rows")) == []


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("replies: {to_v16: {failed: {status: x}}}\n", "the answer has no field status"),
        ("retry: {v16: [nam]}\n", "has no field nam (did you mean 'name'?)"),
        ("absorb: {status: now}\n", "absorb: the answer has no field status"),
        ("becomes: [B]\n", "there is no map B"),
    ],
)
def test_the_head_of_a_map_is_checked(head, message):
    found = problems(head=head)
    assert any(message in problem for problem in found), found


def test_an_action_that_does_not_exist_is_named():
    only(problems(names=("Odd", "New")), "OCPP 1.6 has no action 'Odd'")


def test_two_maps_cannot_open_with_the_same_call():
    text = 'message: {v16: Old, v201: New}\nfrom: csms\nspec: {v16: "1", v201: "2"}\nrequest:\n'
    library, _ = loader.load(
        {"x/A.yaml": text + GOOD, "x/B.yaml": text + GOOD, "shared/enums.yaml": ENUMS}
    )
    found = [str(p) for p in checker.check(library, fields_of)]
    assert found == [
        "x/B.yaml:1:1: Old of OCPP 1.6 already opens with A (entry: lists the versions)",
        "x/B.yaml:1:1: New of OCPP 2.0.1 already opens with A (entry: lists the versions)",
    ]
