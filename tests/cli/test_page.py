"""Headings, sentences and tables as Markdown and as HTML."""

from gateway.cli.page import Heading, Sentence, Table, document, markdown

PAGE = [
    Heading(2, "Fields & fates"),
    Sentence("Written by `explain <all>`."),
    Table(("field", "why"), (("a -> b", "x | y"), ("", "<none>")), frozenset({0})),
]


def test_markdown_keeps_tables_whole():
    assert markdown(PAGE) == (
        "## Fields & fates\n\n"
        "Written by `explain <all>`.\n\n"
        "| field | why |\n| --- | --- |\n| `a -> b` | x \\| y |\n|  | <none> |\n"
    )


def test_html_shows_every_character_as_it_is():
    text = document(PAGE, "A & B")
    assert text.startswith("<!doctype html>")
    assert "<title>A &amp; B</title>" in text
    assert '<h2 id="Fields-&amp;-fates">Fields &amp; fates</h2>' in text
    assert "<p>Written by <code>explain &lt;all&gt;</code>.</p>" in text
    assert "<tr><td><code>a -&gt; b</code></td><td>x | y</td></tr>" in text
    assert "<tr><td></td><td>&lt;none&gt;</td></tr>" in text
