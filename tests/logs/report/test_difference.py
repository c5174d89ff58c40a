"""What differs between two payloads, line by line."""

import pytest

from gateway.logs.report.difference import LONGEST_TEXT, Mark, Note, differing, lines


def marks(one, *others):
    return {path: tuple(note) for path, note in differing(one, others).items()}


def test_what_is_the_same_has_no_mark():
    assert marks({"a": {"b": [1, {"c": None}]}}, {"a": {"b": [1, {"c": None}]}}) == {}


@pytest.mark.parametrize(
    ("one", "other"), [("x", "y"), (5, "5"), (1, True), (1.0, 1), ([], {}), ({"b": 1}, {"b": 2})]
)
def test_another_value_in_the_same_field_is_changed(one, other):
    assert [mark for mark, _ in marks({"a": one}, {"a": other}).values()] == ["changed"]


def test_a_value_that_stands_in_another_field_has_moved():
    assert marks({"idTag": "TAG"}, {"idToken": {"idToken": "TAG"}}) == {
        "$.idTag": ("moved", "idToken.idToken")
    }


def test_the_field_of_the_same_name_is_the_one_it_moved_to():
    found = marks({"a": {"limit": 16}}, {"b": {"level": 16, "limit": 16}})
    assert found == {"$.a.limit": ("moved", "b.limit")}


def test_a_small_number_in_a_field_of_another_name_is_no_move():
    assert marks({"connectorId": 1}, {"seqNo": 1}) == {"$.connectorId": ("only", "")}


def test_a_number_that_was_text_moves_as_the_same_value():
    assert marks({"a": "1234"}, {"b": 1234}) == {"$.a": ("moved", "b")}


def test_what_the_other_side_lacks_stands_on_this_side_only():
    assert marks({"a": "x", "b": 1}, {"b": 1}) == {"$.a": ("only", "")}


def test_a_field_that_any_of_several_others_has_is_the_same():
    assert marks({"a": 1, "b": 2}, {"a": 1}, {"b": 2}) == {}


def test_many_equal_values_do_not_take_long():
    many = {f"a{n}": "x" for n in range(5000)}
    found = marks(many, {f"b{n}": "x" for n in range(5000)})
    assert {mark for mark, _ in found.values()} == {"moved"}


def shown(payload, most=99, **notes):
    return [tuple(line) for line in lines(payload, notes, most)]


def test_lines_are_json_with_a_member_each():
    payload = {"a": [1, {"b": "x\n"}], "c": {}}
    text = "\n".join("  " * depth + text for depth, text, _, _ in shown(payload))
    assert text == ('{\n  "a": [\n    1,\n    {\n      "b": "x\\n"\n    }\n  ],\n  "c": {}\n}')


def test_a_note_stands_on_its_line():
    notes = {"$.a[0]": Note(Mark.BROKEN, "is bad")}
    assert [tuple(line) for line in lines({"a": [1]}, notes, 9)][2] == (2, "1", "broken", "is bad")


def test_a_long_text_is_cut_and_its_length_told():
    [_, line, _] = shown({"a": "x" * 5000})
    assert line[1].startswith('"a": "xxx')
    assert line[1].endswith("... (5,002 characters)")
    assert len(line[1]) < LONGEST_TEXT + 50


def test_many_lines_are_cut_and_counted():
    found = shown({"a": list(range(100))}, most=10)
    assert len(found) == 11
    assert found[-1][1] == "... 94 lines more"


def test_letters_that_hide_are_written_out():
    assert shown({"a\u202e": "\u0007\u200b"})[1][1] == '"a\\u202e": "\\u0007\\u200b"'
