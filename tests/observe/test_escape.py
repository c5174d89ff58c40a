"""Nothing a peer sends can move the cursor, forge a line or turn text around."""

import json

import pytest

from gateway.observe.escape import cut, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Zähler 5 €", "Zähler 5 €"),
        ("a\r\nb", "a\\u000d\\u000ab"),
        ("\x1b[31mred", "\\u001b[31mred"),
        ("\x9b31m", "\\u009b31m"),
        ("right\u202eleft", "right\\u202eleft"),
        ("\u2028\ufeff\u200b", "\\u2028\\ufeff\\u200b"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("\x7f", "\\u007f"),
    ],
)
def test_hidden_characters_are_written_out(text, shown):
    assert visible(text) == shown


def test_escapes_are_those_of_json():
    text = "\x1b\u202e\U000e0041"
    assert json.loads(f'"{visible(text)}"') == text


@pytest.mark.parametrize(
    ("text", "limit", "left"),
    [
        ("short", 64, "short"),
        ("x" * 64, 64, "x" * 64),
        ("x" * 65, 64, "x" * 61 + "..."),
        ("€" * 22, 64, "€" * 20 + "..."),
    ],
)
def test_long_text_is_cut_between_characters(text, limit, left):
    assert cut(text, limit) == left
    assert len(left.encode()) <= limit
