"""YAML is read strictly, with places (reliability S22)."""

import pytest

from gateway.core.errors import ConfigError, MappingError
from gateway.core.yamltree import MAX_ALIASES, MAX_BYTES, MAX_DEPTH, Table, plain, read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("1.6", "1.6"),
        ("012", "012"),
        ("0x1f", "0x1f"),
        ("12:30", "12:30"),
        ("2025-06-01", "2025-06-01"),
        ("1e3", "1e3"),
        ("'5'", "5"),
        ("'true'", "true"),
        ("5", 5),
        ("-7", -7),
        ("0", 0),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("99999999999999999999", "99999999999999999999"),
    ],
)
def test_only_plain_integers_true_false_and_null_are_not_text(text, value):
    read_value = plain(read(f"key: {text}", "f.yaml"))["key"]
    assert read_value == value
    assert type(read_value) is type(value)


def test_an_empty_file_is_an_empty_mapping():
    assert plain(read("# nothing here\n", "f.yaml")) == {}


def test_every_value_and_key_knows_its_line_and_column():
    tree = read("a:\n  - b\n  - c: d\n", "maps/f.yaml")
    assert isinstance(tree, Table)
    items = tree.nodes["a"]
    assert str(tree.places["a"]) == "maps/f.yaml:1:1"
    assert [str(item.place) for item in items.nodes] == ["maps/f.yaml:2:5", "maps/f.yaml:3:5"]


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: 1\nb: 2\na: 3", "f.yaml:3:1", "'a' occurs twice, first in line 1"),
        ("a: !!python/name:os.system x", "f.yaml:1:4", "tag"),
        ("a: !thing x", "f.yaml:1:4", "tag"),
        ("a: 1\n<<: {b: 2}", "f.yaml:2:1", "merge keys"),
        ("? [a]\n: b", "f.yaml:1:3", "a key must be plain text"),
        ("a: *b", "f.yaml:1:4", "nothing is named &b"),
        ("a: 1\n---\nb: 2", "f.yaml:2:1", "a second document"),
        ("a: [1", "f.yaml:2:1", "no YAML"),
        ("a: \x01", "f.yaml:1:1", "no YAML"),
    ],
)
def test_what_is_not_allowed_is_named_with_its_place(text, place, words):
    with pytest.raises(ConfigError) as caught:
        read(text, "f.yaml")
    assert str(caught.value.place) == place
    assert words in caught.value.message


def test_the_class_of_the_error_is_the_callers():
    with pytest.raises(MappingError):
        read("a: [", "f.yaml", MappingError)


def test_depth_is_bounded():
    assert read("[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1), "f.yaml")
    with pytest.raises(ConfigError, match="nested too deeply"):
        read("[" * 5000, "f.yaml")


def test_size_is_bounded():
    with pytest.raises(ConfigError, match="too large"):
        read("a" * (MAX_BYTES + 1), "f.yaml")
    with pytest.raises(ConfigError, match="too large"):
        read("é" * (MAX_BYTES // 2 + 1), "f.yaml")


def test_the_number_of_aliases_is_bounded():
    aliases = ", ".join(["*a"] * MAX_ALIASES)
    assert plain(read(f"x: &a 1\ny: [{aliases}]", "f.yaml"))["y"] == [1] * MAX_ALIASES
    with pytest.raises(ConfigError, match="too many aliases"):
        read(f"x: &a 1\ny: [{aliases}, *a]", "f.yaml")


def test_a_bomb_of_few_aliases_is_counted_by_what_it_expands_to():
    levels = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    with pytest.raises(ConfigError, match="too much in one file"):
        read("\n".join(levels), "f.yaml")
