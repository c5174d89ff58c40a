"""Pages of headings, sentences and tables, as Markdown and as HTML."""

import html
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Heading(NamedTuple):
    """level: 1 for the page's own."""

    level: int
    text: str


class Sentence(NamedTuple):
    """text: names of commands, files and keys in backquotes."""

    text: str


class Table(NamedTuple):
    """code: columns that hold names of fields or files."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    code: frozenset[int] = frozenset()


Block = Heading | Sentence | Table

_CODE = re.compile("`([^`]*)`")
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border: 1px solid #bbb; padding: .25rem .5rem; text-align: left; vertical-align: top; }
code { font-size: 90%; }
@media (prefers-color-scheme: dark) { body { background: #111; color: #ddd; } }
"""


def markdown(blocks: Iterable[Block]) -> str:
    """The page as Markdown text."""
    return "\n".join(line for block in blocks for line in (*_markdown(block), "")).rstrip() + "\n"


def _markdown(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"{'#' * block.level} {block.text}"
    elif isinstance(block, Sentence):
        yield block.text
    else:
        yield _line(block.head)
        yield _line(["---"] * len(block.head))
        for row in block.rows:
            yield _line([_cell(text, n in block.code) for n, text in enumerate(row)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str, code: bool) -> str:
    shown = text.replace("|", "\\|").replace("\n", " ")
    return f"`{shown}`" if code and shown else shown


def document(blocks: Iterable[Block], title: str) -> str:
    """The page as one HTML file that needs nothing else."""
    body = "\n".join(line for block in blocks for line in _html(block))
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n{body}\n</html>\n"
    )


def _html(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        anchor = html.escape(block.text.replace(" ", "-"), quote=True)
        yield f'<h{block.level} id="{anchor}">{html.escape(block.text)}</h{block.level}>'
    elif isinstance(block, Sentence):
        text = _CODE.sub(r"<code>\1</code>", html.escape(block.text))
        yield f"<p>{text}</p>"
    else:
        yield "<table>"
        yield _row(block.head, "th", frozenset())
        for row in block.rows:
            yield _row(row, "td", block.code)
        yield "</table>"


def _row(cells: Iterable[str], tag: str, code: frozenset[int]) -> str:
    texts = (
        f"<code>{html.escape(text)}</code>" if n in code and text else html.escape(text)
        for n, text in enumerate(cells)
    )
    return "<tr>" + "".join(f"<{tag}>{text}</{tag}>" for text in texts) + "</tr>"
