"""The parts of a page that need no script: tiles and tables, as HTML.

What comes from a log is escaped here and nowhere else.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from gateway.logs.report.difference import shortened
from gateway.observe.escape import visible

MOST_ROWS = 300


class Column(NamedTuple):
    """code: whether it holds names of fields, files, ids; number: whether it holds counts."""

    name: str
    code: bool = False
    number: bool = False


Row = Sequence[str | int]


def text(value: str | int) -> str:
    """A value as HTML shows it, every character as it is."""
    shown = f"{value:,}" if isinstance(value, int) else shortened(visible(value))
    return escape(shown, quote=True)


def section(name: str, heading: str, parts: Iterable[str], about: str = "") -> str:
    """name: what the page's own links call it."""
    told = f'<p class="about">{text(about)}</p>\n' if about else ""
    body = "".join(parts)
    label = f"{name}-heading"
    return (
        f'<section id="{name}" aria-labelledby="{label}">\n'
        f'<h2 id="{label}">{text(heading)}</h2>\n{told}{body}</section>\n'
    )


def tiles(numbers: Iterable[tuple[str, int, str]]) -> str:
    """(name, number, class) each."""
    shown = [
        f'<div class="tile {kind}"><dt>{text(name)}</dt><dd>{text(number)}</dd></div>\n'
        for name, number, kind in numbers
    ]
    return f'<dl class="tiles">\n{"".join(shown)}</dl>\n'


def table(
    heading: str, columns: Sequence[Column], rows: Sequence[Row], most: int = MOST_ROWS
) -> str:
    """A table with a heading of its own; nothing without rows. most: how many of them it shows."""
    if not rows:
        return ""
    head = "".join(f"<th scope=col{_kind(column)}>{text(column.name)}</th>" for column in columns)
    body = "".join(_row(columns, row) for row in rows[:most])
    left = f"{most:,} of {len(rows):,} are shown. A report in JSON has all of them."
    more = f"<p class=about>{text(left)}</p>\n" if len(rows) > most else ""
    label = text(heading)
    return (
        f'<div class=part><h3>{label}</h3>\n<div class=scroll tabindex=0 role=region aria-label="'
        f'{label}"><table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n'
        f"{more}</div>\n"
    )


def _row(columns: Sequence[Column], row: Row) -> str:
    cells = "".join(
        f"<td{_kind(column)}>{_cell(column, value)}</td>"
        for column, value in zip(columns, row, strict=True)
    )
    level = f' class="{row[0]}"' if row[0] in ("error", "warning", "note") else ""
    return f"<tr{level}>{cells}</tr>\n"


def _cell(column: Column, value: str | int) -> str:
    return f"<code>{text(value)}</code>" if column.code and value != "" else text(value)


def _kind(column: Column) -> str:
    return " class=number" if column.number else ""
